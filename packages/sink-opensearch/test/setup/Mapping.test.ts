import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { EventType, eventTypes } from "@callstream/model"
import { isKeys, type Keys } from "../../src/setup/JsonSchema.ts"
import { dataMapping, envelopeMapping, keyword } from "../../src/setup/Mapping.ts"
import { passageFields } from "../../src/setup/Passages.ts"

const date = { type: "date", format: "strict_date_optional_time", ignore_malformed: true }

/** The fields of a mapping, by path. */
const fieldsOf = (mapping: unknown, path = "", into = new Map<string, Keys>()): ReadonlyMap<string, Keys> => {
  const properties = isKeys(mapping) ? mapping["properties"] : undefined
  for (const [name, field] of Object.entries(isKeys(properties) ? properties : {})) {
    const at = path === "" ? name : `${path}.${name}`
    if (isKeys(field)) into.set(at, field)
    fieldsOf(field, at, into)
  }
  return into
}

const dataOf = (schema: Schema.Codec<unknown, unknown>, options: Parameters<typeof EventType.make>[2] = {}) =>
  fieldsOf(dataMapping(EventType.make("acme.thing.v1", schema, options)))

interface Tree {
  readonly name: string
  readonly below: ReadonlyArray<Tree>
}

const Tree = Schema.Struct({
  name: Schema.String,
  below: Schema.Array(Schema.suspend((): Schema.Codec<Tree> => Tree))
}).annotate({ identifier: "Tree" })

describe("the mapping of documents", () => {
  it("is strict at the root, and keeps what a schema does not name", () => {
    assert.strictEqual(envelopeMapping["dynamic"], "strict")
    assert.strictEqual(dataMapping(eventTypes.call)["dynamic"], "false")
  })

  it.each(Object.values(eventTypes))("$type: no field is left to be guessed, and no text can be too long", (type) => {
    for (const [path, field] of fieldsOf(dataMapping(type))) {
      assert.isTrue("type" in field || "properties" in field, path)
      if (field["type"] === "keyword") assert.isBelow(Number(field["ignore_above"]), 10_922, path)
    }
  })

  it.each(Object.values(eventTypes))(
    "$type: the vendor's record is not indexed, other open keys are one field each",
    (type) => {
      const fields = fieldsOf(dataMapping(type))
      assert.deepStrictEqual(fields.get("raw"), { type: "object", enabled: false })
      for (const name of type.flat)
        if (name !== "raw") assert.deepStrictEqual(fields.get(name), { type: "flat_object" }, name)
    }
  )

  it("has instants as dates, lengths of time as whole numbers, ids and numbers of people as keywords", () => {
    const fields = fieldsOf(dataMapping(eventTypes.call))
    assert.deepStrictEqual(fields.get("startedAt"), date)
    assert.deepStrictEqual(fields.get("durationMs"), { type: "long" })
    assert.deepStrictEqual(fields.get("surveyScore"), { type: "double" })
    assert.deepStrictEqual(fields.get("answered"), { type: "boolean" })
    for (const name of ["callId", "callerNumber", "direction", "agentIds"])
      assert.deepStrictEqual(fields.get(name), keyword)
  })

  it("indexes what was said once, and no numbers of single turns", () => {
    const fields = fieldsOf(dataMapping(eventTypes.transcript))
    assert.deepStrictEqual(fields.get("utterances.text"), { type: "text", index: false, norms: false })
    assert.deepStrictEqual(fields.get("utterances.speaker"), keyword)
    assert.deepStrictEqual(fields.get("utterances.startMs"), { type: "long", index: false, doc_values: false })
    assert.deepStrictEqual(fieldsOf(dataMapping(eventTypes.note)).get("text"), {
      type: "text",
      index: false,
      norms: false
    })
  })

  it("takes a third party's schema of any shape", () => {
    const fields = dataOf(
      Schema.Struct({
        id: Schema.String,
        either: Schema.Union([Schema.String, Schema.Finite, Schema.Null]),
        measure: Schema.Union([Schema.Int, Schema.Finite]),
        maybe: Schema.NullOr(Schema.Boolean),
        literal: Schema.Literals(["a", "b"]),
        numbers: Schema.Literals([1, 2]),
        pair: Schema.Tuple([Schema.String, Schema.Finite]),
        lists: Schema.Array(Schema.Array(Schema.Int)),
        open: Schema.Record(Schema.String, Schema.String),
        any: Schema.Json,
        shapes: Schema.Union([
          Schema.Struct({ kind: Schema.Literal("round"), radius: Schema.Int }),
          Schema.Struct({ kind: Schema.Literal("square"), radius: Schema.String, side: Schema.Int })
        ]),
        mixed: Schema.Union([Schema.String, Schema.Struct({ a: Schema.String })]),
        "dotted.name": Schema.String,
        tree: Tree
      })
    )
    assert.deepStrictEqual(fields.get("either"), keyword)
    assert.deepStrictEqual(fields.get("measure"), { type: "double" })
    assert.deepStrictEqual(fields.get("maybe"), { type: "boolean" })
    assert.deepStrictEqual(fields.get("literal"), keyword)
    assert.deepStrictEqual(fields.get("numbers"), { type: "double" })
    assert.deepStrictEqual(fields.get("pair"), keyword)
    assert.deepStrictEqual(fields.get("lists"), { type: "long" })
    assert.deepStrictEqual(fields.get("open"), { type: "flat_object" })
    assert.deepStrictEqual(fields.get("any"), { type: "object", enabled: false })
    assert.deepStrictEqual(fields.get("shapes.radius"), keyword)
    assert.deepStrictEqual(fields.get("shapes.side"), { type: "long" })
    assert.deepStrictEqual(fields.get("mixed"), { type: "object", enabled: false })
    assert.isFalse(fields.has("dotted.name"))
    assert.deepStrictEqual(fields.get("tree.name"), keyword)
    assert.deepStrictEqual(fields.get("tree.below"), { type: "object", enabled: false })
  })

  it("keeps data that is no record without looking into it", () => {
    const type = EventType.make("acme.word.v1", Schema.String)
    assert.deepStrictEqual(dataMapping(type), { type: "object", enabled: false })
  })
})

describe("passageFields", () => {
  it("asks the type which fields hold what was said", () => {
    assert.deepStrictEqual([...passageFields(eventTypes.transcript)], ["utterances.text"])
    assert.deepStrictEqual([...passageFields(eventTypes.chat)], ["messages.text", "messages.translatedText"])
    assert.deepStrictEqual([...passageFields(eventTypes.survey)], ["answers.text", "comments"])
    assert.deepStrictEqual([...passageFields(eventTypes.call)], [])
  })

  it("finds nothing where a type cannot live with the question", () => {
    const type = EventType.make("acme.thing.v1", Schema.Struct({ body: Schema.String }), {
      text: ({ body }) => [{ text: JSON.parse(body) }]
    })
    assert.deepStrictEqual([...passageFields(type)], [])
  })
})
