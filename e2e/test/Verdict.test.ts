import { assert, describe, it } from "@effect/vitest"
import { CloudEvent, type Event, eventTypes } from "@callstream/model"
import type { Expected } from "@callstream/testkit"
import type { Document } from "../src/Indices.ts"
import type { Message } from "../src/Topics.ts"
import { assertAlike, assertDelivered, assertIndexed, type Expectation, onTopics } from "../src/Verdict.ts"

const time = "2026-02-03T14:27:27.493Z"

const version = (subject: string, asof: number, over: Partial<Event> = {}): Event => ({
  id: `${subject}-${asof}`,
  type: eventTypes.note.type,
  source: "8x8/storage/us-east",
  subject,
  time,
  op: "upsert",
  asof: String(asof),
  dataschema: eventTypes.note.dataschema,
  data: { text: `version ${asof}` },
  ...over
})

const message = (event: Event, over: Partial<Message> = {}): Message => {
  const { headers, value } = CloudEvent.toKafka(event)
  const common = { topic: "x.note", partition: 0, offset: 0n, key: event.subject, headers }
  return { ...common, value: value === null ? null : Buffer.from(value), ...over }
}

const document = (event: Event, over: Partial<Document> = {}): Document => ({
  index: "x-note-v1-000001",
  id: event.subject,
  version: Number(event.asof),
  event,
  ...over
})

const expected = (...versions: ReadonlyArray<readonly [subject: string, asof: number]>): Expectation =>
  new Map(
    versions.map(([subject, asof]) => {
      const { source, type } = version(subject, asof)
      const entity: Expected = { source, subject, type, time, data: { text: `version ${asof}` } }
      return [`${type} ${source} ${subject}`, entity]
    })
  )

const first = version("a", 1)
const second = version("a", 2)
const other = version("b", 1)

describe("the verdict on topics", () => {
  const read = (...messages: ReadonlyArray<Message>) => onTopics(messages, "x.")

  it("takes repeats, counts them, and finds the newest", () => {
    const onTopic = read(message(first), message(second), message(first), message(other), message(second))
    assert.deepStrictEqual([onTopic.events, onTopic.repeats], [3, 2])
    assertDelivered(onTopic, expected(["a", 2], ["b", 1]))
  })

  it("misses what is missing, and what nobody made", () => {
    assert.throws(() => assertDelivered(read(message(first)), expected(["a", 1], ["b", 1])), /missing/)
    assert.throws(() => assertDelivered(read(message(first), message(other)), expected(["a", 1])), /surplus/)
  })

  it("sees that the newest is not there", () => {
    assert.throws(() => assertDelivered(read(message(first)), expected(["a", 2])))
  })

  it("sees a repeat of another asof or another value", () => {
    assert.throws(() => read(message(first), message({ ...first, asof: "3" })), /repeat differs/)
    assert.throws(() => read(message(first), message({ ...first, data: {} })), /repeat differs/)
  })

  it("sees an older version behind a newer one, and a second identity of a version", () => {
    assert.throws(() => read(message(second), message(first)), /behind a newer one/)
    assert.throws(() => read(message(first), message({ ...first, id: "another" })), /behind a newer one/)
  })

  it("sees a key, a topic, a partition that is another's", () => {
    assert.throws(() => read(message(first, { key: "b" })))
    assert.throws(() => read(message(first, { topic: "x.call" })))
    assert.throws(() => read(message(first), message(second, { partition: 1 })), /two partitions/)
  })
})

describe("the verdict on indices", () => {
  const verdict = (...documents: ReadonlyArray<Document>) =>
    assertIndexed(documents, expected(["a", 2], ["b", 1]), "x-")

  it("takes each entity once", () => {
    assert.doesNotThrow(() => verdict(document(second), document(other)))
  })

  it("sees what is missing, twice, old, under a wrong version, in a wrong index", () => {
    assert.throws(() => verdict(document(second)), /missing/)
    assert.throws(() => verdict(document(second), document(other), document(second, { id: "c" })), /twice/)
    assert.throws(() => verdict(document(first), document(other)))
    assert.throws(() => verdict(document(second, { version: 3 }), document(other)))
    assert.throws(() => verdict(document(second, { index: "x-note" }), document(other)))
  })

  it("sees that topics have another identity of the same", () => {
    const onTopic = onTopics([message(second), message(other)], "x.")
    assertAlike(onTopic, [document(other), document(second)])
    assert.throws(() => assertAlike(onTopic, [document(other), document({ ...second, id: "another" })]))
  })
})
