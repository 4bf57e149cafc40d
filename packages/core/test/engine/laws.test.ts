/** The laws of delivery, on a made-up vendor and sink: each test here fails when its law is broken. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Logger } from "effect"
import { Books, Failure, Http, Sink, type Source } from "@callstream/core"
import { TestSink } from "../support/TestSink.ts"
import { streamOf, Vendor } from "../support/Vendor.ts"
import { database, epoch, pass, settle, start, within } from "../support/World.ts"
import { TestClock } from "effect/testing"

const minute = 60_000
const hour = 60 * minute

/** Rows one second apart from an hour before the epoch. */
const filled = (count: number, options: { readonly walk: "keyset" | "offset"; readonly pageSize?: number }) => {
  const vendor = new Vendor({ pageSize: 10, ...options })
  for (let i = 0; i < count; i++) {
    vendor.put({ key: `r${String(i).padStart(4, "0")}`, at: epoch - hour + i * 1000, visible: 0, value: i })
  }
  return vendor
}

const since = epoch - 2 * hour
const unavailable = new Failure.Unavailable({ endpoint: "GET /rows", reason: "no connection" })

const atEpoch = TestClock.setTime(epoch)

describe("law 1: a checkpoint moves only over what every sink has answered", () => {
  for (const walk of ["keyset", "offset"] as const) {
    it.effect(`is not passed by a later batch (${walk})`, () =>
      Effect.gen(function* () {
        yield* atEpoch
        const vendor = filled(60, { walk })
        const sink = new TestSink()
        // The first page's first row is not taken, everything behind it is.
        sink.answer = (event) => (event.subject === "r0000" ? { _tag: "later", afterMs: 1000 } : undefined)
        const db = yield* database
        const first = yield* start(db, { streams: [streamOf(vendor, { since })], sinks: { sink } })
        yield* pass("30 seconds")
        assert.strictEqual(sink.held.size, 59)
        yield* first.kill
        yield* settle
        const overview = yield* first.state.overview
        assert.deepStrictEqual(
          overview.map(({ books }) => books.read),
          [0]
        )
        sink.answer = () => undefined
        const second = yield* start(db, { streams: [streamOf(vendor, { since })], sinks: { sink } })
        yield* pass("30 seconds")
        yield* second.stop
        assert.strictEqual(sink.held.size, 60)
      })
    )
  }

  it.effect("lets no event reach a sink before the seen-index has it safe on disk", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const sink = new TestSink()
      const disk = yield* Deferred.make<void>()
      const streams = [streamOf(filled(5, { walk: "keyset" }), { since })]
      const guard = { around: <A, E>(operation: Effect.Effect<A, E>) => operation, disk: Deferred.await(disk) }
      const world = yield* start(yield* database, { streams, sinks: { sink } }, {}, guard)
      yield* pass("10 seconds")
      assert.strictEqual(sink.writes.length, 0)
      yield* Deferred.succeed(disk, undefined)
      yield* pass("10 seconds")
      yield* world.stop
      assert.strictEqual(sink.held.size, 5)
    })
  )

  it.effect("waits for the slowest of several sinks", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(5, { walk: "keyset" })
      const fast = new TestSink()
      const slow = new TestSink()
      const gate = yield* Deferred.make<void>()
      slow.blocked = Deferred.await(gate)
      const db = yield* database
      const world = yield* start(db, { streams: [streamOf(vendor, { since })], sinks: { fast, slow } })
      yield* pass("10 seconds")
      assert.strictEqual(fast.held.size, 5)
      assert.deepStrictEqual(
        (yield* world.state.overview).map(({ books }) => books.read),
        [0]
      )
      yield* Deferred.succeed(gate, undefined)
      yield* pass("10 seconds")
      assert.deepStrictEqual(
        (yield* world.state.overview).map(({ books }) => books.read),
        [5]
      )
      yield* world.stop
    })
  )
})

describe("law 2: a window is done when the end rule says so", () => {
  for (const walk of ["keyset", "offset"] as const) {
    it.effect(`reads on behind a page that is short, and one that is empty (${walk})`, () =>
      Effect.gen(function* () {
        yield* atEpoch
        const vendor = filled(35, { walk })
        let asked = 0
        const stream = streamOf(vendor, { since })
        const holed = {
          ...stream,
          page: (ask: Parameters<typeof stream.page>[0]) =>
            Effect.map(stream.page(ask), (answer) =>
              answer.rows.length === 0 ? answer : { ...answer, rows: answer.rows.slice(0, [10, 0, 4, 10][asked++]) }
            )
        }
        const sink = new TestSink()
        const world = yield* start(yield* database, { streams: [holed], sinks: { sink } })
        yield* pass("10 seconds")
        yield* world.stop
        const pages = Map.groupBy(sink.log, ({ subject }) => subject.slice(0, 4))
        assert.deepStrictEqual(
          [...pages].map(([tens, events]) => [tens, events.length]),
          [
            ["r000", 10],
            ["r002", 4],
            ["r003", 5]
          ]
        )
      })
    )
  }

  it.effect("starts a window over when the set moved under an offset walk, and splits it", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(60, { walk: "offset" })
      vendor.faults.push(
        ...Array.from({ length: 3 }, () => new Failure.SetMoved({ endpoint: "GET /rows", reason: "the total changed" }))
      )
      const sink = new TestSink()
      const world = yield* start(yield* database, { streams: [streamOf(vendor, { since })], sinks: { sink } })
      yield* pass("1 minute")
      yield* world.stop
      assert.strictEqual(sink.held.size, 60)
      assert.strictEqual(sink.log.length, 60)
    })
  )

  it.effect("splits a window that is too big, down to what can be read", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(100, { walk: "offset" })
      vendor.broken = (window) =>
        vendor.visible(window, epoch).length > 20
          ? new Failure.WindowTooBig({ endpoint: "GET /rows", reason: "more than 20 rows" })
          : undefined
      const sink = new TestSink()
      const world = yield* start(yield* database, { streams: [streamOf(vendor, { since })], sinks: { sink } })
      yield* pass("1 minute")
      const outcome = yield* world.stop
      assert.strictEqual(sink.held.size, 100)
      assert.deepStrictEqual(outcome.status.partitions[0]?.gaps, [])
    })
  )
})

describe("a range that cannot be read", () => {
  it.effect("is told when it begins and when it has doubled, not once for each small window of it", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(10, { walk: "offset" })
      vendor.broken = () => new Failure.WindowTooBig({ endpoint: "GET /rows", reason: "more than it can have" })
      const warnings: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => {
        if (logLevel === "Warn") warnings.push(String(message))
      })
      const run = Effect.gen(function* () {
        const streams = [streamOf(vendor, { since })]
        const world = yield* start(yield* database, { streams, sinks: { sink: new TestSink() } })
        yield* pass("10 seconds")
        return yield* world.stop
      })
      const { status } = yield* Effect.provide(run, Logger.layer([logger]))
      const [gap, ...others] = status.partitions[0]?.gaps ?? []
      assert.lengthOf(others, 0)
      const told = warnings.filter((text) => text.startsWith("Cannot read "))
      assert.isAbove(told.length, 0)
      assert.isBelow(told.length, 20)
      const begun = `Cannot read ${new Date(gap?.from ?? 0).toISOString()} to `
      assert.isTrue(told.every((text) => text.startsWith(begun)))
    })
  )
})

describe("law 3: every record has one end, and the books balance", () => {
  it.effect("counts unchanged, filtered, unreadable, emitted, and each sink's answers", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(40, { walk: "keyset" })
      vendor.put({ key: "bad", at: epoch - hour, visible: 0, value: { what: "?" }, unreadable: true })
      const all = new TestSink()
      const picky = new TestSink()
      picky.answer = (event) => (event.subject === "r0007" ? Sink.refused("too large") : undefined)
      const steps = [
        {
          apply: (events: ReadonlyArray<{ subject: string }>) =>
            events.map((event) => (event.subject === "r0003" ? "drop" : event))
        }
      ]
      const world = yield* start(yield* database, {
        streams: [streamOf(vendor, { since, lookback: [{ span: Duration.hours(3), every: Duration.minutes(1) }] })],
        sinks: { all, picky, bodies: new TestSink() },
        sinkTypes: { bodies: ["test.body.v1"] },
        steps: steps as never
      })
      yield* pass("3 minutes")
      const { status } = yield* world.stop
      const books = status.partitions[0]?.books ?? Books.empty
      assert.isUndefined(Books.imbalance(books))
      assert.deepStrictEqual([books.emitted, books.unreadable], [39, 1])
      assert.isAtLeast(books.unchanged, 40)
      assert.deepStrictEqual(books.sinks["picky"], { emitted: 39, unwanted: 0, stored: 38, superseded: 0, refused: 1 })
      assert.deepStrictEqual(books.sinks["bodies"], { emitted: 39, unwanted: 39, stored: 0, superseded: 0, refused: 0 })
      const letters = yield* world.state.deadLetters.list({ limit: 10 })
      assert.deepStrictEqual(letters.map(({ reason, stage, subject }) => `${stage} ${subject}: ${reason}`).sort(), [
        "read bad: value is not as documented",
        "sink:picky r0007: too large"
      ])
    })
  )

  it.effect("closes a dead letter once a newer version is delivered", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(3, { walk: "keyset" })
      const sink = new TestSink()
      sink.answer = (event) => (event.subject === "r0001" ? Sink.refused("too large") : undefined)
      const lookback = [{ span: Duration.hours(3), every: Duration.minutes(1) }]
      const world = yield* start(yield* database, { streams: [streamOf(vendor, { since, lookback })], sinks: { sink } })
      yield* pass("2 minutes")
      assert.strictEqual(yield* world.state.deadLetters.count, 1)
      sink.answer = () => undefined
      vendor.put({ key: "r0001", at: epoch - hour + 1000, visible: 0, value: "smaller" })
      yield* pass("2 minutes")
      assert.strictEqual(yield* world.state.deadLetters.count, 0)
      yield* world.stop
    })
  )
})

describe("law 4: every queue is bounded", () => {
  it.effect("stops reading when a sink is stuck", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(500, { walk: "keyset" })
      const sink = new TestSink()
      const healthy = new TestSink()
      const gate = yield* Deferred.make<void>()
      sink.blocked = Deferred.await(gate)
      const world = yield* start(yield* database, {
        streams: [streamOf(vendor, { since })],
        sinks: { sink, healthy },
        buffer: { records: 40, bytes: 1_000_000 }
      })
      yield* pass("1 minute")
      const { status } = world.pipeline
      const stuck = (yield* status).sinks.find(({ name }) => name === "sink")
      assert.isAtMost(stuck?.buffered.records ?? 0, 40)
      assert.isAtMost(healthy.held.size, 60)
      assert.isAtMost(vendor.asks.length, 8)
      yield* Deferred.succeed(gate, undefined)
      yield* pass("1 minute")
      assert.deepStrictEqual([sink.held.size, healthy.held.size], [500, 500])
      yield* world.stop
    })
  )

  it.effect("cuts writes to the sink's size, in records and bytes", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const sink = new TestSink()
      sink.limits = { maxRecords: 7, maxBytes: 900, linger: Duration.zero, concurrency: 1 }
      const world = yield* start(yield* database, {
        streams: [streamOf(filled(50, { walk: "keyset" }), { since })],
        sinks: { sink }
      })
      yield* pass("1 minute")
      yield* world.stop
      assert.strictEqual(sink.held.size, 50)
      assert.isAtMost(Math.max(...sink.writes.map((write) => write.length)), 3)
    })
  )
})

describe("law 5: order is kept per entity", () => {
  it.effect("sends what was answered later before anything newer of its entity", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(5, { walk: "keyset" })
      const sink = new TestSink()
      let refusals = 3
      sink.answer = ({ data, subject }) =>
        subject === "r0002" && (data as { value: unknown }).value !== "newer" && refusals-- > 0
          ? { _tag: "later", afterMs: 45_000 }
          : undefined
      const lookback = [{ span: Duration.hours(3), every: Duration.minutes(1) }]
      const world = yield* start(yield* database, { streams: [streamOf(vendor, { since, lookback })], sinks: { sink } })
      yield* pass("30 seconds")
      vendor.put({ key: "r0002", at: epoch - hour + 2000, visible: 0, value: "newer" })
      yield* pass("10 minutes")
      yield* world.stop
      const versions = sink.log.filter(({ subject }) => subject === "r0002").map(({ asof }) => Number(asof))
      assert.strictEqual(versions.length, 2)
      assert.deepStrictEqual(
        [...versions].sort((a, b) => a - b),
        versions
      )
      assert.deepInclude(sink.held.get("test/main\ntest.call.v1\nr0002")?.data, { value: "newer" })
    })
  )

  it.effect("never has two writes of one entity in flight", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(1, { walk: "keyset" })
      const sink = new TestSink()
      sink.blocked = Effect.sleep("3 minutes")
      const lookback = [{ span: Duration.hours(3), every: Duration.minutes(1) }]
      const world = yield* start(yield* database, { streams: [streamOf(vendor, { since, lookback })], sinks: { sink } })
      for (let i = 1; i <= 4; i++) {
        yield* pass("1 minute")
        vendor.put({ key: "r0000", at: epoch - hour, visible: 0, value: `v${i}` })
      }
      yield* pass("20 minutes")
      assert.strictEqual(sink.mostInFlight, 1)
      assert.isAtLeast(sink.log.length, 3)
      yield* world.stop
    })
  )

  it.effect("raises the version when a sink holds a newer one than was ever issued", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(1, { walk: "keyset" })
      const sink = new TestSink()
      const stale = { asof: String(epoch + 1_000_000) }
      sink.answer = (event) =>
        Number(event.asof) < Number(stale.asof) ? { _tag: "superseded", asof: stale.asof } : undefined
      const world = yield* start(yield* database, { streams: [streamOf(vendor, { since })], sinks: { sink } })
      yield* pass("1 minute")
      const { status } = yield* world.stop
      assert.strictEqual(sink.held.get("test/main\ntest.call.v1\nr0000")?.asof, String(epoch + 1_000_001))
      assert.deepInclude(status.partitions[0]?.books.sinks["sink"], { stored: 1, superseded: 0 })
    })
  )
})

describe("law 6: a failing partition does not stop its siblings", () => {
  it.effect("goes on elsewhere, backs off, and resumes by itself", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const good = filled(10, { walk: "keyset" })
      const bad = filled(10, { walk: "keyset" })
      bad.broken = () => unavailable
      const sink = new TestSink()
      const streams = [
        streamOf(good, { since }),
        { ...streamOf(bad, { since }, { partitions: ["other"] }), name: "others" }
      ]
      const world = yield* start(yield* database, { streams, sinks: { sink } })
      yield* pass("10 minutes")
      assert.strictEqual(sink.held.size, 10)
      const activities = (yield* world.pipeline.status).partitions.map(({ activity, stream }) => [stream, activity])
      assert.deepStrictEqual(activities, [
        ["rows", "following"],
        ["others", "backing off"]
      ])
      assert.isBelow(bad.asks.length, 30)
      bad.broken = undefined
      yield* pass("2 minutes")
      assert.strictEqual(sink.held.size, 20)
      yield* world.stop
    })
  )

  it.effect("starts a partition again after a defect, and loses nothing", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(30, { walk: "keyset" })
      const stream = streamOf(vendor, { since })
      let asked = 0
      const page: typeof stream.page = (ask) => (++asked === 2 ? Effect.die(new Error("a bug")) : stream.page(ask))
      const sink = new TestSink()
      const world = yield* start(yield* database, { streams: [{ ...stream, page }], sinks: { sink } })
      yield* pass("1 minute")
      yield* world.stop
      assert.strictEqual(sink.held.size, 30)
    })
  )

  it.effect("asks a stream for its partitions again after a defect, and its siblings go on", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const [good, bad] = [filled(10, { walk: "keyset" }), filled(10, { walk: "keyset" })]
      const other = { ...streamOf(bad, { since }, { partitions: ["other"] }), name: "others" }
      let asked = 0
      const partitions = Effect.suspend(() => (++asked < 3 ? Effect.die(new Error("a bug")) : other.partitions))
      const sink = new TestSink()
      const streams = [streamOf(good, { since }), { ...other, partitions }]
      const world = yield* start(yield* database, { streams, sinks: { sink } })
      yield* pass("1 minute")
      yield* world.stop
      assert.strictEqual(sink.held.size, 20)
    })
  )

  it.effect("parks on refused credentials, does not hammer, and stays parked over a restart", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(10, { walk: "keyset" })
      vendor.broken = () =>
        new Failure.Denied({
          endpoint: "GET /rows",
          reason: "refused our credentials (401)",
          remedy: "Set a new token.",
          scope: "source"
        })
      const sink = new TestSink()
      const db = yield* database
      const options = { streams: [streamOf(vendor, { since })], sinks: { sink } }
      const first = yield* start(db, options)
      yield* pass("2 minutes")
      assert.strictEqual(vendor.asks.length, 1)
      yield* first.stop
      const second = yield* start(db, options)
      yield* pass("10 seconds")
      assert.strictEqual(vendor.asks.length, 1)
      const [partition] = (yield* second.pipeline.status).partitions
      assert.deepStrictEqual(
        [partition?.activity, partition?.reason],
        ["parked", "GET /rows: refused our credentials (401). Set a new token."]
      )
      yield* second.stop
      vendor.broken = undefined
      const third = yield* start(db, { ...options, fingerprint: "2" })
      yield* pass("10 seconds")
      assert.strictEqual(sink.held.size, 10)
      assert.deepStrictEqual(yield* third.state.parks, [])
      yield* third.stop
    })
  )

  it.effect("can be interrupted while a sink is stuck and its buffer full", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const sink = new TestSink()
      sink.blocked = Effect.never
      const streams = [streamOf(filled(30, { walk: "keyset" }), { since }, { partitions: ["a", "b"] })]
      const buffer = { records: 3, bytes: 1_000_000 }
      const world = yield* start(yield* database, { streams, sinks: { sink }, buffer })
      yield* pass("1 minute")
      yield* within("1 minute", world.close)
    })
  )

  it.effect("fails with a sink that cannot go on at all, though its buffer is full", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const sink = new TestSink()
      sink.blocked = Effect.sleep("10 seconds")
      sink.failures.push(new Failure.Fatal({ reason: "the folder is another's", remedy: "Name another." }))
      const streams = [streamOf(filled(30, { walk: "keyset" }), { since }, { partitions: ["a", "b"] })]
      const buffer = { records: 3, bytes: 1_000_000 }
      const world = yield* start(yield* database, { streams, sinks: { sink }, buffer })
      const failure = yield* within("1 minute", Effect.flip(world.pipeline.outcome))
      assert.strictEqual(failure._tag, "Fatal")
      assert.strictEqual(failure.message, "Sink sink: the folder is another's. Name another.")
    })
  )

  it.effect("names the source that cannot go on at all", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const fatal = new Failure.Fatal({ reason: "the address is none", remedy: "Write another" })
      const streams = [{ ...streamOf(filled(1, { walk: "keyset" }), { since }), partitions: Effect.fail(fatal) }]
      const world = yield* start(yield* database, { streams, sinks: { sink: new TestSink() } })
      const failure = yield* within("1 minute", Effect.flip(world.pipeline.outcome))
      assert.strictEqual(failure.message, "Source source: the address is none. Write another")
    })
  )

  it.effect("waits, when told to end, for the answer that may end a park", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(10, { walk: "keyset" })
      const remedy = "Set a new token."
      vendor.broken = () =>
        new Failure.Denied({ endpoint: "GET /rows", reason: "refused (401)", remedy, scope: "source" })
      const sink = new TestSink()
      const stream = streamOf(vendor, { since })
      const slow: typeof stream.page = (ask) => Effect.andThen(Effect.sleep("5 seconds"), stream.page(ask))
      const db = yield* database
      const options = { streams: [{ ...stream, page: slow }], sinks: { sink } }
      const refused = yield* start(db, options, { once: true })
      assert.isFalse((yield* Effect.orDie(within("1 minute", refused.pipeline.outcome))).complete)
      yield* refused.stop
      vendor.broken = undefined
      yield* pass("10 minutes")
      const due = yield* start(db, options, { once: true })
      assert.isTrue((yield* Effect.orDie(within("1 minute", due.pipeline.outcome))).complete)
      assert.strictEqual(sink.held.size, 10)
      yield* due.stop
    })
  )

  it.effect("passes a range that cannot be read, and reads it when it can", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(60, { walk: "offset" })
      const bad = { from: epoch - hour + 10_000, to: epoch - hour + 20_000 }
      vendor.broken = ({ from, to }) =>
        from < bad.to && bad.from < to
          ? new Failure.Unavailable({
              endpoint: "GET /rows",
              reason: "answered with an error of its own (500)",
              status: 500
            })
          : undefined
      const sink = new TestSink()
      const world = yield* start(yield* database, {
        streams: [streamOf(vendor, { since }, { largest: "20 minutes" })],
        sinks: { sink }
      })
      yield* pass("5 minutes")
      vendor.put({ key: "new", at: epoch + 6 * minute, visible: 0, value: "new" })
      yield* pass("2 minutes")
      assert.isTrue(sink.held.has("test/main\ntest.call.v1\nnew"))
      assert.strictEqual((yield* world.pipeline.status).partitions[0]?.gaps.length, 1)
      vendor.broken = undefined
      yield* pass("10 minutes")
      const { status } = yield* world.stop
      assert.deepStrictEqual([sink.held.size, status.partitions[0]?.gaps], [61, []])
    })
  )

  it.effect("goes on after a sink threw something", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const sink = new TestSink()
      let writes = 0
      sink.answer = () => {
        if (++writes === 2) throw new TypeError("a bug of the sink")
        return undefined
      }
      const streams = [streamOf(filled(20, { walk: "keyset" }), { since })]
      const world = yield* start(yield* database, { streams, sinks: { sink } })
      yield* pass("1 minute")
      const { status } = yield* world.stop
      assert.strictEqual(sink.held.size, 20)
      assert.isUndefined(Books.imbalance(status.partitions[0]?.books ?? Books.empty))
    })
  )

  it.effect("asks once when a park is due, and goes on when that is answered", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(10, { walk: "keyset" })
      const remedy = "Set a new token."
      vendor.broken = () =>
        new Failure.Denied({ endpoint: "GET /rows", reason: "refused (401)", remedy, scope: "source" })
      const sink = new TestSink()
      const streams = [streamOf(vendor, { since }, { partitions: ["a", "b", "c"] })]
      const world = yield* start(yield* database, { streams, sinks: { sink } })
      yield* pass("30 minutes")
      const refused = vendor.asks.length
      assert.isAtMost(refused, 6)
      vendor.broken = undefined
      yield* pass("1 hour")
      assert.strictEqual(sink.held.size, 30)
      yield* world.stop
    })
  )

  it.effect("parks a sink that refuses everything, instead of burying the stream", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(300, { walk: "keyset" })
      const sink = new TestSink()
      sink.limits = { ...sink.limits, maxRecords: 50 }
      sink.answer = () => Sink.refused("mapping conflict")
      const world = yield* start(yield* database, { streams: [streamOf(vendor, { since })], sinks: { sink } })
      yield* pass("2 minutes")
      assert.isBelow(yield* world.state.deadLetters.count, 100)
      assert.strictEqual((yield* world.pipeline.status).sinks[0]?.activity, "parked")
      sink.answer = () => undefined
      yield* pass("20 minutes")
      const count = yield* world.state.deadLetters.count
      assert.strictEqual(sink.held.size + count, 300)
      yield* world.stop
    })
  )
})

describe("law 7: stopping drains, killing costs re-reading only", () => {
  it.effect("stops reading, waits for what is in flight, and commits it", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(50, { walk: "keyset" })
      const sink = new TestSink()
      sink.blocked = Effect.sleep("2 seconds")
      sink.limits = { ...sink.limits, maxRecords: 20 }
      const world = yield* start(yield* database, { streams: [streamOf(vendor, { since })], sinks: { sink } })
      yield* pass("3 seconds")
      const { drained, status } = yield* world.stop
      const books = status.partitions[0]?.books ?? Books.empty
      assert.isTrue(drained)
      assert.isUndefined(Books.imbalance(books))
      assert.strictEqual(books.sinks["sink"]?.stored, sink.log.length)
    })
  )

  it.effect("gives up draining at the deadline, and loses nothing", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(20, { walk: "keyset" })
      const sink = new TestSink()
      sink.failures.push(...Array.from({ length: 100 }, () => unavailable))
      const db = yield* database
      const options = { streams: [streamOf(vendor, { since })], sinks: { sink } }
      const first = yield* start(db, options)
      yield* pass("3 seconds")
      assert.isFalse((yield* first.stop).drained)
      sink.failures.length = 0
      const second = yield* start(db, options)
      yield* pass("1 minute")
      yield* second.stop
      assert.deepStrictEqual([sink.held.size, sink.log.length], [20, 20])
    })
  )

  it.effect("gives up draining even when a full buffer holds reading back", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const sink = new TestSink()
      sink.blocked = Effect.never
      const world = yield* start(yield* database, {
        streams: [streamOf(filled(100, { walk: "keyset" }), { since })],
        sinks: { sink },
        buffer: { records: 10, bytes: 1_000_000 }
      })
      yield* pass("5 seconds")
      assert.isFalse((yield* world.stop).drained)
    })
  )

  it.effect("ends by itself under once, having read and delivered everything", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(50, { walk: "offset" })
      const sink = new TestSink()
      const world = yield* start(
        yield* database,
        { streams: [streamOf(vendor, { since })], sinks: { sink } },
        { once: true }
      )
      const outcome = yield* within("1 minute", world.pipeline.outcome)
      assert.deepStrictEqual([outcome.complete, outcome.drained, sink.held.size], [true, true, 50])
    })
  )

  it.effect("does not lose patience under once while a long body still comes", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(5, { walk: "offset" })
      vendor.put({ key: "long", at: epoch - 60_000, visible: 0, value: 1, body: "text" })
      const stream = streamOf(vendor, { since, poll: Duration.hours(1) })
      const fetch: Source.SourceStream["fetch"] = (...asked) =>
        Effect.gen(function* () {
          const moving = yield* Http.Moving
          for (let piece = 0; piece < 10; piece++) {
            yield* Effect.sleep("30 seconds")
            moving()
          }
          return yield* vendor.fetch(...asked)
        })
      const sink = new TestSink()
      const world = yield* start(
        yield* database,
        { streams: [{ ...stream, fetch }], sinks: { sink } },
        { once: true, patienceMs: 60_000 }
      )
      const outcome = yield* within("10 minutes", world.pipeline.outcome)
      assert.deepStrictEqual([outcome.complete, sink.held.size], [true, 7])
    })
  )

  it.effect("loses patience under once when nothing moves any more", () =>
    Effect.gen(function* () {
      yield* atEpoch
      const vendor = filled(5, { walk: "offset" })
      vendor.broken = () => unavailable
      const world = yield* start(
        yield* database,
        { streams: [streamOf(vendor, { since })], sinks: { sink: new TestSink() } },
        { once: true, patienceMs: 60_000 }
      )
      const outcome = yield* within("3 minutes", world.pipeline.outcome)
      assert.isFalse(outcome.complete)
    })
  )
})
