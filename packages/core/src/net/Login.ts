/**
 * A login that many streams share: fetched on first use, anew before it expires, by one fiber however many ask. The
 * vendor's own request is the source's (`AccessToken.ts` there).
 */
import { Clock, Effect, type Redacted, Semaphore } from "effect"
import type { SourceFailure } from "../contract/Failure.ts"

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
