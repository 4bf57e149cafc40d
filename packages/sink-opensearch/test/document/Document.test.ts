import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect } from "effect"
import { type Event, type EventType, eventTypes } from "@callstream/model"
import * as samples from "../../../model/test/samples.ts"
import { documentOf } from "../../src/document/Document.ts"
import { documentsAt, nodes, open, prefixAt } from "../support/Place.ts"

const types: ReadonlyArray<EventType.EventType> = Object.values(eventTypes)

const eventOf = (type: EventType.EventType, subject: string, data: unknown): Event => ({
  id: subject,
  type: type.type,
  source: "8x8/storage/us-east",
  subject,
  time: "2026-02-03T14:27:27.493Z",
  op: "upsert",
  conversation: "int-17f00aa",
  asof: "1770128847000",
  dataschema: type.dataschema,
  data: JSON.parse(JSON.stringify(data))
})

/** Half of a surrogate pair in a key is no JSON to the parser of line 3: such a record is refused. In values it may be. */
const isInterchangeable = (data: unknown): boolean => !/\\ud[89a-f][\da-f]{2}[^"]*":/u.test(JSON.stringify(data))

const deep = (levels: number): unknown => (levels === 0 ? "bottom" : { down: deep(levels - 1) })
const long = (length: number) => "x".repeat(length)

/** At the edge of what a schema admits, or beyond what an index takes. */
const extremes: ReadonlyArray<readonly [string, EventType.EventType, unknown]> = [
  ["a name longer than a term may be", eventTypes.call, { ...samples.workCall, callerName: long(200_000) }],
  ["an id of many bytes a character", eventTypes.call, { ...samples.workCall, callId: "\u{1f600}".repeat(20_000) }],
  ["an empty text, and blanks", eventTypes.call, { ...samples.workCall, callerName: "", calleeName: " \n\t" }],
  ["characters that are none", eventTypes.call, { ...samples.workCall, callerName: "a\0b\u{e000}\ufffe" }],
  ["the largest and smallest numbers", eventTypes.call, { callId: "1", durationMs: 2 ** 53 - 1, surveyScore: 5e-324 }],
  ["a number near the end of doubles", eventTypes.call, { callId: "1", durationMs: 0, surveyScore: -1.7e308 }],
  ["a day that no calendar has", eventTypes.call, { callId: "1", startedAt: "2026-02-31T00:00:00.000Z" }],
  [
    "the first and last year",
    eventTypes.call,
    { startedAt: "0000-01-01T00:00:00.000Z", endedAt: "9999-12-31T23:59:59.999Z" }
  ],
  ["a bare text where keys are open", eventTypes.call, { callId: "1", surveyAnswers: "none", voiceComments: 7 }],
  ["lists of lists where keys are open", eventTypes.call, { callId: "1", surveyAnswers: [[{ a: 1 }], ["b"], [[3]]] }],
  [
    "null where keys are open",
    eventTypes.call,
    { callId: "1", surveyAnswers: null, voiceComments: [null, { a: null }] }
  ],
  [
    "tags of any type",
    eventTypes.object,
    { ...samples.storedObject, tags: { a: 1, b: true, c: null, d: [1, { e: 2 }] } }
  ],
  ["tags 300 levels deep", eventTypes.object, { ...samples.storedObject, tags: { a: deep(300) } }],
  [
    "20,000 tags",
    eventTypes.object,
    { ...samples.storedObject, tags: Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`tag${i}`, `${i}`])) }
  ],
  [
    "a tag longer than a term may be",
    eventTypes.object,
    { ...samples.storedObject, tags: { a: long(40_000), b: "2" } }
  ],
  [
    "a tag's name longer than a term may be",
    eventTypes.object,
    { ...samples.storedObject, tags: { [long(40_000)]: "1" } }
  ],
  [
    "half of a surrogate pair",
    eventTypes.object,
    { ...samples.storedObject, objectName: "\ud800", tags: { a: ["x\udc00"] }, raw: "\ud800" }
  ],
  [
    "tags with odd names",
    eventTypes.object,
    { ...samples.storedObject, tags: { "": "1", ".": "2", "a.": "3", ".b": "4", "a..b": "5", " ": "6", "a.b": "7" } }
  ],
  [
    "a vendor's record of any shape",
    eventTypes.object,
    { ...samples.storedObject, raw: { "": 1, ".": [1, "2", { "a.": null }], deep: deep(300), long: long(100_000) } }
  ],
  ["a vendor's record that is a text", eventTypes.object, { ...samples.storedObject, raw: "text" }],
  ["a field that the schema does not name", eventTypes.note, { ...samples.note, added: { later: [1, "2"] } }],
  [
    "10,000 utterances",
    eventTypes.transcript,
    {
      ...samples.transcript,
      utterances: Array.from({ length: 10_000 }, (_, i) => ({
        text: `utterance ${i} of a long call`,
        startMs: i * 1000,
        endMs: i * 1000 + 900,
        speaker: i % 2 === 0 ? "agent" : "customer",
        confidence: 0.5
      }))
    }
  ],
  [
    "an utterance of two megabytes",
    eventTypes.transcript,
    { ...samples.transcript, utterances: [{ text: "never ending ".repeat(160_000) }] }
  ],
  ["a word of two megabytes", eventTypes.note, { ...samples.note, text: long(2_000_000) }],
  [
    "10,000 messages",
    eventTypes.chat,
    {
      ...samples.chat,
      messages: Array.from({ length: 10_000 }, (_, i) => ({ text: `message ${i}`, sentAt: "2026-02-31T00:00:00.000Z" }))
    }
  ]
]

const bySample: ReadonlyArray<readonly [EventType.EventType, unknown]> = [
  [eventTypes.call, samples.contactCentreCall],
  [eventTypes.call, samples.workCall],
  [eventTypes.callLeg, samples.callLeg],
  [eventTypes.recording, samples.recording],
  [eventTypes.recording, samples.storedRecording],
  [eventTypes.transcript, samples.transcript],
  [eventTypes.chat, samples.chat],
  [eventTypes.voicemail, samples.voicemail],
  [eventTypes.survey, samples.survey],
  [eventTypes.note, samples.note],
  [eventTypes.sentiment, samples.sentiment],
  [eventTypes.summary, samples.summary],
  [eventTypes.screenRecording, samples.screenRecording],
  [eventTypes.object, samples.storedObject]
]

describe("documentOf", () => {
  it("has the event under the event's own names, and what is searched beside it", () => {
    const event = eventOf(eventTypes.note, "1", samples.note)
    const { group, names, numbers, text, ...rest } = documentOf(event, eventTypes.note)
    assert.deepStrictEqual({ ...rest }, { ...event })
    assert.strictEqual(group, "int-17f00aa")
    assert.deepStrictEqual(text, ["Wants a refund, call back on Monday."])
    assert.includeMembers([...(names ?? [])], ["int-17f00aa", "1", samples.note.objectId ?? ""])
    assert.isUndefined(numbers)
  })

  it("leaves of a deleted record only what says which it was", () => {
    const { data: _, ...event } = eventOf(eventTypes.note, "1", samples.note)
    const deleted: Event = { ...event, op: "delete" }
    assert.deepStrictEqual({ ...documentOf(deleted, eventTypes.note) }, { ...deleted })
    assert.deepStrictEqual({ ...documentOf({ ...deleted, data: { secret: 1 } }, eventTypes.note) }, { ...deleted })
  })

  it("sets fields apart that the index would refuse the record for", () => {
    const tags = { a: long(40_000) }
    const { data, unindexed } = documentOf(
      eventOf(eventTypes.object, "1", { ...samples.storedObject, tags }),
      eventTypes.object
    )
    assert.deepStrictEqual(unindexed, { tags })
    const { tags: _, ...others } = samples.storedObject
    assert.deepStrictEqual(data, others)
  })

  it("groups a record without conversation by itself, however long its subject", () => {
    const { conversation: _, ...event } = eventOf(eventTypes.note, long(100_000), samples.note)
    const { group = "" } = documentOf(event, eventTypes.note)
    assert.isBelow(group.length, 8192)
    assert.notStrictEqual(group, documentOf({ ...event, subject: `${event.subject}y` }, eventTypes.note).group)
  })
})

for (const { line, url } of nodes) {
  describe(`the strict mapping of the ${line} line`, () => {
    /** Writes events, and wants them back as they were. */
    const takes = Effect.fn(function* (events: ReadonlyArray<Event>, title: (place: number) => string) {
      const indexPrefix = yield* prefixAt(url)
      const used = types.filter(({ type }) => events.some((event) => event.type === type))
      const sink = yield* open({ node: url, indexPrefix }, used)
      const answers = yield* sink.write(events)
      for (const [place, answer] of answers.entries()) assert.deepStrictEqual(answer, { _tag: "stored" }, title(place))
      const held = new Map(
        (yield* Effect.promise(() => documentsAt(url, indexPrefix))).map(({ event }) => [event.id, event])
      )
      for (const [place, event] of events.entries())
        assert.deepStrictEqual({ ...held.get(event.id) }, { ...event }, title(place))
    })

    it.live(
      "takes every sample and random records of every type, and gives them back as they were",
      () =>
        Effect.gen(function* () {
          const events = bySample.map(([type, data], i) => eventOf(type, `sample ${i}`, data))
          for (const type of types) {
            const records = yield* Arbitrary.sampleEffect(Arbitrary.schema(type.schema), { count: 100, seed: 7 })
            events.push(
              ...records.filter(isInterchangeable).map((data, i) => eventOf(type, `${type.short} ${i}`, data))
            )
          }
          yield* takes(events, (place) => JSON.stringify(events[place]).slice(0, 1000))
        }),
      240_000
    )

    it.live(
      "takes whatever a schema admits, at its extremes too",
      () => {
        const base = eventOf(eventTypes.note, "", samples.note)
        const events: ReadonlyArray<Event> = [
          ...extremes.map(([, type, data], i) => eventOf(type, `${i}`, data)),
          { ...base, id: "a", subject: long(50_000), conversation: long(50_000) },
          { ...base, id: "b", subject: "b", asof: "0" },
          { ...base, id: "c", subject: "c", asof: String(Number.MAX_SAFE_INTEGER) },
          { ...base, id: "d", subject: "d", time: "not told" },
          { ...base, id: "e", subject: "e", source: `8x8/${long(50_000)}` }
        ]
        return takes(events, (place) => extremes[place]?.[0] ?? `event ${events[place]?.id ?? ""}`)
      },
      240_000
    )
  })
}
