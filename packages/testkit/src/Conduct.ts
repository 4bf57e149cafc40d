/** How it behaves: towards the vendor, towards those who run it, towards a sink that is slow. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { assertBlameless, assertKept, assertOnce, assertSilent } from "./Assertions.ts"
import { assertHeld } from "./Comparison.ts"
import type { Kit } from "./Kit.ts"
import { type RigOn, until } from "./Rig.ts"
import { unhurried } from "./SourceUnderTest.ts"
import type { Vendor } from "./Vendor.ts"

/** One batch may be larger than a buffer: a few pages of the largest that a vendor insists on. */
const largestBatch = 500

export const conduct = <V extends Vendor>(kit: Kit<V>): void => {
  const { source } = kit

  kit.live(
    "passes its own check",
    Effect.gen(function* () {
      const rig = yield* kit.rigOf()
      const lines = yield* rig.check()
      assert.isAbove(lines.length, 0)
      for (const { detail, ok } of lines) assert.isTrue(ok, detail)
      assertBlameless(rig, source)
      assertSilent(rig, source)
    })
  )

  for (const [title, wrong] of Object.entries(source.refused)) {
    kit.live(
      `parks with ${title}, says what to do, asks little, and goes on when that is mended`,
      Effect.gen(function* () {
        const rig = yield* kit.rigOf()
        const settings = kit.settingsOf(rig, wrong)
        const refused = yield* rig.run({ settings })
        assert.isFalse(refused.complete)
        const parks = yield* rig.parks
        assert.isAbove(parks.length, 0)
        for (const { remedy } of parks) assert.match(remedy, /\w{3}/)
        assert.strictEqual(rig.sink.log.length, 0)
        const asked = rig.vendor.requests().length
        assert.isAtMost(asked, 6)
        yield* rig.run({ settings })
        assert.strictEqual(rig.vendor.requests().length, asked, "a restart asked again")
        const lines = yield* rig.check(settings)
        assert.isTrue(lines.some(({ detail, ok }) => !ok && detail !== ""))
        const mended = yield* rig.run()
        assert.isTrue(mended.complete)
        assertHeld(rig.sink.held, kit.truth(rig))
        assertKept(rig, source, mended)
      })
    )
  }

  kit.live(
    "stops when told, with nothing in flight, and goes on from there",
    Effect.gen(function* () {
      const rig = yield* kit.rigOf()
      rig.sink.hold()
      const stopped = yield* Effect.scoped(
        Effect.gen(function* () {
          const { outcome, pipeline } = yield* rig.start()
          yield* rig.sink.reached
          yield* pipeline.stop
          yield* rig.sink.release
          return yield* outcome
        })
      )
      assert.isTrue(stopped.drained)
      assertKept(rig, source, stopped)
      const rest = yield* rig.run()
      assert.isTrue(rest.complete)
      assertHeld(rig.sink.held, kit.truth(rig))
      assertOnce(rig.sink.log)
    })
  )

  kit.live(
    "reads ahead of a sink that is stuck by no more than its buffer",
    Effect.gen(function* () {
      const free = yield* kit.rigOf({ size: "many" })
      yield* free.run()
      const most = free.vendor.requests().length

      const rig = yield* kit.rigOf({ size: "many" })
      rig.sink.hold()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const settings = kit.settingsOf(rig, unhurried)
          const buffer = { records: 10, bytes: 10_000_000 }
          const { outcome, pipeline } = yield* rig.start({ once: true, buffer, settings })
          yield* rig.sink.reached
          yield* quiet(rig)
          assert.isBelow(rig.vendor.requests().length, most / 2)
          const { sinks } = yield* pipeline.status
          assert.isAtMost(sinks[0]?.buffered.records ?? 0, largestBatch + 10)
          yield* rig.sink.release
          assertKept(rig, source, yield* outcome)
        })
      )
      assertHeld(rig.sink.held, kit.truth(rig))
      assertOnce(rig.sink.log)
    })
  )
}

/** Waits until nothing was asked for a while. */
const quiet = <V extends Vendor>(rig: RigOn<V>): Effect.Effect<void> => {
  let asked = -1
  let since = 0
  return until(rig, () => {
    const now = rig.vendor.requests().length
    since = now === asked ? since + 1 : 0
    asked = now
    return since >= 20
  })
}
