import { assert, describe, it } from "@effect/vitest"
import * as Redaction from "../../src/log/Redaction.ts"

const { conceal, mask, maskValue } = Redaction.make()
conceal(["s3cret+(value)", "s3cret+(value)longer", "abc"])

describe("redaction", () => {
  it("masks registered secrets, the longest first", () => {
    assert.strictEqual(mask("a s3cret+(value)longer b s3cret+(value)."), "a *** b ***.")
  })

  it("leaves secrets that are too short to tell from words", () => {
    assert.strictEqual(mask("abc"), "abc")
  })

  it("masks what looks like a token, a signed link or a phone number", () => {
    assert.deepStrictEqual(
      [
        "Authorization: Bearer eyJhbGciOi.x-y_z",
        "GET https://user:pw@host.example/x failed",
        "https://bucket.s3.amazonaws.com/o/1.mp3?X-Amz-Signature=abcdef&b=1, again",
        "call from +44 20 7946 0958 ended",
        "call (555) 123-4567 ended",
        "call 16695551913 ended"
      ].map(mask),
      [
        "Authorization: Bearer ***",
        "GET https://***@host.example/x failed",
        "https://bucket.s3.amazonaws.com/o/1.mp3?***",
        "call from *** ended",
        "call *** ended",
        "call *** ended"
      ].map((text, index) => (index === 2 ? `${text} again` : text))
    )
  })

  it("leaves instants, counts and versions as they are", () => {
    for (const text of ["2026-11-21T12:00:00.000Z", "10,000 records in 1234 ms", "127.0.0.1:18080", "int-17b0d0f1"]) {
      assert.strictEqual(mask(text), text)
    }
  })

  it("looks into values", () => {
    assert.deepStrictEqual(maskValue({ a: ["s3cret+(value)", 5], b: { c: "+442079460958" } }), {
      a: ["***", 5],
      b: { c: "***" }
    })
  })
})
