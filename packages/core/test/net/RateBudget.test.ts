import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { RateBudget } from "@callstream/core"

const stamped = (budget: RateBudget.RateBudget, log: Array<number>) =>
  budget.spend(Effect.map(Clock.currentTimeMillis, (now) => void log.push(now)))

describe("RateBudget", () => {
  it.effect("spends a burst, then so many a second", () =>
    Effect.gen(function* () {
      const budget = RateBudget.make({ perSecond: 2, concurrency: 10 })
      const log: Array<number> = []
      yield* Effect.forEach([1, 2, 3, 4, 5], () => Effect.forkChild(stamped(budget, log)))
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(log, [0, 0, 500, 1000, 1500])
    })
  )

  it.effect("never has more in flight than allowed", () =>
    Effect.gen(function* () {
      const budget = RateBudget.make({ perSecond: 1000, concurrency: 2 })
      let inFlight = 0
      let most = 0
      const request = Effect.gen(function* () {
        most = Math.max(most, ++inFlight)
        yield* Effect.sleep("1 second")
        inFlight -= 1
      })
      const fibers = yield* Effect.forEach(Array.from({ length: 6 }), () => Effect.forkChild(budget.spend(request)))
      yield* TestClock.adjust("10 seconds")
      yield* Effect.forEach(fibers, Fiber.join)
      assert.strictEqual(most, 2)
    })
  )

  it.effect("lets live requests go before backfill", () =>
    Effect.gen(function* () {
      const budget = RateBudget.make({ perSecond: 1, concurrency: 1 })
      const log: Array<string> = []
      const ask = (purpose: "live" | "backfill") =>
        budget
          .spend(Effect.sync(() => void log.push(purpose)))
          .pipe(Effect.provideService(RateBudget.RequestPurpose, purpose))
      yield* ask("live")
      yield* Effect.forkChild(ask("backfill"))
      yield* Effect.forkChild(ask("backfill"))
      yield* Effect.forkChild(ask("live"))
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(log, ["live", "live", "backfill", "backfill"])
    })
  )

  it.effect("halves the rate when told to slow down, waits as long as asked, and grows back", () =>
    Effect.gen(function* () {
      const budget = RateBudget.make({ perSecond: 8, concurrency: 8 })
      yield* budget.throttled(90_000)
      assert.deepStrictEqual(yield* budget.status, { perSecond: 4, inFlight: 0, waiting: 0, pausedUntil: 90_000 })
      const log: Array<number> = []
      yield* Effect.forkChild(stamped(budget, log))
      yield* TestClock.adjust("89 seconds")
      assert.deepStrictEqual(log, [])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(log, [90_000])
      for (let i = 0; i < 100; i++) yield* budget.succeeded({})
      assert.strictEqual((yield* budget.status).perSecond, 8)
    })
  )

  it.effect("frees its place when a request is interrupted", () =>
    Effect.gen(function* () {
      const budget = RateBudget.make({ perSecond: 100, concurrency: 1 })
      const stuck = yield* Effect.forkChild(budget.spend(Effect.never))
      const waiter = yield* Effect.forkChild(budget.spend(Effect.never))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(waiter)
      yield* Fiber.interrupt(stuck)
      assert.strictEqual(yield* budget.spend(Effect.succeed("through")), "through")
    })
  )

  it.effect("is the same budget for the same secret at the same API", () =>
    Effect.gen(function* () {
      const budgets = yield* RateBudget.RateBudgets
      const limits = { perSecond: 1, concurrency: 1 }
      const one = yield* budgets.of("api.8x8.com", "secret", limits)
      assert.strictEqual(yield* budgets.of("api.8x8.com", "secret", limits), one)
      assert.notStrictEqual(yield* budgets.of("api.8x8.com", "other", limits), one)
    }).pipe(Effect.provide(RateBudget.RateBudgets.layer))
  )
})
