/** The JSON Schemas of event types, as far as a mapping needs to read them. A third party's may be of any shape. */
import { EventType } from "@callstream/model"

export type Keys = Readonly<Record<string, unknown>>

export const isKeys = (value: unknown): value is Keys =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What a schema admits, references followed and alternatives apart. */
export type Shape =
  | { readonly kind: "text" | "instant" | "whole" | "number" | "flag" }
  | { readonly kind: "list"; readonly items: ReadonlyArray<unknown> }
  | { readonly kind: "fields"; readonly fields: Keys }
  /** Keys that are not known beforehand; `values` is the schema of their values. */
  | { readonly kind: "open"; readonly values: unknown }
  /** Any JSON, or a schema inside of itself. */
  | { readonly kind: "any" }

/** A schema that is read, with what its references lead to. */
export interface Reading {
  readonly schema: unknown
  readonly definitions: Keys
  /** References that were followed to get here: one that comes again is a schema inside of itself. */
  readonly followed: ReadonlyArray<string>
}

/** The schema of a type's data. */
export const dataOf = (type: EventType.EventType): Reading => {
  const schema = EventType.jsonSchema(type)
  const { $defs } = schema
  return { schema, definitions: isKeys($defs) ? $defs : {}, followed: [] }
}

/** The shapes a schema admits, `null` left out; one that says nothing admits any. */
export const shapesOf = (reading: Reading): ReadonlyArray<readonly [Shape, Reading]> => {
  const { definitions, followed, schema } = reading
  if (!isKeys(schema)) return [[{ kind: "any" }, reading]]
  const { $ref } = schema
  if (typeof $ref === "string") {
    if (followed.includes($ref)) return [[{ kind: "any" }, reading]]
    const target = definitions[decodeURIComponent($ref.split("/").at(-1) ?? "")]
    return shapesOf({ definitions, schema: target, followed: [...followed, $ref] })
  }
  for (const key of ["anyOf", "oneOf", ...(schema["type"] === undefined ? ["allOf"] : [])]) {
    const alternatives = schema[key]
    if (Array.isArray(alternatives)) return alternatives.flatMap((schema) => shapesOf({ ...reading, schema }))
  }
  const values = Array.isArray(schema["enum"]) ? schema["enum"] : "const" in schema ? [schema["const"]] : undefined
  const named = schema["type"] ?? [...new Set((values ?? []).map(typeOf))]
  const types: ReadonlyArray<unknown> = Array.isArray(named) ? named : [named]
  if (types.length === 0) return [[{ kind: "any" }, reading]]
  return types.filter((type) => type !== "null").map((type) => [shapeOf(type, schema), reading] as const)
}

const typeOf = (value: unknown): string => (value === null ? "null" : typeof value)

const shapeOf = (type: unknown, schema: Keys): Shape => {
  switch (type) {
    case "string":
      return { kind: schema["format"] === "date-time" ? "instant" : "text" }
    case "integer":
      return { kind: "whole" }
    case "number":
      return { kind: "number" }
    case "boolean":
      return { kind: "flag" }
    case "array": {
      const { items, prefixItems } = schema
      return {
        kind: "list",
        items: [...(Array.isArray(prefixItems) ? prefixItems : []), ...(items === undefined ? [] : [items])]
      }
    }
    case "object": {
      const { additionalProperties, patternProperties, properties } = schema
      if (isKeys(properties) && Object.keys(properties).length > 0) return { kind: "fields", fields: properties }
      if (isKeys(additionalProperties)) return { kind: "open", values: additionalProperties }
      if (isKeys(patternProperties)) return { kind: "open", values: { anyOf: Object.values(patternProperties) } }
      return { kind: "any" }
    }
    default:
      return { kind: "any" }
  }
}
