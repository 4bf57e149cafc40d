import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { eventTypes } from "@callstream/model"
import { cut, encode, idOf, targetsOf } from "../../src/bulk/Encoder.ts"
import { note } from "../support/Notes.ts"

const targets = targetsOf("acme-", [eventTypes.note])

describe("The lines of a bulk request", () => {
  it("are an action and a document, to the write alias of the type, with the version that asof is", () => {
    const { lines } = encode([note("a", 1_770_000_000_123)], targets)
    const [action = "", document = "", end] = lines[0]?.text.split("\n") ?? []
    assert.deepStrictEqual(JSON.parse(action), {
      index: {
        _index: "acme-note-v1",
        _id: "8x8/storage/us-east callstream.note.v1 a",
        version_type: "external_gte",
        version: 1_770_000_000_123
      }
    })
    assert.strictEqual(JSON.parse(document).subject, "a")
    assert.strictEqual(end, "")
  })

  it("are a document for a delete too, with nothing of the record", () => {
    const { data: _, ...event } = { ...note("a", 2), op: "delete" as const }
    const document: unknown = JSON.parse(encode([event], targets).lines[0]?.text.split("\n")[1] ?? "")
    assert.deepStrictEqual(document, event)
  })

  it("leave out what cannot be written, and say why", () => {
    const loop: Record<string, unknown> = {}
    loop["loop"] = loop
    const { lines, refused } = encode(
      [note("a", 1), note("b", 1, loop), { ...note("c", 1), type: "acme.other.v1" }, { ...note("d", 1), asof: "soon" }],
      targets
    )
    assert.deepStrictEqual(
      lines.map(({ index }) => index),
      [0]
    )
    assert.deepStrictEqual(
      [...refused].map(([index, answer]) => [index, answer._tag === "refused" ? answer.reason : ""]),
      [
        [1, "its data is not JSON"],
        [2, "its type was not announced"],
        [3, "its asof is not a number of milliseconds"]
      ]
    )
  })

  it.effect.prop("are cut into requests that keep the order and the size", [Schema.Array(Schema.Natural)], ([sizes]) =>
    Effect.sync(() => {
      const lines = sizes.map((size, index) => ({ index, version: 1, text: "", bytes: size % 100 }))
      const requests = cut(lines, 120)
      assert.deepStrictEqual(requests.flat(), lines)
      for (const request of requests) {
        assert.isAbove(request.length, 0)
        assert.isAtMost(
          request.reduce((sum, { bytes }) => sum + bytes, 0),
          120
        )
      }
      for (const [i, request] of requests.entries()) {
        const next = requests[i + 1]?.[0]
        if (next !== undefined)
          assert.isAbove(
            request.reduce((sum, { bytes }) => sum + bytes, next.bytes),
            120
          )
      }
    })
  )
})

describe("The _id of an entity", () => {
  it("tells entities apart whose names would run together", () => {
    const ids = new Set(
      [
        { source: "a", type: "t.x.v1", subject: "b" },
        { source: "a/b", type: "t.x.v1", subject: "b" },
        { source: "a", type: "t.x.v1", subject: "b/b" },
        { source: "a", type: "t.y.v1", subject: "b" },
        { source: "a", type: "t.x.v1", subject: "t.x.v1 b" }
      ].map(idOf)
    )
    assert.strictEqual(ids.size, 5)
  })

  it.effect.prop(
    "has at most 512 bytes, and is another for another subject",
    [Schema.String, Schema.String],
    ([one, other]) =>
      Effect.sync(() => {
        const of = (subject: string) => idOf({ source: "8x8/storage/us-east", type: "callstream.note.v1", subject })
        for (const times of [1, 100]) {
          const id = of(one.repeat(times))
          assert.isAtMost(Buffer.byteLength(id), 512)
          assert.strictEqual(id, of(one.repeat(times)))
          if (one !== other) assert.notStrictEqual(of(one.repeat(times)), of(other.repeat(times)))
        }
      })
  )
})
