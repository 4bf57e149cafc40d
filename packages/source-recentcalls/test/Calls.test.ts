import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Call } from "@callstream/model"
import { day, everything, kindOfFailure, now, recordsOf, run, walkOnly } from "@callstream/testkit"
import { open, sandbox, settingsFor } from "./Harness.ts"

/** "Recent Calls", Pagination Example (read 2026-11-20), where the rows were cut off. */
const emptyPage = readFileSync(new URL("fixtures/recent-calls-empty-page.json", import.meta.url), "utf8")

const isCall = Schema.is(Call)
const keysOf = (records: ReadonlyArray<{ readonly subject: string }>) =>
  records.map(({ subject }) => subject).toSorted()

describe("a walk", () => {
  it.live("gives every call that exists, as it is at the vendor", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const records = recordsOf(yield* walkOnly(yield* open(settingsFor(vendor)), everything))
      const truths = vendor.records("recentcalls/calls", { rows: true })
      assert.isAbove(truths.length, 50)
      assert.deepStrictEqual(keysOf(records), truths.map(({ key }) => key).toSorted())
      const contents = new Map(records.map(({ content, subject }) => [subject, content]))
      for (const { conversation, key, row } of truths) {
        assert.deepStrictEqual(contents.get(key), row)
        assert.strictEqual(conversation, key)
      }
      for (const record of records) {
        const { data } = record.normalize()
        assert.isTrue(isCall(data))
        assert.notProperty(data, "warnings")
      }
    }).pipe(run)
  )

  it.live("asks for closed windows in GMT, and says how many there are", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const stream = yield* open({ ...settingsFor(vendor), rows: 40 })
      const { pages } = yield* walkOnly(stream, everything)
      const total = vendor.records("recentcalls/calls").length
      assert.deepStrictEqual(
        pages.map((page) => [page.rows.length, page.total, page.vendorNow]),
        [
          [40, total, now],
          [total - 40, total, now]
        ]
      )
      assert.deepStrictEqual(
        vendor.requests().map(({ body, method, path }) => [method, path, body]),
        [1, 2].map((page) => [
          "POST",
          "/customerexperience/v1/recentCallData/us",
          `{"tenantId":"acmecorp01","page":${page},"rows":40,` +
            `"timeRange":"${everything.from - 1}-${everything.to}","timezone":"GMT"}`
        ])
      )
    }).pipe(run)
  )

  it.live("sends every filter", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const filters = {
        tenantAgents: ["ag1"],
        tenantQueues: ["2583", "1196"],
        tenantGroups: ["2577"],
        tenantChannels: ["1"],
        agentHoldCount: "range:2,-1",
        agentMuteCount: "range:1,1",
        transferCount: "range:0,-1",
        callDuration: "sec:60,-1",
        timeInQueue: "sec:0,-1",
        timeInIVR: "sec:15,-1",
        agentCallDuration: "min:5,-1",
        agentHoldDuration: "sec:30,-1"
      }
      const stream = yield* open({ ...settingsFor(vendor), filters: { ...filters, callerName: "555" } })
      yield* walkOnly(stream, everything)
      const [request] = vendor.requests()
      assert.deepInclude(JSON.parse(request?.body ?? "{}"), { ...filters, callerName: ["555"] })
    }).pipe(run)
  )

  it.live("selects by a filter", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const stream = yield* open({ ...settingsFor(vendor), filters: { transferCount: "range:1,-1" } })
      const records = recordsOf(yield* walkOnly(stream, everything))
      assert.isNotEmpty(records)
      for (const record of records) assert.isAtLeast(Number(record.normalize().data?.["transferCount"]), 1)
    }).pipe(run)
  )

  it.live("sends neutral filters to a vendor who requires them, and goes on doing so", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs: { recentFiltersRequired: true } })
      const stream = yield* open({ ...settingsFor(vendor), filters: { callDuration: "sec:1,-1" } })
      assert.isNotEmpty(recordsOf(yield* walkOnly(stream, everything)))
      yield* walkOnly(stream, everything)
      assert.deepStrictEqual(
        vendor.requests().map(({ status }) => status),
        [400, 200, 200]
      )
      const body = JSON.parse(vendor.requests()[2]?.body ?? "{}")
      assert.include(body, { callDuration: "sec:1,-1", agentHoldCount: "range:0,-1", timeInIVR: "sec:0,-1" })
    }).pipe(run)
  )

  it.live("of a window without calls is over at once", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const { pages } = yield* walkOnly(yield* open(settingsFor(vendor)), {
        from: now - 400 * day,
        to: now - 399 * day
      })
      assert.deepStrictEqual(
        pages.map(({ rows, total }) => [rows.length, total]),
        [[0, 0]]
      )
    }).pipe(run)
  )

  it.live("takes the time of a call from its GUID where the vendor keeps to a zone of his own", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs: { recentZone: "America/Los_Angeles" } })
      for (const record of recordsOf(yield* walkOnly(yield* open(settingsFor(vendor)), everything))) {
        const { data, time } = record.normalize()
        assert.strictEqual(time, new Date(Number.parseInt(record.subject.slice(4, 15), 16)).toISOString())
        assert.deepStrictEqual(data?.["warnings"], ["callDate is not in the zone that was asked for, GMT"])
      }
    }).pipe(run)
  )
})

describe("a set that moves", () => {
  it.live.each(["insert", "remove"] as const)("is noticed by its number of calls (%s)", (shift) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const stream = yield* open({ ...settingsFor(vendor), rows: 40 })
      vendor.faults.add({ kind: "shift-page", skip: 1, times: 1, shift })
      const failure = yield* Effect.flip(walkOnly(stream, everything))
      assert.include(failure, { _tag: "SetMoved" })
      assert.match(failure.message, /now has \d+ calls for this window, and had \d+/)
    }).pipe(run)
  )

  it.live("is noticed by a call that comes again, where one came and another went", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const stream = yield* open({ ...settingsFor(vendor), rows: 40 })
      const [partition] = yield* stream.partitions
      assert(partition !== undefined)
      const first = yield* stream.page({ partition, window: everything, purpose: "live" })
      const [newest] = recordsOf(first)
      const oldest = vendor
        .records("recentcalls/calls")
        .map(({ key }) => key)
        .toSorted()[0]
      vendor.company.remove("recentcalls/calls", "", oldest ?? "")
      vendor.company.addCall({ startedAt: now - 60_000 })
      assert.isDefined(newest)
      const failure = yield* Effect.flip(
        stream.page({ partition, window: everything, purpose: "live", ...(first.next && { cursor: first.next }) })
      )
      assert.include(failure, { _tag: "SetMoved" })
    }).pipe(run)
  )

  it.live("is suspected where a page is empty before all calls came", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      vendor.faults.add({ kind: "status", status: 200, body: emptyPage })
      const failure = yield* Effect.flip(walkOnly(yield* open(settingsFor(vendor)), everything))
      assert.include(failure, { _tag: "SetMoved" })
      assert.include(failure.message, "gave an empty page 1 before all of 13644 calls")
    }).pipe(run)
  )

  it.live("is read whole when the walk starts over", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const stream = yield* open({ ...settingsFor(vendor), rows: 40 })
      vendor.faults.add({ kind: "shift-page", skip: 1, times: 1, shift: "remove" })
      const records = recordsOf(yield* Effect.retry(walkOnly(stream, everything), { times: 1 }))
      assert.deepStrictEqual(
        keysOf(records),
        vendor
          .records("recentcalls/calls")
          .map(({ key }) => key)
          .toSorted()
      )
    }).pipe(run)
  )
})

describe("a window with too many calls", () => {
  it.live("is to be split, and its halves are not asked for while they are surely too big", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ bulk: { recentcalls: 1_200_000 } })
      const stream = yield* open({ ...settingsFor(vendor), rows: 5000 })
      assert.strictEqual(yield* kindOfFailure(walkOnly(stream, everything)), "WindowTooBig")
      const half = { from: everything.from, to: (everything.from + everything.to) / 2 }
      assert.strictEqual(yield* kindOfFailure(walkOnly(stream, half)), "WindowTooBig")
      assert.lengthOf(vendor.requests(), 1)
      yield* walkOnly(stream, { from: now - 3_600_000, to: now })
      assert.lengthOf(vendor.requests(), 2)
    }).pipe(run)
  )
})
