/** How long to wait before the n-th try again, in milliseconds. It never ends: what is down will be up. */
import { Effect, Random } from "effect"

export interface BackoffOptions {
  readonly firstMs: number
  readonly mostMs: number
}

/** For requests and writes: half a second, doubling, at most a minute. */
export const usual: BackoffOptions = { firstMs: 500, mostMs: 60_000 }
/** For gaps and contents: half a minute, doubling, at most an hour. */
export const patient: BackoffOptions = { firstMs: 30_000, mostMs: 3_600_000 }
/** For what waits for a person: five minutes, doubling, at most six hours. */
export const parked: BackoffOptions = { firstMs: 300_000, mostMs: 21_600_000 }

/** `attempt` counts from 1. A fifth more or less by chance; never sooner than the far side asked for. */
export const delay = (attempt: number, options: BackoffOptions, atLeastMs = 0): Effect.Effect<number> =>
  Effect.map(Random.nextBetween(0.8, 1.2), (jitter) => {
    const doubled = Math.min(options.mostMs, options.firstMs * 2 ** Math.min(attempt - 1, 30))
    return Math.round(Math.max(doubled * jitter, atLeastMs))
  })
