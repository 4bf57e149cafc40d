import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Slab } from "../src/Slab.ts"

/** Short ones, such as fill a piece, and one that gets a piece of its own. */
const texts = ["", "a", "é\u{1f600}", "\ud800", "x".repeat(20_000), "é".repeat(21_000), "y".repeat(200_000)]

describe("Slab", () => {
  it.prop("gives the bytes of each text, whatever else was asked of it", [Schema.Array(Schema.String)], ([more]) => {
    const slab = new Slab()
    const all = Array.from({ length: 20 }, () => [...texts, ...more]).flat()
    const bytes = all.map((text) => slab.bytes(text))
    assert.deepStrictEqual(
      bytes.map((each) => each.toString()),
      all.map((text) => text.toWellFormed())
    )
  })
})
