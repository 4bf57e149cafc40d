import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { Json } from "@callstream/model"
import { allTypes, isRecord, validated } from "@callstream/testkit"
import { readBody } from "../src/Bodies.ts"
import { normalizeContent } from "../src/ContentNormalize.ts"
import { conversationOf } from "../src/Normalize.ts"
import { millisOf, readTags } from "../src/ObjectReader.ts"
import { readObject } from "../src/ObjectRecords.ts"
import { contentKindOf, contentType } from "../src/ObjectTypes.ts"

const types = ["callrecording", "screenrecording", "callcentervoicemail", "transcription", "agentnotes", "waveform"]
const keys = [
  "callId",
  "duration",
  "startTime",
  "agentId",
  "direction",
  "ipbxid",
  "pcsQuestionNumber",
  "__proto__",
  "x"
]

const Tag = Schema.Struct({ key: Schema.Literals(keys), value: Schema.Json })
const Field = Schema.optionalKey(Schema.Json)

/** Objects whose fields are anything at all. */
const Odd = Schema.Struct({
  id: Schema.NonEmptyString,
  type: Schema.Literals(types),
  objectState: Schema.optionalKey(Schema.Union([Schema.Literals(["AVAILABLE", "REVOKED"]), Schema.Json])),
  createdTime: Field,
  updatedTime: Field,
  storedBytes: Field,
  userId: Field,
  checksum: Field,
  shared: Field,
  tags: Schema.optionalKey(Schema.Union([Schema.Array(Schema.Union([Tag, Schema.Json])), Schema.Json]))
})

const isJson = Schema.is(Schema.Json)

const recordOf = (row: Json) => {
  const [record] = readObject(row, () => true, allTypes).records
  if (record === undefined || !isRecord(record)) throw new Error("the row is unreadable")
  return validated(record)
}

const tagged = (tags: Json, type = "callcenterrecording") => recordOf({ id: "1", type, tags })

describe("an object", () => {
  it.prop("of any fields at all becomes records that fit the model", [Odd], ([row]) => {
    for (const record of readObject(row, () => true, allTypes).records) {
      assert.isTrue(isRecord(record))
      if (!isRecord(record)) continue
      if (record.op === "upsert") validated(record)
      assert.isTrue(record.pending === undefined || isJson(record.pending.request))
    }
  })

  it.prop("that is no object is unreadable, and nothing else happens", [Schema.Json], ([row]) => {
    const { records } = readObject(row, () => true, allTypes)
    assert.lengthOf(records, 1)
  })

  it("keeps repeated tags, and reads the first with a warning", () => {
    const { durationMs, tags, warnings } = tagged([
      { key: "duration", value: 3000 },
      { key: "duration", value: 5000 },
      { key: "note", value: "" },
      "odd"
    ])
    assert.strictEqual(durationMs, 3000)
    assert.deepStrictEqual(tags, { duration: ["3000", "5000"] })
    assert.deepStrictEqual(warnings, [
      "tags has something that is no tag",
      "tag duration comes more than once; the first is read"
    ])
  })

  it("takes several agents from repeated tags, with and without the prefix", () => {
    const { agentIds, warnings } = tagged([
      { key: "agentId", value: "agXYZ" },
      { key: "agentId", value: "ABC" }
    ])
    assert.deepStrictEqual([agentIds, warnings], [["XYZ", "ABC"], undefined])
  })

  it("leaves a field out that cannot be read, and says which", () => {
    const row = { id: "1", type: "waveform", createdTime: "2022-02-30T00:00:00", storedBytes: "12", shared: "maybe" }
    const { createdAt, sizeBytes, warnings } = recordOf({ ...row, objectState: "MELTED" })
    assert.deepStrictEqual([createdAt, sizeBytes], [undefined, 12])
    assert.deepStrictEqual(warnings, [
      "objectState has a word we do not know",
      "createdTime is not a time such as 2022-11-01T21:22:22",
      "shared is neither true nor false"
    ])
  })
})

describe("millisOf", () => {
  it("takes times for UTC, whatever the clock of the machine", () => {
    assert.strictEqual(millisOf("2022-11-01T21:22:22"), Date.UTC(2022, 10, 1, 21, 22, 22))
    assert.strictEqual(millisOf("2022-11-01T21:22:22.543"), Date.UTC(2022, 10, 1, 21, 22, 22, 543))
    assert.strictEqual(millisOf("2022-11-01T21:22:22-07:00"), Date.UTC(2022, 10, 2, 4, 22, 22))
    const none = ["2022-11-01", "2022-11-01T24:00:00", "2022-13-01T00:00:00", "1667337742543", "", 1667337742, null]
    assert.deepStrictEqual(
      none.map(millisOf),
      none.map(() => undefined)
    )
  })
})

const joinOf = (type: string, tags: Readonly<Record<string, string>>) =>
  conversationOf(type, readTags(Object.entries(tags).map(([key, value]) => ({ key, value }))))

describe("conversationOf", () => {
  it("is the interaction GUID, the PBX and call id of Work, or unknown", () => {
    assert.strictEqual(joinOf("callcenterrecording", { callId: "int-1-a", ipbxid: "acme" }), "int-1-a")
    assert.strictEqual(joinOf("callrecording", { callId: "166", ipbxid: "acme" }), "acme/166")
    assert.strictEqual(joinOf("voicemail", { callId: "166", pbxname: "acme" }), "acme/166")
    const work = { callId: "166", ipbxid: "acme", sourceObjectType: "callrecordingchannel" }
    assert.strictEqual(joinOf("transcription", work), "acme/166")
    assert.strictEqual(joinOf("callrecording", { callId: "166" }), undefined)
    assert.strictEqual(joinOf("waveform", { callId: "166" }), undefined)
    assert.strictEqual(joinOf("waveform", {}), undefined)
  })
})

describe("a body", () => {
  const row = { id: "1", type: "summary" }
  for (const type of ["transcription", "summary", "sentimentScore", "postcallsurvey", "agentnotes"]) {
    const kind = contentKindOf(type)
    if (kind === undefined) throw new Error(`${type} has no content`)
    const fits = Schema.decodeUnknownSync(contentType(kind).schema)
    it.prop(`of any JSON as ${type} becomes a record that fits the model`, [Schema.Json], ([json]) => {
      const body = readBody(Buffer.from(JSON.stringify(json)), kind, "application/json")
      fits(normalizeContent(row, readTags([]), kind, body).data, { onExcessProperty: "error" })
    })
  }

  it.prop(
    "of any bytes is read",
    [Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))],
    ([bytes]) => {
      const body = readBody(Uint8Array.from(bytes), "summary", undefined)
      assert.isTrue(body.json === undefined || isJson(body.json))
    }
  )
})
