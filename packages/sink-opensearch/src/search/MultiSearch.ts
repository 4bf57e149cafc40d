/** Several searches in one request. One that fails fails them all: an answer with a hole in it would pass for the truth. */
import { Effect } from "effect"
import { Failure } from "@callstream/core"
import type { Client } from "../Client.ts"
import { field, unexpected } from "../Trouble.ts"

const endpoint = "POST /_msearch"

/** Asks; gives the answers in order, with these fields (of each) only. */
export const multiSearch = (
  client: Client,
  alias: string,
  searches: ReadonlyArray<object>,
  fields: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<unknown>, Failure.SinkFailure> => {
  // Word frequencies of all shards together, so that scores of a small index compare with those of a large one.
  const header = JSON.stringify({
    index: alias,
    search_type: "dfs_query_then_fetch",
    allow_partial_search_results: false
  })
  const lines = searches.map((search) => `${header}\n${JSON.stringify(search)}\n`).join("")
  const filter = ["error", "status", ...fields].map((name) => `responses.${name}`)
  return client
    .request("POST", "/_msearch", { lines, query: { filter_path: ["error", "status", ...filter].join(",") } })
    .pipe(
      Effect.flatMap((answer) => {
        const responses = field(answer.body, "responses")
        if (answer.status !== 200 || !Array.isArray(responses) || responses.length !== searches.length) {
          return Effect.fail(unexpected(endpoint, answer))
        }
        for (const response of responses) {
          const status = field(response, "status")
          if (status === 200) continue
          const refused = { status: typeof status === "number" ? status : 500, body: response }
          const missing = field(field(response, "error"), "type") === "index_not_found_exception"
          return Effect.fail(missing ? nothingThere : unexpected(endpoint, refused))
        }
        return Effect.succeed(responses)
      })
    )
}

const nothingThere = new Failure.Fatal({
  reason: "there is nothing to search yet",
  remedy: "Run `callstream setup`, then the pipeline"
})
