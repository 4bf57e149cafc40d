import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Event, type EventType, eventTypes } from "@callstream/model"
import * as Client from "../../src/Client.ts"
import { search, searchWith } from "../../src/search/Search.ts"
import { ask, nodes, open, place, prefixAt, settings } from "../support/Place.ts"

const types: ReadonlyArray<EventType.EventType> = [eventTypes.note, eventTypes.transcript]

const note = (subject: string, conversation: string, text: string): Event => ({
  id: subject,
  type: "callstream.note.v1",
  source: "8x8/storage/us-east",
  subject,
  op: "upsert",
  conversation,
  asof: "1770128847000",
  dataschema: "urn:callstream:schema:note.v1",
  data: { text }
})

const transcript = (subject: string, texts: ReadonlyArray<string>): Event => ({
  ...note(subject, subject, ""),
  type: "callstream.transcript.v1",
  data: { utterances: texts.map((text) => ({ text })) }
})

for (const { line, url } of nodes) {
  /** A searched prefix with these events in it. */
  const holding = Effect.fn(function* (events: ReadonlyArray<Event>) {
    const indexPrefix = yield* prefixAt(url)
    const given = { node: url, indexPrefix }
    const sink = yield* open(given, types)
    for (let start = 0; start < events.length; start += 5000) yield* sink.write(events.slice(start, start + 5000))
    yield* Effect.promise(() => ask(url, "POST", `/${indexPrefix}*/_refresh`))
    const client = yield* Client.make(settings(given), "/")
    return { indexPrefix, find: (query: string, limit = 10) => searchWith(client, indexPrefix, { query, limit }) }
  })

  describe(`search on the ${line} line`, () => {
    it.live(
      "finds English words in their other forms, below the form that was typed; quoted ones as they stand",
      () =>
        Effect.gen(function* () {
          const { find } = yield* holding([
            note("1", "typed", "the refund came"),
            note("2", "form", "many refunds came"),
            note("3", "neither", "money came")
          ])
          const found = (query: string) =>
            Effect.map(find(query), ({ hits }) => hits.map(({ conversation }) => conversation))
          assert.deepStrictEqual(yield* found("refund"), ["typed", "form"])
          assert.deepStrictEqual(yield* found("refunds"), ["form", "typed"])
          assert.deepStrictEqual(yield* found(`"refund"`), ["typed"])
          assert.deepStrictEqual(yield* found(`"refunds came"`), ["form"])
          const { hits } = yield* find("refunding")
          assert.includeMembers(
            hits.flatMap(({ highlights }) => highlights),
            ["the \u{e000}refund\u{e001} came", "many \u{e000}refunds\u{e001} came"]
          )
        }),
      120_000
    )

    it.live(
      "finds and counts among more conversations than it lists",
      () =>
        Effect.gen(function* () {
          const many = Array.from({ length: 5000 }, (_, i) =>
            note(`${i}`, `call-${i}`, `common ${i % 2 === 0 ? "even" : "odd"}`)
          )
          const pieces = [
            note("a", "call-4001", "needle"),
            note("b", "call-4002", "needle"),
            note("c", "alone", "needle"),
            note("d", "call-4002", "thread")
          ]
          const { find } = yield* holding([...many, ...pieces])
          const total = (query: string) => Effect.map(find(query), (result) => result.total)
          // Beyond what is listed they are counted by a sketch: a percent off at most.
          assert.approximately(yield* total("common"), 5000, 50)
          assert.approximately(yield* total("common even"), 2500, 25)
          // The rare word's conversations are looked up in the long list, wherever in it they stand.
          const both = yield* find("common needle")
          assert.deepStrictEqual(both.hits.map(({ conversation }) => conversation).toSorted(), [
            "call-4001",
            "call-4002"
          ])
          assert.strictEqual(both.total, 2)
          assert.strictEqual(yield* total("odd needle"), 1)
          assert.strictEqual(yield* total("common needle thread"), 1)
          // Two of these in one piece are counted by the sketch, in several pieces only among those that are listed.
          const half = yield* find("common odd needle thread", 1)
          assert.approximately(half.total, 2501, 26)
          assert.deepStrictEqual(
            half.hits.map(({ conversation }) => conversation),
            ["call-4002"]
          )
        }),
      240_000
    )

    it.live(
      "shows where a long transcript has the words, without reading it anew",
      () =>
        Effect.gen(function* () {
          const turns = Array.from(
            { length: 10_000 },
            (_, i) =>
              `turn ${i} of a call that goes on and on, and says nothing that is worth a note of any kind at all`
          )
          const { find } = yield* holding([
            transcript("long", turns.with(9876, "here the parrot speaks")),
            transcript("one", [`${"word ".repeat(300_000)} parrot`])
          ])
          const { hits, total } = yield* find("parrot speaks")
          assert.strictEqual(total, 1)
          assert.deepStrictEqual(hits[0]?.highlights, ["here the \u{e000}parrot\u{e001} \u{e000}speaks\u{e001}"])
          assert.strictEqual((yield* find("parrot")).total, 2)
        }),
      120_000
    )

    it.live(
      "reads its own prefix only, and not one that begins alike",
      () =>
        Effect.gen(function* () {
          const { find, indexPrefix } = yield* holding([note("1", "ours", "parrot")])
          const other = yield* open({ node: url, indexPrefix: `${indexPrefix}eu-` }, types)
          yield* other.write([note("1", "theirs", "parrot")])
          yield* Effect.promise(() => ask(url, "POST", `/${indexPrefix}*/_refresh`))
          assert.deepStrictEqual(
            (yield* find("parrot")).hits.map(({ conversation }) => conversation),
            ["ours"]
          )
        }),
      120_000
    )

    it.live(
      "says so where there is nothing to search, or an index cannot be read",
      () =>
        Effect.gen(function* () {
          const indexPrefix = yield* prefixAt(url)
          const config = settings({ node: url, indexPrefix })
          const asked = search(config, place(), { query: "parrot", limit: 10 })
          assert.strictEqual(
            (yield* Effect.flip(asked)).message,
            "there is nothing to search yet. Run `callstream setup`, then the pipeline"
          )
          const { find, indexPrefix: closed } = yield* holding([note("1", "ours", "parrot")])
          yield* Effect.promise(() => ask(url, "POST", `/${closed}note-v1-000001/_close`))
          assert.include((yield* Effect.flip(find("parrot"))).message, "index_closed_exception")
        }),
      120_000
    )
  })
}
