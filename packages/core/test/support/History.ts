/**
 * The laws as a property: random histories of a vendor, a sink, a clock and a process that is killed and started again,
 * against what the vendor says exists. A failing history shrinks to a few readable lines. Each walk has a file of tests of
 * its own, for they take long.
 */
import { assert, it } from "@effect/vitest"
import { Duration, Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Books, Failure, Sink } from "@callstream/core"
import { TestSink } from "./TestSink.ts"
import { streamOf, Vendor } from "./Vendor.ts"
import { asked, database, epoch, type Running, settle, start, striking } from "./World.ts"

const minute = 60_000
const everything = { through: Number.MAX_SAFE_INTEGER - 1 }

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Key = Schema.Literals(["a", "b", "c", "d", "e"])
const Value = Schema.Literals(["A", "B", "C"])

/** What may happen. */
const Happening = Schema.Union([
  Schema.Struct({ row: Key, value: Value, minutesAgo: between(0, 30), visibleIn: between(0, 5) }),
  Schema.Struct({ change: Key, value: Value }),
  Schema.Struct({ end: Key }),
  Schema.Struct({ body: Key, text: Value }),
  Schema.Struct({ minutes: between(1, 5) }),
  Schema.Struct({ minutes: between(1, 5) }),
  Schema.Struct({ clockBack: between(1, 10) }),
  Schema.Struct({ vendorFails: Schema.Literals(["unavailable", "error", "moved", "garbage"]), times: between(1, 3) }),
  Schema.Struct({ bodyFails: Schema.Literals(["later"]), times: between(1, 2) }),
  Schema.Struct({ sinkFails: Schema.Literals(["unavailable", "later", "refused"]), times: between(1, 3) }),
  Schema.Struct({ asks: Schema.Literals(["backfill", "refill", "replay"]) }),
  Schema.Struct({ killAt: between(0, 25), after: Schema.Boolean }),
  Schema.Struct({ restart: Schema.Literal("politely") })
])
type Happening = typeof Happening.Type

const failureOf = (name: "unavailable" | "error" | "moved" | "garbage"): Failure.SourceFailure => {
  const endpoint = "GET /rows"
  if (name === "unavailable") return new Failure.Unavailable({ endpoint, reason: "no connection" })
  if (name === "error") return new Failure.Unavailable({ endpoint, reason: "answered 500", status: 500 })
  if (name === "moved") return new Failure.SetMoved({ endpoint, reason: "the total changed" })
  return new Failure.BadAnswer({ endpoint, reason: "is no page" })
}

interface Options {
  readonly walk: "keyset" | "offset"
  readonly versioned: boolean
}

const live = Effect.fnUntraced(function* (history: ReadonlyArray<Happening>, { versioned, walk }: Options) {
  yield* TestClock.setTime(epoch)
  const vendor = new Vendor({ walk, pageSize: 2 })
  const db = yield* database
  let sink = new TestSink()
  sink.versioned = versioned
  let guard: ReturnType<typeof striking> | undefined
  let killed = false
  let disturbed = false
  let refilled = false
  let now = epoch
  /** A clock that was set back has to come here again, before passes that were begun then are due. */
  let highest = epoch
  const lookback = [{ span: Duration.hours(8), every: Duration.minutes(1) }]
  const options = () => ({
    streams: [streamOf(vendor, { since: epoch - 60 * minute, lookback }, { largest: "20 minutes" })],
    sinks: { sink }
  })
  let process: Running = yield* start(db, options())

  const elapse = Effect.fnUntraced(function* (ms: number) {
    for (let at = 0; at < ms; at += 10_000) {
      yield* TestClock.adjust(10_000)
      yield* settle
    }
    now += ms
  })
  /** The sink outlives the process, its pending misbehaviour does not; writes of a dead process are cut off. */
  const again = Effect.fnUntraced(function* () {
    const before = sink
    sink = new TestSink()
    sink.versioned = versioned
    for (const [key, event] of before.held) sink.held.set(key, event)
    sink.log.push(...before.log)
    before.blocked = Effect.never
    yield* process.kill
    guard = undefined
    process = yield* start(db, options())
  })

  for (const happening of history) {
    if ("row" in happening) {
      const { minutesAgo, row: key, value, visibleIn } = happening
      if (vendor.rows.has(key)) continue
      vendor.put({ key, at: now - minutesAgo * minute, visible: now + visibleIn * minute, value })
    } else if ("change" in happening) {
      const row = vendor.rows.get(happening.change)
      if (row !== undefined && row.deleted !== true) vendor.put({ ...row, value: happening.value })
    } else if ("end" in happening) {
      const row = vendor.rows.get(happening.end)
      if (row !== undefined) vendor.put({ ...row, deleted: true, value: null })
    } else if ("body" in happening) {
      const row = vendor.rows.get(happening.body)
      if (row !== undefined && row.deleted !== true) {
        vendor.put({ ...row, body: happening.text, value: `${JSON.stringify(row.value)}+${happening.text}` })
      }
    } else if ("minutes" in happening) {
      yield* elapse(happening.minutes * minute)
    } else if ("clockBack" in happening) {
      highest = Math.max(highest, now)
      now -= happening.clockBack * minute
      yield* TestClock.setTime(now)
      disturbed = true
    } else if ("vendorFails" in happening) {
      for (let i = 0; i < happening.times; i++) vendor.faults.push(failureOf(happening.vendorFails))
    } else if ("bodyFails" in happening) {
      for (let i = 0; i < happening.times; i++) vendor.bodyFaults.push({ later: "not now", afterMs: 1000 })
    } else if ("sinkFails" in happening) {
      let left = happening.times
      if (happening.sinkFails === "unavailable") {
        for (; left > 0; left--) sink.failures.push(new Failure.Unavailable({ endpoint: "sink", reason: "is down" }))
      } else {
        const answer: Sink.Answer =
          happening.sinkFails === "later" ? { _tag: "later", afterMs: 20_000 } : Sink.refused("too large")
        sink.answer = () => (left-- > 0 ? answer : undefined)
      }
    } else if ("asks" in happening) {
      if (happening.asks === "refill") refilled = true
      yield* happening.asks === "replay"
        ? process.state.requests.ask("dead replay", everything)
        : process.state.requests.ask("backfill", happening.asks === "refill" ? { sink: "sink" } : {})
    } else if ("killAt" in happening) {
      killed = true
      guard = striking(happening.killAt, happening.after)
      // From here on this process runs under the guard: a restart is how it comes under it.
      yield* process.stop
      process = yield* start(db, options(), {}, guard)
      yield* elapse(minute)
      yield* again()
    } else {
      yield* process.stop
      process = yield* start(db, options())
    }
  }

  // All troubles end; the late rows appear; a few polls, and the patience for what failed.
  vendor.faults.length = 0
  vendor.bodyFaults.length = 0
  sink.failures.length = 0
  sink.answer = () => undefined
  const newest = Math.max(now, highest, ...[...vendor.rows.values()].map((row) => Math.max(row.at, row.visible)))
  yield* elapse(newest - now + 16 * minute)
  // What the sink refused, and nothing newer has made up for, it takes now.
  yield* asked(process, "dead replay", everything)
  const { status } = yield* process.stop
  const partition = status.partitions[0]
  assert.strictEqual(yield* process.state.deadLetters.count, 0)
  assert.deepStrictEqual(partition?.backfills ?? [], [])
  assert.strictEqual(partition?.pending, 0)

  assert.deepStrictEqual(partition?.gaps, [])
  assert.isUndefined(Books.imbalance(partition?.books ?? Books.empty))
  assert.isAtMost(vendor.mostInFlight, 1)
  for (const row of vendor.rows.values()) {
    const event = sink.held.get(`test/main\ntest.call.v1\n${row.key}`)
    assert.strictEqual(
      event?.op,
      row.deleted === true ? "delete" : "upsert",
      `row ${row.key} is not as the vendor has it`
    )
    if (row.deleted === true) continue
    assert.deepInclude(event?.data, { value: row.value }, `row ${row.key} is stale`)
    if (row.body === undefined) continue
    const body = sink.held.get(`test/main\ntest.body.v1\n${row.key}`)
    assert.deepStrictEqual(body?.data, { text: row.body }, `body of ${row.key} is stale`)
  }
  const versions = new Map<string, string>()
  for (const { asof, data, id } of sink.log) {
    const version = `${asof} ${JSON.stringify(data)}`
    assert.strictEqual(versions.get(id) ?? version, version, `id ${id} stands for two versions`)
    versions.set(id, version)
  }
  if (!killed && !refilled) assert.strictEqual(versions.size, sink.log.length, "an event was sent twice without need")
  if (!killed && !disturbed) {
    for (const [entity, events] of Map.groupBy(sink.log, ({ subject, type }) => `${type} ${subject}`)) {
      const order = events.map(({ asof }) => Number(asof))
      assert.deepStrictEqual(
        order,
        [...order].sort((a, b) => a - b),
        `${entity} is out of order`
      )
    }
  }
})

const histories = Schema.Array(Happening).check(Schema.isMaxLength(14))
const runs = Number(process.env["CALLSTREAM_HISTORIES"] ?? 500)

/** The property, for a walk and both kinds of sinks. */
export const anyHistory = (walk: "keyset" | "offset"): void => {
  for (const versioned of [false, true]) {
    it.effect.prop(
      `ends with what the vendor has, once, in order, with balanced books (${versioned ? "versioned" : "plain"} sink)`,
      [histories],
      ([history]) => Effect.scoped(live(history, { walk, versioned })),
      { timeout: 600_000, arbitrary: { runs, maxShrinks: 500 } }
    )
  }
}
