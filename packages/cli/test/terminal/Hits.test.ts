import { assert, describe, it } from "@effect/vitest"
import { lines } from "../../src/terminal/Hits.ts"

const result = {
  total: 2,
  hits: [
    {
      conversation: "int-1",
      subject: "o1",
      type: "callstream.transcript.v1",
      time: "2026-11-20T10:11:12.000Z",
      score: 2,
      highlights: ["I want a \uE000refund\uE001\n  please"]
    },
    { conversation: "int-2", subject: "c2", type: "callstream.chat.v1", score: 1.5, highlights: [] },
    {
      conversation: "int-1",
      subject: "s1",
      type: "callstream.summary.v1",
      time: "2026-11-20T10:10:00.000Z",
      score: 1,
      highlights: ["asked for a \uE000refund\uE001"]
    }
  ]
}

describe("hits", () => {
  it("are grouped by conversation, the best first", () => {
    assert.deepStrictEqual(lines(result, false), [
      "int-1  2026-11-20 10:10 UTC",
      "  callstream.transcript.v1  o1",
      "    … I want a refund please …",
      "  callstream.summary.v1  s1",
      "    … asked for a refund …",
      "int-2",
      "  callstream.chat.v1  c2"
    ])
  })

  it("have the found words highlighted on a terminal", () => {
    assert.include(lines(result, true), "    … I want a \u001b[1;33mrefund\u001b[0m please …")
  })
})
