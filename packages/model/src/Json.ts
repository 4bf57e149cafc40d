/**
 * JSON values, and their canonical text: what two equal records have in common whatever order their keys came in.
 */

export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/**
 * The text of a JSON value with sorted keys and no blanks: equal values give equal texts. Keys whose value is
 * `undefined` are left out, as `JSON.stringify` does.
 *
 * Records of a stream have few shapes, so a value whose shapes were met before is put in order and written natively:
 * more than twice as fast as spelling it out, which is what a value of another shape gets.
 */
export const canonical = (value: Json | undefined): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  const ordered = inOrder(value)
  return ordered === undefined ? spell(value) : JSON.stringify(ordered)
}

const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

/** The definition: keys sorted by UTF-16 units, as `Array.sort` has them. */
const spell = (value: Json | undefined): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  if (isList(value)) return `[${value.map(spell).join(",")}]`
  let text = ""
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key]
    if (member !== undefined) text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${spell(member)}`
  }
  return `{${text}}`
}

/** The value with all its keys in order; it is copied only where they were not. Absent if a shape is not known. */
const inOrder = (value: ReadonlyArray<Json> | JsonObject): object | undefined => {
  if (isList(value)) {
    let copy: Array<unknown> | undefined
    for (let i = 0; i < value.length; i++) {
      const item = value[i]
      if (typeof item !== "object" || item === null) continue
      const ordered = inOrder(item)
      if (ordered === undefined) return undefined
      if (ordered !== item) (copy ??= [...value])[i] = ordered
    }
    return copy ?? value
  }
  const order = orderOf(value)
  if (order === undefined) return undefined
  let copy: Record<string, unknown> | undefined = order.template && { ...order.template }
  for (const key of order.keys) {
    const member = value[key]
    const ordered = typeof member === "object" && member !== null ? inOrder(member) : member
    if (ordered === undefined && member !== undefined) return undefined
    if (copy === undefined && ordered !== member) copy = { ...value }
    if (copy !== undefined) copy[key] = ordered
  }
  return copy ?? value
}

/** The sorted keys, and an object that has them in this order: filling a copy of it is faster than making one. */
interface Order {
  readonly keys: ReadonlyArray<string>
  /** Absent where the keys came sorted. */
  readonly template: Readonly<Record<string, null>> | undefined
}

interface Shape {
  readonly keys: ReadonlyArray<string>
  /** A shape is worth an order when it comes a second time. */
  again: boolean
  order: Order | undefined
}

/** The shapes met last, each in the slot its keys point at: bounded, and a newcomer takes the slot. */
const shapes: Array<Shape | undefined> = Array.from({ length: 512 })

const orderOf = (record: JsonObject): Order | undefined => {
  const keys = Object.keys(record)
  const first = keys[0] ?? ""
  const last = keys[keys.length - 1] ?? ""
  const slot = (keys.length * 37 + first.length * 13 + last.length * 7 + first.charCodeAt(0)) & 511
  const shape = shapes[slot]
  if (shape === undefined || !same(shape.keys, keys)) {
    shapes[slot] = { keys, again: false, order: undefined }
    return undefined
  }
  if (!shape.again) {
    shape.again = true
    // An object puts keys that are array indices first, whatever we want: such a record is spelled out.
    if (!keys.some((key) => /^\d/.test(key))) {
      const sorted = keys.toSorted()
      const template = same(sorted, keys) ? undefined : Object.fromEntries(sorted.map((key) => [key, null]))
      shape.order = { keys: sorted, template }
    }
  }
  return shape.order
}

const same = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean => {
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false
  return true
}
