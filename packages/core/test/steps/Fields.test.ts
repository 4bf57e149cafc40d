import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import type { Event } from "@callstream/model"
import { Fields } from "@callstream/core"

const call = (data?: unknown): Event => ({
  id: "1",
  type: "callstream.call.v1",
  source: "8x8/recentcalls/acme",
  subject: "c1",
  op: data === undefined ? "delete" : "upsert",
  asof: "1",
  dataschema: "urn:callstream:schema:callstream.call.v1",
  ...(data === undefined ? {} : { data })
})

const decode = Schema.decodeUnknownExit(Fields.FieldsConfig, { onExcessProperty: "error", errors: "all" })

const apply = Effect.fnUntraced(function* (config: unknown, events: ReadonlyArray<Event>) {
  const step = yield* Fields.plugin.open(yield* decode(config))
  return step.apply(events)
})

const data = {
  direction: "inbound",
  agent: { id: "a1", name: "Ann" },
  utterances: [
    { text: "hello", emotion: "Neutral" },
    { text: "bye", emotion: "Positive" }
  ],
  raw: { x: 1 }
}

describe("fields", () => {
  it.effect("drops the raw record and leaves the rest as it was", () =>
    Effect.gen(function* () {
      const [event] = yield* apply({ drop: ["raw"] }, [call(data)])
      const { raw: _, ...rest } = data
      assert.deepStrictEqual(event, call(rest))
    })
  )

  it.effect("drops below a field, and in each item of a list", () =>
    Effect.gen(function* () {
      const [event] = yield* apply({ drop: ["agent.name", "utterances.emotion", "raw", "nothing.there"] }, [call(data)])
      assert.deepStrictEqual(
        event,
        call({ direction: "inbound", agent: { id: "a1" }, utterances: [{ text: "hello" }, { text: "bye" }] })
      )
    })
  )

  it.effect("keeps what is named and nothing else", () =>
    Effect.gen(function* () {
      const [event] = yield* apply({ keep: ["agent.id", "utterances.text", "direction.below"] }, [call(data)])
      assert.deepStrictEqual(event, call({ agent: { id: "a1" }, utterances: [{ text: "hello" }, { text: "bye" }] }))
    })
  )

  it.effect("does not change the event it was given", () =>
    Effect.gen(function* () {
      const given = call(data)
      const before = JSON.stringify(given)
      yield* apply({ drop: ["agent.name"] }, [given])
      assert.strictEqual(JSON.stringify(given), before)
    })
  )

  it.effect("passes a delete, and types it is not meant for", () =>
    Effect.gen(function* () {
      const gone = call()
      const other = { ...call(data), type: "callstream.chat.v1" }
      const all = yield* apply({ drop: ["raw"], types: ["callstream.call.v1"] }, [gone, other])
      assert.strictEqual(all[0], gone)
      assert.strictEqual(all[1], other)
    })
  )

  it.effect("keeps a field called __proto__ a field", () =>
    Effect.gen(function* () {
      const [event] = yield* apply({ drop: ["raw"] }, [call(JSON.parse('{"__proto__": {"a": 1}, "raw": 1}'))])
      assert.strictEqual(
        JSON.stringify(event === undefined || typeof event === "string" || "refused" in event ? 0 : event.data),
        '{"__proto__":{"a":1}}'
      )
    })
  )

  it("wants either keep or drop", () => {
    for (const config of [{}, { keep: ["a"], drop: ["b"] }, { drop: [] }, { drop: ["a..b"] }, { dropp: ["a"] }]) {
      assert.isTrue(Exit.isFailure(decode(config)), JSON.stringify(config))
    }
  })
})
