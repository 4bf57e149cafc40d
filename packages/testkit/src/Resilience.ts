/** Nothing is lost, whatever becomes of answers, connections and processes. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { assertKept, assertOnce, assertOneIdentity } from "./Assertions.ts"
import { assertHeld } from "./Comparison.ts"
import type { Kit } from "./Kit.ts"
import type { Cut } from "./Rig.ts"
import { cuts, faults, limits, shifts } from "./Troubles.ts"
import type { Vendor } from "./Vendor.ts"

export const resilience = <V extends Vendor>(kit: Kit<V>): void => {
  const { source } = kit

  /** What a process that nothing happens to comes to. */
  const whole = Effect.scoped(
    Effect.gen(function* () {
      const rig = yield* kit.rigOf({ size: "few" })
      const { commits, outcome, steps } = yield* rig.start({ once: true })
      yield* outcome
      return { commits: commits(), steps: steps() }
    })
  )

  const resumesAfter = (cut: Cut) =>
    Effect.scoped(
      Effect.gen(function* () {
        const rig = yield* kit.rigOf({ size: "few" })
        yield* Effect.scoped(Effect.flatMap(rig.start({ once: true, cut }), ({ cutOff }) => cutOff))
        const outcome = yield* rig.run()
        assert.isTrue(outcome.complete)
        assertHeld(rig.sink.held, kit.truth(rig))
        assertOneIdentity(rig.sink.log)
        assertKept(rig, source, outcome)
      })
    )

  kit.live(
    "resumes from every checkpoint it ever gave",
    Effect.gen(function* () {
      const { commits } = yield* whole
      assert.isAbove(commits, 1)
      for (let count = 1; count <= commits; count++) yield* resumesAfter({ commits: count })
    })
  )

  kit.live(
    "resumes wherever it was cut off",
    Effect.gen(function* () {
      const { steps } = yield* whole
      assert.isAbove(steps, 4)
      for (const cut of cuts(steps)) yield* resumesAfter(cut)
    })
  )

  kit.live(
    "forgets nothing of a page that cannot be read",
    Effect.gen(function* () {
      const rig = yield* kit.rigOf({ size: "many" })
      rig.vendor.faults.add({ kind: "500", match: { pathIncludes: source.pages }, skip: 1 })
      const broken = yield* rig.run()
      assert.isFalse(broken.complete)
      assert.isBelow(rig.sink.held.size, kit.truth(rig).size)
      rig.vendor.faults.clear()
      const outcome = yield* rig.runToTheEnd()
      assert.isTrue(outcome.complete)
      assertHeld(rig.sink.held, kit.truth(rig))
      assertOnce(rig.sink.log)
      assertKept(rig, source, outcome)
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
        for (const one of [fault].flat()) rig.vendor.faults.add(one)
        const outcome = yield* rig.runToTheEnd()
        assert.isTrue(rig.vendor.faults.list().some(({ struck }) => struck > 0))
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
        const rig = yield* kit.rigOf({ size: "many" })
        const before = kit.truth(rig)
        rig.vendor.faults.add({ ...fault, match: { pathIncludes: source.pages } })
        yield* rig.run()
        rig.vendor.faults.clear()
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
        const rig = yield* kit.rigOf({ rateLimit: limit })
        const outcome = yield* rig.runToTheEnd()
        assert.isTrue(outcome.complete)
        assertHeld(rig.sink.held, kit.truth(rig))
        const asked = rig.vendor.requests()
        assert.isBelow(asked.filter(({ status }) => status === 429).length, asked.length / 3)
        assertOnce(rig.sink.log)
        assertKept(rig, source, outcome)
      })
    )
  }

  const { login } = source
  if (login === undefined) return
  kit.live(
    "renews tokens that live for seconds",
    Effect.gen(function* () {
      // Time passes by requests, not by how fast they are answered: a token lives for fifty of them.
      const rig = yield* kit.rigOf({ size: "many", tokenSeconds: 10 }, { speed: 1, perRequest: 200 })
      const outcome = yield* rig.run()
      assert.isTrue(outcome.complete)
      assert.isAbove(rig.vendor.requests().filter(({ path }) => path.split("?")[0] === login).length, 1)
      assertHeld(rig.sink.held, kit.truth(rig))
      assertKept(rig, source, outcome)
    })
  )
}
