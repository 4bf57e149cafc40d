/**
 * The document of an event: its envelope and data under the names they have in the event, so that `_source` is the event,
 * and beside them what is searched (see core's `Findable`). Runs for every event; plain functions.
 */
import { hash } from "node:crypto"
import { Findable } from "@callstream/core"
import type { Event, EventType } from "@callstream/model"

/** What every document has, and all that is left of a deleted record. */
interface Envelope {
  readonly id: string
  readonly type: string
  readonly source: string
  readonly subject: string
  readonly op: Event["op"]
  /** Decimal epoch milliseconds; the document's external version too. */
  readonly asof: string
  readonly time?: string
  readonly conversation?: string
  readonly dataschema: string
}

export interface Document extends Envelope {
  /** What hits are grouped by. */
  readonly group?: string
  /** What was said or written. */
  readonly text?: ReadonlyArray<string>
  /** Names, numbers and ids. */
  readonly names?: ReadonlyArray<string>
  /** Forms of phone numbers. */
  readonly numbers?: ReadonlyArray<string>
  readonly data?: unknown
  /** Fields of the data that the index could not take as what they are mapped; they belong into `data`. */
  readonly unindexed?: Readonly<Record<string, unknown>>
}

/**
 * The document of an event. `type` absent: one that was not announced.
 *
 * A delete is the bare envelope: it stays, hidden by the alias, so that no late older version brings the record back.
 */
export const documentOf = (event: Event, type: EventType.EventType | undefined): Document => {
  const { asof, conversation, data, dataschema, id, op, source, subject, time } = event
  const document: Filling = { id, type: event.type, source, subject, op, asof, dataschema }
  if (time !== undefined) document.time = time
  if (conversation !== undefined) document.conversation = conversation
  if (op === "delete") return document
  const { group, names, numbers, text } = Findable.of(event, type)
  document.group = termOf(group)
  if (text.length > 0) document.text = text
  document.names = names
  if (numbers.length > 0) document.numbers = numbers
  if (data === undefined) return document
  const odd = type === undefined ? [] : oddFields(data, type.flat)
  if (odd.length > 0) return Object.assign(document, parted(data, odd))
  document.data = data
  return document
}

/** A document in the making. */
type Filling = { -readonly [Name in keyof Document]: Document[Name] }

/** A term of bounded length: what conversations are grouped by may not be left out for being long, as others are. */
const termOf = (text: string): string => (text.length <= longestGroup ? text : hash("sha256", text))

const longestGroup = 4096

/** Takes fields out of the data. */
const parted = (data: unknown, fields: ReadonlyArray<string>) => {
  const indexed: Record<string, unknown> = {}
  const unindexed: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(Object(data))) {
    if (fields.includes(name)) unindexed[name] = value
    else indexed[name] = value
  }
  return { data: indexed, unindexed }
}

/**
 * Fields with open keys that a `flat_object` refuses the document for (measured on 2.19.6 and 3.8.0): one that is a bare
 * text or number, or has a term that is longer than Lucene takes.
 */
const oddFields = (data: unknown, flat: ReadonlyArray<string>): ReadonlyArray<string> => {
  const odd: Array<string> = []
  for (const name of flat) {
    if (name === "raw") continue
    const value: unknown = Object(data)[name]
    if (value !== undefined && value !== null && !fits(value, name.length, true)) odd.push(name)
  }
  return odd
}

/** A third of the 32,766 bytes that a term may have, for a UTF-16 unit is at most three in UTF-8; less `data.`, `=` and a number. */
const longestTerm = 10_850

/** Objects inside of each other that are walked; nodes refuse a document at 1,000. */
const deepest = 500

/** Whether a value will do. `length` is that of the path to it, `bare` where a scalar will not. */
const fits = (value: unknown, length: number, bare: boolean, depth = 0): boolean => {
  if (value === null) return true
  if (typeof value === "string") return !bare && length + value.length <= longestTerm
  if (typeof value !== "object") return !bare
  if (depth > deepest) return false
  if (Array.isArray(value)) return value.every((item) => fits(item, length, bare, depth + 1))
  for (const key in value) {
    if (!fits(Object(value)[key], length + key.length + 1, false, depth + 1)) return false
  }
  return true
}
