/**
 * How fast we may ask a far side: one budget per credential and API, shared by every stream that spends it. A token
 * bucket and a limit on concurrency; it learns from what the far side says. Effect's RateLimiter has neither priorities
 * nor a limit on concurrency, so the bucket is ours.
 */
import { hash } from "node:crypto"
import { Clock, Context, Deferred, Effect, Layer } from "effect"
import type { Purpose } from "../contract/Source.ts"

/** What the request of the moment is for; the runner sets it, live goes first. */
export const RequestPurpose = Context.Reference<Purpose>("core/RequestPurpose", { defaultValue: () => "live" })

const rank: Readonly<Record<Purpose, number>> = {
  live: 0,
  "catch-up": 1,
  lookback: 2,
  completion: 3,
  repair: 4,
  backfill: 5
}

export interface RateLimits {
  /** Requests a second when the far side has no objections. */
  readonly perSecond: number
  /** Requests in flight at a time. */
  readonly concurrency: number
}

export interface BudgetStatus {
  /** Requests a second at present; below the limit after the far side asked us to slow down. */
  readonly perSecond: number
  readonly inFlight: number
  readonly waiting: number
  /** Until when nothing is sent, epoch milliseconds. */
  readonly pausedUntil?: number
}

export interface RateBudget {
  /** Runs a request when the budget allows it. */
  readonly spend: <A, E, R>(request: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** The far side asked us to slow down: the rate is halved, and nothing is sent for so long. */
  readonly throttled: (waitMs: number | undefined) => Effect.Effect<void>
  /** A request succeeded: the rate grows back, and `x-ratelimit-*` is obeyed. */
  readonly succeeded: (headers: Readonly<Record<string, string | undefined>>) => Effect.Effect<void>
  readonly status: Effect.Effect<BudgetStatus>
}

/** When the far side says 429 or 503 and not for how long: seconds, doubled with each further one. */
const unsaidPauseMs = 1_000
const longestPauseMs = 5 * 60_000

/** Makes a budget. Most users want `RateBudgets.of`, which shares it. */
export const make = (limits: RateLimits): RateBudget => {
  const burst = Math.max(1, limits.perSecond)
  let perSecond = limits.perSecond
  let tokens = burst
  let filledAt = -Infinity
  let inFlight = 0
  let pausedUntil = 0
  let throttles = 0
  let sequence = 0
  const waiting: Array<{ readonly rank: number; readonly sequence: number }> = []
  let changed = Deferred.makeUnsafe<void>()

  const notify = Effect.suspend(() => {
    const before = changed
    changed = Deferred.makeUnsafe<void>()
    return Deferred.succeed(before, undefined)
  })

  const refill = (now: number) => {
    if (now > filledAt) tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * perSecond)
    filledAt = now
  }

  /** Milliseconds until a token is there; 0 takes it. */
  const take = (now: number): number => {
    refill(now)
    if (now < pausedUntil) return pausedUntil - now
    if (tokens < 1) return Math.ceil(((1 - tokens) / perSecond) * 1000)
    tokens -= 1
    inFlight += 1
    return 0
  }

  const acquire = Effect.gen(function* () {
    const me = { rank: rank[yield* RequestPurpose], sequence: sequence++ }
    const at = waiting.findIndex((other) => other.rank > me.rank)
    waiting.splice(at === -1 ? waiting.length : at, 0, me)
    const leave = Effect.suspend(() => {
      waiting.splice(waiting.indexOf(me), 1)
      return notify
    })
    yield* Effect.gen(function* () {
      while (true) {
        const signal = changed
        if (waiting[0] === me && inFlight < limits.concurrency) {
          const waitMs = take(yield* Clock.currentTimeMillis)
          if (waitMs === 0) return
          yield* Effect.raceFirst(Deferred.await(signal), Effect.sleep(waitMs))
        } else {
          yield* Deferred.await(signal)
        }
      }
    }).pipe(Effect.ensuring(leave))
  })

  const release = Effect.suspend(() => {
    inFlight -= 1
    return notify
  })

  return {
    spend: (request) =>
      Effect.acquireUseRelease(
        Effect.interruptible(acquire),
        () => request,
        () => release
      ),
    throttled: (waitMs) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        refill(now)
        throttles += 1
        perSecond = Math.max(perSecond / 2, limits.perSecond / 64)
        tokens = Math.min(tokens, 1)
        const pause = waitMs ?? Math.min(unsaidPauseMs * 2 ** (throttles - 1), longestPauseMs)
        pausedUntil = Math.max(pausedUntil, now + pause)
        yield* notify
      }),
    succeeded: (headers) =>
      Effect.gen(function* () {
        throttles = 0
        if (perSecond < limits.perSecond) perSecond = Math.min(limits.perSecond, perSecond + limits.perSecond / 50)
        if (headers["x-ratelimit-remaining"]?.trim() !== "0") return
        const reset = Number(headers["x-ratelimit-reset"])
        if (!Number.isFinite(reset)) return
        const now = yield* Clock.currentTimeMillis
        pausedUntil = Math.max(pausedUntil, Math.min(reset * 1000, now + longestPauseMs))
      }),
    status: Effect.map(Clock.currentTimeMillis, (now) => ({
      perSecond,
      inFlight,
      waiting: waiting.length,
      ...(pausedUntil > now ? { pausedUntil } : {})
    }))
  }
}

/** The budgets of this process: the same secret at the same API is the same budget, whichever source spends it. */
export class RateBudgets extends Context.Service<
  RateBudgets,
  {
    /** The budget of a credential; the limits of who asks first hold. */
    readonly of: (api: string, secret: string, limits: RateLimits) => Effect.Effect<RateBudget>
  }
>()("core/RateBudgets") {
  static readonly layer = Layer.sync(RateBudgets, () => {
    const budgets = new Map<string, RateBudget>()
    return RateBudgets.of({
      of: (api, secret, limits) =>
        Effect.sync(() => {
          const key = hash("sha256", `${api}\n${secret}`)
          const known = budgets.get(key)
          if (known !== undefined) return known
          const budget = make(limits)
          budgets.set(key, budget)
          return budget
        })
    })
  })
}
