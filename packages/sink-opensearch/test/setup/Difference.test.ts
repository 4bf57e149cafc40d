import { assert, describe, it } from "@effect/vitest"
import { contains, differenceOf } from "../../src/setup/Difference.ts"

describe("contains", () => {
  it("takes more than is wanted, and texts for numbers", () => {
    assert.isTrue(contains({ index: { shards: "1", more: true } }, { index: { shards: 1 } }))
    assert.isTrue(contains({ filter: ["a", "b"] }, { filter: ["a", "b"] }))
  })

  it("takes nothing less, and lists as they are", () => {
    assert.isFalse(contains({ index: {} }, { index: { shards: 1 } }))
    assert.isFalse(contains({ filter: ["a", "b", "c"] }, { filter: ["a", "b"] }))
    assert.isFalse(contains(undefined, {}))
  })
})

describe("differenceOf", () => {
  const long = { type: "long" }
  const there = { properties: { a: long, b: { properties: { c: { type: "keyword", ignore_above: 5 } } } } }

  it("is nothing where all is there", () => {
    assert.deepStrictEqual(differenceOf(there, { properties: { a: long } }), { added: [], changed: [] })
  })

  it("tells fields that can be added from those that cannot be changed", () => {
    const wanted = {
      properties: { a: { type: "keyword" }, b: { properties: { c: { type: "keyword" }, d: long } }, e: long }
    }
    assert.deepStrictEqual(differenceOf(there, wanted), { added: ["b.d", "e"], changed: ["a"] })
    assert.deepStrictEqual(differenceOf(there, { properties: { b: long } }), { added: [], changed: ["b"] })
    assert.deepStrictEqual(differenceOf(there, { properties: { a: { properties: { x: long } } } }), {
      added: [],
      changed: ["a"]
    })
  })
})
