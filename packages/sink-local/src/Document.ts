/**
 * What can be found of an event: what was said, and the names, numbers and ids in it. Runs in the stream's thread, for only
 * there are the event types, whose `text` is a function.
 */
import type { Event, EventType } from "@callstream/model"
import type { Document } from "./Messages.ts"
import { digitForms } from "./Numbers.ts"

/** The document of an event. `type` absent: one that was not announced, of which no text is known. */
export const documentOf = (event: Event, type: EventType.EventType | undefined): Document => {
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
