/**
 * How we log in: OAuth 2 client credentials. The only file that unwraps a secret.
 *
 * Source: "OAuth Authentication for 8x8 XCaaS APIs" (read 2026-11-20): the token is opaque and to be reused; all values of
 * the answer are texts, `expires_in` among them (seconds, 1799 there and 3599 seen elsewhere; `issued_at` beside it is in
 * milliseconds and is not needed).
 */
import { Credentials, Failure, type Http, Login } from "@callstream/core"
import type { Config } from "./Config.ts"

const loginPath = "/oauth/v2/token"

export const endpoint = `POST ${loginPath}`

/** What a person does about credentials that were refused. */
export const remedy =
  "Check clientId and clientSecret of this source: an API key with the Cloud Storage API, made in 8x8 Admin Console " +
  "under API Keys by somebody with the Cloud Storage API assignment. A new key takes some minutes until it works"

/** What a key needs, and who gives it. */
export const rights =
  "the key may read there: a Super Admin gives the assignment Storage API in Admin Console under Roles & Permissions, " +
  "Assignments, and an app made after that under API Keys has it"

/** What a rate budget belongs to. */
export const budgetKeyOf = (config: Config): string =>
  `${Credentials.value(config, "clientId")}\n${Credentials.value(config, "clientSecret")}`

const basicOf = (config: Config): string =>
  Buffer.from(`${Credentials.value(config, "clientId")}:${Credentials.value(config, "clientSecret")}`).toString(
    "base64"
  )

/** The login that all requests share. */
export const make = (http: Http.Http, config: Config): Login.Login =>
  Login.oauth(
    http,
    {
      settings: config,
      request: () => ({
        path: loginPath,
        endpoint,
        headers: { authorization: `Basic ${basicOf(config)}` },
        body: { form: { grant_type: "client_credentials" } }
      })
    },
    (_, reason) => new Failure.Denied({ endpoint, reason, remedy, scope: "source" })
  )
