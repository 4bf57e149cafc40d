/** What nodes say of whole requests: limits are set so low that ordinary writes meet them. Nodes of the test's own. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openSearchLines, startOpenSearch } from "@callstream/testkit/servers"
import { ask, documentsAt, newPrefix, open } from "../support/Place.ts"
import { note, notes } from "../support/Notes.ts"

const lines = await Effect.runPromise(openSearchLines)

const tags = (answers: ReadonlyArray<{ readonly _tag: string }>) => [...new Set(answers.map(({ _tag }) => _tag))]

describe.each(lines)("What a node of the %s line says of a whole request", (line) => {
  it.live(
    "is split when it is too large, waits when there is no room, and is stored once",
    () =>
      Effect.gen(function* () {
        const { url } = yield* startOpenSearch({
          line,
          settings: {
            "http.max_content_length": "2mb",
            "indexing_pressure.memory.limit": "1mb",
            "thread_pool.write.size": 1,
            "thread_pool.write.queue_size": 1
          }
        })
        const cluster = (settings: unknown) =>
          Effect.promise(() => ask(url, "PUT", "/_cluster/settings", { transient: settings }))
        const indexPrefix = newPrefix()
        const sink = yield* open({ node: url, indexPrefix })

        // 413, and 429 for its size alone: both are split until they fit.
        assert.deepStrictEqual(tags(yield* sink.write(notes(40, 100_000))), ["stored"])
        assert.deepStrictEqual(tags(yield* sink.write(notes(15, 100_000, 2))), ["stored"])
        const zipped = yield* open({ node: url, indexPrefix, compression: true })
        assert.deepStrictEqual(tags(yield* zipped.write(notes(40, 100_000, 3))), ["stored"])

        // One document alone that is too large can never be taken; its neighbours are.
        const huge = (subject: string, bytes: number) => note(subject, 9, { raw: "x".repeat(bytes) })
        const answers = yield* sink.write([note("a", 9), huge("413", 2_500_000), huge("429", 1_500_000), note("b", 9)])
        assert.deepStrictEqual(
          answers.map((answer) => (answer._tag === "refused" ? answer.reason : answer._tag)),
          ["stored", "larger than the node takes (413)", "larger than the node has memory for (429)", "stored"]
        )

        // A memory breaker that has tripped, and the whole cluster read-only: nothing is taken, and nothing is lost.
        yield* cluster({ "indices.breaker.total.limit": "1mb" })
        const tripped = yield* Effect.flip(sink.write([note("c", 1)]))
        assert.match(tripped.message, /the cluster is overloaded \(429\): circuit_breaking_exception/)
        assert.strictEqual(tripped._tag, "Unavailable")
        yield* cluster({ "indices.breaker.total.limit": null })
        yield* cluster({ "cluster.blocks.read_only": true })
        const blocked = yield* Effect.flip(sink.write([note("c", 1)]))
        assert.match(blocked.message, /writing is blocked.*cluster read-only.*lift the block/)
        assert.strictEqual(blocked._tag, "Unavailable")
        yield* cluster({ "cluster.blocks.read_only": null })
        assert.deepStrictEqual(yield* sink.write([note("c", 1)]), [{ _tag: "stored" }])

        // Many writes at once: a queue of one refuses whole requests and items, in any mixture.
        const writes = Array.from({ length: 24 }, (_, w) =>
          Array.from({ length: 50 }, (_, i) => note(`w${w}-${i}`, 5, { raw: "x".repeat(3000) }))
        )
        const outcomes = yield* Effect.forEach(writes, (events) => Effect.result(sink.write(events)), {
          concurrency: "unbounded"
        })
        const there = new Set(
          (yield* Effect.promise(() => documentsAt(url, indexPrefix))).map(({ event }) => event.subject)
        )
        let refused = 0
        for (const [w, outcome] of outcomes.entries()) {
          if (outcome._tag === "Failure") {
            assert.strictEqual(outcome.failure._tag, "Unavailable")
            refused += 1
          } else {
            for (const [i, { _tag }] of outcome.success.entries()) {
              if (_tag === "stored") assert.isTrue(there.has(`w${w}-${i}`))
              else assert.strictEqual(_tag, "later")
            }
          }
        }
        assert.isAbove(refused, 0)
      }),
    300_000
  )
})
