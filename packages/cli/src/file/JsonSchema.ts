/**
 * The JSON Schema (draft-07) of pipeline files, for completion in editors: written from the plugins' own schemas, so it
 * says what they decode. A number, a boolean or a choice may also be a text with a `${…}` reference.
 */
import { JsonSchema, Schema } from "effect"
import type { Plugin } from "@callstream/core"
import { isRecord, type Unknowns as Node } from "../Member.ts"
import { form as bytesForm } from "./Bytes.ts"
import { builtInNames, find } from "./PluginLookup.ts"

const reference = { type: "string", pattern: String.raw`\$\{` } as const

const name = { pattern: "^[a-z0-9][a-z0-9_-]*$" } as const

/** The schema, as one JSON value. */
export const write = async (): Promise<Node> => {
  const sources = await entries("source", {})
  const steps = await entries("step", {})
  const sinks = await entries("sink", {
    from: { ...namesOf("Sources it takes from. Left out: all.") },
    types: { ...namesOf("Event types it takes, such as callstream.call.v1. Left out: all.") },
    steps: { $ref: "#/definitions/steps" },
    buffer: { $ref: "#/definitions/buffer" }
  })
  return {
    $schema: JsonSchema.META_SCHEMA_URI_DRAFT_07,
    title: "Callstream pipeline",
    type: "object",
    properties: {
      name: {
        type: "string",
        ...name,
        description: "Name of the pipeline: it is part of its state, metrics and messages."
      },
      state: {
        type: "object",
        description: "Where progress is kept.",
        properties: {
          type: { type: "string", enum: ["sqlite"], default: "sqlite" },
          path: { type: "string", description: "The file, relative to this one. Left out: .callstream/<name>.db." }
        },
        additionalProperties: false
      },
      sources: section("Where records come from, each under a name of your choice.", sources),
      steps: { $ref: "#/definitions/steps" },
      sinks: section("Where records go, each under a name of your choice.", sinks)
    },
    required: ["name", "sources", "sinks"],
    patternProperties: { "^x-": { description: "Ignored: a place for YAML anchors." } },
    additionalProperties: false,
    definitions: {
      steps: { type: "array", description: "What happens to records on their way, in order.", items: { oneOf: steps } },
      buffer: {
        type: "object",
        description: "What may wait for this sink before its sources stop.",
        properties: {
          records: orReference({ type: "integer", minimum: 1, default: 10_000 }),
          bytes: {
            anyOf: [{ type: "integer", minimum: 1 }, { type: "string", pattern: bytesForm.source }, reference],
            default: "64MiB"
          }
        },
        additionalProperties: false
      }
    }
  }
}

const namesOf = (description: string): Node => ({
  description,
  anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, minItems: 1 }]
})

const section = (description: string, oneOf: ReadonlyArray<Node>): Node => ({
  type: "object",
  description,
  minProperties: 1,
  propertyNames: name,
  additionalProperties: { oneOf }
})

/** One schema per built-in plugin of a kind, and one for packages, whose settings only they know. */
const entries = async (
  kind: Plugin.Plugin["kind"],
  own: Readonly<Record<string, Node>>
): Promise<ReadonlyArray<Node>> => {
  const names = builtInNames(kind)
  const schemas: Array<Node> = []
  for (const type of names) {
    const found = await find(kind, type, ".")
    if ("plugin" in found) schemas.push(entry(type, found.plugin, own))
  }
  const foreign = {
    type: "object",
    description: "A plugin of an installed package, or of a file.",
    properties: { type: { type: "string", pattern: String.raw`^(?:@.+/|callstream-|\.{1,2}/)` }, ...own },
    required: ["type"]
  }
  return [...schemas, foreign]
}

const entry = (type: string, plugin: Plugin.Plugin, own: Readonly<Record<string, Node>>): Node => {
  const document = JsonSchema.toDocumentDraft07(
    Schema.toJsonSchemaDocument(plugin.Config, { onExcessProperty: "error" })
  )
  const settings = inlined(document.schema, document.definitions)
  const { properties = {}, required } = mapSettings(settings)
  return {
    type: "object",
    title: type,
    description: plugin.summary,
    properties: {
      type: { const: type, description: plugin.summary },
      ...(isRecord(properties) ? properties : {}),
      ...own
    },
    required: ["type", ...(Array.isArray(required) ? required : [])],
    additionalProperties: false
  }
}

/** Lets a reference stand wherever something other than any text is wanted. */
const mapSettings = (node: Node): Node => {
  const { properties } = node
  if (!isRecord(properties)) return node
  const relaxedOnes = Object.entries(properties).map(([key, value]) => [key, isRecord(value) ? relaxed(value) : value])
  return { ...node, properties: Object.fromEntries(relaxedOnes) }
}

const relaxed = (node: Node): Node => {
  const { items, type } = node
  if (type === "object") return mapSettings(node)
  if (type === "array" && isRecord(items)) return { ...node, items: relaxed(items) }
  return type === "number" || type === "integer" || type === "boolean" || "enum" in node ? orReference(node) : node
}

const orReference = ({ default: usual, description, examples, ...rest }: Node): Node => ({
  ...(description === undefined ? {} : { description }),
  ...(usual === undefined ? {} : { default: usual }),
  ...(examples === undefined ? {} : { examples }),
  anyOf: [rest, reference]
})

/** Definitions of one plugin must not meet those of another: what is referred to is put in its place. */
const inlined = (node: Node, definitions: Node, depth = 0): Node => {
  const { $ref, ...rest } = node
  const name = typeof $ref === "string" ? decodeURIComponent($ref.replace(/^#\/definitions\//, "")) : undefined
  const target = name === undefined ? undefined : definitions[name]
  const merged = isRecord(target) ? { ...target, ...rest } : node
  const inside = (value: unknown): unknown =>
    depth > 30
      ? value
      : Array.isArray(value)
        ? value.map(inside)
        : isRecord(value)
          ? inlined(value, definitions, depth + 1)
          : value
  return Object.fromEntries(Object.entries(merged).map(([key, value]) => [key, inside(value)]))
}
