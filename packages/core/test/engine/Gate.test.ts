import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Failure } from "@callstream/core"
import * as Gate from "../../src/engine/Gate.ts"

const denied = new Failure.Denied({
  endpoint: "POST /token",
  reason: "refused our credentials (401)",
  remedy: "Check the token",
  scope: "source"
})

const closedGate = Effect.fnUntraced(function* (renewed: Effect.Effect<boolean>) {
  const address = { source: "work", stream: "", partition: "" }
  const nothing = () => Effect.void
  const gate = Gate.make({ address, settings: "a", parked: undefined, save: nothing, clear: nothing, renewed })
  yield* gate.park(denied)
  return gate
})

describe("a gate", () => {
  it.effect("opens for the next who asks as soon as credentials have changed in their files", () =>
    Effect.gen(function* () {
      let changed = false
      const gate = yield* closedGate(Effect.sync(() => changed))
      const passing = yield* Effect.forkChild(gate.pass)
      yield* TestClock.adjust("2 minutes")
      assert.isUndefined(passing.pollUnsafe())
      changed = true
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.join(passing)
    })
  )

  it.effect("that nothing has changed for lets one ask after some minutes", () =>
    Effect.gen(function* () {
      const gate = yield* closedGate(Effect.succeed(false))
      const passing = yield* Effect.forkChild(gate.pass)
      yield* TestClock.adjust("3 minutes")
      assert.isUndefined(passing.pollUnsafe())
      yield* TestClock.adjust("4 minutes")
      yield* Fiber.join(passing)
    })
  )
})
