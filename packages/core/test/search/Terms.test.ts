import { assert, describe, it } from "@effect/vitest"
import { Terms } from "@callstream/core"

const word = (text: string) => ({ text, prefix: false, quoted: false, numbers: [] })

describe("Terms", () => {
  it("reads words, phrases and beginnings", () => {
    assert.deepStrictEqual(Terms.of(`credit "card number" declin* "walt dis"*`), [
      word("credit"),
      { ...word("card number"), quoted: true },
      { ...word("declin"), prefix: true },
      { ...word("walt dis"), quoted: true, prefix: true }
    ])
  })

  it("takes a quote that is not closed to the end", () => {
    assert.deepStrictEqual(Terms.of(`"card number`), [{ ...word("card number"), quoted: true }])
  })

  it("reads a number however it is written, with and without its country code", () => {
    const [term, other] = Terms.of("call (555) 010-4567")
    assert.deepStrictEqual(term, { ...word("(555) 010-4567"), numbers: ["5550104567"] })
    assert.deepStrictEqual(other, word("call"))
    assert.deepStrictEqual(Terms.of("020 7946 0958")[0]?.numbers, ["02079460958", "2079460958"])
    assert.deepStrictEqual(Terms.of("12 34"), [word("12"), word("34")])
  })

  it("has each term once, and 32 at most", () => {
    assert.strictEqual(Terms.of("a a A").length, 2)
    assert.strictEqual(Terms.of(Array.from({ length: 100 }, (_, i) => `word${i}`).join(" ")).length, 32)
  })

  it("finds nothing to look for where there are no letters or digits", () => {
    for (const query of ["", " ", `""`, `"`, "*", "-- ?!", "\0", "\u{d800}"])
      assert.deepStrictEqual(Terms.of(query), [])
  })

  it("needs up to three all, of more half", () => {
    assert.deepStrictEqual([1, 2, 3, 4, 5, 8].map(Terms.needed), [1, 2, 3, 2, 3, 4])
  })
})
