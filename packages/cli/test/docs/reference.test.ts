import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { FieldTable } from "@callstream/core"
import { EventType } from "@callstream/model"
import { command, folder, pages } from "../../scripts/reference.ts"
import { type Node, rowsOf, typeOf, under } from "../../scripts/SettingsTable.ts"
import { builtInNames, find } from "../../src/file/PluginLookup.ts"

describe("the reference", async () => {
  const written = await pages()

  it("has a page for everything there is, and no other", () => {
    assert.deepStrictEqual(readdirSync(folder).toSorted(), [...written.keys()].toSorted(), `Run: ${command}`)
  })

  it.each([...written])("says in %s what the code says", (name, text) => {
    assert.strictEqual(
      readFileSync(new URL(name, folder), "utf8"),
      text,
      `The code says something else. Run: ${command}`
    )
  })

  it("leaves no setting and no field without a meaning", () => {
    for (const [name, text] of written) {
      for (const line of text.split("\n")) assert.notMatch(line, /^\| `.*\|\s*\|$/, name)
    }
  })
})

describe("a table of the vendor's fields", async () => {
  const found = await Promise.all(builtInNames("source").map((name) => find("source", name, ".")))
  const tables = found.flatMap((one) => ("plugin" in one ? (one.plugin.fields ?? []) : []))

  it.each(tables.map((table) => [table.record, table] as const))("of %s names fields that there are", (_, table) => {
    const known = table.types.map(
      (type) => new Set(rowsOf(...parts(EventType.jsonSchema(type))).map(({ name }) => name))
    )
    for (const [vendors, use] of Object.entries(table.fields)) {
      for (const name of FieldTable.goesTo(use)) {
        const exists = FieldTable.attributes.includes(name) || known.some((names) => names.has(name))
        assert.isTrue(exists, `${vendors} goes to ${name}, which no event has`)
      }
    }
  })
})

/** A schema and what it refers to. */
const parts = (schema: Node): [Node, Node] => [schema, under(schema, "$defs")]

describe("a table of settings", () => {
  it("names nested settings with dots, those of list items with brackets", () => {
    const item = { type: "object", properties: { every: { type: "string", default: "1 h" } }, required: ["every"] }
    const rows = rowsOf({ properties: { lookback: { type: "array", items: item } } }, {})
    assert.deepStrictEqual(
      rows.map(({ name, required, type }) => [name, type, required]),
      [
        ["lookback", "list of settings", false],
        ["lookback[].every", "length of time", true]
      ]
    )
  })

  it("follows references", () => {
    assert.strictEqual(typeOf({ $ref: "#/$defs/Kind" }, { Kind: { enum: ["us", "uk"] } }), "`us`, `uk`")
  })
})
