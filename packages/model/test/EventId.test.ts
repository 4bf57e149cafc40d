import { entityKey, eventId, fingerprint, type Json } from "@callstream/model"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const stream = "8x8/workanalytics/acmecorppbx"
const subject = "acmecorppbx/1635571048351"
const of = (content: Json): string => fingerprint(stream, subject, "upsert", content)

describe("fingerprint", () => {
  // Ids are kept by others for ever: whoever changes this line sends every record again under a new id.
  it("is what it was", () => {
    assert.strictEqual(of({ callId: "1635571048351", talkTimeMS: 0 }), "FAirbU4M_thtG8gCnfIHgd2n")
  })

  it("does not depend on the order of keys or on the format they came in", () => {
    const json = `{"callId":"1","legs":[{"id":1,"ok":true}],"name":"Zoë"}`
    const spaced = `{ "name": "Zo\\u00eb", "legs": [ { "ok": true, "id": 1.0 } ], "callId": "1" }`
    assert.strictEqual(of(JSON.parse(json)), of(JSON.parse(spaced)))
  })

  it("is another for another stream, subject, op or content", () => {
    const ids = [
      of({ a: 1 }),
      of({ a: 2 }),
      of({ a: "1" }),
      of([]),
      of({}),
      fingerprint(stream, subject, "delete", { a: 1 }),
      fingerprint(stream, "acmecorppbx/2", "upsert", { a: 1 }),
      fingerprint("8x8/workanalytics/other", subject, "upsert", { a: 1 })
    ]
    assert.strictEqual(new Set(ids).size, ids.length)
  })

  it.prop("is 24 URL-safe characters", [Schema.Json], ([content]) => {
    assert.match(of(content), /^[\w-]{24}$/u)
  })
})

describe("eventId", () => {
  it("depends on its content only for a first version", () => {
    assert.strictEqual(eventId(of({ a: 1 }), undefined), of({ a: 1 }))
  })

  it("is a new one for a value that comes back, and the same for a repeat", () => {
    const first = eventId(of("A"), undefined)
    const second = eventId(of("B"), first)
    const third = eventId(of("A"), second)
    assert.strictEqual(new Set([first, second, third]).size, 3)
    assert.strictEqual(eventId(of("A"), second), third)
  })
})

describe("entityKey", () => {
  it("parts types and subjects", () => {
    assert.notStrictEqual(entityKey("callstream.call.v1", "1"), entityKey("callstream.call-leg.v1", "1"))
    assert.notStrictEqual(entityKey("callstream.call.v1", "1"), entityKey("callstream.call.v1", "2"))
    assert.strictEqual(entityKey("callstream.call.v1", "1"), entityKey("callstream.call.v1", "1"))
  })

  it("keeps keys of one time together, in the order of time", () => {
    const instants = [0, 32, 1_700_000_000_000, 1_700_000_000_032, 1_900_000_000_000]
    const keys = instants.map((at, i) => entityKey("callstream.call.v1", String(i), at))
    assert.deepStrictEqual(keys.toSorted(), keys)
    assert.isTrue(keys.every((key) => key.length === 24))
  })
})
