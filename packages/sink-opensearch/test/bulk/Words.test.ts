import { assert, describe, it } from "@effect/vitest"
import { withoutData, wordsOf } from "../../src/bulk/Words.ts"

/** As nodes of both lines put it (2.19.6, 3.8.0), where an event said `44201234567` or `my secret`. */
const said = [
  [
    "failed to parse field [a] of type [long] in document with id 'my secret'. Preview of field's value: 'my secret'",
    "failed to parse field [a] of type [long]"
  ],
  [
    "failed to parse field [data.answers] of type [date]. Preview of field's value: '44201234567'",
    "failed to parse field [data.answers] of type [date]"
  ],
  [
    'Document contains at least one immense term in field="fo._value" (whose UTF8 encoding is longer than the max length ' +
      "32766), all of which were skipped.  Please correct the analyzer to not produce such terms.  The prefix of the first " +
      "immense term is: '[121, 121, 121]...', original message: bytes can be at most 32766 in length; got 40000",
    'Document contains at least one immense term in field="fo._value" (whose UTF8 encoding is longer than the max length ' +
      "32766), all of which were skipped. bytes can be at most 32766 in length; got 40000"
  ],
  [
    "mapping set to strict, dynamic introduction of [+44201234567] within [_doc] is not allowed",
    "mapping set to strict, dynamic introduction of […] within [_doc] is not allowed"
  ],
  ["Limit of total fields [5] has been exceeded", "Limit of total fields [5] has been exceeded"],
  ["Unrecognized token 'secret': was expecting JSON", "Unrecognized token '…': was expecting JSON"],
  ['Duplicate Object property "my secret"', 'Duplicate Object property "…"'],
  ["Numeric value (44201234567) out of range", "Numeric value (…) out of range"],
  ["Can't get text on a START_OBJECT at 1:11", "Can't get text on a START_OBJECT at 1:11"],
  [
    "index [c-note-v1-000001] blocked by: [FORBIDDEN/8/index write (api)];",
    "index [c-note-v1-000001] blocked by: [FORBIDDEN/8/index write (api)];"
  ],
  [
    "rejected execution of coordinating operation [coordinating_and_primary_bytes=0, replica_bytes=0, all_bytes=0, " +
      "coordinating_operation_bytes=60000248, max_coordinating_and_primary_bytes=53687091]",
    "rejected execution of coordinating operation [coordinating_and_primary_bytes=0, replica_bytes=0, all_bytes=0, " +
      "coordinating_operation_bytes=60000248, max_coordinating_and_primary_bytes=53687091]"
  ]
] as const

describe("The words of a node", () => {
  it.each(said)("%s", (reason, words) => {
    assert.strictEqual(withoutData(reason), words)
  })

  it("name the type of a cause, never what it quotes", () => {
    assert.strictEqual(
      wordsOf({
        type: "mapper_parsing_exception",
        reason:
          "failed to parse field [d] of type [date] in document with id '4'. Preview of field's value: 'my secret'",
        caused_by: { type: "illegal_argument_exception", reason: "failed to parse date field [my secret]" }
      }),
      "mapper_parsing_exception: failed to parse field [d] of type [date] (illegal_argument_exception)"
    )
  })

  it("are short, and there when the node has none", () => {
    assert.strictEqual(wordsOf(undefined), "an error without a type")
    assert.isAtMost(wordsOf({ type: "x", reason: "long ".repeat(1000) }).length, 500)
  })
})
