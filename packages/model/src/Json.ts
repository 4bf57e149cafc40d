/**
 * JSON values, and their canonical text: what two equal records have in common whatever order their keys came in.
 */
import { hash } from "node:crypto"
import { flat } from "./Text.ts"

export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/**
 * A text that equal values have, whatever order their keys came in, and no two others. It is the JSON list of all that is
 * neither object nor list, keys being sorted by UTF-16 units, in which `[]` announces
 *
 * - an object: a name for its set of keys follows, then its members;
 * - a list: its length follows, then its items;
 * - a list of objects with the same keys: its length follows as a negative number, the name of their keys, then the
 *   members of each.
 *
 * Keys whose value is `undefined` are left out, as `JSON.stringify` does. Records of a stream have few sets of keys, so
 * writing their names instead of them takes two thirds of the time of JSON with sorted keys, and half the length.
 *
 * Throws a `RangeError` for what is nested deeper than a thousand levels.
 */
export const canonical = (value: Json | undefined): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  const leaves: Array<Leaf> = []
  return push(value, leaves, deepest) ? JSON.stringify(leaves) : canonical(defined(value))
}

/**
 * Levels of objects and lists. Without a limit that of the stack would be it, which is another one when this has been
 * compiled, and then above that of `JSON.stringify` (4,000 and more until Node 24).
 */
const deepest = 1000
const tooDeep = "The value is nested too deep"

type Leaf = Exclude<Json, JsonObject>

const nested: ReadonlyArray<never> = []

const isList = (value: object): value is ReadonlyArray<Json> => Array.isArray(value)

/** Pushes what a value of at most so many levels holds; false when it meets a member that is `undefined`. */
const push = (value: ReadonlyArray<Json> | JsonObject, leaves: Array<Leaf>, levels: number): boolean => {
  if (isList(value)) return pushList(value, leaves, levels)
  const { name, sorted } = keysOf(value)
  leaves.push(nested, name)
  return pushMembers(value, sorted, leaves, levels)
}

const pushList = (list: ReadonlyArray<Json>, leaves: Array<Leaf>, levels: number): boolean => {
  if (levels === 0) throw new RangeError(tooDeep)
  const keys = commonKeys(list)
  if (keys !== undefined) leaves.push(nested, -list.length, keys.name)
  else leaves.push(nested, list.length)
  for (let i = 0; i < list.length; i++) {
    const item = list[i] ?? null
    if (typeof item !== "object" || item === null) leaves.push(item)
    else if (
      keys === undefined || isList(item)
        ? !push(item, leaves, levels - 1)
        : !pushMembers(item, keys.sorted, leaves, levels - 1)
    )
      return false
  }
  return true
}

const pushMembers = (
  record: JsonObject,
  sorted: ReadonlyArray<string>,
  leaves: Array<Leaf>,
  levels: number
): boolean => {
  if (levels === 0) throw new RangeError(tooDeep)
  for (let i = 0; i < sorted.length; i++) {
    const member = record[sorted[i] ?? ""]
    if (member === undefined) return false
    if (typeof member !== "object" || member === null) leaves.push(member)
    else if (!push(member, leaves, levels - 1)) return false
  }
  return true
}

/** The same without the members that are `undefined`. */
const defined = (value: Json): Json => {
  if (typeof value !== "object" || value === null) return value
  if (isList(value)) return value.map((item) => defined(item ?? null))
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[key, defined(member)]]))
  )
}

/** The keys of the items of a list, if all are objects and have the same. */
const commonKeys = (list: ReadonlyArray<Json>): Keys | undefined => {
  let common: Keys | undefined
  for (let i = 0; i < list.length; i++) {
    const item = list[i]
    if (typeof item !== "object" || item === null || isList(item)) return undefined
    const keys = keysOf(item)
    if (common !== undefined && common.name !== keys.name) return undefined
    common = keys
  }
  return common
}

/** The keys of an object. */
interface Keys {
  readonly unsorted: ReadonlyArray<string>
  readonly sorted: ReadonlyArray<string>
  /** 96 bits of the SHA-256 of the JSON list of them, sorted. */
  readonly name: string
}

/** The keys met last, each in the slot they point at: bounded, and newcomers take the slot. */
const slots: Array<Keys | undefined> = Array.from({ length: 512 })

const keysOf = (record: JsonObject): Keys => {
  const unsorted = Object.keys(record)
  const first = unsorted[0] ?? ""
  const last = unsorted[unsorted.length - 1] ?? ""
  const slot = (unsorted.length * 37 + first.length * 13 + last.length * 7 + first.charCodeAt(0)) & 511
  const known = slots[slot]
  if (known !== undefined && same(known.unsorted, unsorted)) return known
  const sorted = unsorted.toSorted()
  const keys = { unsorted, sorted, name: flat(hash("sha256", JSON.stringify(sorted), "base64url").slice(0, 16)) }
  slots[slot] = keys
  return keys
}

const same = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean => {
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false
  return true
}
