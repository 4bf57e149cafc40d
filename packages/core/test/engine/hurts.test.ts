/** The cases that hurt: stops, late rows, values that come back, stale answers, clocks, contents. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { Failure, type Source } from "@callstream/core"
import { TestSink } from "../support/TestSink.ts"
import { streamOf, Vendor } from "../support/Vendor.ts"
import { database, epoch, pass, settle, start, striking, within } from "../support/World.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const since = epoch - 2 * hour
const call = (key: string) => `test/main\ntest.call.v1\n${key}`
const body = (key: string) => `test/main\ntest.body.v1\n${key}`

const lookback: ReadonlyArray<Source.LookbackSpan> = [
  { span: Duration.minutes(15), every: Duration.minutes(1) },
  { span: Duration.hours(6), every: Duration.hours(1) }
]

const setUp = Effect.fnUntraced(function* (
  walk: "keyset" | "offset",
  timing: Partial<Source.Timing> = {},
  skew?: number
) {
  yield* TestClock.setTime(epoch)
  const vendor = new Vendor({ walk, pageSize: 10, ...(skew === undefined ? {} : { skew }) })
  const sink = new TestSink()
  const db = yield* database
  const options = () => ({ streams: [streamOf(vendor, { since, lookback, ...timing })], sinks: { sink } })
  return { vendor, sink, db, options }
})

describe("a stop", () => {
  it.effect("of ten days does not lose the row that appeared ten minutes after it", () =>
    Effect.gen(function* () {
      const { db, options, sink, vendor } = yield* setUp("offset")
      const first = yield* start(db, options())
      yield* pass("2 minutes")
      yield* first.stop
      vendor.put({ key: "late", at: epoch - minute, visible: epoch + 12 * minute, value: "late" })
      yield* TestClock.setTime(epoch + 10 * day)
      const second = yield* start(db, options())
      yield* pass("5 minutes")
      yield* second.stop
      assert.isTrue(sink.held.has(call("late")))
    })
  )

  it.effect("between runs of cron does not lose what came late", () =>
    Effect.gen(function* () {
      const { db, options, sink, vendor } = yield* setUp("keyset")
      for (let run = 0; run < 6; run++) {
        const now = epoch + run * hour
        yield* TestClock.setTime(now)
        // Seen an hour and more after it happened, each between two runs.
        vendor.put({ key: `late${run}`, at: now - 30 * minute, visible: now + 30 * minute, value: run })
        const world = yield* start(db, options(), { once: true })
        const { complete } = yield* within("1 minute", world.pipeline.outcome)
        assert.isTrue(complete)
        yield* world.kill
      }
      yield* TestClock.setTime(epoch + 6 * hour)
      const world = yield* start(db, options(), { once: true })
      yield* within("1 minute", world.pipeline.outcome)
      assert.deepStrictEqual(
        [...sink.held.keys()].sort(),
        [0, 1, 2, 3, 4, 5].map((run) => call(`late${run}`))
      )
      assert.strictEqual(sink.log.length, 6)
    })
  )
})

describe("the seen-index", () => {
  it.effect("does not grow without end where each run is a short one", () =>
    Effect.gen(function* () {
      const { db, options, vendor } = yield* setUp("keyset")
      for (let run = 0; run < 30; run++) {
        const now = epoch + run * 10 * day
        yield* TestClock.setTime(now)
        vendor.put({ key: `r${run}`, at: now - minute, visible: 0, value: run })
        const world = yield* start(db, options(), { once: true })
        yield* within("1 minute", world.pipeline.outcome)
        yield* world.close
      }
      assert.isBelow(Number(db.prepare("SELECT count(*) AS rows FROM seen").get()?.["rows"]), 15)
    })
  )

  it.effect("still knows, after a stop of a year, what the lookback reads again", () =>
    Effect.gen(function* () {
      const { db, sink, vendor } = yield* setUp("keyset")
      const streams = [streamOf(vendor, { since, lookback }, { largest: "10 days" })]
      vendor.put({ key: "a", at: epoch - minute, visible: 0, value: 1 })
      for (const now of [epoch, epoch + 365 * day]) {
        yield* TestClock.setTime(now)
        const world = yield* start(db, { streams, sinks: { sink } }, { once: true })
        yield* within("1 minute", world.pipeline.outcome)
        yield* world.close
      }
      assert.strictEqual(sink.log.length, 1)
    })
  )
})

describe("a value", () => {
  it.effect("that comes back is a new event: A, B, A", () =>
    Effect.gen(function* () {
      const { db, options, sink, vendor } = yield* setUp("keyset")
      const world = yield* start(db, options())
      for (const value of ["A", "B", "A"]) {
        vendor.put({ key: "x", at: epoch - minute, visible: 0, value })
        yield* pass("3 minutes")
      }
      yield* world.stop
      assert.deepStrictEqual(
        sink.log.map(({ data }) => (data as { value: string }).value),
        ["A", "B", "A"]
      )
      assert.strictEqual(new Set(sink.log.map(({ id }) => id)).size, 3)
      assert.deepInclude(sink.held.get(call("x"))?.data, { value: "A" })
    })
  )

  it.effect("of an older version is stale, and never emitted", () =>
    Effect.gen(function* () {
      const { db, options, sink, vendor } = yield* setUp("keyset")
      vendor.put({ key: "x", at: epoch - minute, visible: 0, value: "new" })
      const versioned = (version: number) => {
        const [stream] = options().streams
        if (stream === undefined) throw new Error("one stream")
        return {
          ...stream,
          page: (ask: Source.Ask) =>
            Effect.map(stream.page(ask), (page) => ({
              ...page,
              rows: page.rows.map((row) => ("unreadable" in row ? row : { ...row, version }))
            }))
        }
      }
      const first = yield* start(db, { ...options(), streams: [versioned(2)] })
      yield* pass("1 minute")
      yield* first.stop
      vendor.put({ key: "x", at: epoch - minute, visible: 0, value: "old" })
      const second = yield* start(db, { ...options(), streams: [versioned(1)] })
      yield* pass("5 minutes")
      const { status } = yield* second.stop
      assert.deepStrictEqual(
        sink.log.map(({ data }) => (data as { value: string }).value),
        ["new"]
      )
      assert.isAbove(status.partitions[0]?.books.unchanged ?? 0, 0)
    })
  )
})

describe("a crash between answer and commit", () => {
  // Each position of the first minute: every operation on the state, before and after it took effect.
  const positions = Array.from({ length: 16 }, (_, at) => at)
  it.effect.each(positions)("at operation %s gives no event a second identity, and loses none", (position) =>
    Effect.gen(function* () {
      for (const [after, walk] of [
        [false, "keyset"],
        [true, "keyset"],
        [false, "offset"],
        [true, "offset"]
      ] as const) {
        const { db, options, sink, vendor } = yield* setUp(walk)
        for (let i = 0; i < 25; i++) vendor.put({ key: `r${i}`, at: epoch - hour + i, visible: 0, value: i })
        const first = yield* start(db, options(), {}, striking(position, after))
        yield* pass("30 seconds")
        yield* first.kill
        yield* settle
        const second = yield* start(db, options())
        yield* pass("2 minutes")
        yield* second.stop
        assert.strictEqual(sink.held.size, 25)
        const identities = new Set(sink.log.map(({ asof, id, subject }) => `${subject} ${id} ${asof}`))
        assert.strictEqual(identities.size, 25)
      }
    })
  )
})

describe("a clock", () => {
  it.effect("that jumps back issues no lower version", () =>
    Effect.gen(function* () {
      const { db, options, sink, vendor } = yield* setUp("keyset")
      vendor.put({ key: "x", at: epoch - minute, visible: 0, value: 1 })
      const first = yield* start(db, options())
      yield* pass("1 minute")
      yield* first.stop
      yield* TestClock.setTime(epoch - hour)
      vendor.put({ key: "x", at: epoch - 90 * minute, visible: 0, value: 2 })
      const second = yield* start(db, options())
      yield* pass("2 minutes")
      yield* TestClock.setTime(epoch + 2 * hour)
      yield* pass("3 minutes")
      yield* second.stop
      assert.deepInclude(sink.held.get(call("x"))?.data, { value: 2 })
      const versions = sink.log.map(({ asof }) => Number(asof))
      assert.deepStrictEqual(
        [...versions].sort((a, b) => a - b),
        versions
      )
    })
  )

  it.effect("that is ahead of the vendor's does not pass rows that are yet to come", () =>
    Effect.gen(function* () {
      const { db, options, sink, vendor } = yield* setUp("offset", { lookback: [] }, -30 * minute)
      const world = yield* start(db, options())
      yield* pass("1 minute")
      vendor.put({ key: "x", at: epoch - 10 * minute, visible: epoch + 20 * minute, value: 1 })
      yield* pass("40 minutes")
      yield* world.stop
      assert.isTrue(sink.held.has(call("x")))
    })
  )
})

describe("contents", () => {
  it.effect("that fail for an hour arrive when they can, once", () =>
    Effect.gen(function* () {
      const { db, options, sink, vendor } = yield* setUp("keyset")
      vendor.put({ key: "x", at: epoch - minute, visible: 0, value: 1, body: "hello" })
      vendor.bodyFaults.push(...Array.from({ length: 8 }, () => ({ later: "answered 500" })))
      const first = yield* start(db, options())
      yield* pass("20 minutes")
      yield* first.stop
      assert.isFalse(sink.held.has(body("x")))
      const second = yield* start(db, options())
      yield* pass("3 hours")
      const { status } = yield* second.stop
      assert.deepStrictEqual(sink.held.get(body("x"))?.data, { text: "hello" })
      assert.strictEqual(sink.log.filter(({ type }) => type === "test.body.v1").length, 1)
      assert.strictEqual(status.partitions[0]?.pending, 0)
    })
  )

  it.effect("are kept when their object is archived afterwards", () =>
    Effect.gen(function* () {
      const { db, options, sink, vendor } = yield* setUp("keyset")
      vendor.put({ key: "x", at: epoch - minute, visible: 0, value: "AVAILABLE", body: "hello" })
      const world = yield* start(db, options())
      yield* pass("2 minutes")
      vendor.put({ key: "x", at: epoch - minute, visible: 0, value: "ARCHIVED" })
      yield* pass("3 minutes")
      yield* world.stop
      assert.deepStrictEqual(sink.held.get(body("x"))?.data, { text: "hello" })
      assert.deepInclude(sink.held.get(call("x"))?.data, { value: "ARCHIVED" })
    })
  )

  it.effect("that will never come are a dead letter, asked for once", () =>
    Effect.gen(function* () {
      const { db, options, sink, vendor } = yield* setUp("keyset")
      vendor.put({ key: "x", at: epoch - minute, visible: 0, value: 1, body: "hello" })
      vendor.bodyFaults.push({ failed: "is larger than 32 MiB" })
      const world = yield* start(db, options())
      yield* pass("10 minutes")
      const letters = yield* world.state.deadLetters.list({ limit: 10 })
      yield* world.stop
      assert.deepStrictEqual(
        letters.map(({ reason, stage }) => [stage, reason]),
        [["content", "is larger than 32 MiB"]]
      )
      assert.isFalse(sink.held.has(body("x")))
    })
  )

  it.effect("that were gone are asked for again when their object comes back", () =>
    Effect.gen(function* () {
      const { db, options, sink, vendor } = yield* setUp("keyset")
      vendor.put({ key: "x", at: epoch - minute, visible: 0, value: "AVAILABLE", body: "hello" })
      vendor.bodyFaults.push({ gone: "answered 404" })
      const world = yield* start(db, options())
      yield* pass("5 minutes")
      assert.isFalse(sink.held.has(body("x")))
      assert.deepStrictEqual(vendor.bodyFaults, [])
      vendor.put({ key: "x", at: epoch - minute, visible: 0, value: "RESTORED", body: "hello" })
      yield* pass("3 minutes")
      const { status } = yield* world.stop
      assert.deepStrictEqual(sink.held.get(body("x"))?.data, { text: "hello" })
      assert.strictEqual(status.partitions[0]?.deadLetters, 0)
    })
  )

  it.effect("do not hold back listing for ever when their server is down", () =>
    Effect.gen(function* () {
      const { db, options, sink, vendor } = yield* setUp("keyset")
      vendor.put({ key: "x", at: epoch - minute, visible: 0, value: 1, body: "hello" })
      const [stream] = options().streams
      if (stream === undefined) throw new Error("one stream")
      const down = () => Effect.fail(new Failure.Unavailable({ endpoint: "GET /content", reason: "no connection" }))
      const world = yield* start(db, { ...options(), streams: [{ ...stream, fetch: down }] })
      yield* pass("5 minutes")
      vendor.put({ key: "y", at: epoch + 6 * minute, visible: 0, value: 2 })
      yield* pass("3 minutes")
      yield* world.stop
      assert.isTrue(sink.held.has(call("y")))
    })
  )
})
