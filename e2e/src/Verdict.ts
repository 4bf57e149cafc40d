/**
 * What was delivered, held against what exists. On topics a record may stand again where something was killed or a send was
 * refused; in indices nothing ever stands twice.
 */
import { assert } from "@effect/vitest"
import { Result } from "effect"
import { CloudEvent, type Event } from "@callstream/model"
import { assertHeld, entityOf, type Expected } from "@callstream/testkit"
import type { Document } from "./Indices.ts"
import type { Message } from "./Topics.ts"

export type Expectation = ReadonlyMap<string, Expected>

/** The event of a message. */
export const eventOf = ({ headers, value }: Message): Event =>
  Result.getOrThrow(CloudEvent.fromKafka({ headers, value: value === null ? null : value.toString() }))

export interface OnTopics {
  /** The newest version of each entity. */
  readonly held: ReadonlyMap<string, Event>
  /** Events, each counted once. */
  readonly events: number
  /** Records that stand again. */
  readonly repeats: number
}

const shortOf = (type: string): string => type.replace(/^.*\.([^.]+)\.v\d+$/, "$1")

/**
 * Reads as `docs/consuming.md` says: drops repeats by `id`, keeps the newest by `asof`. Fails where that would mislead: a
 * repeat that differs from the first, a version that stands before an older one, a key or topic that is another's.
 */
export const onTopics = (messages: ReadonlyArray<Message>, prefix: string): OnTopics => {
  const known = new Map<string, Event>()
  const held = new Map<string, Event>()
  const places = new Map<string, string>()
  for (const message of messages) {
    const event = eventOf(message)
    const entity = entityOf(event)
    const first = known.get(event.id)
    if (first !== undefined) {
      assert.deepStrictEqual(event, first, "a repeat differs from the first")
      continue
    }
    known.set(event.id, event)
    assert.strictEqual(message.key, event.conversation ?? event.subject)
    assert.strictEqual(message.topic, `${prefix}${shortOf(event.type)}`)
    const place = `${message.topic}/${message.partition}`
    const placed = places.get(`${message.topic} ${message.key}`)
    assert.isTrue(placed === undefined || placed === place, `${message.key} is in two partitions`)
    places.set(`${message.topic} ${message.key}`, place)
    const before = held.get(entity)
    assert.isTrue(
      before === undefined || Number(before.asof) < Number(event.asof),
      `${entity}: a version stands behind a newer one, or beside one of its time`
    )
    held.set(entity, event)
  }
  return { held, events: known.size, repeats: messages.length - known.size }
}

/** Fails unless indices hold exactly the newest version of each entity, once, under the version that is its `asof`. */
export const assertIndexed = (documents: ReadonlyArray<Document>, expected: Expectation, prefix: string): void => {
  const held = new Map<string, Event>()
  for (const { event, index, version } of documents) {
    const entity = entityOf(event)
    assert.isFalse(held.has(entity), `${entity} stands twice`)
    assert.strictEqual(String(version), event.asof)
    assert.strictEqual(index, `${prefix}${shortOf(event.type)}-v1-000001`)
    held.set(entity, event)
  }
  assertHeld(held, expected)
}

/** Fails unless the newest version of each entity, read from topics, is as the vendor has it. */
export const assertDelivered = ({ held }: OnTopics, expected: Expectation): void => assertHeld(held, expected)

/** Fails unless topics and indices tell the same of each entity: one identity, one version. */
export const assertAlike = ({ held }: OnTopics, documents: ReadonlyArray<Document>): void => {
  const identities = (events: Iterable<Event>) =>
    [...events].map((event) => `${entityOf(event)} ${event.id} ${event.asof}`).toSorted()
  assert.deepStrictEqual(identities(held.values()), identities(documents.map(({ event }) => event)))
}
