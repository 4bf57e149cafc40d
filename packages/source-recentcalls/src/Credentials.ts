/** How we identify ourselves: two static headers. The only file that unwraps a secret. */
import { Redacted } from "effect"
import type { Config } from "./Config.ts"

/** The headers of every request. Source: "Recent Calls", Headers (read 2026-11-20). */
export const headersOf = ({ apiKey, token }: Config): Readonly<Record<string, string>> => ({
  "8x8-apikey": Redacted.value(apiKey),
  token: Redacted.value(token)
})

/** What a rate budget belongs to. */
export const budgetKeyOf = ({ apiKey, token }: Config): string => `${Redacted.value(apiKey)}\n${Redacted.value(token)}`
