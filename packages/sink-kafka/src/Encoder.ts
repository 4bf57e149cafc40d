/** From an event to a Kafka record: its key, its headers and its value, as CloudEvents has them. */
import { CloudEvent, type Event } from "@callstream/model"
import type { KafkaConfig } from "./Config.ts"
import { type Headers, type KafkaRecord, sizeOf } from "./Record.ts"

type Form = Pick<KafkaConfig, "cleanup" | "format" | "raw">

/** CloudEvents, Kafka protocol binding 1.0.2, section 3.3 (read 2026-11-21). */
const structuredHeaders: Headers = { "content-type": "application/cloudevents+json; charset=UTF-8" }

/**
 * Makes the encoder. The key keeps together what must stay in order: a conversation, or, in a compacted topic, the entity,
 * for compaction keeps one record a key. Fails with what is wrong with the event, without its data.
 */
export const makeEncoder = ({ cleanup, format, raw }: Form): ((event: Event) => KafkaRecord | string) => {
  const compact = cleanup === "compact"
  return (given) => {
    const event = raw ? given : withoutRaw(given)
    const key = Buffer.from(compact ? entityKey(event) : (event.conversation ?? event.subject))
    try {
      // A tombstone has no value, whatever the format; who and what was deleted stands in the headers.
      if (format === "structured" && !(compact && event.op === "delete")) {
        return record(key, structuredHeaders, CloudEvent.toJson(event))
      }
      const { headers, value } = CloudEvent.toKafka(event)
      return record(key, headers, compact && event.op === "delete" ? null : value)
    } catch {
      return "its data is not JSON"
    }
  }
}

/** Source, type and subject; the first two have no blanks. */
export const entityKey = ({ source, subject, type }: Event): string => `${source} ${type} ${subject}`

const record = (key: Buffer, headers: Headers, text: string | null): KafkaRecord => {
  const value = text === null ? null : Buffer.from(text)
  return { key, value, headers, bytes: sizeOf(key, value, headers) }
}

const withoutRaw = (event: Event): Event => {
  const { data } = event
  if (typeof data !== "object" || data === null || !("raw" in data)) return event
  const { raw: _, ...kept } = data
  return { ...event, data: kept }
}
