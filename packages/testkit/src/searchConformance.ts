/**
 * How every sink that can be searched answers: one table of queries and of the conversations they find. What is found
 * beside that (forms of a word, say) is the sink's own.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import type { Failure, Sink } from "@callstream/core"
import { type Event, type EventType, eventTypes } from "@callstream/model"

/** A sink at a place of its own, empty in the beginning. */
export interface SearchUnderTest {
  /** Opens the sink at that place, for the types of `searchedTypes`. */
  readonly open: Effect.Effect<Sink.Sink, Failure.SinkFailure, Scope.Scope>
  /** Asks the plugin; what was written before is found. */
  readonly search: (request: Sink.SearchRequest) => Effect.Effect<Sink.SearchResult, Failure.SinkFailure, Scope.Scope>
}

/** The types of what the suite writes. */
export const searchedTypes: ReadonlyArray<EventType.EventType> = [
  eventTypes.summary,
  eventTypes.transcript,
  eventTypes.recording
]

const event = (subject: string, conversation: string | undefined, data: object, over: Partial<Event> = {}): Event => {
  const type = over.type ?? "callstream.summary.v1"
  return {
    id: `search-${subject}`.padEnd(24, "x"),
    type,
    source: "8x8/storage/us-east",
    subject,
    time: "2026-02-03T14:27:27.493Z",
    op: "upsert",
    ...(conversation === undefined ? {} : { conversation }),
    asof: "1770128847000",
    dataschema: `urn:callstream:schema:${type}`,
    data,
    ...over
  }
}

const said = (...texts: ReadonlyArray<string>) => ({ utterances: texts.map((text) => ({ text, speaker: "customer" })) })
const transcript = { type: "callstream.transcript.v1" }
const recording = { type: "callstream.recording.v1" }

const events: ReadonlyArray<Event> = [
  event("1", "toaster", { text: "The customer wants a refund." }),
  event("2", "toaster", said("my toaster burns", "everything I toast"), transcript),
  event("3", "praise", { text: "A toaster was praised." }),
  event("4", "museum", said("Can I bring my dog to the museum?", "I don't like cats."), transcript),
  event("5", "zurich", said("Ich rufe aus Zürich an, es ist der erste styczeń."), transcript),
  event("6", "all", { text: "apples pears plums figs" }),
  event("7", "half", { text: "apples pears" }),
  event("8", "one", { text: "apples" }),
  event("9", undefined, { text: "lonely cherries" }),
  event("9", undefined, { text: "lonely grapes" }, { source: "8x8/storage/eu-west" }),
  event("10", "jazz", { text: "rock AND roll OR jazz: a*b c_d e.f" }),
  event(
    "11",
    "int-17ee",
    {
      callerName: "Zoë Brontë",
      callerNumber: "+1 (555) 010-4567",
      agentIds: ["agent77"],
      wrapUpCodes: [{ list: "Reasons", code: "Complaint" }],
      tags: { branch: "Harbour" },
      startedAt: "2026-02-03T14:27:27.493Z",
      warnings: ["unreadable"],
      raw: { hidden: "vendorword" }
    },
    recording
  ),
  event("12", "uk", { calleeNumber: "+442079460958", raw: {} }, recording)
]

/** Queries, and the conversations they find in any order. */
const table: ReadonlyArray<readonly [query: string, ...found: ReadonlyArray<string>]> = [
  // Words: any case, with or without accents, in whatever piece of the conversation.
  ["toaster", "toaster", "praise"],
  ["TOASTER", "toaster", "praise"],
  ["refund toaster", "toaster"],
  ["zurich", "zurich"],
  ["Zürich", "zurich"],
  ["STYCZEN", "zurich"],
  ["nowhere"],
  ["don't", "museum"],
  // Up to three words must all be there; of more at least half; where nothing has that many, any.
  ["apples pears plums", "all"],
  ["apples pears plums figs", "all", "half"],
  ["figs kiwis", "all"],
  ["kiwis"],
  // Phrases, word for word, and on from one passage to the next.
  [`"bring my dog"`, "museum"],
  [`"my bring dog"`],
  [`"burns everything"`, "toaster"],
  // Beginnings.
  ["muse*", "museum"],
  ["muse"],
  [`"dog to the mus"*`, "museum"],
  ["zür*", "zurich"],
  // A piece without conversation is one of its own.
  ["lonely", "9", "9"],
  ["cherries grapes", "9", "9"],
  // Names, ids and what has open keys; not what the vendor's own record says.
  ["zoe bronte", "int-17ee"],
  ["agent77", "int-17ee"],
  ["complaint harbour", "int-17ee"],
  ["int-17ee", "int-17ee"],
  ["vendorword"],
  ["unreadable"],
  ["callerName"],
  // Numbers, however they are written.
  ["+15550104567", "int-17ee"],
  ["555 010 4567", "int-17ee"],
  ["(555) 010-4567", "int-17ee"],
  ["0104567", "int-17ee"],
  ["zoe 0104567", "int-17ee"],
  ["020 7946 0958", "uk"],
  ["44207*", "uk"],
  // Nothing that is typed is syntax.
  ["rock AND roll", "jazz"],
  ["rock + roll", "jazz"],
  [`(rock) "roll or`, "jazz"],
  ["text:rock"],
  ["a*b", "jazz"],
  ["c_d e.f", "jazz"],
  ["jazz~2 ^rock", "jazz"],
  ["roll'; --", "jazz"],
  ["/ro.*/"],
  // Nothing to look for.
  [""],
  ["  "],
  [`""`],
  [`"`],
  ["*"],
  ["-- ?!"],
  ["\0"],
  ["\u{d800}"]
]

const conversations = ({ hits }: Sink.SearchResult): ReadonlyArray<string> =>
  hits.map(({ conversation }) => conversation).toSorted()

/** Declares the suite. `make` gives a new, empty place. */
export const searchConformance = (name: string, make: Effect.Effect<SearchUnderTest, never, Scope.Scope>): void => {
  /** A place that holds the events above. */
  const filled = Effect.gen(function* () {
    const { open, search } = yield* make
    const sink = yield* open
    yield* sink.write(events)
    return { sink, find: (query: string, limit = 10) => search({ query, limit }) }
  })

  describe(`${name}, searched`, () => {
    it.live(
      "finds the conversations that a query means, and no other",
      () =>
        Effect.gen(function* () {
          const { find } = yield* filled
          for (const [query, ...found] of table) {
            const result = yield* find(query)
            assert.deepStrictEqual(conversations(result), found.toSorted(), query)
            assert.strictEqual(result.total, found.length, query)
          }
        }),
      timeout
    )

    it.live(
      "tells of a conversation once: its best piece, and what was found in all of them",
      () =>
        Effect.gen(function* () {
          const { find } = yield* filled
          const { hits } = yield* find("refund toaster")
          const [hit] = hits
          assert.strictEqual(hits.length, 1)
          assert.include(["1", "2"], hit?.subject)
          assert.strictEqual(hit?.time, "2026-02-03T14:27:27.493Z")
          assert.isAbove(hit?.score ?? 0, 0)
          const shown = hit?.highlights.join("\n") ?? ""
          assert.include(shown, "wants a \u{e000}refund\u{e001}")
          assert.include(shown, "my \u{e000}toaster\u{e001} burns")
        }),
      timeout
    )

    it.live(
      "marks phrases, beginnings, names, and numbers as they are written",
      () =>
        Effect.gen(function* () {
          const { find } = yield* filled
          const shown = Effect.fnUntraced(function* (query: string) {
            return (yield* find(query)).hits.flatMap(({ highlights }) => highlights).join("\n")
          })
          for (const word of ["bring", "my", "dog"]) {
            assert.match(yield* shown(`"bring my dog"`), new RegExp(`\u{e000}[^\u{e001}]*${word}`, "u"))
          }
          assert.include(yield* shown("muse*"), "\u{e000}museum\u{e001}")
          assert.include(yield* shown("zoe"), "\u{e000}Zoë\u{e001}")
          assert.include(yield* shown("5550104567"), "\u{e000}+1 (555) 010-4567\u{e001}")
        }),
      timeout
    )

    it.live(
      "shows no more than was asked for, the best first, and counts them all",
      () =>
        Effect.gen(function* () {
          const { find } = yield* filled
          const two = yield* find("apples pears plums figs", 1)
          assert.strictEqual(two.total, 2)
          assert.deepStrictEqual(conversations(two), ["all"])
          const { hits } = yield* find("lonely")
          assert.deepStrictEqual(
            hits.map(({ score }) => score),
            hits.map(({ score }) => score).toSorted((one, other) => other - one)
          )
        }),
      timeout
    )

    it.live(
      "finds the newest version only, and nothing of what was deleted",
      () =>
        Effect.gen(function* () {
          const { find, sink } = yield* filled
          const version = (asof: number, text: string) =>
            event("changing", "changing", { text }, { id: `v${asof}`, asof: String(asof) })
          yield* sink.write([version(20, "second")])
          yield* sink.write([version(10, "first")])
          assert.strictEqual((yield* find("first")).total, 0)
          assert.strictEqual((yield* find("second")).total, 1)
          yield* sink.write([version(30, "third")])
          assert.strictEqual((yield* find("second")).total, 0)
          assert.strictEqual((yield* find("third")).total, 1)
          const { data: _, ...ended } = version(50, "")
          yield* sink.write([{ ...ended, op: "delete" }])
          yield* sink.write([version(40, "fourth")])
          for (const query of ["third", "fourth", "changing"]) assert.strictEqual((yield* find(query)).total, 0)
          yield* sink.write([version(60, "sixth")])
          assert.strictEqual((yield* find("sixth")).total, 1)
        }),
      timeout
    )

    it.live(
      "never fails, whatever is typed",
      () =>
        Effect.gen(function* () {
          const { find } = yield* filled
          const characters =
            "ab \"*^:(){}[]+-'\\/.,;%_~|&!=<>\0\nAND OR NEAR é\u{1f600}\u{d800}\u{e000}0123456789".split("")
          // A walk over many odd queries, the same at each run.
          let state = 7
          const next = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below
          for (let i = 0; i < 60; i++) {
            yield* find(Array.from({ length: next(24) }, () => characters[next(characters.length)]).join(""), 1)
          }
          yield* find("long ".repeat(5000), 1)
          yield* find(`"${"x".repeat(50_000)}"*`, 1)
        }),
      timeout
    )
  })
}

/** The longest that a test may take, milliseconds: far more than it does. */
const timeout = 120_000
