/**
 * From events to what the writer thread takes: the lines of the log, and what is searched. Runs in the stream's thread,
 * for only there are the event types, whose `text` is a function.
 */
import { CloudEvent, type Event, type EventType } from "@callstream/model"
import type { Batch, Document } from "./Messages.ts"
import { digitForms } from "./Numbers.ts"

/** How many events a sink takes at a time, and what cannot be written at all. */
export interface Encoded {
  readonly batch: Batch
  /** Why the event at a place is not in the batch. */
  readonly refused: ReadonlyMap<number, string>
}

/** Encodes a write. `types` absent: nothing is to be searched. */
export const encode = (
  events: ReadonlyArray<Event>,
  types: ReadonlyMap<string, EventType.EventType> | undefined
): Encoded => {
  const lines: Array<string> = []
  const files: Array<string> = []
  const file: Array<number> = []
  const entities: Array<string> = []
  const ids: Array<string> = []
  const asofs: Array<number> = []
  const documents: Array<Document | null> = []
  const refused = new Map<number, string>()
  const places = new Map<string, number>()
  for (const [index, event] of events.entries()) {
    const asof = Number(event.asof)
    const line = lineOf(event)
    if (line === undefined || !Number.isSafeInteger(asof)) {
      refused.set(index, line === undefined ? "its data is not JSON" : "its asof is not a number of milliseconds")
      continue
    }
    const name = dayOf(event.time)
    let place = places.get(name)
    if (place === undefined) {
      place = files.push(name) - 1
      places.set(name, place)
    }
    lines.push(line)
    file.push(place)
    entities.push(`${event.source}\n${event.type}\n${event.subject}`)
    ids.push(event.id)
    asofs.push(asof)
    if (types !== undefined) documents.push(event.op === "delete" ? null : documentOf(event, types.get(event.type)))
  }
  const batch = { lines, files, file, entities, ids, asofs: Float64Array.from(asofs) }
  return { batch: types === undefined ? batch : { ...batch, documents }, refused }
}

/** Data that JSON cannot say (a third party's) must not stop the events beside it. */
const lineOf = (event: Event): string | undefined => {
  try {
    return CloudEvent.toJson(event)
  } catch {
    return undefined
  }
}

const utcForm = /^(?:19[7-9]\d|20\d\d|21\d\d)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T[\d:.]+Z$/u

/** The file of a time: its day in UTC, `undated` where there is none or it is outside the years 1970 to 2199. */
export const dayOf = (time: string | undefined): string => {
  if (time === undefined) return "undated"
  if (utcForm.test(time)) return time.slice(0, 10)
  const millis = Date.parse(time)
  return millis >= 0 && millis < firstOf2200 ? new Date(millis).toISOString().slice(0, 10) : "undated"
}

const firstOf2200 = Date.UTC(2200, 0, 1)

/** What can be found of an event. */
const documentOf = (event: Event, type: EventType.EventType | undefined): Document => {
  const data = event.data ?? {}
  const passages = new Set(passagesOf(type, data))
  const fields = new Set([event.conversation ?? event.subject, event.subject])
  collect(data, type?.flat ?? [], fields)
  for (const passage of passages) fields.delete(passage)
  return {
    grouped: event.conversation ?? `${event.source}\n${event.type}\n${event.subject}`,
    conversation: event.conversation ?? event.subject,
    type: event.type,
    subject: event.subject,
    time: event.time ?? null,
    text: [...passages].join("\n"),
    fields: [...fields].join("\n"),
    digits: [...new Set([...fields].flatMap(digitForms))].join(" ")
  }
}

/** A type's own `text` may meet data that a step cut down: then there is nothing to find. */
const passagesOf = (type: EventType.EventType | undefined, data: unknown): ReadonlyArray<string> => {
  try {
    return type?.text(data).map(({ text }) => text) ?? []
  } catch {
    return []
  }
}

/** Not what the record says, but how it was read. */
const unsearched: ReadonlySet<string> = new Set(["raw", "warnings", "checksum", "checksumType", "mimeType"])

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/u

/** Texts of the record itself, lists of texts, and whatever is in its fields with open keys. */
const collect = (data: object, open: ReadonlyArray<string>, into: Set<string>): void => {
  for (const [key, value] of Object.entries(data)) {
    if (unsearched.has(key)) continue
    if (typeof value === "string") add(value, into)
    else if (open.includes(key)) collectAll(value, into)
    else if (Array.isArray(value)) {
      for (const item of value) if (typeof item === "string") add(item, into)
    }
  }
}

const collectAll = (value: unknown, into: Set<string>): void => {
  if (typeof value === "string") add(value, into)
  else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) collectAll(item, into)
}

const add = (value: string, into: Set<string>): void => {
  if (!instant.test(value)) into.add(value.includes("\n") ? value.replaceAll("\n", " ") : value)
}
