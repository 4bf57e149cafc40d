/**
 * A type of event: its name, the schema of its data, and what a sink needs to know of it to index it. A source lists
 * its types; sinks derive topics, mappings and documents from them, so a third party's types have all of these too.
 */
import { Schema } from "effect"
import * as Text from "./Text.ts"

/** A piece of text somebody may search for, with who said it and when, if known. */
export interface Passage {
  readonly text: string
  /** Who said or wrote it, e.g. `agent`, `customer`. */
  readonly speaker?: string
  /** Milliseconds from the beginning of the conversation. */
  readonly startMs?: number
  readonly endMs?: number
}

export interface EventType<Data = unknown> {
  /** The CloudEvents type, e.g. `callstream.call-leg.v1`. */
  readonly type: string
  /** The part between vendor and version, e.g. `call-leg`: topics and indices are named after it. */
  readonly short: string
  /** The major version, e.g. 1. */
  readonly version: number
  /** Schema of `data`; its encoded side is what stands on the wire, and it needs no services. */
  readonly schema: Schema.Codec<unknown, unknown>
  /** What people may search for in it. A method, so that an `EventType<Call>` is an `EventType` for those who mix them. */
  text(data: Data): ReadonlyArray<Passage>
  /** Fields whose keys are open (tags, wrap-up codes): an index must not make a column of each. */
  readonly flat: ReadonlyArray<string>
  /** Identifier of the JSON Schema of `data`: the schema's `$id`. It names, and promises no address. */
  readonly dataschema: string
}

/** `<vendor>.<short>.v<version>`: the only form of a type's name. */
const form = /^(?<vendor>[a-z][a-z0-9]*)\.(?<short>[a-z][a-z0-9-]*)\.v(?<version>[1-9][0-9]*)$/

/**
 * Makes an event type.
 *
 * @param type `<vendor>.<short>.v<version>`, lower case; a name of another form is a defect of the plugin.
 */
export const make = <S extends Schema.Codec<unknown, unknown>>(
  type: string,
  schema: S,
  options: {
    readonly text?: (data: S["Encoded"]) => ReadonlyArray<Passage>
    readonly flat?: ReadonlyArray<string>
    readonly dataschema?: string
  } = {}
): EventType<S["Encoded"]> => {
  const parts = form.exec(type)?.groups
  if (parts === undefined) throw new Error(`An event type is named <vendor>.<short>.v<version>, not "${type}"`)
  return {
    type: Text.flat(type),
    short: parts["short"] ?? "",
    version: Number(parts["version"]),
    schema,
    text: options.text ?? (() => []),
    flat: options.flat ?? [],
    dataschema: Text.flat(options.dataschema ?? `urn:${parts["vendor"]}:schema:${parts["short"]}.v${parts["version"]}`)
  }
}

/** The JSON Schema (draft 2020-12) of a type's data. It admits fields it does not name: a later release may add some. */
export const jsonSchema = ({ dataschema, schema }: EventType): Readonly<Record<string, unknown>> => {
  const document = Schema.toJsonSchemaDocument(schema)
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: dataschema,
    ...document.schema,
    ...(Object.keys(document.definitions).length === 0 ? {} : { $defs: document.definitions })
  }
}
