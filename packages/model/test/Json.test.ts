import { createHash } from "node:crypto"
import { canonical, type Json } from "@callstream/model"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"

/** The definition, word for word: what `canonical` must equal however fast it is. */
const leavesOf = (value: unknown): ReadonlyArray<unknown> => {
  if (Array.isArray(value)) {
    const items: ReadonlyArray<unknown> = value.map((item: unknown) => item ?? null)
    const names = new Set(items.map((item) => (isObject(item) ? nameOf(item) : undefined)))
    const [name] = names
    return names.size === 1 && name !== undefined
      ? [[], -items.length, name, ...items.filter(isObject).flatMap(membersOf)]
      : [[], items.length, ...items.flatMap(leavesOf)]
  }
  return isObject(value) ? [[], nameOf(value), ...membersOf(value)] : [value]
}
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const entriesOf = (value: object) =>
  Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
const membersOf = (value: object) => entriesOf(value).flatMap(([, member]) => leavesOf(member))
const nameOf = (value: object) => {
  const keys = JSON.stringify(entriesOf(value).map(([key]) => key))
  return createHash("sha256").update(keys).digest("base64url").slice(0, 16)
}
const naive = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(leavesOf(value)) : (JSON.stringify(value) ?? "null")

/** Keys that objects treat in their own way, and keys that sort oddly. */
const Key = Schema.Union([
  Schema.Literals(["__proto__", "constructor", "toJSON", "length", "0", "9", "10", "-1", "01", "1a", ""]),
  Schema.Literals(["a", "b", "c", "Z", "é", "\u{1f600}", "\ud800", '"', "\\", "\n"]),
  Schema.String
])
const Leaf = Schema.Union([
  Schema.Null,
  Schema.Boolean,
  Schema.Finite,
  Schema.String,
  Schema.Literals([-0, 1e21, "\ud800"])
])

/**
 * An object of these members, whatever they are called: an assignment would lose `__proto__`. Records of our own may
 * have members that are `undefined`, which the type does not say.
 */
const objectOf = (members: ReadonlyArray<readonly [string, Json | undefined]>): Json =>
  Object.fromEntries(members) as Json
const members = <A>(value: Arbitrary.Arbitrary<A>) =>
  Arbitrary.array(Arbitrary.all([Arbitrary.schema(Key), value]), { maxLength: 6 })
const leaf: Arbitrary.Arbitrary<Json> = Arbitrary.schema(Leaf)
const maybeLeaf: Arbitrary.Arbitrary<Json | undefined> = Arbitrary.schema(Schema.Union([Leaf, Schema.Undefined]))
const flat = Arbitrary.map(members(maybeLeaf), objectOf)
const list = Arbitrary.map(Arbitrary.all([Arbitrary.array(flat, { maxLength: 4 }), leaf]), ([items, item]): Json => [
  ...items,
  item,
  [...items, item]
])
const nested = Arbitrary.map(
  Arbitrary.all([members(maybeLeaf), members(flat), members(list)]),
  ([leaves, objects, lists]) => objectOf([...leaves, ...objects, ...lists])
)

/** The same value with the keys of every object the other way round. */
const reversed = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== "object" || value === null) return value
  return objectOf(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, member === undefined ? undefined : reversed(member)])
  )
}

describe("canonical", () => {
  it("is the list of what is neither object nor list, in the order of sorted keys", () => {
    const item = objectOf([
      ["d", null],
      ["c", undefined]
    ])
    const value = { b: [1, item], a: "é\n", B: 1.5, "10": true, "9": [false, []] }
    assert.strictEqual(
      canonical(value),
      `[[],"YCF7s7kmAHjupGmR",true,[],2,false,[],0,1.5,"é\\n",[],2,1,[],"ZbHG6jotXG4Dz9cu",null]`
    )
    assert.strictEqual(canonical([item, { d: 2 }]), `[[],-2,"ZbHG6jotXG4Dz9cu",null,2]`)
  })

  it("differs where values differ", () => {
    const leaves: ReadonlyArray<Json> = [null, -1, "a"]
    /** These, and all lists and objects of up to two of them. */
    const around = (inner: ReadonlyArray<Json>): ReadonlyArray<Json> => [
      ...inner,
      [],
      {},
      ...inner.flatMap((one): ReadonlyArray<Json> => [[one], { a: one }, { b: one }]),
      ...inner.flatMap((a) => inner.flatMap((b): ReadonlyArray<Json> => [[a, b], { a, b }]))
    ]
    const values = new Map(around(around(leaves)).map((value) => [JSON.stringify(value), value]))
    const texts = new Set([...values.values()].map(canonical))
    assert.isAbove(values.size, 2000)
    assert.strictEqual(texts.size, values.size)
  })

  it("writes what JSON.stringify writes where there are no keys", () => {
    for (const value of ["", "\ud800", -0, 1e21, null, true])
      assert.strictEqual(canonical(value), JSON.stringify(value))
    assert.strictEqual(canonical(undefined), "null")
  })

  it("fails for what is nested so deep that it could not be written as JSON everywhere, however often it is asked", () => {
    const deep = (levels: number, begin: string, end: string): Json =>
      JSON.parse(`${begin.repeat(levels)}1${end.repeat(levels)}`)
    for (let time = 0; time < 50; time++) {
      for (const [begin, end] of [
        ["[", "]"],
        ['{"a":', "}"]
      ] as const) {
        assert.isString(canonical(deep(1000, begin, end)))
        assert.throws(() => canonical(deep(1001, begin, end)), RangeError)
      }
      assert.throws(() => canonical(deep(501, '[{"a":', "}]")), RangeError)
    }
  })

  // Sets of keys are remembered: every way has to give the same text.
  it.prop(
    "equals its definition, the first time and later",
    [nested],
    ([value]) => {
      const expected = naive(value)
      for (let time = 0; time < 4; time++) assert.strictEqual(canonical(value), expected)
      for (let time = 0; time < 4; time++) assert.strictEqual(canonical(reversed(value)), expected)
    },
    { arbitrary: { runs: 1000 } }
  )

  it.prop("leaves the value as it was", [nested], ([value]) => {
    const before = structuredClone(value)
    for (let time = 0; time < 3; time++) canonical(value)
    assert.deepStrictEqual(value, before)
    assert.strictEqual(JSON.stringify(value), JSON.stringify(before))
  })
})
