/**
 * The JSON Schema (draft-07) of pipeline files, for completion in editors: written from the plugins' own schemas, so it
 * says what they decode. A number, a boolean or a choice may also be a text with a `${…}` reference.
 */
import { JsonSchema, Schema } from "effect"
import type { Plugin } from "@callstream/core"
import { form as bytesForm } from "./Bytes.ts"
import { builtInNames, find } from "./PluginLookup.ts"

type Node = { readonly [key: string]: unknown }

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
  const inlined = inline(document.schema, document.definitions) as Node
  const settings = settingsOf(inlined)
  return {
    ...settings,
    type: "object",
    title: type,
    description: plugin.summary,
    properties: {
      type: { const: type, description: plugin.summary },
      ...(settings["properties"] as Node | undefined),
      ...own
    },
    required: ["type", ...((settings["required"] as ReadonlyArray<string> | undefined) ?? [])],
    additionalProperties: false
  }
}

/** Checks on the settings as a whole have no place in this entry. */
const settingsOf = ({ allOf: _, ...settings }: Node): Node => mapSettings(settings)

/** Lets a reference stand wherever something other than any text is wanted. */
const mapSettings = (node: Node): Node => {
  const properties = node["properties"] as Readonly<Record<string, Node>> | undefined
  if (properties === undefined) return node
  return {
    ...node,
    properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, relaxed(value)]))
  }
}

const relaxed = (node: Node): Node => {
  const { items, type } = node
  if (type === "object") return mapSettings(node)
  if (type === "array" && typeof items === "object" && items !== null) return { ...node, items: relaxed(items as Node) }
  return type === "number" || type === "integer" || type === "boolean" || "enum" in node ? orReference(node) : node
}

const orReference = ({ default: usual, description, examples, ...rest }: Node): Node => ({
  ...(description === undefined ? {} : { description }),
  ...(usual === undefined ? {} : { default: usual }),
  ...(examples === undefined ? {} : { examples }),
  anyOf: [rest, reference]
})

/** Definitions of one plugin must not meet those of another: what is referred to is put in its place. */
const inline = (node: unknown, definitions: Readonly<Record<string, unknown>>, depth = 0): unknown => {
  if (depth > 30 || typeof node !== "object" || node === null) return node
  if (Array.isArray(node)) return node.map((item: unknown) => inline(item, definitions, depth + 1))
  const { $ref, ...rest } = node as Node
  const target =
    typeof $ref === "string" ? definitions[decodeURIComponent($ref.replace(/^#\/definitions\//, ""))] : undefined
  const merged = target === undefined ? (node as Node) : { ...(target as Node), ...rest }
  return Object.fromEntries(Object.entries(merged).map(([key, value]) => [key, inline(value, definitions, depth + 1)]))
}
