import { EventType, eventTypes } from "@callstream/model"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as samples from "./samples.ts"

const bySample: ReadonlyArray<readonly [string, EventType.EventType, unknown]> = [
  ["callstream.call.v1", eventTypes.call, samples.contactCentreCall],
  ["callstream.call.v1", eventTypes.call, samples.workCall],
  ["callstream.call-leg.v1", eventTypes.callLeg, samples.callLeg],
  ["callstream.recording.v1", eventTypes.recording, samples.recording],
  ["callstream.recording.v1", eventTypes.recording, samples.storedRecording],
  ["callstream.transcript.v1", eventTypes.transcript, samples.transcript],
  ["callstream.chat.v1", eventTypes.chat, samples.chat],
  ["callstream.voicemail.v1", eventTypes.voicemail, samples.voicemail],
  ["callstream.survey.v1", eventTypes.survey, samples.survey],
  ["callstream.note.v1", eventTypes.note, samples.note],
  ["callstream.sentiment.v1", eventTypes.sentiment, samples.sentiment],
  ["callstream.summary.v1", eventTypes.summary, samples.summary],
  ["callstream.screen-recording.v1", eventTypes.screenRecording, samples.screenRecording],
  ["callstream.object.v1", eventTypes.object, samples.storedObject]
]

/** The fields of a type, as its JSON Schema has them. */
const fieldsOf = (type: EventType.EventType): Readonly<Record<string, unknown>> =>
  Schema.decodeUnknownSync(Schema.Struct({ properties: Schema.Record(Schema.String, Schema.JsonObject) }))(
    EventType.jsonSchema(type)
  ).properties

describe("eventTypes", () => {
  it.each(bySample)("%s admits its sample, and knows all of its fields", (name, type, sample) => {
    assert.strictEqual(type.type, name)
    const decode = Schema.decodeUnknownSync(type.schema, { onExcessProperty: "error" })
    assert.deepStrictEqual(decode(JSON.parse(JSON.stringify(sample))), sample)
  })

  for (const { schema, type } of Object.values(eventTypes)) {
    // Events are built as plain objects and written with JSON.stringify: the schema may not stand between.
    it.effect.prop(`${type} is the same in memory and on the wire`, [schema], ([record]) =>
      Effect.gen(function* () {
        const wire: unknown = JSON.parse(JSON.stringify(record))
        assert.deepStrictEqual(yield* Schema.encodeUnknownEffect(schema)(wire), wire)
        assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(schema)(wire), wire)
      })
    )
  }

  it.each(Object.values(eventTypes))("$type has a description for each field, and its flat fields exist", (type) => {
    const fields = fieldsOf(type)
    assert.includeMembers(Object.keys(fields), [...type.flat, "raw"])
    assert.include(type.flat, "raw")
    for (const [name, field] of Object.entries(fields)) assert.property(field, "description", name)
  })

  it("has twelve types of twelve names", () => {
    assert.strictEqual(new Set(Object.values(eventTypes).map(({ short }) => short)).size, 12)
  })
})

describe("text", () => {
  it("is nothing where a record has no words", () => {
    assert.deepStrictEqual(eventTypes.call.text(samples.workCall), [])
    assert.deepStrictEqual(eventTypes.note.text({}), [])
    assert.deepStrictEqual(eventTypes.summary.text({}), [])
    assert.deepStrictEqual(eventTypes.survey.text({}), [])
    assert.deepStrictEqual(eventTypes.transcript.text({}), [])
    assert.deepStrictEqual(eventTypes.chat.text({ callId: "int-1" }), [])
  })

  it("has what was said, by whom and when", () => {
    assert.deepStrictEqual(eventTypes.transcript.text(samples.transcript), [
      { text: "Please call me back.", speaker: "customer", startMs: 0, endMs: 1200 },
      { text: "One moment.", speaker: "agent" }
    ])
  })

  it("has what was written, in either language, by the clock of the chat", () => {
    assert.deepStrictEqual(eventTypes.chat.text(samples.chat), [
      { text: "Hi How r u", speaker: "customer", startMs: 0 },
      { text: "Gut", startMs: 5000 },
      { text: "Fine", startMs: 5000 }
    ])
  })

  it("has the words of a survey, not its points", () => {
    assert.deepStrictEqual(eventTypes.survey.text(samples.survey), [
      { text: "The music.", speaker: "customer" },
      { text: "Thank you, Jane.", speaker: "customer" }
    ])
  })

  it("has notes and summaries", () => {
    assert.deepStrictEqual(eventTypes.note.text(samples.note), [
      { text: "Wants a refund, call back on Monday.", speaker: "agent" }
    ])
    assert.deepStrictEqual(eventTypes.summary.text(samples.summary), [
      { text: "The customer asked for a refund, and the agent agreed to it." }
    ])
  })

  it("leaves the words of a sentiment to the transcript", () => {
    assert.deepStrictEqual(eventTypes.sentiment.text(samples.sentiment), [])
  })
})
