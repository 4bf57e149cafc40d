import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { EventType, eventTypes } from "@callstream/model"
import * as samples from "../../../model/test/samples.ts"
import { linesOf, objectsOf } from "../../src/dashboards/Objects.ts"
import { everyAlias, readAlias } from "../../src/document/Names.ts"
import { isKeys } from "../../src/setup/JsonSchema.ts"
import { mappingOf } from "../../src/setup/Templates.ts"
import { at } from "../support/At.ts"
import { ask, nodes, open, prefixAt, settings } from "../support/Place.ts"
import { complaintsAbout, dashboardsMapping } from "./Validator.ts"

const ours: ReadonlyArray<EventType.EventType> = Object.values(eventTypes)

/** A third party's, whose fields have no names that we know. */
const ticket = EventType.make(
  "acme.ticket.v1",
  Schema.Struct({
    ticketId: Schema.String,
    priority: Schema.Int,
    opened: Schema.String.annotate({ format: "date-time" }),
    team: Schema.String,
    body: Schema.String,
    labels: Schema.Record(Schema.String, Schema.String)
  }).annotate({ title: "Ticket", description: "What was asked." }),
  { text: ({ body }) => [{ text: body }], flat: ["labels"] }
)

const types = [...ours, ticket]
const prefix = "acme-"
const objects = objectsOf(prefix, types)

/** The mapping of a field, by its path, in the mapping of a type's documents. */
const fieldOf = (type: EventType.EventType, path: string): unknown =>
  path.split(".").reduce<unknown>(
    (at, name) => {
      const properties = isKeys(at) ? at["properties"] : undefined
      return isKeys(properties) ? properties[name] : undefined
    },
    mappingOf(settings({ node: "http://localhost:9200" }), type)
  )

const searches = (type: EventType.EventType) =>
  objects.filter((object) => object.type === "search" && object.id === readAlias(prefix, type))

const textsOf = (value: unknown): ReadonlyArray<string> => (Array.isArray(value) ? value.flat().map(String) : [])

describe("saved objects", () => {
  it("has an index pattern and a search for each type, a third party's too, and for all of them", () => {
    const ids = [...types.map((type) => readAlias(prefix, type)), everyAlias(prefix)]
    assert.deepStrictEqual(
      objects.map(({ id, type }) => `${type} ${id}`).toSorted(),
      ids.flatMap((id) => [`index-pattern ${id}`, `search ${id}`]).toSorted()
    )
  })

  it("can be imported: first step, the rules of the import", () => {
    assert.deepStrictEqual(complaintsAbout(linesOf(objects)), [])
  })

  it("is told from what cannot be imported by the same rules", () => {
    const [pattern, search] = objects
    const broken = [
      { ...pattern, references: [{ name: "x", type: "index-pattern", id: "nowhere" }] },
      { ...search, id: "other", references: [], attributes: { ...search?.attributes, columnWidths: {} } }
    ]
    const complaints = complaintsAbout(broken.map((object) => `${JSON.stringify(object)}\n`).join("")).join("\n")
    for (const part of [
      "a missing reference",
      "nothing names the reference x",
      "unknown attribute columnWidths",
      "not among"
    ]) {
      assert.include(complaints, part)
    }
  })

  it.each(types)("$type: second step, each field that is named exists, and what is sorted by can be", (type) => {
    const [search] = searches(type)
    const columns = textsOf(search?.attributes["columns"])
    assert.isAtLeast(columns.length, 4)
    for (const column of columns) {
      const field = fieldOf(type, column)
      assert.isTrue(isKeys(field), column)
      const plain = isKeys(field) && ["keyword", "date", "long", "double", "boolean"].includes(String(field["type"]))
      assert.isTrue(plain || column === "text", `${column} can be aggregated`)
    }
    assert.deepStrictEqual(search?.attributes["sort"], [["time", "desc"]])
    assert.deepInclude(fieldOf(type, "time"), { type: "date" })
    const pattern = objects.find(({ id, type: kind }) => kind === "index-pattern" && id === readAlias(prefix, type))
    for (const name of Object.keys(JSON.parse(String(pattern?.attributes["fieldFormatMap"])))) {
      assert.deepStrictEqual(fieldOf(type, name), { type: "long" }, name)
    }
  })

  it("shows what people look for, and what was said last", () => {
    assert.deepStrictEqual(searches(eventTypes.transcript)[0]?.attributes["columns"], [
      "conversation",
      "data.direction",
      "data.callerNumber",
      "data.callerName",
      "data.calleeNumber",
      "data.calleeName",
      "data.agentIds",
      "text"
    ])
    assert.deepStrictEqual(searches(ticket)[0]?.attributes["columns"], [
      "conversation",
      "data.priority",
      "data.opened",
      "data.team",
      "text"
    ])
    assert.strictEqual(searches(ticket)[0]?.attributes["title"], "Ticket (acme-ticket)")
  })
})

for (const { line, url } of nodes) {
  describe(`saved objects on the ${line} line`, () => {
    it.live(
      "fits Dashboards' own index, and its searches find what was written: third step",
      () =>
        Effect.gen(function* () {
          const indexPrefix = yield* prefixAt(url)
          const asked = (method: string, path: string, body?: unknown) =>
            Effect.promise(() => ask(url, method, path, body))
          const found = objectsOf(indexPrefix, [eventTypes.note, eventTypes.transcript])

          const own = `${indexPrefix}dashboards`
          yield* asked("PUT", `/${own}`, { mappings: dashboardsMapping })
          for (const { attributes, id, migrationVersion, references, type } of found) {
            const stored = {
              type,
              [type]: attributes,
              references,
              migrationVersion,
              updated_at: "2026-02-03T14:27:27.493Z"
            }
            const answer = yield* asked("PUT", `/${own}/_doc/${type}:${id}`, stored)
            assert.strictEqual(at(answer, "result"), "created", JSON.stringify(answer))
          }

          const sink = yield* open({ node: url, indexPrefix }, [eventTypes.note, eventTypes.transcript])
          const written = [
            [eventTypes.note, samples.note],
            [eventTypes.transcript, samples.transcript]
          ] as const
          yield* sink.write(
            written.map(([{ dataschema, type }, data]) => ({
              id: type,
              type,
              source: "8x8/storage/us-east",
              subject: "1",
              time: "2026-02-03T14:27:27.493Z",
              op: "upsert",
              conversation: "int-17f00aa",
              asof: "1770128847000",
              dataschema,
              data
            }))
          )
          yield* asked("POST", `/${indexPrefix}*/_refresh`)
          for (const { attributes, id, type } of found) {
            if (type !== "search") continue
            const sort = textsOf(attributes["sort"])
            const columns = textsOf(attributes["columns"]).filter((column) => column !== "text")
            // What Discover asks: newest first, all columns, a word in any of the default fields.
            for (const query of [{ match_all: {} }, { query_string: { query: "refund OR back" } }]) {
              const answer = yield* asked("POST", `/${id}/_search`, {
                query: {
                  bool: {
                    must: [query],
                    filter: [{ range: { time: { gte: "2026-01-01", format: "strict_date_optional_time" } } }]
                  }
                },
                sort: [{ [String(sort[0])]: { order: sort[1], unmapped_type: "boolean" } }],
                docvalue_fields: columns
              })
              assert.strictEqual(
                at(answer, "hits", "total", "value"),
                id === everyAlias(indexPrefix) ? 2 : 1,
                `${id} ${JSON.stringify(query)}`
              )
            }
            const answer = yield* asked("POST", `/${id}/_search`, {
              size: 0,
              aggs: Object.fromEntries(columns.map((field) => [field.replaceAll(".", "_"), { value_count: { field } }]))
            })
            assert.strictEqual(Object.keys(Object(at(answer, "aggregations"))).length, columns.length)
          }
        }),
      120_000
    )
  })
}
