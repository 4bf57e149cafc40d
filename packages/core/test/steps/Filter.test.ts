import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import type { Event } from "@callstream/model"
import { Filter } from "@callstream/core"

const event = (more: Partial<Event>): Event => ({
  id: "1",
  type: "callstream.call.v1",
  source: "8x8/storage/us-east",
  subject: "c1",
  op: more.op ?? "upsert",
  asof: "1",
  dataschema: "urn:callstream:schema:callstream.call.v1",
  data: {
    direction: "inbound",
    durationMs: 61_000,
    startedAt: "2026-01-02T00:00:00.000Z",
    queues: [{ id: "q1" }, { id: "q2" }]
  },
  ...more
})

const decode = Schema.decodeUnknownExit(Filter.FilterConfig, { onExcessProperty: "error", errors: "all" })

const passes = Effect.fnUntraced(function* (config: unknown, ...events: ReadonlyArray<Event>) {
  const step = yield* Filter.plugin.open(yield* decode(config))
  return step.apply(events).map((stepped) => stepped !== "drop")
})

const { data: _, ...gone } = event({ op: "delete" })

describe("filter", () => {
  it.effect("drops and keeps by type", () =>
    Effect.gen(function* () {
      const chat = event({ type: "callstream.chat.v1" })
      assert.deepStrictEqual(yield* passes({ drop: { type: "callstream.chat.v1" } }, event({}), chat), [true, false])
      assert.deepStrictEqual(yield* passes({ keep: { type: ["callstream.chat.v1"] } }, event({}), chat), [false, true])
      assert.deepStrictEqual(yield* passes({ keep: { type: "callstream.c*" } }, event({}), chat), [true, true])
    })
  )

  it.effect("keeps by source", () =>
    Effect.gen(function* () {
      const other = event({ source: "8x8/storage/uk" })
      assert.deepStrictEqual(yield* passes({ keep: { source: "8x8/storage/us-*" } }, event({}), other), [true, false])
    })
  )

  const cases: ReadonlyArray<readonly [fields: object, holds: boolean]> = [
    [{ direction: "inbound" }, true],
    [{ direction: "outbound" }, false],
    [{ direction: ["outbound", "inbound"] }, true],
    [{ "queues.id": "q2" }, true],
    [{ "queues.id": { not: "q3" } }, true],
    [{ "queues.id": { not: ["q2"] } }, false],
    [{ agent: { exists: false } }, true],
    [{ agent: { exists: true } }, false],
    [{ durationMs: { atLeast: 61_000, below: 61_001 } }, true],
    [{ durationMs: { below: 61_000 } }, false],
    [{ startedAt: { atLeast: "2026-01-02" } }, true],
    [{ durationMs: { atLeast: "1" } }, false],
    [{ direction: "inbound", durationMs: 1 }, false]
  ]
  for (const [fields, holds] of cases) {
    it.effect(`${holds ? "holds" : "does not hold"} for ${JSON.stringify(fields)}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* passes({ keep: { fields } }, event({})), [holds])
        assert.deepStrictEqual(yield* passes({ drop: { fields } }, event({})), [!holds])
      })
    )
  }

  it.effect("never drops a delete for its fields", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* passes({ drop: { fields: { direction: { exists: false } } } }, gone), [true])
      assert.deepStrictEqual(yield* passes({ keep: { fields: { direction: "inbound" } } }, gone), [true])
      assert.deepStrictEqual(
        yield* passes({ drop: { type: "callstream.call.v1", fields: { direction: "inbound" } } }, gone),
        [true]
      )
    })
  )

  it.effect("drops a delete for its type, as every version of it", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* passes({ drop: { type: "callstream.call.v1" } }, gone), [false])
      const condition = { type: "callstream.chat.v1", fields: { direction: "inbound" } }
      assert.deepStrictEqual(yield* passes({ keep: condition }, gone), [false])
    })
  )

  it("wants one condition that says something", () => {
    for (const config of [{}, { keep: {}, drop: {} }, { keep: {} }, { keep: { typ: "x" } }, { keep: { type: [] } }]) {
      assert.isTrue(Exit.isFailure(decode(config)), JSON.stringify(config))
    }
  })
})
