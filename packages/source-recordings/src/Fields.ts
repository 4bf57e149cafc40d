/** Fields that both lists have, read with plain functions. */
import { DateTime, Option } from "effect"
import { Instant } from "@callstream/model"
import { Row, type Source } from "@callstream/core"
import type { Broken } from "./Xml.ts"

const timeForm = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/

/** `2007-12-19T19:16:36-08:00` as epoch milliseconds; without an offset it is in `zone`. `undefined` if it is no time. */
export const millisOf = (text: string, zone: string): number | undefined => {
  const form = timeForm.exec(text)
  if (form === null) return undefined
  // The 30th of February would be read as the 2nd of March.
  const days = Number(text.slice(8, 10))
  if (days > 28 && new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate() < days)
    return undefined
  const iso = text.replace(" ", "T").replace(/([+-]\d\d)(\d\d)$/, "$1:$2")
  const millis = form[1] === undefined ? inZone(iso, zone) : Date.parse(iso)
  return Instant.isMillis(millis) ? millis : undefined
}

const inZone = (iso: string, timeZone: string): number =>
  timeZone === "UTC"
    ? Date.parse(`${iso}Z`)
    : Option.match(DateTime.makeZoned(`${iso}Z`, { timeZone, adjustForTimeZone: true }), {
        onNone: () => Number.NaN,
        onSome: DateTime.toEpochMillis
      })

/** A time as an instant. */
export const timeOf = (value: unknown, zone: string, field: string, notes: Row.Notes): string | undefined => {
  const text = Row.text(value, field, notes)
  if (text === undefined) return undefined
  const millis = millisOf(text, zone)
  return millis === undefined ? notes.warn(field, "is not a time with its offset") : Instant.fromMillis(millis)
}

/** A text in which `0` stands for none. */
export const unlessZero = (value: unknown, field: string, notes: Row.Notes): string | undefined => {
  const text = Row.text(value, field, notes)
  return text === "0" ? undefined : text
}

/** The queues that are none: they say what kind of call it was. */
const noQueue: ReadonlySet<string> = new Set(["QUEUE_OUTBOUND", "QUEUE_DIRECT_AGENT_ACCESS"])

/** `102` of `fernandez~~queue~~phone~~102`. */
export const queueIdsOf = (value: unknown, notes: Row.Notes): ReadonlyArray<string> | undefined => {
  const text = Row.text(value, "queueID", notes)
  const id = text?.slice(text.lastIndexOf("~~") + (text.includes("~~") ? 2 : 1))
  return id === undefined || id === "" || noQueue.has(id) ? undefined : [id]
}

export const queueNameOf = (value: unknown, notes: Row.Notes): string | undefined => {
  const text = Row.text(value, "queueName", notes)
  return text === undefined || noQueue.has(text) ? undefined : text
}

export const agentIdsOf = (value: unknown, notes: Row.Notes): ReadonlyArray<string> | undefined => {
  const text = Row.text(value, "agentID", notes)
  return text === undefined ? undefined : [Row.withoutPrefix(text)]
}

/** A list of objects, as rows have it where XML nests. */
export const pairsOf = (
  value: unknown,
  field: string,
  notes: Row.Notes
): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  if (value === undefined) return []
  const all = Array.isArray(value) ? value : [value]
  const pairs = all.filter((item) => typeof item === "object" && item !== null && !Array.isArray(item))
  if (pairs.length < all.length) notes.warn(field, "has something inside that is not as documented")
  return pairs
}

/** A row that makes no sense, as the runner takes it. */
export const unreadableOf = ({ reason, text }: Broken): Source.Unreadable => ({ unreadable: reason, raw: text })
