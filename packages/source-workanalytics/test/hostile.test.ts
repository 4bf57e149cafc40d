/** Answers that mean harm: bounded time and memory, a dead letter or a typed failure, never a crash. */
import type { ServerResponse } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { heldData, run, walk } from "@callstream/testkit"
import { acmecorp, open, sandbox, settingsFor } from "./Harness.ts"
import { baseOf, putCalls, readAll, rigOf } from "./TrapWorld.ts"

const mebibyte = 1024 * 1024
const only = { pbxes: ["acmecorp"] }

/** Answers logins, and everything else with what is given. */
const vendorWith = (answer: (response: ServerResponse) => void) =>
  baseOf((request, response) => {
    if (request.url?.includes("/oauth/") === true) response.end(`{"access_token":"t","expires_in":1800}`)
    else answer(response)
  })

const failureAt = Effect.fnUntraced(function* (baseUrl: string) {
  const settings = { baseUrl, apiKey: "k", username: "u", password: "p", rate: { perSecond: 10_000, concurrency: 1 } }
  const [records] = yield* open({ ...settings, ...only })
  return yield* Effect.flip(walk(records, acmecorp))
})

describe("a body of 200 MB", () => {
  it.live("is given up early, and never in memory", () =>
    Effect.gen(function* () {
      const chunk = Buffer.alloc(mebibyte, " ")
      const baseUrl = yield* vendorWith((response) => {
        let left = 200
        const more = () => {
          while (left-- > 0 && !response.destroyed) if (!response.write(chunk)) return void response.once("drain", more)
          if (!response.destroyed) response.end()
        }
        more()
      })
      const before = process.memoryUsage().rss
      const failure = yield* failureAt(baseUrl)
      assert.include(failure, { _tag: "BadAnswer", reason: "answered with more than 67108864 bytes" })
      assert.isBelow(process.memoryUsage().rss - before, 180 * mebibyte)
    }).pipe(run)
  )
})

describe("a flood of headers", () => {
  it.live("is no answer", () =>
    Effect.gen(function* () {
      const baseUrl = yield* vendorWith((response) => {
        response.writeHead(
          200,
          Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`x-${i}`, "y".repeat(1000)]))
        )
        response.end(`{"data":[]}`)
      })
      assert.include(yield* failureAt(baseUrl), { _tag: "Unavailable" })
    }).pipe(run)
  )
})

describe("a refusal", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
  it.live.each([
    ["whose message is nested without measure", 400, `{"message":${deep},"error_description":${deep}}`],
    [
      "whose message has members of every object's",
      400,
      `{"message":{"toString":1},"error_description":{"valueOf":1}}`
    ],
    ["that names a PBX without an end", 403, "pbxId(".repeat(500_000)]
  ] as const)("%s is read in no time", ([, status, body]) =>
    Effect.gen(function* () {
      const baseUrl = yield* vendorWith((response) => response.writeHead(status).end(body))
      const begun = performance.now()
      assert.include(yield* failureAt(baseUrl), { _tag: status === 400 ? "BadAnswer" : "Denied" })
      assert.isBelow(performance.now() - begun, 5000)
    }).pipe(run)
  )
})

describe("a total that is no number", () => {
  it.live.each([`{"valueOf":1,"toString":1}`, `${"[".repeat(100_000)}${"]".repeat(100_000)}`, "-1", "1e400"])(
    "costs no row: %.20s",
    (total) =>
      Effect.gen(function* () {
        const body = `{"meta":{"totalRecordCount":${total}},"data":[{"callId":"1"}]}`
        const rig = yield* rigOf()
        rig.sandbox.faults.add({
          kind: "status",
          status: 200,
          body,
          times: 1,
          match: { pathIncludes: "/call-records" }
        })
        assert.isTrue((yield* readAll(rig, only)).complete)
        assert.strictEqual(heldData(rig).size, 1)
      })
  )
})

describe("pages without end", () => {
  it.live("end as a range that cannot be read", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs: { workEndless: true } })
      const [records] = yield* open({ ...settingsFor(vendor), pageSize: 7000 })
      const failure = yield* Effect.flip(walk(records, acmecorp))
      assert.include(failure, { _tag: "BadAnswer", reason: "has no end after 201 pages" })
      assert.isAtMost(vendor.requests().length, 203)
    }).pipe(run)
  )

  it.live("of PBXes end too", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 1 })
      let page = 0
      const baseUrl = yield* vendorWith((response) => {
        page += 1
        const next = { href: `/v2/pbxes/?page=${page}` }
        response.end(JSON.stringify({ _embedded: { pbxList: [{ name: "acmecorp" }] }, _links: { next } }))
      })
      const [records] = yield* open({ ...settingsFor(vendor), baseUrl })
      assert.deepStrictEqual(yield* records.partitions, [acmecorp])
      assert.strictEqual(page, 100)
    }).pipe(run)
  )
})

describe("a row", () => {
  it.live("that is nested without measure is a dead letter, and its neighbours arrive", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 2)
      const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
      const rows = [`{"callId":"1","departments":${deep}}`, `{"callId":{"a":${deep}}}`, `{"callId":"2"}`]
      const body = `{"meta":{"scrollId":null},"data":[${rows.join(",")}]}`
      rig.sandbox.faults.add({ kind: "status", status: 200, body, times: 1, match: { pathIncludes: "/call-records" } })
      const { complete, status } = yield* readAll(rig, only)
      assert.isTrue(complete)
      assert.deepStrictEqual([...heldData(rig).keys()], ["acmecorp/2"])
      assert.strictEqual(status.deadLetters, 2)
    })
  )

  it.live("with keys of every object's and with control characters arrives as it is", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      const name = "\u0000\u001b[2J\u2028\ud800"
      const row = `{"callId":"1","pbxId":"a\\u0000/b","callerName":${JSON.stringify(name)},"__proto__":{"polluted":1}}`
      const body = `{"meta":{},"data":[${row}]}`
      rig.sandbox.faults.add({ kind: "status", status: 200, body, times: 1, match: { pathIncludes: "/call-records" } })
      assert.isTrue((yield* readAll(rig, only)).complete)
      const [data] = heldData(rig).values()
      assert.include(data, { callerName: name })
      assert.strictEqual(JSON.stringify(data?.["raw"]), JSON.stringify(JSON.parse(row)))
      assert.notProperty({}, "polluted")
    })
  )
})
