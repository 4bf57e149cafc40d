/** What the status says of what waits for a far side: why, and since when, however often it was tried meanwhile. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric } from "effect"
import { TestClock } from "effect/testing"
import { Failure, type Source } from "@callstream/core"
import { lagSeconds, partitionState, sinkState } from "../../src/telemetry/Metrics.ts"
import { TestSink } from "../support/TestSink.ts"
import { streamOf, Vendor } from "../support/Vendor.ts"
import { database, epoch, pass, start, within } from "../support/World.ts"

const minute = 60_000
const reason = "GET /rows: no connection"
const unavailable = new Failure.Unavailable({ endpoint: "GET /rows", reason: "no connection" })

/** The status five minutes after the epoch. */
const after = Effect.fnUntraced(function* (streams: ReadonlyArray<Source.SourceStream>, sink = new TestSink()) {
  yield* TestClock.setTime(epoch)
  const world = yield* start(yield* database, { streams, sinks: { sink } })
  yield* pass("5 minutes")
  const { partitions, sinks } = yield* world.pipeline.status
  yield* world.kill
  return { partition: partitions[0], sink: sinks[0] }
})

const since = epoch - 60 * minute
const vendor = () => {
  const vendor = new Vendor({ walk: "keyset", pageSize: 10 })
  vendor.put({ key: "a", at: epoch - minute, visible: 0, value: 1 })
  return vendor
}
const waiting = { activity: "backing off", reason, since: epoch } as const

describe("a pipeline that has come to its end", () => {
  it.effect("is not stuck, however long the others of its process go on", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(epoch)
      const options = { streams: [streamOf(vendor(), { since, until: epoch })], sinks: { sink: new TestSink() } }
      const { pipeline } = yield* start(yield* database, options)
      yield* within("1 minute", pipeline.outcome)
      yield* pass("1 hour")
      assert.isTrue(yield* pipeline.healthy)
    })
  )
})

describe("the gauges", () => {
  const value = (gauge: typeof partitionState, stream: string, partition: string, more = {}) =>
    Effect.map(
      Metric.value(Metric.withAttributes(gauge, { pipeline: "world", source: "source", stream, partition, ...more })),
      ({ value }) => value
    )
  const states = (stream: string, partition: string) =>
    Effect.forEach(["running", "backing off", "parked"], (state) => value(partitionState, stream, partition, { state }))

  it.effect("show a stream that is parked before its partitions are known, and no longer once they are", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(epoch)
      let refused = true
      const denied = new Failure.Denied({ endpoint: "GET /pbxes", reason: "no", remedy: "Log in", scope: "stream" })
      const stream = { ...streamOf(vendor(), { since }), name: "closed" }
      const partitions = Effect.suspend(() => (refused ? Effect.fail(denied) : stream.partitions))
      const options = { streams: [{ ...stream, partitions }], sinks: { sink: new TestSink() } }
      const world = yield* start(yield* database, options)
      yield* pass("10 seconds")
      assert.deepStrictEqual(yield* states("closed", ""), [0, 0, 1])
      refused = false
      yield* pass("10 minutes")
      assert.deepStrictEqual(yield* states("closed", ""), [0, 0, 0])
      assert.deepStrictEqual(yield* states("closed", "main"), [1, 0, 0])
      yield* world.stop
    })
  )

  it.effect("show a sink that is parked, and no longer once it takes events again", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(epoch)
      const sink = new TestSink()
      sink.failures.push(
        new Failure.Denied({ endpoint: "POST /_bulk", reason: "no", remedy: "Log in", scope: "source" })
      )
      const world = yield* start(yield* database, {
        streams: [streamOf(vendor(), { since })],
        sinks: { refusing: sink }
      })
      const shown = Effect.forEach(["running", "backing off", "parked"], (state) => {
        const gauge = Metric.withAttributes(sinkState, { pipeline: "world", sink: "refusing", state })
        return Effect.map(Metric.value(gauge), ({ value }) => value)
      })
      yield* pass("10 seconds")
      assert.deepStrictEqual(yield* shown, [0, 0, 1])
      yield* pass("10 minutes")
      assert.deepStrictEqual(yield* shown, [1, 0, 0])
      yield* world.stop
    })
  )

  it.effect("show nobody as behind who has read up to until", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(epoch)
      const ended = { ...streamOf(vendor(), { since, until: epoch - minute }), name: "ended" }
      const options = { streams: [ended, streamOf(vendor(), { since })], sinks: { sink: new TestSink() } }
      const world = yield* start(yield* database, options)
      yield* pass("1 hour")
      assert.strictEqual(yield* value(lagSeconds, "ended", "main"), 0)
      yield* world.stop
    })
  )
})

describe("the status", () => {
  it.effect("says since when a partition cannot be read", () =>
    Effect.gen(function* () {
      const broken = vendor()
      broken.broken = () => unavailable
      const { partition } = yield* after([streamOf(broken, { since })])
      assert.isAbove(broken.asks.length, 3)
      assert.deepInclude(partition, waiting)
    })
  )

  it.effect("says since when a partition starts again and again", () =>
    Effect.gen(function* () {
      const stream = streamOf(vendor(), { since })
      const { partition } = yield* after([{ ...stream, page: () => Effect.die(new Error("a bug")) }])
      assert.deepInclude(partition, { activity: "backing off", reason: "a bug", since: epoch })
    })
  )

  it.effect("says since when contents cannot be fetched, until they can", () =>
    Effect.gen(function* () {
      const full = vendor()
      full.put({ key: "b", at: epoch - minute, visible: 0, value: 1, body: "text" })
      const stream = streamOf(full, { since })
      let failures = Infinity
      const fetch: Source.SourceStream["fetch"] = (...asked) =>
        failures-- > 0 ? Effect.fail(unavailable) : full.fetch(...asked)
      const { partition } = yield* after([{ ...stream, fetch }])
      assert.deepInclude(partition, waiting)
      failures = 3
      const well = yield* after([{ ...stream, fetch }])
      assert.strictEqual(well.partition?.activity, "following")
      assert.isUndefined(well.partition?.since)
    })
  )

  it.effect("says since when a stream cannot be asked for its partitions", () =>
    Effect.gen(function* () {
      const { partition } = yield* after([{ ...streamOf(vendor(), { since }), partitions: Effect.fail(unavailable) }])
      assert.deepInclude(partition, { ...waiting, stream: "rows", partition: "" })
    })
  )

  it.effect("says since when a partition is parked", () =>
    Effect.gen(function* () {
      const broken = vendor()
      broken.broken = () =>
        new Failure.Denied({ endpoint: "GET /rows", reason: "refused", remedy: "Log in", scope: "partition" })
      const { partition } = yield* after([streamOf(broken, { since })])
      assert.deepInclude(partition, { activity: "parked", since: epoch })
    })
  )

  it.effect("says since when a sink cannot be written to, until it can", () =>
    Effect.gen(function* () {
      const sink = new TestSink()
      sink.failures.push(...Array.from({ length: 100 }, () => unavailable))
      const stuck = yield* after([streamOf(vendor(), { since })], sink)
      assert.isBelow(sink.failures.length, 97)
      assert.deepInclude(stuck.sink, waiting)
      const once = new TestSink()
      once.failures.push(unavailable)
      const well = yield* after([streamOf(vendor(), { since })], once)
      assert.strictEqual(well.sink?.activity, "running")
      assert.isUndefined(well.sink?.since)
    })
  )
})
