/** How pages become batches: small ones of a keyset walk are put together, and what came before a failure is kept. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { Failure } from "@callstream/core"
import { TestSink } from "../support/TestSink.ts"
import { streamOf, Vendor } from "../support/Vendor.ts"
import { database, epoch, pass, start, within } from "../support/World.ts"

const hour = 3_600_000

/** Reads 40 rows, 5 a page, in batches of 20; gives the batches that were offered, by their number of rows. */
const read = Effect.fnUntraced(function* (fault?: { readonly page: number; readonly failure: Failure.SourceFailure }) {
  yield* TestClock.setTime(epoch)
  const vendor = new Vendor({ walk: "keyset", pageSize: 5 })
  for (let i = 0; i < 40; i++) vendor.put({ key: `r${i}`, at: epoch - hour + i * 1000, visible: 0, value: i })
  const stream = { ...streamOf(vendor, { since: epoch - 2 * hour }, { largest: "1 day" }), batch: 20 }
  let asked = 0
  const page: typeof stream.page = (ask) => (asked++ === fault?.page ? Effect.fail(fault.failure) : stream.page(ask))
  const sink = new TestSink()
  sink.limits = { ...sink.limits, maxRecords: 1000 }
  const world = yield* start(yield* database, { streams: [{ ...stream, page }], sinks: { sink } })
  yield* pass("10 seconds")
  yield* world.stop
  return { sink, writes: sink.writes.map((write) => write.length) }
})

describe("small pages of a keyset walk", () => {
  it.effect("are put together into batches", () =>
    Effect.gen(function* () {
      const { sink, writes } = yield* read()
      assert.strictEqual(sink.held.size, 40)
      assert.deepStrictEqual(writes, [20, 20])
    })
  )

  it.effect("that came before a failure are kept", () =>
    Effect.gen(function* () {
      const failure = new Failure.Unavailable({ endpoint: "GET /rows", reason: "no connection" })
      const { sink, writes } = yield* read({ page: 2, failure })
      assert.strictEqual(sink.log.length, 40)
      assert.deepStrictEqual(writes, [10, 20, 10])
    })
  )
})

describe.each(["keyset", "offset"] as const)("a large page of a walk by %s", (walk) => {
  it.effect("goes in parts, and a stop between them costs reading again, no record and no second version", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(epoch)
      const vendor = new Vendor({ walk, pageSize: 5000 })
      for (let i = 0; i < 3700; i++) vendor.put({ key: `r${i}`, at: epoch - hour + i * 100, visible: 0, value: i })
      const sink = new TestSink()
      sink.limits = { ...sink.limits, maxRecords: 1000 }
      const options = { streams: [streamOf(vendor, { since: epoch - 2 * hour })], sinks: { sink } }
      const db = yield* database
      // The second part stays with the sink: of the page nothing but the first part is committed.
      sink.answer = ({ subject }) => (subject === "r1500" ? { _tag: "later", afterMs: hour } : undefined)
      const first = yield* start(db, options)
      yield* pass("10 seconds")
      yield* first.kill
      const taken = sink.log.length
      assert.isAbove(taken, 1000)
      sink.answer = () => undefined
      const second = yield* start(db, options)
      yield* pass("10 seconds")
      const { status } = yield* second.stop
      assert.strictEqual(sink.held.size, 3700)
      assert.strictEqual(new Set(sink.log.map(({ id, asof }) => `${id} ${asof}`)).size, 3700)
      // What was committed is unchanged now, and is counted again.
      const { emitted, read, unchanged } = status.partitions[0]?.books ?? {}
      assert.deepStrictEqual([read, unchanged, emitted], [4700, 1000, 3700])
    })
  )
})

describe("a run to the end", () => {
  it.effect("has all of a large page when it ends, however long the state takes between its parts", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(epoch)
      const vendor = new Vendor({ walk: "offset", pageSize: 5000 })
      for (let i = 0; i < 3700; i++) vendor.put({ key: `r${i}`, at: epoch - hour + i * 100, visible: 0, value: i })
      const sink = new TestSink()
      sink.limits = { ...sink.limits, maxRecords: 1000 }
      const stream = streamOf(vendor, { since: epoch - 2 * hour, until: epoch - 1 }, { largest: "1 day" })
      const options = { streams: [stream], sinks: { sink } }
      const around = <A, E>(operation: Effect.Effect<A, E>) => Effect.delay(operation, "2 seconds")
      const { pipeline } = yield* start(yield* database, options, { once: true }, { around })
      const outcome = yield* within("10 minutes", pipeline.outcome)
      assert.deepStrictEqual([outcome.complete, sink.held.size], [true, 3700])
    })
  )
})

describe("a row that spoils every page it is on", () => {
  const bad = epoch - hour + 500_000

  /** A vendor of 120 rows, 10 s apart, one of which nobody can read. */
  const spoiled = Effect.fnUntraced(function* () {
    yield* TestClock.setTime(epoch)
    const vendor = new Vendor({ walk: "offset", pageSize: 5 })
    for (let i = 0; i < 120; i++) vendor.put({ key: `r${i}`, at: epoch - hour + i * 10_000, visible: 0, value: i })
    vendor.broken = ({ from, to }) =>
      from <= bad && bad < to
        ? new Failure.BadAnswer({ endpoint: "GET /rows", reason: "answered with half a page", raw: "<half" })
        : undefined
    const sink = new TestSink()
    const stream = streamOf(vendor, { since: epoch - 2 * hour }, { largest: "1 day" })
    const world = yield* start(yield* database, { streams: [stream], sinks: { sink } })
    return { sink, vendor, world }
  })

  it.effect("is looked for in smaller windows, and its neighbours come", () =>
    Effect.gen(function* () {
      const { sink, world } = yield* spoiled()
      yield* pass("25 seconds")
      const { partitions } = (yield* world.stop).status
      assert.deepStrictEqual(
        partitions[0]?.gaps.map(({ from, to }) => [from <= bad && bad < to, to - from <= 2000]),
        [[true, true]]
      )
      assert.strictEqual(sink.held.size, 119)
    })
  )

  it.effect("is kept as it came when it is asked for again, once, and comes when it can be read", () =>
    Effect.gen(function* () {
      const { sink, vendor, world } = yield* spoiled()
      yield* pass("10 minutes")
      const letters = yield* world.state.deadLetters.list({ limit: 10 })
      assert.deepStrictEqual(
        letters.map(({ payload, reason, stage }) => [stage, payload, reason]),
        [["read", "<half", "GET /rows: answered with half a page"]]
      )
      vendor.broken = undefined
      yield* pass("2 hours")
      const { partitions } = (yield* world.stop).status
      assert.deepStrictEqual([sink.held.size, partitions[0]?.gaps], [120, []])
    })
  )
})

describe("a walk that a source ends early", () => {
  it.effect("goes on from there, and no row is left out", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(epoch)
      const vendor = new Vendor({ walk: "offset", pageSize: 5 })
      for (let i = 0; i < 40; i++) vendor.put({ key: `r${i}`, at: epoch - hour + i * 1000, visible: 0, value: i })
      const stream = streamOf(vendor, { since: epoch - 2 * hour }, { largest: "1 day" })
      const page: typeof stream.page = (ask) =>
        Effect.map(stream.page(ask), ({ next, ...page }) => {
          const last = epoch - hour + vendor.asks.length * 4000
          return next === undefined ? page : { ...page, upTo: last }
        })
      const sink = new TestSink()
      const world = yield* start(yield* database, { streams: [{ ...stream, page }], sinks: { sink } })
      yield* pass("10 seconds")
      const { partitions } = (yield* world.stop).status
      assert.strictEqual(sink.held.size, 40)
      assert.isAtLeast(partitions[0]?.position ?? 0, epoch)
      assert.isAbove(vendor.asks.length, 8)
    })
  )
})

describe("a long window", () => {
  it.effect.each([
    { status: 500, reason: "answered with an error of its own (500)" },
    { late: true, reason: "gave no answer within 1m" }
  ])("that gets nothing but errors ($reason) is split, and only its part that fails is a gap", (failure) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(epoch)
      const vendor = new Vendor({ walk: "offset", pageSize: 5 })
      for (let i = 0; i < 120; i++) vendor.put({ key: `r${i}`, at: epoch - i * hour - 1, visible: 0, value: i })
      const bad = epoch - 60 * hour
      const long = 24 * hour
      vendor.broken = ({ from, to }) =>
        (from <= bad && bad < to && failure.late !== true) || to - from > long
          ? new Failure.Unavailable({ endpoint: "GET /rows", ...failure })
          : undefined
      const stream = streamOf(vendor, { since: epoch - 120 * hour }, { largest: "30 days" })
      const window = { ...stream.window, gap: Duration.days(1) }
      const sink = new TestSink()
      const world = yield* start(yield* database, { streams: [{ ...stream, window }], sinks: { sink } })
      yield* pass("3 minutes")
      const { partitions } = (yield* world.stop).status
      const gaps = partitions[0]?.gaps ?? []
      if (failure.late === true) assert.deepStrictEqual([gaps.length, sink.held.size], [0, 120])
      else {
        assert.deepStrictEqual(
          gaps.map(({ from, to }) => [from <= bad && bad < to, to - from <= long]),
          [[true, true]]
        )
        assert.isAtLeast(sink.held.size, 120 - 24)
      }
    })
  )

  it.effect("whose place the vendor forgets again and again is read in parts", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(epoch)
      const vendor = new Vendor({ walk: "keyset", pageSize: 5 })
      for (let i = 0; i < 120; i++) vendor.put({ key: `r${i}`, at: epoch - i * hour - 1, visible: 0, value: i })
      const stream = streamOf(vendor, { since: epoch - 120 * hour }, { largest: "30 days" })
      let pages = 0
      const page: typeof stream.page = (ask) => {
        pages = ask.cursor === undefined ? 1 : pages + 1
        const lost = new Failure.SetMoved({ endpoint: "GET /rows", reason: "no longer knows the place" })
        return pages > 8 ? Effect.fail(lost) : stream.page(ask)
      }
      const sink = new TestSink()
      const world = yield* start(yield* database, { streams: [{ ...stream, page }], sinks: { sink } })
      yield* pass("3 minutes")
      const { partitions } = (yield* world.stop).status
      assert.deepStrictEqual([partitions[0]?.gaps, sink.held.size], [[], 120])
    })
  )
})

describe("a vendor that gives nothing but nonsense", () => {
  it.effect("is not asked minute by minute, and everything comes when it can be read", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(epoch)
      const vendor = new Vendor({ walk: "offset", pageSize: 5 })
      for (let i = 0; i < 40; i++) vendor.put({ key: `r${i}`, at: epoch - hour + i * 1000, visible: 0, value: i })
      vendor.broken = () => new Failure.BadAnswer({ endpoint: "GET /rows", reason: "answered with half a page" })
      const sink = new TestSink()
      const stream = streamOf(vendor, { since: epoch - 365 * 24 * hour }, { largest: "3650 days" })
      const world = yield* start(yield* database, { streams: [stream], sinks: { sink } })
      yield* pass("20 minutes")
      assert.isBelow(vendor.asks.length, 500)
      vendor.broken = undefined
      yield* pass("2 hours")
      const { partitions } = (yield* world.stop).status
      assert.deepStrictEqual([sink.held.size, partitions[0]?.gaps], [40, []])
    })
  )
})

describe("a run that ends by itself", () => {
  const rowsOf = (count: number, options: ConstructorParameters<typeof Vendor>[0]) => {
    const vendor = new Vendor(options)
    for (let i = 0; i < count; i++) vendor.put({ key: `r${i}`, at: epoch - hour + i * 1000, visible: 0, value: i })
    return vendor
  }

  it.effect("reads a gap that is due to its end", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(epoch)
      const vendor = rowsOf(40, { walk: "offset", pageSize: 5 })
      const stream = streamOf(vendor, { since: epoch - 2 * hour }, { largest: "1 day" })
      const sql = yield* database
      const sink = new TestSink()
      vendor.broken = () =>
        new Failure.Unavailable({ endpoint: "GET /rows", reason: "answered with an error (500)", status: 500 })
      const first = yield* start(sql, { streams: [stream], sinks: { sink } }, { once: true })
      yield* pass("10 minutes")
      yield* first.stop
      vendor.broken = undefined
      yield* pass("2 hours")
      const second = yield* start(sql, { streams: [stream], sinks: { sink } }, { once: true })
      yield* pass("1 minute")
      yield* second.stop
      assert.strictEqual(sink.held.size, 40)
    })
  )

  it.effect.each([
    { once: true, timing: { until: epoch - hour } },
    { once: false, timing: { until: epoch - hour } },
    { once: true, timing: { lag: Duration.minutes(30) } }
  ])("ends in every later run, too, where no lookback has anything to read: %o", ({ once, timing }) =>
    Effect.gen(function* () {
      const lookback = [{ span: Duration.minutes(15), every: Duration.minutes(1) }]
      const stream = streamOf(rowsOf(5, { walk: "keyset", pageSize: 5 }), {
        since: epoch - 2 * hour,
        lookback,
        ...timing
      })
      const sql = yield* database
      for (let run = 0; run < 4; run++) {
        yield* TestClock.setTime(epoch + run * 600_000)
        const world = yield* start(sql, { streams: [stream], sinks: { sink: new TestSink() } }, { once })
        const { complete } = yield* within("2 minutes", world.pipeline.outcome)
        assert.isTrue(complete)
        yield* world.kill
      }
    })
  )

  it.effect("does not wait for ever for what cannot be read because a sibling goes on following", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(epoch)
      const well = streamOf(rowsOf(5, { walk: "offset", pageSize: 5 }), { since: epoch - 2 * hour })
      const down = new Vendor({ walk: "offset", pageSize: 5 })
      down.broken = () => new Failure.Unavailable({ endpoint: "GET /rows", reason: "no connection" })
      const ill = { ...streamOf(down, { since: epoch - 2 * hour }), name: "ill" }
      const world = yield* start(
        yield* database,
        { streams: [well, ill], sinks: { sink: new TestSink() } },
        { once: true, patienceMs: 600_000 }
      )
      const ended = yield* Effect.forkChild(world.pipeline.outcome)
      yield* pass("30 minutes")
      assert.isDefined(ended.pollUnsafe())
    })
  )
})
