/**
 * The `filter` step: keeps or drops events by type, by source, and by conditions on fields. All parts of a condition
 * must hold. A delete has no fields: conditions on fields never drop one.
 */
import { Effect, Schema } from "effect"
import type { Event } from "@callstream/model"
import { Fatal } from "../contract/Failure.ts"
import * as Plugin from "../contract/Plugin.ts"
import { FieldPath, parts, valuesAt } from "./FieldPath.ts"

const Value = Schema.Union([Schema.String, Schema.Finite, Schema.Boolean])

const Comparison = Schema.Struct({
  exists: Schema.optionalKey(Schema.Boolean.annotate({ description: "Whether the field is there at all." })),
  not: Schema.optionalKey(
    Schema.Union([Value, Schema.Array(Value)]).annotate({
      description: "None of these; also when the field is absent."
    })
  ),
  atLeast: Schema.optionalKey(
    Schema.Union([Schema.Finite, Schema.String]).annotate({ description: "This or more; instants compare as texts." })
  ),
  below: Schema.optionalKey(Schema.Union([Schema.Finite, Schema.String]).annotate({ description: "Less than this." }))
})

const names = (description: string, example: string) =>
  Schema.optionalKey(
    Schema.Union([Schema.NonEmptyString, Schema.Array(Schema.NonEmptyString).check(Schema.isMinLength(1))]).annotate({
      description,
      examples: [example]
    })
  )

const condition = (description: string) =>
  Schema.Struct({
    type: names("Event types; * at the end stands for anything.", "callstream.screen-recording.v1"),
    source: names("Where it was read, as the event says; * at the end stands for anything.", "8x8/storage/*"),
    fields: Schema.optionalKey(
      Schema.Record(FieldPath, Schema.Union([Value, Schema.Array(Value), Comparison])).annotate({
        description: "Fields of the data and what they must be: a value, a list of values, or a comparison.",
        examples: [{ direction: "inbound", durationMs: { atLeast: 60_000 } }]
      })
    )
  })
    .annotate({ description })
    .check(
      Schema.makeFilter(
        ({ fields, source, type }) =>
          type !== undefined ||
          source !== undefined ||
          fields !== undefined ||
          "Expected at least one of type, source, fields"
      )
    )
type Condition = ReturnType<typeof condition>["Type"]

/** Settings of the `filter` step. */
export const FilterConfig = Schema.Struct({
  drop: Schema.optionalKey(condition("What is left out; everything else goes on.")),
  keep: Schema.optionalKey(condition("What goes on; everything else is left out."))
}).check(
  Schema.makeFilter(
    ({ drop, keep }) => (drop === undefined) !== (keep === undefined) || "Expected either keep or drop, one of the two"
  )
)

/** Exact names, or beginnings before a `*`. */
const matcher = (wanted: string | ReadonlyArray<string> | undefined): ((name: string) => boolean) | undefined => {
  if (wanted === undefined) return undefined
  const list = typeof wanted === "string" ? [wanted] : wanted
  const exact = new Set(list.filter((name) => !name.endsWith("*")))
  const beginnings = list.filter((name) => name.endsWith("*")).map((name) => name.slice(0, -1))
  return (name) => exact.has(name) || beginnings.some((beginning) => name.startsWith(beginning))
}

type Test = (values: ReadonlyArray<unknown>) => boolean

const anyOf = (wanted: string | number | boolean | ReadonlyArray<string | number | boolean>): Test => {
  const set = new Set<unknown>(typeof wanted === "object" ? wanted : [wanted])
  return (values) => values.some((value) => set.has(value))
}

/** Numbers compare with numbers, texts with texts. */
const bound = (limit: number | string, holds: (order: number) => boolean): Test => {
  const order = (value: unknown): number | undefined => {
    if (typeof value === "number" && typeof limit === "number") return value - limit
    if (typeof value === "string" && typeof limit === "string") return value < limit ? -1 : value === limit ? 0 : 1
    return undefined
  }
  return (values) =>
    values.some((value) => {
      const found = order(value)
      return found !== undefined && holds(found)
    })
}

const test = (wanted: NonNullable<Condition["fields"]>[string]): Test => {
  if (typeof wanted !== "object") return anyOf(wanted)
  if (!isComparison(wanted)) return anyOf(wanted)
  const { atLeast, below, exists, not } = wanted
  const tests: Array<Test> = []
  if (exists !== undefined) tests.push((values) => values.length > 0 === exists)
  if (not !== undefined) {
    const unwanted = anyOf(not)
    tests.push((values) => !unwanted(values))
  }
  if (atLeast !== undefined) tests.push(bound(atLeast, (order) => order >= 0))
  if (below !== undefined) tests.push(bound(below, (order) => order < 0))
  return (values) => tests.every((holds) => holds(values))
}

const isComparison = (wanted: ReadonlyArray<unknown> | typeof Comparison.Type): wanted is typeof Comparison.Type =>
  !Array.isArray(wanted)

/** Keeps or drops events. */
export const plugin = Plugin.step({
  name: "filter",
  summary: "Keeps or drops records by type, source and field conditions.",
  Config: FilterConfig,
  example: "- { type: filter, drop: { type: callstream.screen-recording.v1 } }\n",
  open: ({ drop, keep }) => {
    const condition = drop ?? keep
    if (condition === undefined) {
      return Effect.fail(
        new Fatal({ reason: "A filter step has neither keep nor drop", remedy: "Give it one of them" })
      )
    }
    const type = matcher(condition.type)
    const source = matcher(condition.source)
    const fields = Object.entries(condition.fields ?? {}).map(([path, wanted]) => ({
      path: parts(path),
      holds: test(wanted)
    }))
    const keeping = keep !== undefined
    const goesOn = (event: Event): boolean => {
      if (type?.(event.type) === false || source?.(event.source) === false) return !keeping
      if (fields.length > 0 && event.data === undefined) return true
      return fields.every(({ holds, path }) => holds(valuesAt(event.data, path))) === keeping
    }
    return Effect.succeed({ apply: (events) => events.map((event) => (goesOn(event) ? event : "drop")) })
  },
  types: ({ drop, keep }) => [...typesOf("drop", drop), ...typesOf("keep", keep)]
})

const typesOf = (key: string, condition: Condition | undefined): ReadonlyArray<Plugin.NamedType> => {
  const type = condition?.type ?? []
  return typeof type === "string"
    ? [{ type, path: [key, "type"] }]
    : type.map((name, index) => ({ type: name, path: [key, "type", index] }))
}
