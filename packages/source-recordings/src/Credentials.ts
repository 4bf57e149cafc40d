/** How we identify ourselves: HTTP Basic with the tenant's token. The only file that unwraps a secret. */
import { Redacted } from "effect"
import type { Config } from "./Config.ts"

/** The header of every request. Source: Recordings API, Authentication (read 2026-11-20). */
export const headersOf = ({ tenant, token }: Config): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(`${tenant}:${Redacted.value(token)}`).toString("base64")}`
})

/** What a rate budget belongs to. */
export const budgetKeyOf = ({ tenant, token }: Config): string => `${tenant}\n${Redacted.value(token)}`

/** What a person does about credentials that were refused. */
export const remedy =
  "Check tenant, token and baseUrl of this source: the Data Request Token stands in Configuration Manager under " +
  "Integration, API Token, and somebody making a new one there ends the one before at once; baseUrl names the tenant's " +
  "platform"
