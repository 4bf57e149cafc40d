/** From an event to a Kafka record: its key, its headers and its value, as CloudEvents has them. */
import { CloudEvent, type Event } from "@callstream/model"
import type { KafkaConfig } from "./Config.ts"
import { type Headers, type KafkaRecord, sizeOf } from "./Record.ts"
import { Slab } from "./Slab.ts"

type Form = Pick<KafkaConfig, "cleanup" | "format" | "raw">

/** CloudEvents, Kafka protocol binding 1.0.2, section 3.3 (read 2026-11-21). */
const structured = { "content-type": "application/cloudevents+json; charset=UTF-8" }

/**
 * Makes the encoder. The key keeps together what must stay in order: a conversation, or, in a compacted topic, the entity,
 * for compaction keeps one record a key. Fails with what is wrong with the event, without its data.
 */
export const makeEncoder = ({ cleanup, format, raw }: Form): ((event: Event) => KafkaRecord | string) => {
  const compact = cleanup === "compact"
  const slab = new Slab()
  const headersOf = makeHeaders(slab)
  const record = (event: Event, fields: Readonly<Record<string, string>>, text: string | null): KafkaRecord => {
    const key = slab.bytes(compact ? entityKey(event) : (event.conversation ?? event.subject))
    const value = text === null ? null : slab.bytes(text)
    const headers = headersOf(fields)
    return { key, value, headers, bytes: sizeOf(key, value, headers) }
  }
  return (given) => {
    const event = raw ? given : withoutRaw(given)
    try {
      // A tombstone has no value, whatever the format; who and what was deleted stands in the headers.
      if (format === "structured" && !(compact && event.op === "delete")) {
        return record(event, structured, CloudEvent.toJson(event))
      }
      const { headers, value } = CloudEvent.toKafka(event)
      return record(event, headers, compact && event.op === "delete" ? null : value)
    } catch {
      return "its data is not JSON"
    }
  }
}

/** Headers as bytes. Names are few, and most values are those of the record before: their bytes are made once. */
const makeHeaders = (slab: Slab) => {
  const known = new Map<string, { readonly name: Buffer; text: string; value: Buffer }>()
  return (fields: Readonly<Record<string, string>>): Headers => {
    const made = new Map<Buffer, Buffer>()
    for (const name in fields) {
      const text = fields[name] ?? ""
      let header = known.get(name)
      if (header === undefined) {
        header = { name: Buffer.from(name), text, value: slab.bytes(text) }
        known.set(name, header)
      } else if (header.text !== text) {
        header.text = text
        header.value = slab.bytes(text)
      }
      made.set(header.name, header.value)
    }
    return made
  }
}

/** Source, type and subject; the first two have no blanks. */
export const entityKey = ({ source, subject, type }: Event): string => `${source} ${type} ${subject}`

const withoutRaw = (event: Event): Event => {
  const { data } = event
  if (typeof data !== "object" || data === null || !("raw" in data)) return event
  const { raw: _, ...kept } = data
  return { ...event, data: kept }
}
