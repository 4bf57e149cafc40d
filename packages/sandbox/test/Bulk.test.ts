import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { noon, recent, still, storage } from "./Client.ts"

interface Call {
  readonly callId: string
  readonly callDate: string
}

interface Shown {
  readonly id: string
  readonly updatedTime: string
}

describe("bulk mode", () => {
  it.effect("pages Recent Calls as the real list does", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ bulk: { recentcalls: 12_345 } })
      const seen: Array<string> = []
      for (const page of [1, 2, 3, 4]) {
        const { body } = yield* recent(sandbox, { page, rows: 5000 })
        assert.strictEqual(body.hits, 12_345)
        seen.push(...body.data.map(({ callId }: Call) => callId))
      }
      assert.strictEqual(new Set(seen).size, 12_345)
      const starts = seen.map((callId) => Number.parseInt(callId.slice(4, 15), 16))
      assert.strictEqual(starts[0], noon)
      assert.deepStrictEqual(
        starts,
        starts.toSorted((a, b) => b - a)
      )
    })
  )

  it.effect("has rows like the real ones, with dates in the zone", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 1, bulk: { recentcalls: 100 } })
      const { body } = yield* recent(sandbox, { timezone: "America/Los_Angeles" })
      const [real] = sandbox.records("recentcalls/calls", { rows: true })
      assert.deepStrictEqual(Object.keys(body.data[0]).toSorted(), Object.keys(Object(real?.row)).toSorted())
      assert.strictEqual(body.data[0].callDate, "11/20/2026 04:00:00")
      assert.strictEqual(body.data[50].callDate, "11/20/2026 03:59:00")
      const range = yield* recent(sandbox, { timeRange: `${noon - 60_000}-${noon - 1200}` })
      assert.strictEqual(range.body.hits, 50)
      assert.strictEqual((yield* recent(sandbox, { tenantAgents: ["x"] })).status, 400)
    })
  )

  it.effect("lets objects be walked by time, each once", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ bulk: { storage: 1234 } })
      const get = yield* storage(sandbox)
      const seen = new Set<string>()
      let from = 0
      for (;;) {
        const filter = encodeURIComponent(
          `(objectState==AVAILABLE,objectState==REVOKED);type=in=(callcenterrecording,summary);updatedTime=ge=${from};updatedTime=lt=${noon + 1}`
        )
        const { body } = yield* get(`us-east/v3/objects?sortField=updatedTime&sortDirection=ASC&filter=${filter}`)
        for (const { id } of body.content) seen.add(id)
        if (body.lastPage) break
        from = Date.parse(`${body.content.at(-1).updatedTime}Z`)
      }
      assert.strictEqual(seen.size, 1234)
    })
  )

  it.effect("pages objects as the real list does, both ways", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ bulk: { storage: 245 } })
      const get = yield* storage(sandbox)
      const page = (query: string) => Effect.map(get(`us-east/v3/objects?${query}`), ({ body }) => body)
      const { content, ...last } = yield* page("pageKey=200")
      assert.deepStrictEqual(last, { lastPage: true, pageKey: 300, pageSize: 45 })
      const first = yield* page("sortField=id&sortDirection=ASC&limit=45")
      assert.deepStrictEqual(
        content.map(({ id }: Shown) => id).toReversed(),
        first.content.map(({ id }: Shown) => id)
      )
      assert.strictEqual((yield* page("filter=type==summary")).content.length, 0)
      assert.strictEqual((yield* get("us-east/v3/objects?filter=duration=gt=1")).status, 400)
      assert.strictEqual((yield* get("us-east/v3/objects?sortField=type")).status, 400)
      assert.deepStrictEqual((yield* get("uk/v3/objects")).body.content, [])
    })
  )
})
