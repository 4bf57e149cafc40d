/**
 * What can be found of an event, in whichever sink: what was said, the names, numbers and ids in it, and the conversation
 * it is found under. How that is indexed is the sink's affair. Plain functions: this runs for every event.
 */
import type { Event, EventType } from "@callstream/model"
import { digitForms } from "./Numbers.ts"

export interface Findable {
  /** What hits are grouped by: the conversation, or the entity where that is unknown. */
  readonly group: string
  /** What was said or written, in order, each passage once. */
  readonly text: ReadonlyArray<string>
  /** Names, numbers and ids, as they stand in the record; no passage of `text` among them. */
  readonly names: ReadonlyArray<string>
  /** The forms that phone numbers of `names` are looked for by, see `Numbers.ts`. */
  readonly numbers: ReadonlyArray<string>
}

/** What can be found of an event. `type` absent: one that was not announced, of which no text is known. */
export const of = (event: Event, type: EventType.EventType | undefined): Findable => {
  const data = event.data ?? {}
  const text = distinct(passagesOf(type, data))
  const found = [event.conversation ?? event.subject, event.subject]
  collect(data, type?.flat ?? [], found)
  const names = without(distinct(found), text)
  const numbers: Array<string> = []
  for (const name of names) for (const form of digitForms(name)) numbers.push(form)
  return { group: groupOf(event), text, names, numbers: distinct(numbers) }
}

/** Up to that many texts are compared with each other faster than they are hashed (measured: a quarter of the time). */
const few = 24

/** Each text once, in the order in which they came. */
const distinct = (texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  texts.length > few ? [...new Set(texts)] : texts.filter((text, at) => texts.indexOf(text) === at)

const without = (texts: ReadonlyArray<string>, others: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (others.length === 0) return texts
  const hashed = others.length > few ? new Set(others) : undefined
  return texts.filter((text) => !(hashed?.has(text) ?? others.includes(text)))
}

export const groupOf = ({ conversation, source, subject, type }: Event): string =>
  conversation ?? `${source}\n${type}\n${subject}`

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
const collect = (data: object, open: ReadonlyArray<string>, into: Array<string>): void => {
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === "number" || typeof value === "boolean" || unsearched.has(key)) continue
    if (typeof value === "string") add(value, into)
    else if (open.includes(key)) collectAll(value, into)
    else if (Array.isArray(value)) {
      for (const item of value) if (typeof item === "string") add(item, into)
    }
  }
}

const collectAll = (value: unknown, into: Array<string>): void => {
  if (typeof value === "string") add(value, into)
  else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) collectAll(item, into)
}

const add = (value: string, into: Array<string>): void => {
  // The fifth character of an instant is a dash: most texts need no closer look.
  if (value.charCodeAt(4) === 45 && instant.test(value)) return
  into.push(value.includes("\n") ? value.replaceAll("\n", " ") : value)
}
