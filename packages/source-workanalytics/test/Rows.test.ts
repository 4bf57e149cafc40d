import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Call, CallLeg } from "@callstream/model"
import { day, everything, now, recordsOf, run, walk } from "@callstream/testkit"
import { acmecorp, acmeCorpUk, open, partitionOf, sandbox, settingsFor } from "./Harness.ts"

const fits = [Schema.is(Call), Schema.is(CallLeg)]
const names = ["workanalytics/call-records", "workanalytics/call-legs"] as const

describe("a walk", () => {
  it.live("gives every call and every leg that exists, as it is at the vendor", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const streams = yield* open({ ...settingsFor(vendor), pageSize: 7 })
      for (const [i, stream] of streams.entries()) {
        const partitions = yield* stream.partitions
        assert.deepStrictEqual(partitions, [acmeCorpUk, acmecorp])
        for (const partition of partitions) {
          const records = recordsOf(yield* walk(stream, partition))
          const truths = vendor
            .records(names[i], { rows: true })
            .filter((truth) => truth.partition === partition.name)
            .map(({ conversation, key, row }) => [`${partition.name}/${key}`, conversation, row] as const)
          assert.isAbove(truths.length, 7)
          assert.sameDeepMembers(
            records.map(({ content, conversation, subject }): readonly [string, string | undefined, unknown] => [
              subject,
              conversation,
              content
            ]),
            truths
          )
          for (const record of records) {
            const { data } = record.normalize()
            assert.isTrue(fits[i]?.(data))
            assert.notProperty(data, "warnings")
          }
        }
      }
    }).pipe(run)
  )

  it.live("repeats all parameters on every page, and ends at the page without rows", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const [records, legs] = yield* open({ ...settingsFor(vendor), pbxes: ["acme_corp_uk"], pageSize: 10 })
      const total = vendor.records("workanalytics/call-records").filter((r) => r.partition === "acme_corp_uk").length
      const window = { from: now - 31 * day + 1, to: now - 1 }
      const { pages } = yield* walk(records, acmeCorpUk, window)
      const full = pages.slice(0, -1)
      assert.deepStrictEqual(
        full.map((page) => [page.total, page.vendorNow]),
        full.map(() => [total, now])
      )
      assert.deepInclude(pages.at(-1), { rows: [] })
      assert.notProperty(pages.at(-1), "total")
      const asked = vendor.requests().slice(1)
      assert.strictEqual(
        asked[0]?.path,
        "/analytics/work/v2/call-records?pbxId=acme_corp_uk&startTime=2026-10-20+12%3A00%3A00" +
          "&endTime=2026-11-20+12%3A00%3A00&timeZone=UTC&pageSize=10"
      )
      for (const [i, { path }] of asked.entries()) {
        const scrollId = i === 0 ? "" : `&scrollId=${String(new URLSearchParams(path).get("scrollId"))}`
        assert.strictEqual(path, asked[0]?.path + scrollId)
        assert.notInclude(path, "No+Data")
      }
      vendor.clearRequests()
      yield* walk(legs, acmeCorpUk, { from: now - day, to: now })
      assert.include(vendor.requests()[0]?.path, "/v2/call-legs?pbxId=acme_corp_uk&startTime=2026-11-19+11%3A59%3A59")
      assert.include(vendor.requests()[0]?.path, "&timeZone=UTC&pageSize=10&isConnectTime=false")
    }).pipe(run)
  )

  it.live("may go on at its cursor after a restart", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const settings = { ...settingsFor(vendor), pageSize: 5 }
      const [before] = yield* open(settings)
      const first = yield* before.page({ partition: acmeCorpUk, window: everything, purpose: "live" })
      assert(first.next !== undefined)
      const cursor: typeof first.next = JSON.parse(JSON.stringify(first.next))
      const [after] = yield* open(settings)
      const second = yield* after.page({ partition: acmeCorpUk, window: everything, purpose: "live", cursor })
      const whole = recordsOf(yield* walk(after, acmeCorpUk)).map(({ subject }) => subject)
      assert.deepStrictEqual(
        recordsOf(first, second).map(({ subject }) => subject),
        whole.slice(0, 10)
      )
    }).pipe(run)
  )

  it.live("ends where the last page with rows has no scrollId", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs: { workLastScrollId: false } })
      const [records] = yield* open(settingsFor(vendor))
      const { pages } = yield* walk(records, acmecorp)
      assert.lengthOf(pages, 1)
      assert.isNotEmpty(recordsOf(...pages))
    }).pipe(run)
  )

  it.live("of a window without rows, or older than two years, is over at once", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const [records] = yield* open(settingsFor(vendor))
      for (const ago of [40, 800]) {
        const { pages } = yield* walk(records, acmecorp, { from: now - ago * day, to: now - (ago - 1) * day })
        assert.deepStrictEqual(
          pages.map(({ rows }) => rows.length),
          [0]
        )
      }
      assert(records.horizon !== undefined)
    }).pipe(run)
  )

  it.live("starts over where its place is no longer known", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const [records] = yield* open(settingsFor(vendor))
      const ask = { partition: acmecorp, window: everything, purpose: "live", cursor: { scrollId: "????" } } as const
      assert.include(yield* Effect.flip(records.page(ask)), { _tag: "SetMoved" })
    }).pipe(run)
  )

  it.live("does not go round where the vendor gives one page for ever", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const body = `{"meta":{"totalRecordCount":9,"scrollId":"same"},"data":[{"callId":"1"}]}`
      const [records] = yield* open({ ...settingsFor(vendor), pbxes: ["acmecorp"] })
      vendor.faults.add({ kind: "status", status: 200, body, match: { pathIncludes: "/v2/call-records" } })
      const failure = yield* Effect.flip(walk(records, acmecorp))
      assert.include(failure, { _tag: "BadAnswer", reason: "answered with the page that was read before" })
    }).pipe(run)
  )

  it.live("passes an unreadable row by, and goes on", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const body = `{"meta":null,"data":[{"callId":"1"},{"callId":null},7]}`
      const [records] = yield* open(settingsFor(vendor))
      vendor.faults.add({ kind: "status", status: 200, body, match: { pathIncludes: "/v2/call-records" } })
      const {
        pages: [page]
      } = yield* walk(records, acmecorp)
      assert.deepStrictEqual(
        page?.rows.map((row) => ("unreadable" in row ? row.unreadable : row.subject)),
        ["acmecorp/1", "callId is missing or not as documented", "the row is not an object"]
      )
    }).pipe(run)
  )
})

describe("PBXes", () => {
  it.live("that count alike are told apart", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 5 })
      const [records] = yield* open(settingsFor(vendor))
      const row = { callId: "1635571048351", startedAt: now - day, connectedAt: 0, disconnectedAt: now - day, row: {} }
      for (const pbx of ["acmecorp", "acme_corp_uk"]) vendor.company.putCallRecord({ pbx, ...row })
      for (const partition of [acmecorp, acmeCorpUk]) {
        const subjects = recordsOf(yield* walk(records, partition)).map(({ subject }) => subject)
        assert.include(subjects, `${partition.name}/1635571048351`)
      }
    }).pipe(run)
  )

  it.live("are those that were set, each once", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const [, legs] = yield* open({ ...settingsFor(vendor), pbxes: ["acmecorp", "one/two", "acmecorp"] })
      assert.deepStrictEqual(yield* legs.partitions, [
        acmecorp,
        { name: "one/two", uri: "8x8/workanalytics/one%2Ftwo" }
      ])
      assert.isEmpty(vendor.requests())
    }).pipe(run)
  )

  it.live("for which a right is missing park alone", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs: { workDenied: ["acmecorp"] } })
      const [records] = yield* open(settingsFor(vendor))
      const failure = yield* Effect.flip(walk(records, acmecorp))
      assert.include(failure, {
        _tag: "Denied",
        scope: "partition",
        reason: "the user has no right on PBX acmecorp (403)"
      })
      assert.isNotEmpty(recordsOf(yield* walk(records, acmeCorpUk)))
      assert.include(yield* Effect.flip(walk(records, partitionOf("unheard-of"))), { scope: "partition" })
    }).pipe(run)
  )
})
