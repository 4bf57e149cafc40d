import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Sandbox } from "@callstream/sandbox"
import { everything, now, recordsOf, run, walk } from "@callstream/testkit"
import { acmecorp, check, open, sandbox, settingsFor } from "./Harness.ts"

const logins = (vendor: Sandbox) => vendor.requests().filter(({ path }) => path.endsWith("/v1/oauth/token"))
const expired = (times?: number) =>
  ({
    kind: "expire-token",
    match: { pathIncludes: "/v2/call-records" },
    ...(times === undefined ? {} : { times })
  }) as const

describe("logging in", () => {
  it.live("sends name and password as a form, encoded, and the key in a header", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 5 })
      const [records] = yield* open({ ...settingsFor(vendor), pbxes: ["acmecorp"] })
      yield* walk(records, acmecorp)
      assert.deepInclude(logins(vendor)[0], {
        method: "POST",
        path: "/analytics/work/v1/oauth/token",
        body: "username=analytics%40acme.example&password=Rrnp5+QBW6%26dTbx%5ET%2BP",
        status: 200
      })
    }).pipe(run)
  )

  it.live("happens once for ten who ask at the same time, of both streams", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 20 })
      const streams = yield* open(settingsFor(vendor))
      const walks = [...streams, ...streams, ...streams, ...streams, ...streams].map((stream) => walk(stream, acmecorp))
      yield* Effect.all(walks, { concurrency: "unbounded" })
      assert.lengthOf(logins(vendor), 1)
    }).pipe(run)
  )

  it.live("happens once more for ten who are refused at the same time", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 20 })
      const [records] = yield* open(settingsFor(vendor))
      yield* walk(records, acmecorp)
      vendor.faults.add({ ...expired(1) })
      vendor.clearRequests()
      const walks = Array.from({ length: 10 }, () => walk(records, acmecorp))
      const all = yield* Effect.all(walks, { concurrency: "unbounded" })
      for (const walked of all) assert.lengthOf(recordsOf(walked), all[0]?.rows.length ?? 0)
      assert.lengthOf(logins(vendor), 1)
    }).pipe(run)
  )

  it.live("again in the middle of a walk loses nothing", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const [records] = yield* open({ ...settingsFor(vendor), pageSize: 5 })
      vendor.faults.add({ ...expired(1), skip: 2 })
      const found = recordsOf(yield* walk(records, acmecorp)).map(({ subject }) => subject)
      const there = vendor.records("workanalytics/call-records").filter(({ partition }) => partition === "acmecorp")
      assert.sameMembers(
        found,
        there.map(({ key }) => `acmecorp/${key}`)
      )
      assert.lengthOf(logins(vendor), 2)
    }).pipe(run)
  )

  it.effect("happens before the token expires", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      const vendor = yield* sandbox({ calls: 5, tokenSeconds: 600 })
      const [records] = yield* open(settingsFor(vendor))
      const ask = { partition: acmecorp, window: everything, purpose: "live" } as const
      yield* records.page(ask)
      yield* TestClock.adjust("9 minutes")
      yield* records.page(ask)
      assert.deepStrictEqual(
        vendor.requests().map(({ method, status }) => `${method} ${status}`),
        ["POST 200", "GET 200", "POST 200", "GET 200"]
      )
    }).pipe(run)
  )

  it.live("that helps nothing parks the source", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 5 })
      const [records] = yield* open(settingsFor(vendor))
      vendor.faults.add(expired())
      const failure = yield* Effect.flip(walk(records, acmecorp))
      assert.include(failure, { _tag: "Denied", scope: "source", reason: "refused our credentials (401)" })
      assert.lengthOf(vendor.requests(), 4)
    }).pipe(run)
  )
})

describe("a refusal", () => {
  it.live.each([
    [{ apiKey: "wrong" }, "refused the API key (SHA001)", "Check apiKey"],
    [{ password: "wrong" }, "refused the user (invalid_grant)", "must have opened it in a browser at least once"]
  ] as const)("of %j is about credentials, though it is a 400", ([wrong, reason, remedy]) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 5 })
      const [records] = yield* open({ ...settingsFor(vendor), ...wrong })
      const failure = yield* Effect.flip(walk(records, acmecorp))
      assert.include(failure, { _tag: "Denied", scope: "source", reason })
      assert.include(failure.message, remedy)
      assert.lengthOf(vendor.requests(), 1)
    }).pipe(run)
  )

  it.live("of the key on a request for data is about credentials too", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 5 })
      const [records] = yield* open(settingsFor(vendor))
      const body = `{"status":400,"message":"Invalid 8x8-apikey","code":"SHA001","details":[]}`
      vendor.faults.add({ kind: "status", status: 400, body, match: { pathIncludes: "/v2/" } })
      assert.include(yield* Effect.flip(walk(records, acmecorp)), { _tag: "Denied", scope: "source" })
    }).pipe(run)
  )

  it.live("of a request is a range that cannot be read", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 5 })
      const [records] = yield* open(settingsFor(vendor))
      vendor.faults.add({ kind: "status", status: 400, body: "{}", match: { pathIncludes: "/v2/" } })
      assert.include(yield* Effect.flip(walk(records, acmecorp)), { _tag: "BadAnswer" })
    }).pipe(run)
  )

  it.live.each(["html", "500", "429", "reset"] as const)("to answer a login at all (%s) is waited out", (kind) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 5 })
      const [records] = yield* open(settingsFor(vendor))
      vendor.faults.add({ kind, match: { pathIncludes: "/oauth/" } })
      const failure = yield* Effect.flip(walk(records, acmecorp))
      assert.include(failure, { _tag: "Unavailable", endpoint: "POST /v1/oauth/token" })
    }).pipe(run)
  )
})

describe("check", () => {
  it.live("proves rights on every PBX in one call per stream", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const lines = yield* check({ ...settingsFor(vendor), pbxes: ["acmecorp", "acme_corp_uk"] })
      assert.deepStrictEqual(
        lines.map(({ ok, subject }) => [subject, ok]),
        [
          ["call-records", true],
          ["call-legs", true]
        ]
      )
      assert.match(lines[0]?.detail ?? "", /^\d+ in the last 24 hours on PBXes acmecorp, acme_corp_uk$/)
      assert.lengthOf(vendor.requests(), 3)
    }).pipe(run)
  )

  it.live("says what a user who never opened Work Analytics has to do", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 1, knobs: { workNeverOpened: true } })
      const [line] = yield* check(settingsFor(vendor))
      assert.isFalse(line?.ok)
      assert.include(line?.detail, "must have opened it in a browser at least once")
    }).pipe(run)
  )

  it.live("says for which PBX a right is missing", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 1, knobs: { workDenied: ["acme_corp_uk"] } })
      const [line] = yield* check(settingsFor(vendor))
      assert.include(line?.detail, "no right on PBX acme_corp_uk (403)")
    }).pipe(run)
  )
})
