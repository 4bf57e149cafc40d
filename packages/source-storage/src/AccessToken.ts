/**
 * How we log in: OAuth 2 client credentials. The only file that unwraps a secret.
 *
 * Source: "OAuth Authentication for 8x8 XCaaS APIs" (read 2026-11-20): the token is opaque and to be reused; all values of
 * the answer are texts, `expires_in` among them (seconds; `issued_at` beside it is in milliseconds and is not needed).
 */
import { Effect, Redacted, Result, Schema } from "effect"
import { Failure, Http, Login } from "@callstream/core"
import type { Config } from "./Config.ts"

/** The only path a POST goes to. */
export const loginPath = "/oauth/v2/token"

const endpoint = "POST /oauth/v2/token"

/** What a person does about credentials that were refused. */
export const remedy =
  "Check clientId and clientSecret of this source: an API key with the Cloud Storage API, made in 8x8 Admin Console " +
  "under API Keys by somebody with the Cloud Storage API assignment. A new key takes some minutes until it works"

/** What a rate budget belongs to. */
export const budgetKeyOf = (config: Config): string => `${config.clientId}\n${Redacted.value(config.clientSecret)}`

const Seconds = Schema.Union([Schema.Finite, Schema.String.check(Schema.isPattern(/^\d+$/))])

const Grant = Schema.Struct({
  access_token: Schema.NonEmptyString,
  /** `"1799"` in the document, `"3599"` seen elsewhere. */
  expires_in: Schema.optionalKey(Seconds)
})

const decodeGrant = Schema.decodeUnknownResult(Grant)

/** How long a token holds when the answer does not say, seconds. */
const unsaidSeconds = 600

/** Asks for a token. What is no token is waited out: the login page of a proxy, a gateway that restarts. */
const grant = (http: Http.Http, config: Config): Effect.Effect<Login.Grant, Failure.SourceFailure> =>
  Effect.gen(function* () {
    const basic = Buffer.from(`${config.clientId}:${Redacted.value(config.clientSecret)}`).toString("base64")
    const answer = yield* http.ask({
      path: loginPath,
      endpoint,
      headers: { authorization: `Basic ${basic}` },
      body: { form: { grant_type: "client_credentials" } }
    })
    if (answer.status >= 400) {
      const reason = `refused our credentials (${answer.status})`
      return yield* new Failure.Denied({ endpoint, reason, remedy, scope: "source" })
    }
    const decoded = decodeGrant(yield* Http.json(answer, endpoint))
    if (Result.isFailure(decoded)) return yield* new Failure.Unavailable({ endpoint, reason: "gave no token" })
    const { access_token, expires_in = unsaidSeconds } = decoded.success
    return { token: Redacted.make(access_token), expiresInMs: Number(expires_in) * 1000 }
  }).pipe(
    Effect.catchTag("BadAnswer", ({ reason }) => Effect.fail(new Failure.Unavailable({ endpoint, reason }))),
    Effect.withSpan("AccessToken.grant")
  )

/** The login that all requests share. */
export const make = (http: Http.Http, config: Config): Login.Login => Login.make(grant(http, config))

/** The header of a request. */
export const bearer = (token: Redacted.Redacted): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${Redacted.value(token)}`
})
