/** What is sent, how often, and with which credentials. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Credentials } from "@callstream/core"
import { day, everything, now, recordsOf, run, walk } from "@callstream/testkit"
import { plugin } from "@callstream/source-workanalytics"
import { requests } from "../src/Api.ts"
import { acmecorp, decode, open, sandbox, settingsFor } from "./Harness.ts"
import { legOf, putCalls, readAll, recordOf, rigOf } from "./TrapWorld.ts"

describe("the list of requests", () => {
  it("is closed: a login, and what reads", () => {
    assert.deepStrictEqual(requests, [
      "POST /v1/oauth/token",
      "GET /v2/call-records",
      "GET /v2/call-legs",
      "GET /v2/pbxes/",
      "GET /v2/customer-data/pbxes"
    ])
  })

  it.live("holds for all that is sent, whatever happens", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ calls: 40 })
      rig.sandbox.faults.add({ kind: "500", probability: 0.2 })
      rig.sandbox.faults.add({ kind: "expire-token", probability: 0.1 })
      yield* rig.check()
      yield* rig.runToTheEnd()
      const listed = new Set<string>(requests)
      for (const { method, path } of rig.sandbox.requests()) {
        assert.isTrue(
          listed.has(`${method} ${path.slice("/analytics/work".length).split("?")[0]}`),
          `${method} ${path}`
        )
      }
      assert.isEmpty(rig.sandbox.forbidden())
    })
  )
})

describe("requests of a run over everything", () => {
  it.live.each([
    { calls: 0, since: "2026-11-16", pages: 0 },
    { calls: 3, since: "2025-01-01", pages: 1 },
    { calls: 101, since: "2026-11-16", pages: 21 },
    { calls: 750, since: "2024-12-01", pages: 150 }
  ])("are as few as there are pages: $pages for $calls calls since $since", ({ calls, pages, since }) =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, calls, Date.UTC(2026, 10, 17, 9))
      assert.isTrue((yield* readAll(rig, { since })).complete)
      assert.strictEqual(rig.sink.held.size, calls)
      // A login, the list of PBXes, and for two PBXes of two streams the page that ends a walk.
      assert.lengthOf(rig.sandbox.requests(), 1 + 1 + 4 + pages)
    })
  )
})

describe("filters", () => {
  it.live("select by extensions, and legs by what is said of them", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 0 })
      const calls = [recordOf(now - 3 * day), recordOf(now - 2 * day, {}, { callee: "120099" })]
      for (const call of calls) {
        vendor.company.putCallRecord(call)
        vendor.company.putCallLeg(legOf(call, "1", { parentCallId: null }))
        vendor.company.putCallLeg(legOf(call, "2", { parentCallId: call.callId }))
      }
      const [records, legs] = yield* open({
        ...settingsFor(vendor),
        filters: { callee: ["120099", "120100"] },
        legs: { simplified: true, window: "connected" }
      })
      const subject = `acmecorp/${calls[1]?.callId}`
      assert.deepStrictEqual(
        recordsOf(yield* walk(records, acmecorp)).map((record) => record.subject),
        [subject]
      )
      assert.deepStrictEqual(
        recordsOf(yield* walk(legs, acmecorp)).map((record) => record.subject),
        [`${subject}/1`]
      )
      const paths = vendor.requests().map(({ path }) => path)
      assert.isTrue(paths.some((path) => path.includes("callee=120099%2C120100&isConnectTime=true&isSimplified=true")))
    }).pipe(run)
  )

  it.effect.each([
    { filters: { callerOrCallee: ["1"], caller: ["2"] }, why: "Expected callerOrCallee, or caller and callee" },
    { filters: { caller: ["120088,120089"] }, why: "Expected one extension" },
    { filters: { caller: Array.from({ length: 126 }, (_, i) => String(i)) }, why: "125" }
  ])("that the vendor would refuse are refused here: $why", ({ filters, why }) =>
    Effect.gen(function* () {
      const settings = { apiKey: "k", username: "u", password: "p" }
      assert.include(String(yield* Effect.flip(decode({ ...settings, filters }))), why)
    })
  )
})

describe("credentials that become others", () => {
  it.live("are read again from their files when they are refused, and nothing is lost", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs: { workPassword: "of-today" } })
      const config = yield* decode({ ...settingsFor(vendor), pbxes: ["acmecorp"] })
      Credentials.from(config, "password", () => "of-today")
      const { streams } = yield* plugin.open(config, { pipeline: "p", name: "n", directory: "/", wanted: new Set() })
      const [records] = streams
      assert(records !== undefined)
      assert.isNotEmpty(recordsOf(yield* walk(records, acmecorp, everything)))
      assert.deepStrictEqual(
        vendor.requests().map(({ status }) => status),
        [400, 200, 200, 200]
      )
    }).pipe(run)
  )

  it.live("stop the source cleanly where they have to be set by hand, and with them all arrives", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 12)
      yield* readAll(rig)
      rig.sandbox.setKnobs({ workPassword: "of-today" })
      putCalls(rig, 9, Date.UTC(2026, 10, 19, 9))
      rig.clock.advance("2 hours")
      assert.isFalse((yield* rig.run()).complete)
      const [park] = yield* rig.parks
      assert.include(park?.remedy, "Check username and password")
      const changed = { password: "of-today", lookback: [{ span: "7 d", every: "1 h" }] }
      assert.isTrue((yield* readAll(rig, changed)).complete)
      assert.strictEqual(rig.sink.held.size, 21)
    })
  )
})
