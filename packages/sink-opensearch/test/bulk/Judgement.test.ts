/** Each row of the judgement, at real nodes that are made to say it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { eventTypes } from "@callstream/model"
import { ask, documentsAt, nodes, open, prefixAt } from "../support/Place.ts"
import { note, survey } from "../support/Notes.ts"

const types = [eventTypes.note, eventTypes.survey]

for (const { line, url } of nodes) {
  const opened = Effect.gen(function* () {
    const indexPrefix = yield* prefixAt(url)
    const sink = yield* open({ node: url, indexPrefix, timeout: "3 s" }, types)
    const index = `/${indexPrefix}note-v1-000001`
    const change = (settings: unknown) => Effect.promise(() => ask(url, "PUT", `${index}/_settings`, settings))
    return { indexPrefix, index, change, ...sink }
  })

  describe(`What a node of the ${line} line says of an item`, () => {
    it.effect("is stored, and again when it comes again", () =>
      Effect.gen(function* () {
        const { indexPrefix, write } = yield* opened
        assert.deepStrictEqual(yield* write([note("a", 5)]), [{ _tag: "stored" }])
        assert.deepStrictEqual(yield* write([note("a", 5)]), [{ _tag: "stored" }])
        const documents = yield* Effect.promise(() => documentsAt(url, indexPrefix))
        assert.deepStrictEqual(documents, [{ event: note("a", 5), version: 5 }])
      })
    )

    it.effect("is superseded, with the version that the node holds", () =>
      Effect.gen(function* () {
        const { write } = yield* opened
        yield* write([note("a", 1_770_000_000_123)])
        assert.deepStrictEqual(yield* write([note("a", 4), note("b", 4)]), [
          { _tag: "superseded", asof: "1770000000123" },
          { _tag: "stored" }
        ])
      })
    )

    it.effect("is refused in the node's words without the value, and its neighbours are stored", () =>
      Effect.gen(function* () {
        const { write } = yield* opened
        const answers = yield* write([note("a", 1), { ...note("b", 1), data: "call +44 20 7946 0958" }, note("c", 1)])
        assert.deepStrictEqual(answers, [
          { _tag: "stored" },
          {
            _tag: "refused",
            reason:
              "mapper_parsing_exception: object mapping for [data] tried to parse field [data] as object, but found a concrete value"
          },
          { _tag: "stored" }
        ])
      })
    )

    it.effect.each([
      ["index.blocks.read_only_allow_delete", /lacks disk space.*free or add space/],
      ["index.blocks.write", /writing is blocked.*FORBIDDEN\/8\/index write.*lift the block/],
      ["index.blocks.read_only", /writing is blocked.*FORBIDDEN\/5\/index read-only.*lift the block/]
    ] as const)("waits for %s, says what to do, and goes on", ([block, words]) =>
      Effect.gen(function* () {
        const { change, write } = yield* opened
        yield* change({ [block]: true })
        const failure = yield* Effect.flip(write([note("a", 1)]))
        assert.strictEqual(failure._tag, "Unavailable")
        assert.match(failure.message, words)
        yield* change({ [block]: null })
        assert.deepStrictEqual(yield* write([note("a", 1)]), [{ _tag: "stored" }])
      })
    )

    it.effect("waits for a closed index, says what to do, and goes on", () =>
      Effect.gen(function* () {
        const { index, write } = yield* opened
        yield* Effect.promise(() => ask(url, "POST", `${index}/_close`))
        const failure = yield* Effect.flip(write([note("a", 1)]))
        assert.strictEqual(failure._tag, "Unavailable")
        assert.match(failure.message, /index is closed.*open it/)
        yield* Effect.promise(() => ask(url, "POST", `${index}/_open?wait_for_active_shards=1`))
        assert.deepStrictEqual(yield* write([note("a", 1)]), [{ _tag: "stored" }])
      })
    )

    it.effect("waits for a shard without its primary, and goes on", () =>
      Effect.gen(function* () {
        const { change, index, indexPrefix, write } = yield* opened
        yield* Effect.promise(() => ask(url, "DELETE", index))
        const settings = { "index.number_of_replicas": 0, "index.routing.allocation.require._name": "nobody" }
        const aliases = { [`${indexPrefix}note-v1`]: {} }
        yield* Effect.promise(() => ask(url, "PUT", `${index}?wait_for_active_shards=0`, { settings, aliases }))
        const failure = yield* Effect.flip(write([note("a", 1)]))
        assert.strictEqual(failure._tag, "Unavailable")
        assert.match(failure.message, /503: unavailable_shards_exception/)
        yield* change({ "index.routing.allocation.require._name": null })
        yield* Effect.promise(() => ask(url, "GET", `/_cluster/health${index}?wait_for_status=yellow`))
        assert.deepStrictEqual(yield* write([note("a", 1)]), [{ _tag: "stored" }])
      })
    )

    it.effect("parks when the index is gone, and does not make it again by itself", () =>
      Effect.gen(function* () {
        const { index, indexPrefix, write } = yield* opened
        yield* Effect.promise(() => ask(url, "DELETE", index))
        const failure = yield* Effect.flip(write([note("a", 1)]))
        assert.strictEqual(failure._tag, "Denied")
        assert.match(failure.message, /index or its write alias is missing.*callstream setup/)
        const there = yield* Effect.promise(() => ask(url, "GET", `/_cat/indices/${indexPrefix}note*?format=json`))
        assert.deepStrictEqual(there, [])
      })
    )

    it.effect("parks when the write alias has several indices, none of them for writing", () =>
      Effect.gen(function* () {
        const { index, indexPrefix, write } = yield* opened
        const alias = `${indexPrefix}note-v1`
        const actions = [
          { add: { index: index.slice(1), alias, is_write_index: false } },
          { add: { index: `${indexPrefix}survey-v1-000001`, alias, is_write_index: false } }
        ]
        yield* Effect.promise(() => ask(url, "POST", "/_aliases", { actions }))
        const failure = yield* Effect.flip(write([note("a", 1)]))
        assert.strictEqual(failure._tag, "Denied")
        assert.match(failure.message, /write alias is missing/)
      })
    )

    it.effect("sends again only what was not taken, when some of a write was", () =>
      Effect.gen(function* () {
        const { change, write } = yield* opened
        yield* change({ "index.blocks.write": true })
        const answers = yield* write([survey("a", 1), note("a", 1), survey("b", 1)])
        assert.deepStrictEqual(
          answers.map(({ _tag }) => _tag),
          ["stored", "later", "stored"]
        )
        assert.match(String(answers[1]?._tag === "later" ? answers[1].reason : ""), /writing is blocked/)
        yield* change({ "index.blocks.write": null })
      })
    )

    it.effect("never is stored when it failed inside an answer of 200", () =>
      Effect.gen(function* () {
        const { change, indexPrefix, write } = yield* opened
        yield* change({ "index.blocks.write": true })
        yield* write([survey("a", 1), note("a", 1)])
        yield* change({ "index.blocks.write": null })
        const documents = yield* Effect.promise(() => documentsAt(url, indexPrefix))
        assert.deepStrictEqual(
          documents.map(({ event }) => event.type),
          ["callstream.survey.v1"]
        )
      })
    )
  })
}
