import { assert, describe, it } from "@effect/vitest"
import { Failure } from "@callstream/core"

describe("a failure that is named after its sink", () => {
  it("says so first, and is the same otherwise", () => {
    const failures = [
      new Failure.Unavailable({ endpoint: "GET /", reason: "no connection", retryAfterMs: 5, status: 503 }),
      new Failure.Denied({ endpoint: "GET /", reason: "refused (401)", remedy: "Check auth", scope: "source" }),
      new Failure.Fatal({ reason: "there is no such folder", remedy: "Make it" })
    ]
    const named = failures.map((failure) => Failure.ofSink("search", failure))
    assert.deepStrictEqual(
      named.map(({ _tag, message }) => [_tag, message]),
      [
        ["Unavailable", "Sink search: GET /: no connection"],
        ["Denied", "Sink search: GET /: refused (401). Check auth"],
        ["Fatal", "Sink search: there is no such folder. Make it"]
      ]
    )
    assert.deepInclude(named[0], { reason: "no connection", retryAfterMs: 5, status: 503 })
    assert.deepInclude(named[1], { reason: "refused (401)", scope: "source" })
  })
})
