/** What is sent, how often, and with which credentials. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Credentials } from "@callstream/core"
import { everything, recordsOf, run, walkOnly } from "@callstream/testkit"
import { plugin } from "@callstream/source-recentcalls"
import { requests } from "../src/Api.ts"
import { decode, sandbox, settingsFor } from "./Harness.ts"
import { putCalls, readAll, rigOf } from "./TrapWorld.ts"

describe("the list of requests", () => {
  it("is closed: a query, in two regions", () => {
    assert.deepStrictEqual(requests, ["POST /us", "POST /uk"])
  })

  it.live("holds for all that is sent, whatever happens", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ calls: 40, knobs: { recentOrder: "unsettled" } })
      rig.sandbox.faults.add({ kind: "500", probability: 0.2 })
      yield* rig.check()
      yield* rig.runToTheEnd()
      for (const { method, path } of rig.sandbox.requests()) {
        assert.strictEqual(`${method} ${path}`, "POST /customerexperience/v1/recentCallData/us")
      }
      assert.isEmpty(rig.sandbox.forbidden())
    })
  )
})

describe("requests of a run over everything", () => {
  it.live.each([
    { calls: 0, since: "2026-11-16", least: 1 },
    { calls: 3, since: "2024-01-01", least: 1 },
    { calls: 101, since: "2026-11-16", least: 21 },
    { calls: 1500, since: "2020-01-01", least: 300 }
  ])("are as few as there are pages: $least for $calls calls since $since", ({ calls, least, since }) =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, calls, Date.UTC(2026, 10, 17, 9))
      assert.isTrue((yield* readAll(rig, { since })).complete)
      assert.strictEqual(rig.sink.held.size, calls)
      assert.lengthOf(rig.sandbox.requests(), least)
    })
  )
})

describe("a token that 8x8 gives out anew", () => {
  it.live("is read again from its file when the old one is refused, once, and nothing is lost", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs: { recentToken: "of-today" } })
      const config = yield* decode(settingsFor(vendor))
      let reads = 0
      Credentials.from(config, "token", () => {
        reads += 1
        return "of-today"
      })
      const { streams } = yield* plugin.open(config, { pipeline: "p", name: "n", directory: "/", wanted: new Set() })
      const [stream] = streams
      assert(stream !== undefined)
      assert.isNotEmpty(recordsOf(yield* walkOnly(stream, everything)))
      assert.deepStrictEqual(
        vendor.requests().map(({ status }) => status),
        [401, 200]
      )
      assert.strictEqual(reads, 1)
    }).pipe(run)
  )

  it.live("stops the source cleanly where it has to be set by hand, and with it all arrives", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 23)
      yield* readAll(rig)
      rig.sandbox.setKnobs({ recentToken: "of-today" })
      putCalls(rig, 9, Date.UTC(2026, 10, 19, 9))
      rig.clock.advance("2 hours")
      assert.isFalse((yield* rig.run()).complete)
      const [park] = yield* rig.parks
      assert.include(park?.remedy, "8x8 Admin Console > API Keys")
      assert.isTrue((yield* readAll(rig, { token: "of-today", lookback: [{ span: "7 d", every: "1 h" }] })).complete)
      assert.strictEqual(rig.sink.held.size, 32)
    })
  )
})
