// Which objects a list request means: the filter applied to fields and tags, the order, the page.
// Source: OpenAPI file, "searchobject"; 8x8-apis, sections 1.4 and 1.5 (read 2026-11-20).
import { comparisons, compile, FiqlError, parse, type Comparison } from "./Fiql.ts"
import type { Knobs } from "./Knobs.ts"
import type { StoredObject } from "./Records.ts"

type Value = string | number | boolean | undefined

const fields: Readonly<Record<string, (object: StoredObject) => Value>> = {
  id: (object) => object.id,
  objectId: (object) => object.id,
  bucketId: (object) => object.bucketId,
  customerId: (object) => object.customerId,
  userId: (object) => object.userId,
  type: (object) => object.type,
  mimeType: (object) => object.mimeType,
  objectName: (object) => object.objectName,
  name: (object) => object.objectName,
  objectState: (object) => object.objectState,
  createdTime: (object) => object.createdAt,
  updatedTime: (object) => object.updatedAt,
  storedBytes: (object) => object.storedBytes,
  size: (object) => object.storedBytes,
  checksum: (object) => object.checksum,
  checksumType: (object) => object.checksumType,
  shared: (object) => String(object.shared)
}

/** How a field is read; nothing for the name of a tag, which may be that of any object's members. */
const fieldOf = (name: string) => (Object.hasOwn(fields, name) ? fields[name] : undefined)

/** All values a field or tag has in an object; tags may be repeated. */
const valuesOf = (field: string): ((object: StoredObject) => ReadonlyArray<string | number | boolean>) => {
  const own = fieldOf(field)
  if (own === undefined) {
    return (object) => (object.tags ?? []).filter(({ key }) => key === field).map(({ value }) => value)
  }
  return (object) => {
    const value = own(object)
    return value === undefined ? [] : [value]
  }
}

const isTime = (field: string) => field === "createdTime" || field === "updatedTime"

const order = (knobs: Knobs, own: boolean, left: string | number | boolean, right: string): number => {
  const numbers = typeof left === "number" || (!own && knobs.tagComparison === "numeric")
  const difference = numbers ? Number(left) - Number(right) : Number.NaN
  if (!Number.isNaN(difference)) return difference
  return String(left) < right ? -1 : String(left) === right ? 0 : 1
}

const leaf =
  (knobs: Knobs) =>
  ({ field, operator, values }: Comparison): ((object: StoredObject) => boolean) => {
    const bad = isTime(field) ? values.find((value) => !/^-?\d+$/.test(value)) : undefined
    if (bad !== undefined) throw new FiqlError(`${field} must be a unix timestamp in milliseconds, not ${bad}`)
    const own = fieldOf(field) !== undefined
    const read = valuesOf(field)
    const [first = ""] = values
    const same = (value: string | number | boolean) => values.some((wanted) => String(value) === wanted)
    switch (operator) {
      case "==":
      case "=in=":
        return (object) => read(object).some(same)
      case "!=":
      case "=out=":
        return (object) => !read(object).some(same)
      case "=gt=":
        return (object) => read(object).some((value) => order(knobs, own, value, first) > 0)
      case "=ge=":
        return (object) => read(object).some((value) => order(knobs, own, value, first) >= 0)
      case "=lt=":
        return (object) => read(object).some((value) => order(knobs, own, value, first) < 0)
      default:
        return (object) => read(object).some((value) => order(knobs, own, value, first) <= 0)
    }
  }

/** A list request, read. */
export interface ObjectQuery {
  readonly filter: string
  readonly accepts: (object: StoredObject) => boolean
  readonly usesCreatedTime: boolean
  readonly usesUpdatedTime: boolean
  readonly sortField: string
  readonly descending: boolean
  readonly offset: number
  readonly limit: number
}

const whole = (text: string | null, otherwise: number) => (text === null || text === "" ? otherwise : Number(text))

const available = (object: StoredObject) => object.objectState === "AVAILABLE"

/** Reads a list request's parameters. A text says what is wrong. */
export const readObjectQuery = (query: URLSearchParams, knobs: Knobs): ObjectQuery | string => {
  const offset = whole(query.get("pageKey"), 0)
  const limit = whole(query.get("limit"), 100)
  const direction = (query.get("sortDirection") ?? "DESC").toUpperCase()
  if (!Number.isInteger(offset) || offset < 0) return "pageKey must be 0 or more"
  if (!Number.isInteger(limit) || limit < 1) return "limit must be between 1 and 100"
  if (limit > 100 && knobs.storageLimit === "reject") return "limit must be between 1 and 100"
  if (direction !== "ASC" && direction !== "DESC") return "sortDirection must be ASC or DESC"
  const filter = query.get("filter") ?? ""
  const page = { filter, offset, limit: Math.min(limit, 100), descending: direction === "DESC" }
  const sortField = query.get("sortField") ?? "createdTime"
  if (filter === "") return { ...page, sortField, usesCreatedTime: false, usesUpdatedTime: false, accepts: available }
  try {
    const expression = parse(filter)
    const named = new Set(comparisons(expression).map(({ field }) => field))
    const test = compile(expression, leaf(knobs))
    const accepts = named.has("objectState") ? test : (object: StoredObject) => available(object) && test(object)
    const uses = { usesCreatedTime: named.has("createdTime"), usesUpdatedTime: named.has("updatedTime") }
    return { ...page, sortField, ...uses, accepts }
  } catch (error) {
    if (error instanceof FiqlError) return `Invalid filter: ${error.message}`
    throw error
  }
}

/** The order of a list: by a field or the first tag of that name, then by id. */
export const inOrder = (sortField: string, descending: boolean) => {
  const read = valuesOf(sortField)
  const sign = descending ? -1 : 1
  return (a: StoredObject, b: StoredObject): number => {
    const [left = ""] = read(a)
    const [right = ""] = read(b)
    if (left !== right) return sign * (left < right ? -1 : 1)
    return sign * (a.id < b.id ? -1 : a.id === b.id ? 0 : 1)
  }
}
