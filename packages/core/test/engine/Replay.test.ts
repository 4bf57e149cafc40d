/** Dead letters, sent again and dropped: what is delivered, what stays, and what a crash may not do. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { Books, Sink, type Source } from "@callstream/core"
import { TestSink } from "../support/TestSink.ts"
import { streamOf, Vendor } from "../support/Vendor.ts"
import { asked, database, epoch, pass, type Running, settle, start, striking } from "../support/World.ts"

const minute = 60_000
const hour = 60 * minute
const since = epoch - 2 * hour
const lookback: ReadonlyArray<Source.LookbackSpan> = [{ span: Duration.hours(3), every: Duration.minutes(1) }]
const call = (key: string) => `test/main\ntest.call.v1\n${key}`
const body = (key: string) => `test/main\ntest.body.v1\n${key}`
const everything = { through: 1_000_000 }

/** A vendor with some rows, and two sinks, one of which refuses some of them. */
const setUp = Effect.fnUntraced(function* (refused: ReadonlyArray<string>, count = 5) {
  yield* TestClock.setTime(epoch)
  const vendor = new Vendor({ walk: "keyset", pageSize: 10 })
  for (let i = 0; i < count; i++) vendor.put({ key: `r${i}`, at: epoch - hour + i * 1000, visible: 0, value: i })
  const picky = new TestSink()
  const other = new TestSink()
  picky.answer = ({ subject }) => (refused.includes(subject) ? Sink.refused("too large") : undefined)
  const db = yield* database
  const options = { streams: [streamOf(vendor, { since, lookback })], sinks: { picky, other } }
  return { vendor, picky, other, db, options }
})

const lettersOf = ({ state }: Running) =>
  Effect.map(state.deadLetters.list({ limit: 100 }), (letters) =>
    letters.map(({ number, reason, stage, subject }) => [number, stage, subject, reason])
  )
const booksOf = ({ state }: Running) => Effect.map(state.overview, ([partition]) => partition?.books ?? Books.empty)

describe("a dead letter of a sink", () => {
  it.effect("goes again to that sink alone, as the version it was, and is closed with its delivery", () =>
    Effect.gen(function* () {
      const { db, options, other, picky } = yield* setUp(["r1", "r3"])
      const world = yield* start(db, options)
      yield* pass("1 minute")
      assert.strictEqual(yield* world.state.deadLetters.count, 2)
      picky.answer = () => undefined
      const report = yield* asked(world, "dead replay", everything)
      assert.deepInclude(report.counts, { delivered: 2, refused: 0, closed: 0 })
      assert.strictEqual(yield* world.state.deadLetters.count, 0)
      const { status } = yield* world.stop
      assert.strictEqual(status.deadLetters, 0)
      for (const key of ["r1", "r3"]) assert.deepStrictEqual(picky.held.get(call(key)), other.held.get(call(key)))
      assert.strictEqual(other.log.length, 5)
      const books = yield* booksOf(world)
      assert.isUndefined(Books.imbalance(books))
      assert.deepStrictEqual(books.sinks["picky"], {
        emitted: 5,
        unwanted: 0,
        stored: 3,
        superseded: 0,
        refused: 2,
        replayed: { emitted: 2, unwanted: 0, stored: 2, superseded: 0, refused: 0 }
      })
      assert.isUndefined(books.sinks["other"]?.replayed)
    })
  )

  it.effect("goes again once, though two requests at a time ask for it", () =>
    Effect.gen(function* () {
      const { db, options, picky } = yield* setUp(["r1", "r3"])
      const world = yield* start(db, options)
      yield* pass("1 minute")
      picky.answer = () => undefined
      const before = picky.log.length
      const asking = asked(world, "dead replay", everything)
      const reports = yield* Effect.all([asking, asking], { concurrency: "unbounded" })
      assert.deepStrictEqual(
        reports.map(({ counts }) => counts["delivered"]),
        [2, 0]
      )
      yield* world.stop
      assert.strictEqual(picky.log.length, before + 2)
    })
  )

  it.effect("that is refused again stays under its number, with the new reason and time", () =>
    Effect.gen(function* () {
      const { db, options, picky } = yield* setUp(["r1"])
      const world = yield* start(db, options)
      yield* pass("1 minute")
      const [before] = yield* world.state.deadLetters.list({ limit: 1 })
      picky.answer = () => Sink.refused("still too large")
      const report = yield* asked(world, "dead replay", { ...everything, numbers: [before?.number ?? 0] })
      assert.deepInclude(report.counts, { delivered: 0, refused: 1 })
      assert.deepStrictEqual(report.said, [`Dead letter ${before?.number} is still refused: still too large`])
      const [after] = yield* world.state.deadLetters.list({ limit: 1 })
      assert.deepStrictEqual(after, { ...before, reason: "still too large", at: after?.at } as typeof after)
      assert.isAbove(after?.at ?? 0, before?.at ?? 0)
      yield* world.stop
      assert.deepInclude((yield* booksOf(world)).sinks["picky"]?.replayed, { emitted: 1, refused: 1 })
    })
  )

  it.effect("is closed unsent when a newer version is on its way", () =>
    Effect.gen(function* () {
      const { db, options, picky, vendor } = yield* setUp(["r1"])
      const world = yield* start(db, options)
      yield* pass("30 seconds")
      const gate = yield* Deferred.make<void>()
      picky.blocked = Deferred.await(gate)
      picky.answer = () => undefined
      vendor.put({ key: "r1", at: epoch - hour + 1000, visible: 0, value: "newer" })
      yield* pass("2 minutes")
      yield* Effect.forkChild(Effect.andThen(Effect.sleep("5 seconds"), Deferred.succeed(gate, undefined)))
      const report = yield* asked(world, "dead replay", everything)
      assert.deepInclude(report.counts, { delivered: 0, closed: 1 })
      yield* world.stop
      const sent = picky.log.filter(({ subject }) => subject === "r1").map(({ data }) => data)
      assert.deepStrictEqual(sent, [{ value: "newer", raw: "newer" }])
      assert.strictEqual(yield* world.state.deadLetters.count, 0)
    })
  )

  it.effect("that was cut cannot be sent again, and says so", () =>
    Effect.gen(function* () {
      const { db, options, vendor } = yield* setUp(["huge"], 0)
      vendor.put({ key: "huge", at: epoch - hour, visible: 0, value: "x".repeat(1024 * 1024) })
      const world = yield* start(db, options)
      yield* pass("1 minute")
      const report = yield* asked(world, "dead replay", everything)
      assert.deepInclude(report.counts, { delivered: 0, impossible: 1 })
      assert.deepStrictEqual(report.said, [
        "Dead letter 1 cannot be sent again: its payload was longer than a mebibyte and is cut."
      ])
      assert.strictEqual(yield* world.state.deadLetters.count, 1)
      yield* world.stop
    })
  )

  it.effect("does not park a sink that refuses a hundred of them again", () =>
    Effect.gen(function* () {
      const keys = Array.from({ length: 150 }, (_, i) => `r${i}`)
      const { db, options, picky } = yield* setUp(keys, 0)
      const { vendor } = { vendor: new Vendor({ walk: "keyset", pageSize: 10 }) }
      keys.forEach((key, i) => vendor.put({ key, at: epoch - hour + i * 1000, visible: 0, value: i }))
      // Every other one is taken the first time, or the sink would park at once.
      picky.answer = ({ subject }) => (Number(subject.slice(1)) % 2 === 0 ? Sink.refused("no") : undefined)
      const world = yield* start(db, { ...options, streams: [streamOf(vendor, { since })] })
      yield* pass("2 minutes")
      assert.strictEqual(yield* world.state.deadLetters.count, 75)
      picky.answer = () => Sink.refused("no")
      for (let i = 0; i < 2; i++) {
        const { counts } = yield* asked(world, "dead replay", everything)
        assert.deepInclude(counts, { refused: 75 })
      }
      assert.strictEqual((yield* world.pipeline.status).sinks[0]?.activity, "running")
      yield* world.stop
    })
  )

  it.effect("is sent without asking the source anything when no worker runs", () =>
    Effect.gen(function* () {
      const { db, options, picky, vendor } = yield* setUp(["r1"])
      const first = yield* start(db, options)
      yield* pass("1 minute")
      yield* first.stop
      picky.answer = () => undefined
      const before = vendor.asks.length
      const progress = (yield* first.state.overview)[0]?.progress?.position
      const { number } = yield* first.state.requests.ask("dead replay", everything)
      const second = yield* start(db, options, { onlyRequest: number, offline: true })
      yield* pass("1 minute")
      const { drained } = yield* second.pipeline.outcome
      assert.isTrue(drained)
      assert.isTrue(picky.held.has(call("r1")))
      assert.strictEqual(vendor.asks.length, before)
      assert.strictEqual((yield* second.state.overview)[0]?.progress?.position, progress)
      yield* second.close
    })
  )

  const positions = Array.from({ length: 24 }, (_, at) => at)
  it.effect.each(positions)("is neither lost nor sent as another by a crash at operation %s", (position) =>
    Effect.gen(function* () {
      for (const after of [false, true]) {
        const { db, options, picky } = yield* setUp(["r1", "r3"])
        const before = yield* start(db, options)
        yield* pass("1 minute")
        yield* before.stop
        const letters = yield* before.state.deadLetters.list({ limit: 10 })
        picky.answer = () => undefined
        const { number } = yield* before.state.requests.ask("dead replay", everything)
        const first = yield* start(db, options, {}, striking(position, after))
        yield* pass("30 seconds")
        yield* first.kill
        yield* settle
        const open = yield* first.state.deadLetters.count
        const stored = letters.filter(({ subject }) => picky.held.has(call(subject ?? ""))).length
        assert.isAtLeast(open + stored, 2)
        const second = yield* start(db, options)
        yield* pass("1 minute")
        assert.strictEqual((yield* second.state.requests.get(number))?.state, "done")
        yield* second.stop
        assert.strictEqual(yield* second.state.deadLetters.count, 0)
        const sent = picky.log.map(({ asof, id, subject }) => `${subject} ${id} ${asof}`)
        assert.strictEqual(new Set(sent).size, 5)
        assert.isUndefined(Books.imbalance(yield* booksOf(second)))
      }
    })
  )
})

describe("a dead letter of a source", () => {
  it.effect("is read again, and becomes an event once its row can be read", () =>
    Effect.gen(function* () {
      const { db, options, other, vendor } = yield* setUp([])
      vendor.put({ key: "bad", at: epoch - 30 * minute, visible: 0, value: "?", unreadable: true })
      const world = yield* start(db, { ...options, streams: [streamOf(vendor, { since })] })
      yield* pass("1 minute")
      assert.deepStrictEqual(yield* lettersOf(world), [[1, "read", "bad", "value is not as documented"]])
      const still = yield* asked(world, "dead replay", everything)
      assert.deepInclude(still.counts, { delivered: 0, refused: 1 })
      assert.deepStrictEqual(yield* lettersOf(world), [[2, "read", "bad", "value is not as documented"]])
      vendor.put({ key: "bad", at: epoch - 30 * minute, visible: 0, value: "fine" })
      const now = yield* asked(world, "dead replay", everything)
      assert.deepInclude(now.counts, { delivered: 1, refused: 0 })
      yield* world.stop
      assert.deepStrictEqual(yield* lettersOf(world), [])
      assert.isTrue(other.held.has(call("bad")))
      assert.strictEqual(other.log.length, 6)
      assert.isUndefined(Books.imbalance(yield* booksOf(world)))
    })
  )

  it.effect("closes by itself when its row comes readable", () =>
    Effect.gen(function* () {
      const { db, options, vendor } = yield* setUp([])
      vendor.put({ key: "bad", at: epoch - 30 * minute, visible: 0, value: "?", unreadable: true })
      const world = yield* start(db, options)
      yield* pass("1 minute")
      assert.strictEqual(yield* world.state.deadLetters.count, 1)
      vendor.put({ key: "bad", at: epoch - 30 * minute, visible: 0, value: "fine" })
      yield* pass("3 minutes")
      yield* world.stop
      assert.deepStrictEqual(yield* lettersOf(world), [])
    })
  )

  it.effect("that a step refused passes the steps once more", () =>
    Effect.gen(function* () {
      const { db, options, other } = yield* setUp([])
      let refuses = true
      const step = {
        apply: (events: ReadonlyArray<{ readonly subject: string }>) =>
          events.map((event) => (refuses && event.subject === "r2" ? { refused: "has no number" } : event))
      }
      const world = yield* start(db, { ...options, steps: [step as never] })
      yield* pass("1 minute")
      assert.deepStrictEqual(yield* lettersOf(world), [[1, "step", "r2", "has no number"]])
      refuses = false
      const { counts } = yield* asked(world, "dead replay", { ...everything, stage: "step" })
      assert.deepInclude(counts, { delivered: 1, refused: 0 })
      yield* world.stop
      assert.deepStrictEqual(yield* lettersOf(world), [])
      assert.strictEqual(other.log.length, 5)
    })
  )

  it.effect("is fetched again, when it is a content", () =>
    Effect.gen(function* () {
      const { db, options, other, vendor } = yield* setUp([])
      vendor.put({ key: "x", at: epoch - minute, visible: 0, value: 1, body: "hello" })
      vendor.bodyFaults.push({ failed: "is larger than 32 MiB" }, { failed: "is larger than 32 MiB" })
      const world = yield* start(db, options)
      yield* pass("2 minutes")
      const still = yield* asked(world, "dead replay", everything)
      assert.deepInclude(still.counts, { delivered: 0, refused: 1 })
      const now = yield* asked(world, "dead replay", everything)
      assert.deepInclude(now.counts, { delivered: 1, refused: 0 })
      assert.deepStrictEqual(other.held.get(body("x"))?.data, { text: "hello" })
      const { status } = yield* world.stop
      assert.deepStrictEqual(yield* lettersOf(world), [])
      assert.strictEqual(status.partitions[0]?.pending, 0)
    })
  )
})

describe("dropping", () => {
  it.effect("forgets the letters that were named, and no other", () =>
    Effect.gen(function* () {
      const { db, options, picky } = yield* setUp(["r1", "r3"])
      const world = yield* start(db, options)
      yield* pass("1 minute")
      const [newest] = yield* world.state.deadLetters.list({ limit: 1 })
      const report = yield* asked(world, "dead drop", { ...everything, numbers: [newest?.number ?? 0, 77] })
      assert.deepInclude(report.counts, { dropped: 1 })
      assert.deepStrictEqual(report.said, ["There is no dead letter 77 any more: it was closed."])
      assert.strictEqual((yield* world.pipeline.status).deadLetters, 1)
      const others = yield* asked(world, "dead drop", { ...everything, stage: "sink:picky" })
      assert.deepInclude(others.counts, { dropped: 1 })
      const { status } = yield* world.stop
      assert.deepStrictEqual([status.deadLetters, yield* world.state.deadLetters.count], [0, 0])
      assert.strictEqual(picky.log.length, 3)
    })
  )

  it.effect("of a source that the file no longer names needs nobody", () =>
    Effect.gen(function* () {
      const { db, options, picky } = yield* setUp(["r1"])
      const first = yield* start(db, options)
      yield* pass("1 minute")
      yield* first.stop
      picky.answer = () => undefined
      const renamed = options.streams.map((stream) => ({ ...stream, name: "others" }))
      const second = yield* start(db, { ...options, streams: renamed })
      yield* pass("10 seconds")
      const kept = yield* asked(second, "dead replay", everything)
      assert.deepInclude(kept.counts, { impossible: 1 })
      assert.deepStrictEqual(kept.said, [
        "Dead letter 1 cannot be sent again: the source source no longer has rows main."
      ])
      const { counts } = yield* asked(second, "dead drop", everything)
      assert.deepInclude(counts, { dropped: 1 })
      yield* second.stop
    })
  )
})
