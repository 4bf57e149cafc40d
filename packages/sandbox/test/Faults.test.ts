import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Fault, Sandbox } from "@callstream/sandbox"
import { noon, recent, recordings, still, storage, work, wide } from "./Client.ts"
import { object } from "./Objects.ts"

const withFault = (fault: Fault) =>
  Effect.map(still({ calls: 20 }), ({ sandbox, time }) => {
    sandbox.faults.add(fault)
    return { sandbox, time }
  })

/** The failure of a request that is never answered, or not to its end. */
const broken = (sandbox: Sandbox) =>
  Effect.promise(() =>
    fetch(`${sandbox.url}/storage/us-east/v3/regions`)
      .then((response) => response.text())
      .then(
        () => "answered",
        () => "broken"
      )
  )

describe("faults", () => {
  it.effect("throttle, and say for how long in each of the ways", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* withFault({ kind: "429", retryAfter: 7, times: 1 })
      const first = yield* recent(sandbox)
      assert.deepStrictEqual([first.status, first.header("retry-after")], [429, "7"])
      assert.isDefined(first.body.fault.faultstring)
      assert.strictEqual((yield* recent(sandbox)).status, 200)
      sandbox.faults.add({ kind: "503", retryAfter: "date", times: 1 })
      const second = yield* recordings(sandbox, "/files")
      assert.deepStrictEqual(
        [second.status, second.header("retry-after"), second.text],
        [503, "Fri, 20 Nov 2026 12:00:02 GMT", ""]
      )
      sandbox.faults.add({ kind: "500" })
      assert.strictEqual((yield* recent(sandbox)).header("retry-after"), null)
      sandbox.faults.clear()
      assert.strictEqual((yield* recent(sandbox)).status, 200)
    })
  )

  it.effect("hit only what they match, after what they let pass", () =>
    Effect.gen(function* () {
      const match = { api: "recordings", pathIncludes: "n=51", method: "GET" } as const
      const { sandbox } = yield* withFault({ kind: "503", match, skip: 1, times: 2 })
      const statuses: Array<number> = []
      for (let i = 0; i < 4; i++) statuses.push((yield* recordings(sandbox, "/files?n=51")).status)
      assert.deepStrictEqual(statuses, [200, 503, 503, 200])
      assert.strictEqual((yield* recordings(sandbox, "/files")).status, 200)
      assert.strictEqual((yield* recent(sandbox, { page: "51" })).status, 200)
      assert.deepStrictEqual(
        sandbox.faults.list().map(({ struck }) => struck),
        [2]
      )
    })
  )

  it.effect("strike by chance, the same chance each time", () =>
    Effect.gen(function* () {
      const run = Effect.gen(function* () {
        const { sandbox } = yield* withFault({ kind: "500", probability: 0.5 })
        const statuses: Array<number> = []
        for (let i = 0; i < 20; i++) statuses.push((yield* recordings(sandbox, "/files")).status)
        return statuses
      })
      const first = yield* run
      assert.deepStrictEqual(first, yield* run)
      assert.isTrue(first.includes(500) && first.includes(200))
    })
  )

  it.effect("break connections before and within an answer", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* withFault({ kind: "reset", times: 1 })
      assert.strictEqual(yield* broken(sandbox), "broken")
      sandbox.faults.add({ kind: "reset-mid-body", times: 1 })
      assert.strictEqual(yield* broken(sandbox), "broken")
      assert.strictEqual(yield* broken(sandbox), "answered")
      assert.deepStrictEqual(
        sandbox.requests().map(({ status }) => status),
        [0, 401, 401]
      )
    })
  )

  it.effect("spoil answers: half a body, a web page, any status, a delay", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* withFault({ kind: "truncate", times: 1 })
      const half = yield* recent(sandbox)
      assert.deepStrictEqual([half.status, half.body], [200, undefined])
      assert.isTrue((yield* recent(sandbox)).text.startsWith(half.text))
      sandbox.faults.add({ kind: "html", times: 1 })
      assert.include((yield* recent(sandbox)).text, "sign in")
      sandbox.faults.add({ kind: "status", status: 418, body: "teapot", times: 1 })
      assert.strictEqual((yield* recent(sandbox)).text, "teapot")
      sandbox.faults.add({ kind: "slow", delayMs: 1, times: 1 })
      assert.strictEqual((yield* recent(sandbox)).status, 200)
    })
  )

  it.effect("expire the tokens that are out", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 5 })
      const get = yield* storage(sandbox)
      const legs = yield* work(sandbox)
      sandbox.faults.add({ kind: "expire-token", match: { api: "storage" }, times: 1 })
      assert.strictEqual((yield* get("uk/v3/regions")).status, 401)
      assert.strictEqual((yield* get("uk/v3/regions")).status, 401)
      assert.strictEqual((yield* legs("/v2/call-legs", wide)).status, 200)
      assert.strictEqual((yield* (yield* storage(sandbox))("uk/v3/regions")).status, 200)
    })
  )

  it.effect("move the set between two pages, so that one row is skipped or repeated", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0 })
      for (let i = 0; i < 10; i++) sandbox.company.putObject(object(i))
      const get = yield* storage(sandbox)
      const ids = (key: number) =>
        Effect.map(
          get(`us-east/v3/objects?sortField=updatedTime&sortDirection=ASC&limit=5&pageKey=${key}`),
          ({ body }) => body.content.map(({ id }: { id: string }) => id)
        )
      const first = yield* ids(0)
      sandbox.faults.add({ kind: "shift-page", times: 1 })
      const second = yield* ids(5)
      const seen = new Set([...first, ...second])
      assert.strictEqual(sandbox.records("storage/objects").filter(({ key }) => !seen.has(key)).length, 1)

      const { sandbox: other } = yield* still({ calls: 30 })
      const page = (n: number) => Effect.map(recent(other, { page: n, rows: 10 }), ({ body }) => body)
      const before = yield* page(1)
      other.faults.add({ kind: "shift-page", shift: "insert", times: 1 })
      const after = yield* page(2)
      assert.deepStrictEqual([before.hits, after.hits], [30, 31])
      assert.strictEqual(after.data[0].callId, before.data[9].callId)
    })
  )

  it.effect("move the sets of Recordings and Work Analytics too", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 100 })
      const transactions = (n: number) =>
        Effect.map(recordings(sandbox, `/files.json?n=${n}`), ({ body }) =>
          body.recordings.file.map(({ filename }: { filename: string }) => filename)
        )
      const first = yield* transactions(1)
      sandbox.faults.add({ kind: "shift-page", shift: "insert", match: { api: "recordings" }, times: 1 })
      assert.strictEqual((yield* transactions(51))[0], first[49])

      const get = yield* work(sandbox)
      const page = (scrollId: string) =>
        Effect.map(get("/v2/call-records", { ...wide, pageSize: "30", scrollId }), ({ body }) => body)
      const one = yield* page("")
      sandbox.faults.add({ kind: "shift-page", match: { api: "workanalytics" }, times: 1 })
      const two = yield* page(one.meta.scrollId)
      assert.deepStrictEqual([one.meta.totalRecordCount, two.meta.totalRecordCount, two.data.length], [60, 59, 30])
    })
  )

  it.effect("limit rates, where the knobs say so", () =>
    Effect.gen(function* () {
      const { sandbox, time } = yield* still({ calls: 1 })
      const limit = (header: "seconds" | "date" | "reset" | "none") =>
        sandbox.setKnobs({ rateLimits: { recentcalls: { requests: 2, seconds: 60, header } } })
      limit("seconds")
      assert.strictEqual((yield* recent(sandbox)).status, 200)
      time.now += 20_000
      assert.strictEqual((yield* recent(sandbox)).status, 200)
      const third = yield* recent(sandbox)
      assert.deepStrictEqual([third.status, third.header("retry-after")], [429, "40"])
      limit("reset")
      const reset = (yield* recent(sandbox)).header("x-ratelimit-reset")
      assert.strictEqual(Number(reset), (noon + 60_000) / 1000)
      assert.strictEqual((yield* recordings(sandbox, "/files")).status, 200)
      time.now += 40_000
      assert.strictEqual((yield* recent(sandbox)).status, 200)
    })
  )
})
