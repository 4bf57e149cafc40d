import { Text } from "@callstream/model"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

describe("Text", () => {
  it.prop("puts texts together", [Schema.Array(Schema.String)], ([parts]) => {
    assert.strictEqual(
      Text.joined(...parts),
      parts.reduce((text, part) => text + part, "")
    )
  })

  it.prop("leaves a text as it was", [Schema.String, Schema.String], ([left, right]) => {
    for (const text of [left, left + right, (left + right + left).slice(1)]) assert.strictEqual(Text.flat(text), text)
  })

  it("leaves surrogates alone", () => {
    const text = "\ud800 0123456789 \u{1f600} \udc00"
    assert.strictEqual(Text.flat(text), text)
    assert.strictEqual(Text.joined(text.slice(0, 14), text.slice(14)), text)
  })
})
