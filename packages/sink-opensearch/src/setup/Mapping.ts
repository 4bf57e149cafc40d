/**
 * The explicit mapping of a type's documents, made from the schema of its data: model's types and a third party's alike.
 *
 * The root is strict. Below `data` a field the schema does not name is kept and not indexed: schemas admit such fields, and
 * a record with one more must not be refused. Every value that a schema admits is taken, however long.
 */
import type { EventType } from "@callstream/model"
import { dataOf, isKeys, type Keys, type Reading, type Shape, shapesOf } from "./JsonSchema.ts"
import { passageFields } from "./Passages.ts"

/**
 * An id, a name, a number of somebody. Longer ones are kept and not found by their field (UTF-16 units); without a limit a
 * text of 32,766 bytes would have the document refused.
 */
export const keyword = { type: "keyword", ignore_above: 1024 }

/** A day that no calendar has (31 February) fits the schema, so it must not have the document refused. */
const instant = { type: "date", format: "strict_date_optional_time", ignore_malformed: true }

/** Kept as it is, and never looked into. */
const kept = { type: "object", enabled: false }

/** Keys that are not ours: one field for all of them. */
const flat = { type: "flat_object" }

/** Objects inside of each other that get fields of their own. */
const deepest = 8

/** Full text; a phrase may go on from one passage to the next. */
const searched = (analyzer: string) => ({ type: "text", analyzer, position_increment_gap: 0 })

/** The same with offsets: what is highlighted, so that a long transcript need not be analyzed again. */
const shown = (analyzer: string) => ({ ...searched(analyzer), index_options: "offsets" })

/** What every document has beside its data. */
const envelope = {
  id: keyword,
  type: keyword,
  source: keyword,
  subject: keyword,
  op: keyword,
  asof: { type: "date", format: "epoch_millis" },
  time: instant,
  conversation: keyword,
  dataschema: { type: "keyword", index: false, doc_values: false },
  group: { type: "keyword" },
  text: { ...searched("callstream_words"), fields: { english: shown("callstream_english") } },
  names: shown("callstream_words"),
  numbers: keyword,
  unindexed: kept
}

/** The mapping's root, without the data. */
export const envelopeMapping: Keys = { dynamic: "strict", properties: envelope }

/** The mapping of a type's `data`. */
export const dataMapping = (type: EventType.EventType): Keys => {
  const reading = dataOf(type)
  const fields = shapesOf(reading).every(([{ kind }]) => kind === "fields")
  if (!fields) return kept
  const mapped = property(reading, { path: "", depth: 0, repeated: false, passages: passageFields(type) })
  const { properties } = mapped
  const own: Record<string, unknown> = { ...(isKeys(properties) ? properties : {}) }
  for (const name of type.flat) own[name] = flat
  own["raw"] = kept
  return { dynamic: "false", properties: own }
}

/** How many fields a mapping has, counted as `index.mapping.total_fields.limit` does, or a little more. */
export const countFields = (mapping: Keys): number => {
  let count = 0
  for (const key of ["properties", "fields"]) {
    const below = mapping[key]
    if (isKeys(below)) for (const field of Object.values(below)) count += 1 + (isKeys(field) ? countFields(field) : 0)
  }
  return count
}

interface Place {
  /** Below `data`. */
  readonly path: string
  readonly depth: number
  /** Inside of a list: what stands in one of its objects is not told from what stands in another. */
  readonly repeated: boolean
  readonly passages: ReadonlySet<string>
}

const property = (reading: Reading, place: Place): Keys => {
  const shapes = shapesOf(reading).map(([shape, at]) => mapped(shape, at, place))
  return shapes.reduce(merged, shapes[0] ?? kept)
}

const mapped = (shape: Shape, reading: Reading, place: Place): Keys => {
  // Lists of numbers in lists of objects say nothing in an index, and a transcript has thousands.
  const lean = place.repeated ? { index: false, doc_values: false } : {}
  switch (shape.kind) {
    case "text":
      // What was said is indexed once, as `text`.
      return place.passages.has(place.path) ? { type: "text", index: false, norms: false } : keyword
    case "instant":
      return { ...instant, ...lean }
    case "whole":
      return { type: "long", ...lean }
    case "number":
      return { type: "double", ...lean }
    case "flag":
      return { type: "boolean" }
    case "list": {
      const objects = shape.items.some((schema) =>
        shapesOf({ ...reading, schema }).some(([{ kind }]) => kind === "fields")
      )
      const within = { ...place, repeated: place.repeated || objects }
      const [first = kept, ...others] = shape.items.map((schema) => property({ ...reading, schema }, within))
      return others.reduce(merged, first)
    }
    case "open":
      return flat
    case "any":
      return kept
    case "fields": {
      if (place.depth >= deepest) return flat
      const properties: Record<string, unknown> = {}
      for (const [name, schema] of Object.entries(shape.fields)) {
        // A dot in a name would be read as a path, and an empty one is refused.
        if (name === "" || name.includes(".")) continue
        const path = place.path === "" ? name : `${place.path}.${name}`
        properties[name] = property({ ...reading, schema }, { ...place, path, depth: place.depth + 1 })
      }
      return { properties }
    }
  }
}

/** A mapping that takes what either takes. */
const merged = (left: Keys, right: Keys): Keys => {
  if (JSON.stringify(left) === JSON.stringify(right)) return left
  const [ours, theirs] = [left["properties"], right["properties"]]
  if (isKeys(ours) && isKeys(theirs)) {
    const properties: Record<string, unknown> = { ...ours }
    for (const [name, field] of Object.entries(theirs)) {
      const own = properties[name]
      properties[name] = isKeys(own) && isKeys(field) ? merged(own, field) : field
    }
    return { properties }
  }
  const types = [left["type"], right["type"]]
  const objects = [ours, theirs].some(isKeys) || types.includes("object") || types.includes("flat_object")
  if (objects) return kept
  if (types.every((type) => type === "long" || type === "double")) return left["type"] === "double" ? left : right
  return types.includes("text") ? { type: "text", index: false, norms: false } : keyword
}
