/** Nothing is lost, whatever becomes of answers, connections and processes. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { assertKept, assertOnce, assertOneIdentity } from "./Assertions.ts"
import { assertHeld } from "./Comparison.ts"
import type { Kit } from "./Kit.ts"
import { cuts, faults, limits, shifts } from "./Troubles.ts"

export const resilience = (kit: Kit): void => {
  const { source } = kit
  const { api, manyCalls = 60 } = source

  kit.live(
    "resumes wherever it was cut off",
    Effect.gen(function* () {
      const calls = 15
      const whole = yield* kit.rigOf({ calls })
      const steps = yield* Effect.scoped(
        Effect.gen(function* () {
          const process = yield* whole.start({ once: true })
          yield* process.outcome
          return process.steps()
        })
      )
      assert.isAbove(steps, 4)
      for (const cut of cuts(steps)) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const rig = yield* kit.rigOf({ calls })
            yield* Effect.scoped(Effect.flatMap(rig.start({ once: true, cut }), ({ cutOff }) => cutOff))
            const outcome = yield* rig.run()
            assert.isTrue(outcome.complete)
            assertHeld(rig.sink.held, kit.truth(rig))
            assertOneIdentity(rig.sink.log)
            assertKept(rig, source, outcome)
          })
        )
      }
    })
  )

  kit.live(
    "comes to its end though it is cut off again and again",
    Effect.gen(function* () {
      const rig = yield* kit.rigOf()
      for (let life = 1; life <= 12; life++) {
        const cut = { step: life, happens: life % 3 === 0 }
        yield* Effect.scoped(Effect.flatMap(rig.start({ once: true, cut }), ({ cutOff }) => cutOff))
      }
      const outcome = yield* rig.run()
      assert.isTrue(outcome.complete)
      assertHeld(rig.sink.held, kit.truth(rig))
      assertOneIdentity(rig.sink.log)
      assertKept(rig, source, outcome)
    })
  )

  for (const [title, fault] of Object.entries(faults)) {
    kit.live(
      `loses and doubles nothing with ${title}`,
      Effect.gen(function* () {
        const rig = yield* kit.rigOf()
        for (const one of [fault].flat()) rig.sandbox.faults.add({ ...one, match: { api } })
        const outcome = yield* rig.runToTheEnd()
        assert.isTrue(rig.sandbox.faults.list().some(({ struck }) => struck > 0))
        assert.isTrue(outcome.complete)
        assertHeld(rig.sink.held, kit.truth(rig))
        assertOnce(rig.sink.log)
        assertKept(rig, source, outcome)
      })
    )
  }

  for (const [title, fault] of Object.entries(shifts)) {
    kit.live(
      `loses nothing with ${title}`,
      Effect.gen(function* () {
        const rig = yield* kit.rigOf({ calls: manyCalls })
        const before = kit.truth(rig)
        rig.sandbox.faults.add({ ...fault, match: { api, pathIncludes: source.pages } })
        yield* rig.run()
        rig.sandbox.faults.clear()
        const after = kit.truth(rig)
        assert.notDeepEqual([...after], [...before])
        rig.clock.advance("2 hours")
        const outcome = yield* rig.runToTheEnd()
        assert.isTrue(outcome.complete)
        assertHeld(rig.sink.held, after, before)
        assertOnce(rig.sink.log)
        assertKept(rig, source, outcome)
      })
    )
  }

  for (const [title, limit] of Object.entries(limits)) {
    kit.live(
      `obeys a limit that is told by ${title}`,
      Effect.gen(function* () {
        const rig = yield* kit.rigOf({ knobs: { rateLimits: { [api]: limit } } })
        const outcome = yield* rig.runToTheEnd()
        assert.isTrue(outcome.complete)
        assertHeld(rig.sink.held, kit.truth(rig))
        const asked = rig.sandbox.requests()
        assert.isBelow(asked.filter(({ status }) => status === 429).length, asked.length / 3)
        assertOnce(rig.sink.log)
        assertKept(rig, source, outcome)
      })
    )
  }

  kit.live(
    "renews tokens that live for seconds",
    Effect.gen(function* () {
      const rig = yield* kit.rigOf({ tokenSeconds: 2 })
      const outcome = yield* rig.run()
      assert.isTrue(outcome.complete)
      assertHeld(rig.sink.held, kit.truth(rig))
      assertKept(rig, source, outcome)
    })
  )
}
