import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import type { WorkValue } from "@callstream/sandbox"
import { ask, noon, still, wide, work, workLogin } from "./Client.ts"

type Row = Readonly<Record<string, WorkValue>>

interface Page {
  readonly meta: { readonly totalRecordCount: number; readonly scrollId: string }
  readonly data: ReadonlyArray<Row>
}

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8"))

const spec = fixture("work_analytics_historical.json")
const examples = (path: string, status: string) =>
  spec.paths[path].get.responses[status].content["application/json"].examples

/** The day of the documented examples. */
const february = Date.UTC(2022, 1, 4)

/** The documented example's window, in its zone. */
const window = {
  pbxId: "supertenantcsm",
  startTime: "2022-02-03 00:00:00",
  endTime: "2022-02-03 10:00:00",
  timeZone: "America/New_York",
  pageSize: "50"
}

/**
 * Mended in the documented rows, because the page's own cursor says so: the cursor decodes to PBX `supertenantcsm`, while
 * the rows say `acmecorppbx` and `demonstrationname`. Nothing else.
 */
const mended = (page: Page): Page => ({
  ...page,
  data: page.data.map((row) => Object.assign({}, row, { pbxId: "supertenantcsm" }))
})

const recordOf = (row: Row) => {
  const { callId, connectTime: _c, disconnectedTime: _d, pbxId, startTime: _s, ...rest } = row
  const { connectTimeUTC, disconnectedTimeUTC, startTimeUTC, ...shown } = rest
  return {
    pbx: String(pbxId),
    callId: String(callId),
    startedAt: Number(startTimeUTC),
    connectedAt: Number(connectTimeUTC),
    disconnectedAt: Number(disconnectedTimeUTC),
    row: shown
  }
}

/** All pages of a walk. */
const walk = (get: Effect.Success<ReturnType<typeof work>>, path: string, query: Record<string, string>) =>
  Effect.gen(function* () {
    const pages: Array<Page> = []
    let scrollId: string | undefined
    while (scrollId !== "No Data") {
      const { body }: { readonly body: Page } = yield* get(path, {
        ...query,
        ...(scrollId === undefined ? {} : { scrollId })
      })
      pages.push(body)
      scrollId = body.meta.scrollId
    }
    return pages
  })

const keysOf = (pages: ReadonlyArray<Page>) =>
  pages.flatMap(({ data }) =>
    data.map((row) => `${String(row["pbxId"])} ${String(row["callId"])}/${String(row["legId"])}`)
  )

describe("Work Analytics", () => {
  it.effect("shows the documented call records value for value", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0, now: february })
      const documented = mended(fixture("call-records.json"))
      for (const row of documented.data) sandbox.company.putCallRecord(recordOf(row))
      const get = yield* work(sandbox)
      assert.deepStrictEqual((yield* get("/v2/call-records", window)).body, documented)
    })
  )

  it.effect("shows the documented call legs value for value", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0, now: february })
      const documented = mended(JSON.parse(examples("/v2/call-legs", "200").Result.value))
      for (const row of documented.data) {
        const { row: shown, ...record } = recordOf(row)
        const { legId, ...rest } = shown
        sandbox.company.putCallLeg({ ...record, legId: String(legId), row: rest })
      }
      const get = yield* work(sandbox)
      assert.deepStrictEqual((yield* get("/v2/call-legs", window)).body, documented)
      assert.deepStrictEqual((yield* get("/v1/cdr", { ...window, isCallRecord: "false" })).body, documented)
    })
  )

  it.effect("logs in as documented, and refuses in the documented words", () =>
    Effect.gen(function* () {
      const { sandbox, time } = yield* still({ calls: 0 })
      const url = sandbox.baseUrls.workanalytics
      const login = yield* workLogin(sandbox)
      assert.match(login.body.access_token, /^[\w-]+\.[\w-]+\.[\w-]+$/)
      assert.deepStrictEqual([login.body.token_type, login.body.expires_in], ["bearer", 1800])

      const documented = spec.paths["/v1/oauth/token"].post.responses["400"].content["application/json"].examples
      const wrongKey = yield* ask(`${url}/v1/oauth/token`, { method: "POST", headers: { "8x8-apikey": "no" } })
      assert.deepStrictEqual([wrongKey.status, wrongKey.body], [400, JSON.parse(documented["Invalid API Key"].value)])
      const { apiKey } = sandbox.credentials.workanalytics
      const headers = { "8x8-apikey": apiKey }
      const wrongUser = yield* ask(`${url}/v1/oauth/token`, { method: "POST", headers, body: "username=a&password=b" })
      assert.deepStrictEqual(
        [wrongUser.status, wrongUser.body],
        [400, JSON.parse(documented["Authentication Error"].value)]
      )

      const bearer = (token: string) =>
        ask(`${url}/v2/pbxes/`, { headers: { ...headers, authorization: `Bearer ${token}` } })
      const bad = yield* bearer("no")
      const invalid = JSON.parse(examples("/v2/call-records", "401")["Invalid Bearer Token Format"].value)
      assert.deepStrictEqual([bad.status, bad.body], [401, invalid])
      time.now += 1_800_000
      const expired = yield* bearer(login.body.access_token)
      assert.deepStrictEqual([expired.status, expired.body.error], [401, "invalid_token"])
      sandbox.setKnobs({ workNeverOpened: true })
      assert.strictEqual((yield* workLogin(sandbox)).status, 400)
    })
  )

  it.effect("refuses a PBX without right in the documented words", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 20, knobs: { workDenied: ["acme_corp_uk"] } })
      const get = yield* work(sandbox)
      const { body, status } = yield* get("/v2/call-records", { ...wide, pbxId: "acmecorp,acme_corp_uk" })
      const documented = JSON.parse(examples("/v2/call-records", "403").Result.value)
      const message = "user(analytics@acme.example) does not have access to pbxId(acme_corp_uk) to make this request."
      const timeStamp = "2026-11-20T12:00:00.000+0000"
      assert.deepStrictEqual([status, body], [403, { ...documented, timeStamp, exception: message, message }])
      const all = keysOf(yield* walk(get, "/v2/call-records", wide))
      assert.isFalse(all.some((key) => key.startsWith("acme_corp_uk")))
    })
  )

  it.effect("walks 81 legs as documented: 50, 31, no data", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 200 })
      for (const { key, partition } of sandbox.records("workanalytics/call-legs").slice(81)) {
        sandbox.company.remove("workanalytics/call-legs", partition, key)
      }
      const get = yield* work(sandbox)
      const pages = yield* walk(get, "/v2/call-legs", wide)
      assert.deepStrictEqual(
        pages.map(({ data, meta }) => [data.length, meta.totalRecordCount]),
        [
          [50, 81],
          [31, 81],
          [0, 0]
        ]
      )
      assert.deepStrictEqual(pages.at(-1), { meta: { totalRecordCount: 0, scrollId: "No Data" }, data: [] })
    })
  )

  it.effect("walks every record once, newest first, whatever the page size, underscores or not", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 100 })
      const get = yield* work(sandbox)
      for (const [path, stream] of [
        ["/v2/call-records", "workanalytics/call-records"],
        ["/v2/call-legs", "workanalytics/call-legs"]
      ] as const) {
        const truth = sandbox
          .records(stream)
          .map(({ key, partition }) => `${partition} ${key.includes("/") ? key : `${key}/undefined`}`)
        for (const pageSize of ["1", "7", "7000"]) {
          const pages = yield* walk(get, path, { ...wide, pageSize })
          assert.deepStrictEqual(keysOf(pages).toSorted(), truth.toSorted())
          const starts = pages.flatMap(({ data }) => data.map((row) => Number(row["startTimeUTC"])))
          assert.deepStrictEqual(
            starts,
            starts.toSorted((a, b) => b - a)
          )
        }
      }
    })
  )

  it.effect("keeps its place while newer rows come in", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 50, knobs: { delay: 0 } })
      const get = yield* work(sandbox)
      const before = sandbox.records("workanalytics/call-records").length
      const first: Page = (yield* get("/v2/call-records", { ...wide, pageSize: "10" })).body
      sandbox.company.addCalls(5)
      const rest = yield* walk(get, "/v2/call-records", { ...wide, scrollId: first.meta.scrollId })
      assert.strictEqual(first.data.length + keysOf(rest).length, before)
    })
  )

  it.effect("ends empty windows at once, and says no to its own last word", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 5 })
      const get = yield* work(sandbox)
      const empty = { ...wide, startTime: "2026-01-01 00:00:00", endTime: "2026-01-02 00:00:00" }
      assert.deepStrictEqual((yield* walk(get, "/v2/call-legs", empty)).length, 1)
      assert.strictEqual((yield* get("/v2/call-legs", { ...wide, scrollId: "No Data" })).status, 400)
      assert.strictEqual((yield* get("/v2/call-legs", { ...wide, scrollId: "bm8" })).status, 400)
      sandbox.setKnobs({ workNoData: "restart", workLastScrollId: false })
      const { body } = yield* get("/v2/call-records", { ...wide, scrollId: "No Data" })
      assert.deepStrictEqual([body.data.length, body.meta.scrollId], [3, undefined])
    })
  )

  it.effect("tests the end of a call, or its start, or its connection, in the zone that was named", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0 })
      const at = { startedAt: noon - 3_600_000, connectedAt: noon - 1_800_000, disconnectedAt: noon }
      const record = { pbx: "acmecorp", callId: "1", ...at, row: { callLegCount: "1" } }
      sandbox.company.putCallRecord(record)
      sandbox.company.putCallLeg({ ...record, legId: "1", row: { parentCallId: "1" } })
      const get = yield* work(sandbox)
      const total = (path: string, more: Record<string, string>) =>
        Effect.map(get(path, { ...wide, ...more }), ({ body }) => body.meta.totalRecordCount)
      const lastSecond = {
        startTime: "2026-11-20 07:00:00",
        endTime: "2026-11-20 07:00:00",
        timeZone: "America/New_York"
      }
      assert.strictEqual(yield* total("/v2/call-records", lastSecond), 1)
      const middle = { startTime: "2026-11-20 11:30:00", endTime: "2026-11-20 11:31:00" }
      assert.strictEqual(yield* total("/v2/call-legs", middle), 0)
      assert.strictEqual(yield* total("/v2/call-legs", { ...middle, isConnectTime: "true" }), 1)
      assert.strictEqual(yield* total("/v2/call-legs", { isSimplified: "true" }), 0)
      sandbox.setKnobs({ workEnds: "exclusive", workWindow: "start" })
      assert.strictEqual(yield* total("/v2/call-legs", lastSecond), 0)
      assert.strictEqual(yield* total("/v2/call-records", { startTime: "2026-11-20 11:00:00" }), 1)
    })
  )

  it.effect("forgets, without a word, what is older than two years", () =>
    Effect.gen(function* () {
      const { sandbox, time } = yield* still({ calls: 20 })
      const get = yield* work(sandbox)
      const two = { ...wide, startTime: "2024-01-01 00:00:00" }
      assert.strictEqual((yield* get("/v2/call-records", two)).body.meta.totalRecordCount, 12)
      time.now = Date.UTC(2028, 10, 22)
      const later = yield* work(sandbox)
      assert.strictEqual((yield* later("/v2/call-records", two)).body.meta.totalRecordCount, 0)
    })
  )

  it.effect("checks its parameters and filters by extension", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 60 })
      const get = yield* work(sandbox)
      const bad = [
        { pageSize: "7001" },
        { pageSize: "" },
        { startTime: "2026-01-01T00:00:00" },
        { timeZone: "Nowhere" },
        { caller: "1", callerOrCallee: "1" },
        { caller: Array.from({ length: 126 }, (_, i) => i).join(",") }
      ]
      for (const each of bad) assert.strictEqual((yield* get("/v2/call-legs", { ...wide, ...each })).status, 400)
      const rows: ReadonlyArray<Row> = (yield* get("/v2/call-records", { ...wide, pageSize: "7000" })).body.data
      const extension = String(rows.find((row) => row["direction"] === "Outgoing")?.["caller"])
      const { body } = yield* get("/v2/call-records", { ...wide, callerOrCallee: extension })
      const mine = rows.filter((row) => row["caller"] === extension || row["callee"] === extension)
      assert.strictEqual(body.meta.totalRecordCount, mine.length)
    })
  )

  it.effect("lists the PBXes", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0 })
      const get = yield* work(sandbox)
      const list = (path: string, query = {}) =>
        Effect.map(get(path, query), ({ body: { _embedded: embedded, _links: links } }) => ({
          names: embedded.pbxList.map(({ name }: { name: string }) => name),
          next: links.next?.href
        }))
      assert.deepStrictEqual(yield* list("/v2/pbxes/"), { names: ["acmecorp", "acme_corp_uk"], next: undefined })
      assert.deepStrictEqual(yield* list("/v2/pbxes/", { size: "1" }), {
        names: ["acmecorp"],
        next: "/analytics/work/v2/pbxes/?page=1&size=1"
      })
      const last = yield* list("/v2/customer-data/pbxes", { size: "1", page: "1" })
      assert.deepStrictEqual(last, { names: ["acme_corp_uk"], next: undefined })
    })
  )
})
