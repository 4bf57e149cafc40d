/** Each record once: as the vendor has it now, whenever it came, in the form that was promised. */
import { assert } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { CloudEvent } from "@callstream/model"
import type { Pipeline } from "@callstream/core"
import { assertKept, assertOnce } from "./Assertions.ts"
import { assertHeld, changedSince } from "./Comparison.ts"
import type { Kit } from "./Kit.ts"
import { entityOf } from "./RememberingSink.ts"
import { until } from "./Rig.ts"
import type { Vendor } from "./Vendor.ts"

export const delivery = <V extends Vendor>(kit: Kit<V>): void => {
  const { source } = kit
  const { plugin } = source

  kit.live(
    "delivers all that exists, each record once",
    Effect.gen(function* () {
      const rig = yield* kit.rigOf()
      const outcome = yield* rig.run()
      assert.isTrue(outcome.complete && outcome.drained)
      assertHeld(rig.sink.held, kit.truth(rig))
      assertOnce(rig.sink.log)
      assert.strictEqual(rig.sink.log.length, rig.sink.held.size)
      assertKept(rig, source, outcome)
    })
  )

  kit.live(
    "gives a record the same id in every run, and other ids to other records",
    Effect.gen(function* () {
      const ids = Effect.scoped(
        Effect.gen(function* () {
          const rig = yield* kit.rigOf()
          yield* rig.run()
          const entities = [...rig.sink.held].toSorted(([a], [b]) => (a < b ? -1 : 1))
          return entities.map(([entity, { id }]) => [entity, id] as const)
        })
      )
      const first = yield* ids
      assert.deepStrictEqual(yield* ids, first)
      assert.strictEqual(new Set(first.map(([, id]) => id)).size, first.length)
    })
  )

  kit.live(
    "sends nothing again when it reads all of it again",
    Effect.gen(function* () {
      const rig = yield* kit.rigOf()
      const first = yield* rig.run()
      const sent = rig.sink.log.length
      rig.clock.advance("2 hours")
      const second = yield* rig.run()
      assert.isTrue(second.complete)
      assert.strictEqual(rig.sink.log.length, sent)
      const unchanged = ({ status }: Pipeline.Outcome) =>
        status.partitions.reduce((sum, { books }) => sum + books.unchanged, 0)
      assert.isAbove(unchanged(second), unchanged(first))
      assertKept(rig, source, second)
    })
  )

  kit.live(
    "gives events that fit their types and survive both encodings of CloudEvents",
    Effect.gen(function* () {
      const rig = yield* kit.rigOf()
      yield* rig.run()
      const types = new Map(plugin.events.map((type) => [type.type, type]))
      for (const event of rig.sink.held.values()) {
        const type = types.get(event.type)
        assert.strictEqual(event.dataschema, type?.dataschema)
        if (type !== undefined && event.op === "upsert") {
          Schema.decodeUnknownSync(type.schema)(event.data, { onExcessProperty: "error" })
        }
        assert.deepStrictEqual(Result.getOrThrow(CloudEvent.fromJson(CloudEvent.toJson(event))), event)
        assert.deepStrictEqual(Result.getOrThrow(CloudEvent.fromKafka(CloudEvent.toKafka(event))), event)
      }
    })
  )

  for (const [title, changes] of Object.entries(source.changes)) {
    kit.live(
      `delivers ${title}, and nothing else again`,
      Effect.gen(function* () {
        const rig = yield* kit.rigOf()
        yield* rig.run()
        for (const change of changes) {
          const before = kit.truth(rig)
          const sent = rig.sink.log.length
          rig.clock.advance("10 seconds")
          change(rig.vendor)
          const after = kit.truth(rig)
          const changed = changedSince(before, after)
          assert.isAbove(changed.length, 0)
          rig.clock.advance("2 hours")
          const outcome = yield* rig.run()
          assert.isTrue(outcome.complete)
          assertHeld(rig.sink.held, after)
          assert.deepStrictEqual(rig.sink.log.slice(sent).map(entityOf).toSorted(), [...changed].toSorted())
          assertKept(rig, source, outcome)
        }
      })
    )
  }

  for (const variant of source.variants ?? []) {
    kit.live(
      `delivers all where ${variant}`,
      Effect.gen(function* () {
        const rig = yield* kit.rigOf({ variant })
        const outcome = yield* rig.run()
        assert.isTrue(outcome.complete)
        assertHeld(rig.sink.held, kit.truth(rig))
        assertOnce(rig.sink.log)
        assertKept(rig, source, outcome)
      })
    )
  }

  kit.live(
    "follows what happens while it runs",
    Effect.gen(function* () {
      const rig = yield* kit.rigOf()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { outcome, pipeline } = yield* rig.start()
          yield* until(rig, () => rig.sink.held.size >= kit.truth(rig).size)
          source.happens(rig.vendor)
          const after = kit.truth(rig)
          yield* until(rig, () => [...after.keys()].every((entity) => rig.sink.held.has(entity)))
          yield* pipeline.stop
          assertKept(rig, source, yield* outcome)
        })
      )
      assertHeld(rig.sink.held, kit.truth(rig))
      assertOnce(rig.sink.log)
    })
  )
}
