/** How we identify ourselves: two static headers. The only file that unwraps a secret. */
import { Redacted } from "effect"
import { Credentials } from "@callstream/core"
import type { Config } from "./Config.ts"

/** The headers of every request, as they are in force now. Source: "Recent Calls", Headers (read 2026-11-20). */
export const headersOf = (config: Config): Readonly<Record<string, string>> => ({
  "8x8-apikey": Credentials.value(config, "apiKey"),
  token: Credentials.value(config, "token")
})

/** What a rate budget belongs to. */
export const budgetKeyOf = ({ apiKey, token }: Config): string => `${Redacted.value(apiKey)}\n${Redacted.value(token)}`
