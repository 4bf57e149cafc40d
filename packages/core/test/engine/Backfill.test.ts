/** Reading a past range again, beside the live tail, and filling a sink that is new or was emptied. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { Books, Failure, type Source } from "@callstream/core"
import { initial } from "../../src/engine/Progress.ts"
import { requested } from "../../src/engine/Walk.ts"
import { TestSink } from "../support/TestSink.ts"
import { streamOf, Vendor } from "../support/Vendor.ts"
import { answered, asked, database, epoch, pass, type Running, settle, start, striking } from "../support/World.ts"

const minute = 60_000
const hour = 60 * minute
const since = epoch - 3 * hour
const call = (key: string) => `test/main\ntest.call.v1\n${key}`
const body = (key: string) => `test/main\ntest.body.v1\n${key}`

/** A vendor with rows of two hours, every fourth with a content, and a sink that has them. */
const setUp = Effect.fnUntraced(function* (walk: "keyset" | "offset", count = 24) {
  yield* TestClock.setTime(epoch)
  const vendor = new Vendor({ walk, pageSize: 5 })
  for (let i = 0; i < count; i++) {
    const row = { key: `r${i}`, at: epoch - 2 * hour + i * 4 * minute, visible: 0, value: i }
    vendor.put(i % 4 === 0 ? { ...row, body: `text ${i}` } : row)
  }
  const old = new TestSink()
  const filled = new TestSink()
  const db = yield* database
  const streams = (timing: Partial<Source.Timing> = {}) => [
    streamOf(vendor, { since, ...timing }, { largest: "20 minutes" })
  ]
  const before = { streams: streams(), sinks: { old } }
  const after = { streams: streams(), sinks: { old, filled } }
  return { vendor, old, filled, db, streams, before, after }
})

/** What the first sink has, and the second one has not; then a process with both. */
const withNewSink = Effect.fnUntraced(function* (walk: "keyset" | "offset") {
  const world = yield* setUp(walk)
  const first = yield* start(world.db, world.before)
  yield* pass("2 minutes")
  yield* first.stop
  return world
})

const booksOf = ({ state }: Pick<Running, "state">) =>
  Effect.map(state.overview, ([partition]) => partition?.books ?? Books.empty)
const sinkOf = ({ state }: Pick<Running, "state">, name: string) =>
  Effect.map(state.sinks, (sinks) => sinks.find((sink) => sink.name === name))

describe("a backfill without a sink", () => {
  it.effect("brings what is new or changed in a past range to all sinks, and nothing else", () =>
    Effect.gen(function* () {
      const { db, after, filled, old, vendor } = yield* setUp("keyset")
      const world = yield* start(db, after)
      yield* pass("2 minutes")
      const had = old.log.length
      const progress = (yield* world.state.overview)[0]?.progress
      vendor.put({ key: "r1", at: epoch - 2 * hour + 4 * minute, visible: 0, value: "changed" })
      vendor.put({ key: "late", at: epoch - 2 * hour, visible: 0, value: "late" })
      vendor.put({ key: "later", at: epoch - hour, visible: 0, value: "out of range" })
      yield* pass("5 minutes")
      assert.strictEqual(old.log.length, had)
      yield* asked(world, "backfill", { from: epoch - 2 * hour, to: epoch - hour })
      yield* pass("1 minute")
      yield* world.stop
      for (const sink of [old, filled]) {
        assert.deepStrictEqual(
          sink.log.slice(had).map(({ subject }) => subject),
          ["late", "r1"]
        )
      }
      const books = yield* booksOf(world)
      assert.isUndefined(Books.imbalance(books))
      assert.isUndefined(books.sinks["filled"]?.refilled)
      assert.strictEqual((yield* world.state.overview)[0]?.progress?.start, progress?.start)
      assert.deepStrictEqual((yield* world.state.overview)[0]?.progress?.walks, [])
    })
  )

  it.effect("reads before the beginning, and only what adjoins moves it", () =>
    Effect.gen(function* () {
      const { db, after, old, vendor } = yield* setUp("offset")
      const world = yield* start(db, after)
      yield* pass("2 minutes")
      vendor.put({ key: "ancient", at: since - 30 * hour, visible: 0, value: 1 })
      vendor.put({ key: "old", at: since - hour, visible: 0, value: 1 })
      yield* asked(world, "backfill", { from: since - 31 * hour, to: since - 29 * hour })
      assert.isTrue(old.held.has(call("ancient")))
      const startOf = Effect.map(world.state.overview, ([partition]) => partition?.progress?.start)
      assert.strictEqual(yield* startOf, since)
      yield* asked(world, "backfill", { from: since - 2 * hour })
      assert.isTrue(old.held.has(call("old")))
      assert.strictEqual(yield* startOf, since - 2 * hour)
      yield* world.stop
    })
  )

  it.effect("lets the live tail go first, one request at a time", () =>
    Effect.gen(function* () {
      const { db, old, streams, vendor } = yield* setUp("keyset")
      const [stream] = streams({ poll: Duration.seconds(10) })
      if (stream === undefined) throw new Error("one stream")
      const slow = { ...stream, page: (ask: Source.Ask) => Effect.andThen(Effect.sleep("5 seconds"), stream.page(ask)) }
      const world = yield* start(db, { streams: [slow], sinks: { old } })
      yield* pass("3 minutes")
      const { number } = yield* world.state.requests.ask("backfill", {})
      yield* pass("5 seconds")
      vendor.put({ key: "live", at: epoch + 3 * minute + 6000, visible: 0, value: "live" })
      yield* pass("20 seconds")
      assert.isTrue(old.held.has(call("live")))
      assert.strictEqual((yield* world.state.requests.get(number))?.state, "taken")
      yield* answered(world.state, number)
      assert.strictEqual(vendor.mostInFlight, 1)
      yield* world.stop
    })
  )
})

describe("a backfill of a sink", () => {
  for (const walk of ["keyset", "offset"] as const) {
    it.effect(`sends it alone all that was delivered, contents too, as it was (${walk})`, () =>
      Effect.gen(function* () {
        const { db, after, filled, old } = yield* withNewSink(walk)
        const had = [...old.log]
        assert.strictEqual(had.length, 30)
        yield* TestClock.adjust("1 day")
        const world = yield* start(db, after)
        yield* pass("2 minutes")
        assert.strictEqual(filled.held.size, 0)
        assert.isDefined((yield* sinkOf(world, "filled"))?.completeSince)
        const { counts, fraction } = yield* asked(world, "backfill", { sink: "filled" })
        assert.deepInclude(counts, { delivered: 30, refused: 0, gone: 0, gaps: 0 })
        assert.strictEqual(fraction, 1)
        const { status } = yield* world.stop
        assert.deepStrictEqual(filled.held, old.held)
        assert.deepStrictEqual(old.log, had)
        assert.deepStrictEqual(yield* sinkOf(world, "filled"), { name: "filled", identity: "test-1" })
        const books = yield* booksOf(world)
        assert.isUndefined(Books.imbalance(books))
        assert.deepInclude(books.sinks["filled"]?.refilled, { emitted: 30, stored: 30, refused: 0 })
        assert.isUndefined(books.sinks["old"]?.refilled)
        assert.strictEqual(status.partitions[0]?.pending, 0)
      })
    )
  }

  it.effect("counts contents that the vendor has no more, and what is known of them stays", () =>
    Effect.gen(function* () {
      const { db, after, filled, vendor } = yield* withNewSink("keyset")
      const world = yield* start(db, after)
      vendor.bodyFaults.push({ gone: "answered 404" })
      const { counts } = yield* asked(world, "backfill", { sink: "filled" })
      assert.deepInclude(counts, { delivered: 29, gone: 1 })
      assert.strictEqual((yield* booksOf(world)).sinks["filled"]?.gone, 1)
      yield* asked(world, "backfill", { sink: "filled" })
      yield* world.stop
      assert.strictEqual(filled.held.size, 30)
    })
  )

  it.effect("brings what turns out new or changed to all sinks", () =>
    Effect.gen(function* () {
      const { db, after, filled, old, vendor } = yield* withNewSink("keyset")
      vendor.put({ key: "r1", at: epoch - 2 * hour + 4 * minute, visible: 0, value: "changed" })
      vendor.put({ key: "r4", at: epoch - 2 * hour + 16 * minute, visible: 0, value: 4, body: "another text" })
      vendor.put({ key: "late", at: epoch - 2 * hour, visible: 0, value: "late" })
      const world = yield* start(db, after)
      yield* asked(world, "backfill", { sink: "filled" })
      yield* pass("1 minute")
      yield* world.stop
      assert.deepStrictEqual(filled.held, old.held)
      assert.deepStrictEqual(filled.held.get(body("r4"))?.data, { text: "another text" })
      assert.isUndefined(Books.imbalance(yield* booksOf(world)))
    })
  )

  it.effect("of a part leaves the rest as it was, and the sink incomplete", () =>
    Effect.gen(function* () {
      const { db, after, filled } = yield* withNewSink("keyset")
      const world = yield* start(db, after)
      yield* asked(world, "backfill", { sink: "filled", from: epoch - 2 * hour, to: epoch - 2 * hour + 10 * minute })
      const { completeSince } = (yield* sinkOf(world, "filled")) ?? {}
      yield* world.stop
      assert.deepStrictEqual([...filled.held.keys()].toSorted(), [body("r0"), call("r0"), call("r1"), call("r2")])
      assert.isDefined(completeSince)
    })
  )

  it.effect("remembers a range that cannot be read, and fills it in when it can", () =>
    Effect.gen(function* () {
      const { db, filled, old, streams, vendor } = yield* withNewSink("offset")
      const lookback = [{ span: Duration.hours(3), every: Duration.minutes(1) }]
      const after = { streams: streams({ lookback }), sinks: { old, filled } }
      const had = old.log.length
      const bad = { from: epoch - 2 * hour + 30 * minute, to: epoch - 2 * hour + 40 * minute }
      vendor.broken = ({ from, to }) =>
        from < bad.to && bad.from < to
          ? new Failure.Unavailable({ endpoint: "GET /rows", reason: "answered 500", status: 500 })
          : undefined
      const world = yield* start(db, after)
      const { counts } = yield* asked(world, "backfill", { sink: "filled" })
      assert.isAbove(counts["gaps"] ?? 0, 0)
      assert.isBelow(filled.held.size, 30)
      assert.isDefined((yield* sinkOf(world, "filled"))?.completeSince)
      vendor.broken = undefined
      // What a lookback reads meanwhile does not go to the sink, and so does not mend it.
      yield* pass("20 minutes")
      const { status } = yield* world.stop
      assert.deepStrictEqual(status.partitions[0]?.gaps, [])
      assert.deepStrictEqual(filled.held, old.held)
      assert.strictEqual(old.log.length, had)
    })
  )

  it.effect("goes on after a restart, and reads nothing else when a command does it alone", () =>
    Effect.gen(function* () {
      const { db, after, filled, old, vendor } = yield* withNewSink("keyset")
      const gate = yield* Deferred.make<void>()
      filled.blocked = Deferred.await(gate)
      const first = yield* start(db, after)
      const { number } = yield* first.state.requests.ask("backfill", { sink: "filled" })
      yield* pass("10 seconds")
      yield* first.close
      filled.blocked = Effect.void
      assert.strictEqual((yield* first.state.requests.get(number))?.state, "taken")
      vendor.put({ key: "new", at: epoch + 30 * minute, visible: 0, value: "new" })
      yield* TestClock.adjust("1 hour")
      const second = yield* start(db, after, { onlyRequest: number })
      yield* pass("1 minute")
      const { drained } = yield* second.pipeline.outcome
      yield* second.close
      assert.isTrue(drained)
      assert.strictEqual((yield* second.state.requests.get(number))?.state, "done")
      assert.isFalse(old.held.has(call("new")))
      assert.deepStrictEqual(filled.held, old.held)
    })
  )

  const positions = Array.from({ length: 40 }, (_, at) => at)
  it.effect.each(positions)("loses nothing and renames nothing by a crash at operation %s", (position) =>
    Effect.gen(function* () {
      for (const [late, walk] of [
        [false, "keyset"],
        [true, "offset"]
      ] as const) {
        const { db, after, filled, old } = yield* withNewSink(walk)
        const had = old.log.length
        const before = yield* start(db, after)
        yield* before.stop
        const { number } = yield* before.state.requests.ask("backfill", { sink: "filled" })
        const first = yield* start(db, after, {}, striking(position, late))
        yield* pass("20 seconds")
        yield* first.kill
        yield* settle
        const second = yield* start(db, after)
        yield* answered(second.state, number)
        const { status } = yield* second.stop
        assert.deepStrictEqual(filled.held, old.held)
        assert.strictEqual(old.log.length, had)
        assert.strictEqual(new Set(filled.log.map(({ id }) => id)).size, 30)
        assert.strictEqual(status.partitions[0]?.pending, 0)
        assert.isUndefined(Books.imbalance(yield* booksOf(second)))
        assert.isUndefined((yield* sinkOf(second, "filled"))?.completeSince)
      }
    })
  )
})

describe("the walks of a request", () => {
  const progress = { ...initial(since, epoch), position: epoch }
  const walk = { purpose: "backfill", from: 1, to: 2, started: 3, next: 1, spans: [], request: 7 } as const

  it("begin once, also after they have ended", () => {
    const begun = requested(progress, 7, [walk], true)
    assert.deepStrictEqual(begun.walks, [walk])
    assert.deepStrictEqual(requested({ ...begun, walks: [] }, 7, [walk], true).walks, [])
  })

  it("are told from each other, though they begin at one instant", () => {
    const twice = requested(requested(progress, 7, [walk], false), 7, [walk], false)
    assert.deepStrictEqual(
      twice.walks.map(({ started }) => started),
      [3, 4]
    )
    assert.deepStrictEqual(requested(progress, 7, [{ ...walk, to: 1 }], false).walks, [])
  })
})

describe("a sink", () => {
  it.effect("is complete from the beginning when it was there, though it opened late", () =>
    Effect.gen(function* () {
      const { before, db, streams } = yield* setUp("keyset")
      const late = new TestSink()
      late.limits = { ...late.limits, linger: Duration.zero }
      // It wants nothing of what is read: batches are committed before it is open.
      const sinks = { old: before.sinks.old, late }
      const slow = new TestSink()
      Object.defineProperty(late, "open", { value: Effect.andThen(Effect.sleep("1 minute"), slow.open) })
      const world = yield* start(db, { streams: streams(), sinks, sinkTypes: { late: ["test.other.v1"] } })
      yield* pass("2 minutes")
      yield* world.stop
      assert.deepStrictEqual(yield* sinkOf(world, "late"), { name: "late", identity: "test-1" })
    })
  )

  it.effect("that was left out for a time is complete from its return on", () =>
    Effect.gen(function* () {
      const { before, db, old, streams } = yield* setUp("keyset")
      const left = new TestSink()
      const both = { streams: streams(), sinks: { old, left } }
      for (const options of [both, before]) {
        const world = yield* start(db, options)
        yield* pass("2 minutes")
        yield* world.stop
        yield* TestClock.adjust("1 hour")
      }
      const third = yield* start(db, both)
      const back = epoch + 2 * (2 * minute + hour)
      assert.strictEqual((yield* sinkOf(third, "left"))?.completeSince, back)
      yield* pass("1 minute")
      assert.strictEqual((yield* third.pipeline.status).sinks[1]?.completeSince, back)
      yield* third.stop
    })
  )

  it.effect("that is another than before is complete from this start on", () =>
    Effect.gen(function* () {
      const { before, db, old } = yield* setUp("keyset")
      const first = yield* start(db, before)
      yield* pass("2 minutes")
      yield* first.stop
      old.identity = "test-2"
      yield* TestClock.adjust("1 hour")
      const second = yield* start(db, before)
      yield* pass("1 minute")
      assert.deepStrictEqual(yield* sinkOf(second, "old"), {
        name: "old",
        identity: "test-2",
        completeSince: epoch + 2 * minute + hour
      })
      assert.strictEqual((yield* second.pipeline.status).sinks[0]?.completeSince, epoch + 2 * minute + hour)
      yield* second.stop
    })
  )
})
