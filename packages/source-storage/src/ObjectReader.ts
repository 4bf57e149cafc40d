/**
 * Reads a stored object's tags and times, with plain functions, since this runs for every object. Tags hold a call's
 * facts: their values are texts, a blank one is none, and a key may come twice.
 */
import { Instant } from "@callstream/model"
import { Row } from "@callstream/core"

/** The tags of an object that are not blank. */
export interface Tags {
  /** By key; of those that come twice the first value. */
  readonly first: Readonly<Record<string, string>>
  /** All values of the keys that come with more than one. */
  readonly repeated?: Readonly<Record<string, ReadonlyArray<string>>>
  readonly notes: Row.Notes
}

/** Keys that may well come twice: several took part. */
const plural: ReadonlySet<string> = new Set(["agentId", "transactionId", "queueNumber"])

/**
 * Lists of keys that were met and are of distinct tags, each in the slot that it points at. The objects of a type have the
 * same tags, and one that has those of an earlier one need not be looked through for keys that come twice.
 */
const shapes: Array<ReadonlyArray<string> | undefined> = Array.from({ length: 256 })

const slotOf = (count: number, first: unknown, last: unknown): number =>
  (count * 37 + (typeof first === "string" ? first.length : 0) * 7 + (typeof last === "string" ? last.length : 0)) & 255

/** Whether these are tags, with keys that were met together. */
const areKnown = (items: ReadonlyArray<unknown>): items is ReadonlyArray<Tag> => {
  const count = items.length
  const keys = shapes[slotOf(count, keyOf(items[0]), keyOf(items[count - 1]))]
  if (keys?.length !== count) return false
  for (let i = 0; i < count; i++) if (keyOf(items[i]) !== keys[i]) return false
  return true
}

const keyOf = (item: unknown): unknown =>
  typeof item === "object" && item !== null && "key" in item ? item.key : undefined

interface Tag {
  readonly key: string
  readonly value?: unknown
}

const isTag = (tag: unknown): tag is Tag =>
  typeof tag === "object" && tag !== null && "key" in tag && typeof tag.key === "string" && tag.key !== "__proto__"

/** Reads an object's `tags`; what is no tag is passed over, with a warning. */
export const readTags = (value: unknown): Tags => {
  const notes = new Row.Notes()
  if (!Array.isArray(value)) {
    if (value !== undefined && value !== null) notes.warn("tags", "is not a list")
    return { first: {}, notes }
  }
  if (!areKnown(value)) return readAnyTags(value, notes)
  const first: Record<string, string> = {}
  for (let i = 0; i < value.length; i++) {
    const tag = value[i]
    const text = textOf(tag?.value, notes)
    if (tag !== undefined && text !== undefined) first[tag.key] = text
  }
  return { first, notes }
}

/** The same for what may be no tag, or come twice. */
const readAnyTags = (items: ReadonlyArray<unknown>, notes: Row.Notes): Tags => {
  const tags = items.filter(isTag)
  if (tags.length < items.length) notes.warn("tags", "has something that is no tag")
  const first: Record<string, string> = {}
  let repeated: Record<string, ReadonlyArray<string>> | undefined
  const keys = new Set<string>()
  for (const tag of tags) {
    const { key } = tag
    keys.add(key)
    const text = textOf(tag.value, notes)
    if (text === undefined) continue
    const known = Object.hasOwn(first, key) ? first[key] : undefined
    if (known === undefined) first[key] = text
    else if (known !== text) {
      repeated ??= {}
      const several = Object.hasOwn(repeated, key) ? repeated[key] : undefined
      if (several === undefined && !plural.has(key)) {
        notes.warn(`tag ${key}`, "comes more than once; the first is read")
      }
      repeated[key] = [...(several ?? [known]), text]
    }
  }
  if (keys.size === items.length) shapes[slotOf(keys.size, tags[0]?.key, tags.at(-1)?.key)] = [...keys]
  return repeated === undefined ? { first, notes } : { first, repeated, notes }
}

/** Values are texts in all samples; another is written as one. */
const textOf = (value: unknown, notes: Row.Notes): string | undefined => {
  if (typeof value === "string") return value.charCodeAt(0) > 32 || value.trim() !== "" ? value : undefined
  if (value === undefined || value === null) return undefined
  if (typeof value === "number" || typeof value === "boolean") return String(value)
  return Row.isDeep(value) ? notes.warn("tags", "has one that is nested too deep") : JSON.stringify(value)
}

/** All tags, for the record; `undefined` when there are none. */
export const allTags = ({
  first,
  repeated
}: Tags): Readonly<Record<string, string | ReadonlyArray<string>>> | undefined => {
  if (repeated !== undefined) return { ...first, ...repeated }
  for (const _ in first) return first
  return undefined
}

/** The ids under a key: of all its values, parted at blanks and commas. */
export const idsOf = (tags: Tags, key: string): ReadonlyArray<string> | undefined => {
  const first = tags.first[key]
  if (first === undefined) return undefined
  const repeated = tags.repeated?.[key]
  if (repeated === undefined) return Row.parts(first, " ,", key, tags.notes)
  return [...new Set(repeated.flatMap((text) => Row.parts(text, " ,", key, tags.notes) ?? []))]
}

/** Epoch milliseconds in a text, as an instant; 0 is never. */
export const epochOf = (value: string | undefined, field: string, notes: Row.Notes): string | undefined => {
  const millis = Row.number(value, field, notes)
  if (millis === undefined || millis === 0) return undefined
  return Instant.isMillis(millis) ? Instant.fromMillis(millis) : notes.warn(field, "is not an instant in milliseconds")
}

const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/

/** The day read last: the objects of a page are of few days. */
let last = { day: "", midnight: Number.NaN }

/** Midnight of a day `2022-11-01` in UTC; `NaN` for what is no such day. */
const midnightOf = (day: string): number => {
  const midnight = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  // February 30 would be a day in March.
  return new Date(midnight).getUTCDate() === Number(day.slice(8)) ? midnight : Number.NaN
}

const digit = (text: string, at: number): number => {
  const value = text.charCodeAt(at) - 48
  return value >= 0 && value <= 9 ? value : Number.NaN
}

/**
 * `2022-11-01T21:22:22`, which is in UTC though it does not say so, as epoch milliseconds; `undefined` for what is no such
 * time. A fraction and a zone are read too, should they come.
 */
export const millisOf = (value: unknown): number | undefined => {
  if (typeof value !== "string") return undefined
  const day = value.slice(0, 10)
  if (day !== last.day) last = { day, midnight: midnightOf(day) }
  let millis = last.midnight
  if (value.length === 19) {
    const hour = digit(value, 11) * 10 + digit(value, 12)
    const minute = digit(value, 14) * 10 + digit(value, 15)
    const second = digit(value, 17) * 10 + digit(value, 18)
    const shape = value.charAt(10) === "T" && value.charAt(13) === ":" && value.charAt(16) === ":"
    millis =
      shape && hour < 24 && minute < 60 && second < 60 ? millis + ((hour * 60 + minute) * 60 + second) * 1000 : NaN
  } else if (Number.isFinite(millis)) {
    const form = timeForm.exec(value)
    millis = form === null ? Number.NaN : Math.floor(Date.parse(form[1] === undefined ? `${value}Z` : value))
  }
  return Instant.isMillis(millis) ? millis : undefined
}

/** The same as an instant. */
export const timeOf = (value: unknown, field: "createdTime" | "updatedTime", notes: Row.Notes): string | undefined => {
  if (value === undefined || value === null || value === "") return undefined
  const millis = millisOf(value)
  if (millis === undefined) return notes.warn(field, "is not a time such as 2022-11-01T21:22:22")
  return typeof value === "string" && value.length === 19 ? `${value}.000Z` : Instant.fromMillis(millis)
}
