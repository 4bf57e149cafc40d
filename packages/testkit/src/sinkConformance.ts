/**
 * What every sink keeps, whatever it writes to: it answers by position, says stored only of what is durable, holds an
 * event once, lets the newest version win in any order of arrival, and is the same sink when it is opened again. A sink
 * that only appends, and does not know what is there, holds what it is given in that order, and its readers do the rest.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, type Scope } from "effect"
import type { Failure, Sink } from "@callstream/core"
import type { Event } from "@callstream/model"

/** A sink at a place of its own, empty before the first `open`. */
export interface SinkUnderTest {
  /** Opens the sink; each time at the same place. */
  readonly open: Effect.Effect<Sink.Sink, Failure.SinkFailure, Scope.Scope>
  /** All that is durable there, read by other means than the sink, in any order. */
  readonly held: Effect.Effect<ReadonlyArray<Event>>
  /**
   * Whether older versions stay beside the newest, as in a log. `every write`: it appends, also what comes twice, so an
   * event may stand more than once, always with the same `asof`; nothing is ever superseded there.
   */
  readonly keeps: "every version" | "the newest version" | "every write"
}

/** A version of one of three entities. Same arguments, same event. */
const version = (entity: number, asof: number, op: "upsert" | "delete" = "upsert"): Event => ({
  id: `conformance${entity}x${String(asof).padStart(11, "0")}`,
  type: "callstream.note.v1",
  source: "8x8/storage/us-east",
  subject: `note-${entity}`,
  time: "2026-02-03T14:27:27.493Z",
  op,
  conversation: "int-17f00aa",
  asof: String(asof),
  dataschema: "urn:callstream:schema:callstream.note.v1",
  ...(op === "delete" ? {} : { data: { text: `version ${asof}`, raw: { note: asof } } })
})

const key = ({ id, source, subject, type }: Event): string => [source, type, subject, id].join(" ")

/** Newest version of each entity, those that ended left out. */
const current = (events: ReadonlyArray<Event>): ReadonlyMap<string, Event> => {
  const newest = new Map<string, Event>()
  for (const event of events) {
    const known = newest.get(event.subject)
    if (known === undefined || Number(event.asof) > Number(known.asof)) newest.set(event.subject, event)
  }
  return new Map([...newest].filter(([, { op }]) => op === "upsert").toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** What there is, for somebody who drops repeats by id as readers of a topic do. */
const withoutRepeats = (events: ReadonlyArray<Event>): ReadonlyArray<Event> => [
  ...new Map(events.map((event) => [key(event), event])).values()
]

const tags = (answers: ReadonlyArray<Sink.Answer>): ReadonlyArray<string> => answers.map(({ _tag }) => _tag)

/** Any order of arrival of a handful of versions, some of them twice, cut into writes. */
const Arrivals = Schema.Array(
  Schema.Array(
    Schema.Struct({
      entity: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 })),
      asof: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 })),
      ends: Schema.Boolean
    })
  ).check(Schema.isMaxLength(6))
).check(Schema.isMaxLength(5))

/** Declares the suite. `make` gives a new, empty place. */
export const sinkConformance = (name: string, make: Effect.Effect<SinkUnderTest, never, Scope.Scope>): void => {
  // Far longer than any takes, also on a machine that is busy.
  describe(`${name} as a sink`, { timeout: 180_000 }, () => {
    it.effect("answers each event by position, and an empty write with nothing", () =>
      Effect.gen(function* () {
        const { held, open } = yield* make
        const sink = yield* open
        assert.deepStrictEqual(yield* sink.write([]), [])
        const events = [version(0, 10), version(1, 10), version(2, 10)]
        assert.deepStrictEqual(tags(yield* sink.write(events)), ["stored", "stored", "stored"])
        assert.deepStrictEqual((yield* held).map(key).toSorted(), events.map(key).toSorted())
      })
    )

    it.effect("says how it wants its writes", () =>
      Effect.gen(function* () {
        const { limits } = yield* (yield* make).open
        assert.isAbove(limits.maxRecords, 0)
        assert.isAbove(limits.maxBytes, 0)
        assert.isAbove(limits.concurrency, 0)
      })
    )

    it.effect("keeps an event as it was, to the last field", () =>
      Effect.gen(function* () {
        const { held, open } = yield* make
        const { time: _, conversation: __, ...bare } = version(0, 10)
        const event = {
          ...bare,
          data: { text: 'Zoë said "\u2028\n\u{1f600}"', none: null, raw: { a: [1, { b: 0.1 }] } }
        }
        yield* (yield* open).write([event])
        assert.deepStrictEqual(yield* held, [event])
      })
    )

    it.effect("holds what it answered after it was closed, and is the same sink then", () =>
      Effect.gen(function* () {
        const { held, open } = yield* make
        const first = yield* Effect.scoped(
          Effect.gen(function* () {
            const sink = yield* open
            yield* sink.write([version(0, 10)])
            return sink.identity
          })
        )
        const again = yield* open
        assert.strictEqual(again.identity, first)
        assert.deepStrictEqual((yield* held).map(key), [key(version(0, 10))])
      })
    )

    it.effect("is another sink at another place", () =>
      Effect.gen(function* () {
        const one = yield* (yield* make).open
        const other = yield* (yield* make).open
        assert.notStrictEqual(one.identity, other.identity)
      })
    )

    it.effect("holds an event once that comes twice, in one write, in two, or after a restart", () =>
      Effect.gen(function* () {
        const { held, keeps, open } = yield* make
        const event = version(0, 10)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const sink = yield* open
            assert.deepStrictEqual(tags(yield* sink.write([event, event])), ["stored", "stored"])
            assert.deepStrictEqual(tags(yield* sink.write([event])), ["stored"])
          })
        )
        assert.deepStrictEqual(tags(yield* (yield* open).write([event])), ["stored"])
        const there = yield* held
        assert.deepStrictEqual((keeps === "every write" ? withoutRepeats(there) : there).map(key), [key(event)])
      })
    )

    it.effect("answers a late older version as superseded, and tells the newer", () =>
      Effect.gen(function* () {
        const { held, keeps, open } = yield* make
        const sink = yield* open
        yield* sink.write([version(0, 20)])
        const [answer] = yield* sink.write([version(0, 10)])
        assert.strictEqual(answer?._tag, keeps === "every write" ? "stored" : "superseded")
        if (answer?._tag === "superseded" && answer.asof !== undefined) assert.strictEqual(answer.asof, "20")
        assert.strictEqual(current(yield* held).get("note-0")?.asof, "20")
      })
    )

    it.effect("does not bring back what was deleted when an older version comes late", () =>
      Effect.gen(function* () {
        const { held, keeps, open } = yield* make
        const sink = yield* open
        yield* sink.write([version(0, 10), version(1, 10)])
        assert.deepStrictEqual(tags(yield* sink.write([version(0, 30, "delete")])), ["stored"])
        const late = tags(yield* sink.write([version(0, 20)]))
        assert.deepStrictEqual(late, [keeps === "every write" ? "stored" : "superseded"])
        assert.deepStrictEqual([...current(yield* held).keys()], ["note-1"])
      })
    )

    it.effect.prop(
      "holds the same in the end, in whatever order versions arrive",
      [Arrivals],
      ([writes]) =>
        Effect.gen(function* () {
          const { held, keeps, open } = yield* make
          const sink = yield* open
          const sent = writes.map((write) =>
            write.map(({ asof, ends, entity }) =>
              version(entity, 2 * asof + (ends ? 1 : 0), ends ? "delete" : "upsert")
            )
          )
          for (const events of sent) {
            const answers = yield* sink.write(events)
            assert.strictEqual(answers.length, events.length)
            for (const { _tag } of answers) assert.include(["stored", "superseded"], _tag)
          }
          const all = yield* held
          const there = keeps === "every write" ? withoutRepeats(all) : all
          assert.deepStrictEqual(current(there), current(sent.flat()))
          const keys = there.map(key).toSorted()
          assert.deepStrictEqual(keys, [...new Set(keys)])
          if (keeps !== "the newest version")
            assert.deepStrictEqual(keys, [...new Set(sent.flat().map(key))].toSorted())
        }).pipe(Effect.scoped),
      { arbitrary: { runs: 25 } }
    )
  })
}
