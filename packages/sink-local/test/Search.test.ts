import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { Event } from "@callstream/model"
import { conversations, event, folder, marked, open, search } from "./support/Place.ts"

/** A searched folder with these events in it. */
const holding = Effect.fn(function* (...events: ReadonlyArray<Event>) {
  const directory = yield* folder
  const sink = yield* open(directory)
  yield* sink.write(events)
  return { sink, find: (query: string, limit?: number) => search(directory, query, limit) }
})

const Conversation = Schema.Struct({
  id: Schema.String,
  startedAt: Schema.NullOr(Schema.String),
  utterances: Schema.Array(Schema.Struct({ speaker: Schema.Literals(["agent", "caller"]), text: Schema.String }))
})

/** Real conversations; `fixtures/LICENSES.md` names their origin. */
const real = readFileSync(new URL("./fixtures/conversations.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => Schema.decodeUnknownSync(Conversation)(JSON.parse(line)))
  .map(({ id, startedAt, utterances }): Event => {
    const said = utterances.map(({ speaker, text }) => ({ speaker: speaker === "caller" ? "customer" : speaker, text }))
    return event(id, {
      type: "callstream.transcript.v1",
      conversation: `call-${id}`,
      time: startedAt ?? "not told",
      data: { utterances: said }
    })
  })

const [fraud, dog, polish] = ["call-star-04563", "call-sf_spoken-0137", "call-evi-CA8ef9be0ca9ac77b31bc6c0b4f46791a6"]

describe("search", () => {
  it.effect("finds a conversation by what was said in it, and shows where", () =>
    Effect.gen(function* () {
      const { find } = yield* holding(...real)
      const { hits, total } = yield* find("debit card stolen money", 1)
      assert.strictEqual(total, 1)
      const [hit] = hits
      assert.deepInclude(hit, {
        conversation: fraud,
        subject: "subject of star-04563",
        type: "callstream.transcript.v1",
        time: "2020-05-15T22:37:06Z"
      })
      assert.isAbove(hit?.score ?? 0, 0)
      assert.include(marked(hit?.highlights[0] ?? ""), "my [debit] [card]")
    })
  )

  it.effect("takes phrases word for word, beginnings with a star, and no heed of accents or case", () =>
    Effect.gen(function* () {
      const { find } = yield* holding(...real)
      const found = Effect.fnUntraced(function* (query: string) {
        return conversations(yield* find(query))
      })
      assert.deepStrictEqual(yield* found(`"bring my dog"`), [dog])
      assert.deepStrictEqual(yield* found(`"my bring dog"`), [])
      assert.deepStrictEqual(yield* found("muse*"), [dog])
      assert.deepStrictEqual(yield* found(`"walt disney fam"*`), [dog])
      assert.deepStrictEqual(yield* found("muse"), [])
      assert.deepStrictEqual(yield* found("styczen"), [polish])
      assert.deepStrictEqual(yield* found("STYCZEŃ"), [polish])
    })
  )

  it.effect("wants up to three words all, of more at least half, else any of them", () =>
    Effect.gen(function* () {
      const { find } = yield* holding(
        event("a", { conversation: "all", data: { text: "apples pears plums figs" } }),
        event("b", { conversation: "half", data: { text: "apples pears" } }),
        event("c", { conversation: "one", data: { text: "apples" } })
      )
      const found = Effect.fnUntraced(function* (query: string) {
        return conversations(yield* find(query))
      })
      assert.deepStrictEqual(yield* found("apples pears plums"), ["all"])
      assert.deepStrictEqual(yield* found("apples pears plums figs"), ["all", "half"])
      assert.deepStrictEqual(yield* found("figs kiwis"), ["all"])
      assert.deepStrictEqual(yield* found("kiwis"), [])
    })
  )

  it.effect("finds words in different pieces of one conversation, and tells it once", () =>
    Effect.gen(function* () {
      const { find } = yield* holding(
        event("1", { conversation: "call", data: { text: "The customer wants a refund." } }),
        event("2", {
          conversation: "call",
          type: "callstream.transcript.v1",
          data: { utterances: [{ text: "my toaster burns" }, { text: "everything I toast" }] }
        }),
        event("3", { conversation: "other", data: { text: "A toaster was praised." } })
      )
      const { hits, total } = yield* find("refund toaster")
      assert.strictEqual(total, 1)
      assert.deepStrictEqual(
        hits.map(({ conversation, highlights }) => [conversation, highlights.map(marked).toSorted()]),
        [["call", ["The customer wants a [refund].", "my [toaster] burns · everything I toast"]]]
      )
      assert.strictEqual((yield* find("toaster", 1)).total, 2)
      assert.strictEqual((yield* find("toaster", 1)).hits.length, 1)
    })
  )

  it.effect("takes an event without conversation for one of its own", () =>
    Effect.gen(function* () {
      const { find } = yield* holding(
        event("1", { subject: "one", data: { text: "lonely apples" } }),
        event("2", { subject: "two", data: { text: "lonely pears" } }),
        event("3", { subject: "two", source: "8x8/storage/eu-west", data: { text: "lonely plums" } })
      )
      assert.deepStrictEqual(conversations(yield* find("lonely")).toSorted(), ["one", "two", "two"])
      assert.deepStrictEqual(conversations(yield* find("apples pears")).toSorted(), ["one", "two"])
    })
  )

  it.effect("finds names, ids and what has open keys, not what the vendor's own record says", () =>
    Effect.gen(function* () {
      const { find } = yield* holding(
        event("1", {
          type: "callstream.recording.v1",
          conversation: "int-17ee",
          data: {
            callerName: "Zoë Brontë",
            agentIds: ["agent77"],
            wrapUpCodes: [{ list: "Reasons", code: "Complaint" }],
            tags: { branch: "Harbour" },
            startedAt: "2026-02-03T14:27:27.493Z",
            warnings: ["unreadable"],
            raw: { hidden: "vendorword" }
          }
        })
      )
      for (const query of ["zoe bronte", "agent77", "complaint", "harbour", "int-17ee", `"subject of 1"`]) {
        assert.deepStrictEqual(conversations(yield* find(query)), ["int-17ee"], query)
      }
      for (const query of ["vendorword", "unreadable", "callerName"]) {
        assert.deepStrictEqual(conversations(yield* find(query)), [], query)
      }
    })
  )

  it.effect("finds a number however it is written, with country code and without", () =>
    Effect.gen(function* () {
      const { find } = yield* holding(
        event("1", { conversation: "us", data: { text: "hello", callerNumber: "+1 (555) 010-4567" } }),
        event("2", { conversation: "uk", data: { text: "hello", callerNumber: "+442079460958" } })
      )
      for (const query of [
        "+15550104567",
        "555 010 4567",
        "(555) 010-4567",
        "5550104567",
        "0104567",
        "hello 0104567"
      ]) {
        assert.deepStrictEqual(conversations(yield* find(query)), ["us"], query)
      }
      for (const query of ["020 7946 0958", "+44 20 7946 0958", "44207*"]) {
        assert.deepStrictEqual(conversations(yield* find(query)), ["uk"], query)
      }
      const [hit] = (yield* find("555 010-4567")).hits
      assert.include(hit?.highlights.map(marked) ?? [], "[+1 (555) 010-4567]")
    })
  )

  it.effect("shows the newest version only, and nothing of what was deleted", () =>
    Effect.gen(function* () {
      const { find, sink } = yield* holding(event("v2", { subject: "one", asof: "20", data: { text: "second" } }))
      yield* sink.write([event("v1", { subject: "one", asof: "10", data: { text: "first" } })])
      assert.strictEqual((yield* find("first")).total, 0)
      assert.strictEqual((yield* find("second")).total, 1)
      yield* sink.write([event("v3", { subject: "one", asof: "30", data: { text: "third" } })])
      assert.strictEqual((yield* find("second")).total, 0)
      assert.strictEqual((yield* find("third")).total, 1)
      const { data: _, ...ended } = event("v5", { subject: "one", asof: "50", op: "delete" })
      yield* sink.write([ended])
      yield* sink.write([event("v4", { subject: "one", asof: "40", data: { text: "fourth" } })])
      assert.strictEqual((yield* find("third")).total, 0)
      assert.strictEqual((yield* find("fourth")).total, 0)
      yield* sink.write([event("v6", { subject: "one", asof: "60", data: { text: "sixth" } })])
      assert.strictEqual((yield* find("sixth")).total, 1)
    })
  )

  it.effect("says so where there is nothing to search yet", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const refused = yield* Effect.flip(search(directory, "word"))
      assert.match(refused.message, /there is nothing to search yet\. Run the pipeline first, with search$/)
    })
  )

  it.effect("finds nothing for a query without words", () =>
    Effect.gen(function* () {
      const { find } = yield* holding(...real)
      for (const query of ["", "   ", `""`, `"`, "*", "-- ?!", "\0", "\u{d800}"]) {
        assert.deepStrictEqual(yield* find(query), { total: 0, hits: [] })
      }
    })
  )

  it.effect("takes no character for syntax", () =>
    Effect.gen(function* () {
      const { find } = yield* holding(
        event("1", { conversation: "call", data: { text: "rock AND roll OR jazz: a*b" } })
      )
      for (const query of [
        "AND",
        "OR jazz",
        "NEAR(rock roll)",
        "text : rock",
        "^rock",
        "rock + roll",
        "{rock",
        "a*b",
        "roll'; --"
      ]) {
        yield* find(query)
      }
      assert.deepStrictEqual(conversations(yield* find("rock AND roll")), ["call"])
      assert.deepStrictEqual(conversations(yield* find(`(rock) "roll or`)), ["call"])
    })
  )

  it.effect("never fails, whatever is typed", () =>
    Effect.gen(function* () {
      const { find } = yield* holding(...real)
      const characters = "ab \"*^:(){}[]+-'\\/.,;%_\0\nAND OR NEAR é\u{1f600}\u{d800}0123456789".split("")
      // A walk over many odd queries, the same at each run.
      let state = 7
      const next = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below
      for (let i = 0; i < 500; i++) {
        const query = Array.from({ length: next(24) }, () => characters[next(characters.length)]).join("")
        yield* find(query, 1)
      }
    })
  )
})
