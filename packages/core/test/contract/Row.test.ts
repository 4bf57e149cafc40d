import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Row } from "@callstream/core"

const read = <A>(reader: (value: unknown, field: string, notes: Row.Notes) => A, value: unknown) => {
  const notes = new Row.Notes()
  const result = reader(value, "field", notes)
  return notes.warnings === undefined ? result : notes.warnings.join()
}

describe("a reader", () => {
  it.each([undefined, null, "", "  "])("gives none for %j, without a warning", (value) => {
    for (const reader of [Row.text, Row.number, Row.millis, Row.count, Row.epoch, Row.json]) {
      assert.isUndefined(read(reader, value))
    }
    assert.isUndefined(read((...args) => Row.parts(args[0], ",", args[1], args[2]), value))
    assert.isUndefined(read((...args) => Row.oneOf(args[0], { a: 1 }, args[1], args[2]), value))
  })

  it.each([
    [Row.text, " x ", " x "],
    [Row.text, 17, "17"],
    [Row.text, true, "field is not a text"],
    [Row.number, "310887.0", 310_887],
    [Row.number, " -1.5e3 ", -1500],
    [Row.number, "0x10", "field is not a number"],
    [Row.number, "1,5", "field is not a number"],
    [Row.number, JSON.parse("1e999"), "field is not a number"],
    [Row.millis, "3.6", 4],
    [Row.millis, -1, "field is not a length of time"],
    [Row.count, "0.0", 0],
    [Row.count, 1.5, "field is not a count"],
    [Row.epoch, 0, undefined],
    [Row.epoch, "1643898447539", "2022-02-03T14:27:27.539Z"],
    [Row.epoch, 1.5, "field is not an instant"],
    [Row.json, "[]", undefined],
    [Row.json, " { } ", undefined],
    [Row.json, `{"a":1}`, { a: 1 }],
    [Row.json, { a: 1 }, { a: 1 }],
    [Row.json, "{", "field is not JSON"],
    [Row.texts, ["a", null, " "], ["a"]],
    [Row.texts, [], undefined],
    [Row.texts, "a", "field is not a list"]
  ] as const)("reads %o %j as %j", (reader, value, expected) => {
    assert.deepStrictEqual(read<unknown>(reader, value), expected)
  })

  it("parts a text, without what is between two separators and nothing", () => {
    const notes = new Row.Notes()
    assert.deepStrictEqual(Row.parts("a, b,,c,", ",", "field", notes), ["a", "b", "c"])
    assert.deepStrictEqual(Row.parts("6264 6270  6273", " ,", "field", notes), ["6264", "6270", "6273"])
    assert.isUndefined(Row.parts(",", ",", "field", notes))
  })

  it("knows a word in any case", () => {
    const notes = new Row.Notes()
    for (const word of ["Inbound", "inbound", " INBOUND "]) {
      assert.strictEqual(Row.oneOf(word, { Inbound: "in" }, "field", notes), "in")
    }
    assert.isUndefined(Row.oneOf("toString", { Inbound: "in" }, "field", notes))
    assert.deepStrictEqual(notes.warnings, ["field has a word we do not know"])
  })
})

describe("the check of a row", () => {
  const check = Row.checked(Schema.Struct({ id: Schema.NonEmptyString, inner: Schema.Struct({ n: Schema.Int }) }))

  it("gives the very row, with what it does not know", () => {
    const row = { id: "1", inner: { n: 1 }, more: true }
    assert.strictEqual(check(row), row)
  })

  it("names the field, and never its value", () => {
    const row = { id: "1", inner: { n: "+15551234567" } }
    assert.deepStrictEqual(check(row), { unreadable: "inner.n is missing or not as documented", raw: row })
    assert.deepStrictEqual(check("x"), { unreadable: "the row is not an object", raw: "x" })
  })
})

describe("present", () => {
  it("leaves out what is undefined, and keeps what is false or nothing", () => {
    assert.deepStrictEqual(Row.present({ a: undefined, b: 0, c: false, d: null }), { b: 0, c: false, d: null })
  })
})
