/**
 * The `fields` step: keeps or drops fields of an event's data, `raw` among them. A delete has no data and passes as it
 * is. What is kept is not made up: a field that is not there stays absent.
 */
import { Effect, Schema } from "effect"
import type { Event } from "@callstream/model"
import { Fatal } from "../contract/Failure.ts"
import * as Plugin from "../contract/Plugin.ts"
import { FieldPath, type PathTree, tree } from "./FieldPath.ts"

const paths = (description: string, examples: readonly [ReadonlyArray<string>]) =>
  Schema.optionalKey(Schema.Array(FieldPath).check(Schema.isMinLength(1)).annotate({ description, examples }))

/** Settings of the `fields` step. */
export const FieldsConfig = Schema.Struct({
  drop: paths("Fields that are taken out, dotted below a field; a list on the way means each of its items.", [["raw"]]),
  keep: paths("Fields that stay; all others are taken out.", [["direction", "startedAt", "agent.name"]]),
  types: Schema.optionalKey(
    Schema.Array(Schema.NonEmptyString)
      .check(Schema.isMinLength(1))
      .annotate({
        description: "Event types this is done to. Left out: all.",
        examples: [["callstream.call.v1"]]
      })
  )
}).check(
  Schema.makeFilter(
    ({ drop, keep }) => (drop === undefined) !== (keep === undefined) || "Expected either keep or drop, one of the two"
  )
)

/** Takes fields out of a value; `data` itself is never changed. */
const dropped = (value: unknown, drop: PathTree): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => dropped(item, drop))
  if (typeof value !== "object" || value === null) return value
  const entries: Array<readonly [string, unknown]> = []
  for (const [name, member] of Object.entries(value)) {
    const below = drop.get(name)
    if (below !== true) entries.push([name, below === undefined ? member : dropped(member, below)])
  }
  return Object.fromEntries(entries)
}

const kept = (value: unknown, keep: PathTree): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => kept(item, keep))
  if (typeof value !== "object" || value === null) return value
  const entries: Array<readonly [string, unknown]> = []
  for (const [name, member] of Object.entries(value)) {
    const below = keep.get(name)
    if (below === true) entries.push([name, member])
    else if (below !== undefined && typeof member === "object" && member !== null)
      entries.push([name, kept(member, below)])
  }
  return Object.fromEntries(entries)
}

/** Keeps or drops fields. */
export const plugin = Plugin.step({
  name: "fields",
  summary: "Keeps or drops fields of the records, the vendor's raw record among them.",
  Config: FieldsConfig,
  example: "- { type: fields, drop: [raw] }\n",
  open: ({ drop, keep, types }) => {
    const wanted = types === undefined ? undefined : new Set(types)
    const paths = drop ?? keep
    if (paths === undefined) {
      return Effect.fail(
        new Fatal({ reason: "A fields step has neither keep nor drop", remedy: "Give it one of them" })
      )
    }
    const below = tree(paths)
    const change = keep === undefined ? dropped : kept
    const apply = (event: Event): Event =>
      event.data === undefined || wanted?.has(event.type) === false
        ? event
        : { ...event, data: change(event.data, below) }
    return Effect.succeed({ apply: (events) => events.map(apply) })
  },
  types: ({ types }) => (types ?? []).map((type, index) => ({ type, path: ["types", index] }))
})
