/** How we identify ourselves: HTTP Basic with the tenant's token. The only file that unwraps a secret. */
import { Redacted } from "effect"
import { Credentials } from "@callstream/core"
import type { Config } from "./Config.ts"

/** The header of every request, with the token in force. Source: Recordings API, Authentication (read 2026-11-20). */
export const headersOf = (config: Config): Readonly<Record<string, string>> => {
  const pair = `${Credentials.value(config, "tenant")}:${Credentials.value(config, "token")}`
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` }
}

/** What a rate budget belongs to. */
export const budgetKeyOf = ({ tenant, token }: Config): string => `${tenant}\n${Redacted.value(token)}`

/** What a person does about credentials that were refused. */
export const remedy =
  "Check tenant, token and baseUrl of this source: the Data Request Token stands in Configuration Manager under " +
  "Integration, API Token, and somebody making a new one there ends the one before at once; baseUrl names the tenant's " +
  "platform"
