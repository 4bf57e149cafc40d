import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { start } from "@callstream/sandbox"
import { ask, recent, still } from "./Client.ts"

describe("the sandbox", () => {
  it.effect("listens on this machine, until its scope ends", () =>
    Effect.gen(function* () {
      const url = yield* Effect.scoped(Effect.map(start({ calls: 0 }), ({ url }) => url))
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
      const gone = yield* Effect.promise(() =>
        fetch(url).then(
          () => "there",
          () => "gone"
        )
      )
      assert.strictEqual(gone, "gone")
    })
  )

  it.effect("says in a sentence that its port is taken", () =>
    Effect.gen(function* () {
      const { url } = yield* start({ calls: 0 })
      const failure = yield* Effect.flip(start({ calls: 0, port: Number(new URL(url).port) }))
      assert.strictEqual(failure.code, "EADDRINUSE")
      assert.include(failure.message, "is in use. Choose another")
    })
  )

  it.effect("has the vendor's own paths behind its base URLs", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0 })
      const { baseUrls, url } = sandbox
      assert.deepStrictEqual(baseUrls, {
        storage: url,
        recordings: `${url}/api/recordings`,
        recentcalls: `${url}/customerexperience/v1/recentCallData`,
        workanalytics: `${url}/analytics/work`
      })
      const elsewhere = yield* ask(`${url}/elsewhere`)
      assert.deepStrictEqual([elsewhere.status, elsewhere.header("date")], [404, "Fri, 20 Nov 2026 12:00:00 GMT"])
    })
  )

  it.effect("remembers requests, but not those to itself", () =>
    Effect.gen(function* () {
      const { sandbox, time } = yield* still({ calls: 0 })
      yield* recent(sandbox)
      yield* ask(`${sandbox.url}/_sandbox/records`)
      const [request, ...more] = sandbox.requests()
      assert.deepStrictEqual(more, [])
      assert.deepInclude(request, {
        method: "POST",
        path: "/customerexperience/v1/recentCallData/us",
        status: 200,
        at: time.now
      })
      assert.deepStrictEqual((yield* ask(`${sandbox.url}/_sandbox/requests`)).body, sandbox.requests())
      sandbox.clearRequests()
      assert.deepStrictEqual(sandbox.requests(), [])
    })
  )

  it.effect("tells another process all it tells its own", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 10, knobs: { delay: 0 } })
      const control = (path: string, method = "GET", body?: unknown) =>
        ask(`${sandbox.url}/_sandbox/${path}`, body === undefined ? { method } : { method, body: JSON.stringify(body) })
      const { body } = yield* control("credentials")
      assert.deepStrictEqual(body, { url: sandbox.url, baseUrls: sandbox.baseUrls, credentials: sandbox.credentials })
      assert.deepStrictEqual((yield* control("records")).body, sandbox.records())
      const calls = (yield* control("calls", "POST", { count: 2 })).body.calls
      const all = (yield* control("records?stream=recentcalls/calls&rows")).body
      assert.strictEqual(all.length, 12)
      assert.strictEqual(all[11].row.callId, calls[1])
      const change = { change: "changeCall", args: [calls[0], { totalScore: "9" }] }
      assert.deepStrictEqual((yield* control("change", "POST", change)).body, { result: true })
      assert.strictEqual((yield* control("faults", "POST", { kind: "503", times: 1 })).status, 204)
      assert.deepStrictEqual((yield* control("faults")).body, [{ kind: "503", times: 1, struck: 0 }])
      assert.strictEqual((yield* control("faults", "DELETE")).status, 204)
      assert.deepStrictEqual(sandbox.faults.list(), [])
      assert.strictEqual((yield* control("knobs", "POST", { recentRetired: 404 })).status, 204)
      assert.strictEqual((yield* recent(sandbox)).status, 404)
      assert.deepStrictEqual((yield* control("forbidden")).body, [])
    })
  )

  it.effect("says no to control requests it does not understand", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0 })
      const post = (path: string, body: string) => ask(`${sandbox.url}/_sandbox/${path}`, { method: "POST", body })
      assert.strictEqual((yield* post("faults", '{"kind":"fire"}')).status, 400)
      assert.strictEqual((yield* post("faults", '{"kind":"429","oftn":1}')).status, 400)
      assert.strictEqual((yield* post("change", '{"change":"putObject"}')).status, 400)
      assert.strictEqual((yield* post("knobs", '{"recentsRetired":404}')).status, 400)
      assert.strictEqual((yield* post("calls", "{")).status, 400)
      assert.strictEqual((yield* post("nothing", "")).status, 404)
    })
  )
})
