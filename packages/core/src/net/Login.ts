/**
 * A login that many streams share: fetched on first use, anew before it expires, by one fiber however many ask. The
 * vendor's own request is the source's (`AccessToken.ts` there).
 */
import { Clock, Effect, Redacted, Result, Schema, Semaphore } from "effect"
import { type SourceFailure, Unavailable } from "../contract/Failure.ts"
import * as Credentials from "./Credentials.ts"
import { type Http, type HttpAnswer, type HttpRequest, json } from "./Http.ts"

export interface Grant {
  readonly token: Redacted.Redacted
  /** How long it holds from when it was asked for, milliseconds. */
  readonly expiresInMs: number
}

export interface Login {
  /**
   * Runs a request with the token in force. When `expired` says that the answer means a bad token, the token is fetched
   * anew, once, and the request is made again; a second such answer is the request's answer.
   */
  readonly with: <A, E, R>(
    request: (token: Redacted.Redacted) => Effect.Effect<A, E, R>,
    expired: (answer: A) => boolean
  ) => Effect.Effect<A, E | SourceFailure, R>
}

/** How long before its end a token is renewed: a minute, or a tenth of a short life. */
const margin = (expiresInMs: number): number => Math.min(60_000, expiresInMs / 10)

/** Makes a shared login out of the vendor's request for a token. */
export const make = (grant: Effect.Effect<Grant, SourceFailure>): Login => {
  const one = Semaphore.makeUnsafe(1)
  let held: { readonly token: Redacted.Redacted; readonly until: number } | undefined

  const fresh = (stale: Redacted.Redacted | undefined) =>
    one.withPermits(1)(
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (held !== undefined && held.token !== stale && now < held.until) return held.token
        held = undefined
        const { expiresInMs, token } = yield* grant
        held = { token, until: now + expiresInMs - margin(expiresInMs) }
        return token
      })
    )

  return {
    with: (request, expired) =>
      Effect.gen(function* () {
        const token = yield* fresh(undefined)
        const answer = yield* request(token)
        return expired(answer) ? yield* request(yield* fresh(token)) : answer
      })
  }
}

const decodeAnswer = Schema.decodeUnknownResult(
  Schema.Struct({
    access_token: Schema.NonEmptyString,
    /** Seconds: a number, or a text that is one. */
    expires_in: Schema.optionalKey(Schema.Union([Schema.Finite, Schema.String.check(Schema.isPattern(/^\d+$/))]))
  })
)

/** How long a token holds when the answer does not say, seconds. */
const unsaidSeconds = 600

/** What a login is made with: the request, or how it is made anew from settings that may change in their files. */
export type LoginRequest = HttpRequest | { readonly settings: object; readonly request: () => HttpRequest }

/**
 * A shared login by OAuth 2 (RFC 6749, section 5.1): a request, answered with a token. `refused` says what a status of 400
 * and above means. What is no token is waited out: the login page of a proxy, a gateway that restarts.
 */
export const oauth = (
  http: Http,
  login: LoginRequest,
  refused: (answer: HttpAnswer, reason: string) => SourceFailure
): Login => {
  const { request, settings } = "request" in login ? login : { request: () => login, settings: {} }
  const { endpoint } = request()
  const ask = Effect.suspend(() => http.ask(request()))
  const grant = Effect.gen(function* () {
    const answer = yield* Credentials.insist(settings, ask, ({ status }) => status >= 400)
    if (answer.status >= 400) return yield* refused(answer, `refused our credentials (${answer.status})`)
    const decoded = decodeAnswer(yield* json(answer, endpoint))
    if (Result.isFailure(decoded)) return yield* new Unavailable({ endpoint, reason: "gave no token" })
    const { access_token, expires_in = unsaidSeconds } = decoded.success
    return { token: Redacted.make(access_token), expiresInMs: Number(expires_in) * 1000 }
  })
  return make(
    grant.pipe(
      Effect.catchTag("BadAnswer", ({ reason }) => Effect.fail(new Unavailable({ endpoint, reason }))),
      Effect.withSpan("Login.grant")
    )
  )
}

/** The header that shows a token. */
export const bearer = (token: Redacted.Redacted): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${Redacted.value(token)}`
})
