/** One test per trap of this API, by its number in the project's list, as a user meets it: from the API to the events. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { gapsOf, heldData, makeRig } from "@callstream/testkit"
import { plugin } from "@callstream/source-workanalytics"
import { asksOf, legOf, missing, once, putCalls, readAll, recordOf, rigOf, settingsOf } from "./TrapWorld.ts"

const noon = Date.UTC(2026, 10, 18, 12)
const hour = 3_600_000
const only = { pbxes: ["acmecorp"] }

describe("trap 38: how a walk ends", () => {
  it.live.each([
    { knobs: {}, how: "by a page that says No Data", pages: [3, 1] },
    { knobs: { workNoData: "restart" } as const, how: "though No Data sent back would begin anew", pages: [3, 1] },
    { knobs: { workNulls: true }, how: "by a page of nulls", pages: [3, 1] },
    { knobs: { workLastScrollId: false }, how: "by a missing scrollId", pages: [2, 1] }
  ])("trap 38: $how, and without rows at the first", ({ knobs, pages: [records, legs] }) =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ knobs })
      putCalls(rig, 10)
      assert.isTrue((yield* readAll(rig, only)).complete)
      assert.deepStrictEqual(missing(rig), [])
      const asked = asksOf(rig)
      assert.lengthOf(
        asked.filter(({ pathname }) => pathname.endsWith("/call-records")),
        records ?? 0
      )
      assert.lengthOf(
        asked.filter(({ pathname }) => pathname.endsWith("/call-legs")),
        legs ?? 0
      )
      for (const { searchParams } of asked) assert.notStrictEqual(searchParams.get("scrollId"), "No Data")
    })
  )

  it.live.each(["No Data", "no data", ""])("trap 38: %j beside rows is an end too", (scrollId) =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      const body = JSON.stringify({ meta: { totalRecordCount: 1, scrollId }, data: [{ callId: "1" }] })
      rig.sandbox.faults.add({ kind: "status", status: 200, body, times: 1, match: { pathIncludes: "/call-records" } })
      assert.isTrue((yield* readAll(rig, only)).complete)
      assert.lengthOf(asksOf(rig), 2)
      assert.deepStrictEqual([...heldData(rig).keys()], ["acmecorp/1"])
    })
  )

  it.live("trap 38: a place that expires while it is walked makes the window start over, then smaller ones", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ knobs: { workScrollSeconds: 8 } })
      putCalls(rig, 80)
      const { complete, status } = yield* readAll(rig, { ...only, rate: { perSecond: 1, concurrency: 1 } })
      assert.isTrue(complete)
      assert.deepStrictEqual([missing(rig), gapsOf(status)], [[], []])
    })
  )

  it.live("trap 38: a place that expired while nobody ran makes the window start over", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ knobs: { workScrollSeconds: 600 } })
      putCalls(rig, 33)
      yield* Effect.scoped(
        Effect.flatMap(
          rig.start({ settings: { ...settingsOf(rig.sandbox), ...once, ...only }, cut: { step: 4, happens: true } }),
          ({ cutOff }) => cutOff
        )
      )
      rig.clock.advance("1 day")
      assert.isTrue((yield* readAll(rig, only)).complete)
      assert.deepStrictEqual(missing(rig), [])
      assert.isTrue(rig.overheard.lines.some((line) => line.includes("no longer knows the place where the walk was")))
    })
  )
})

describe("trap 39: pages that are large and slow", () => {
  it.live("trap 39: 7000 rows in one page pass a small buffer", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      for (let i = 0; i < 7100; i++) rig.sandbox.company.putCallRecord(recordOf(noon - i * 1000))
      const settings = { ...settingsOf(rig.sandbox), ...once, ...only, pageSize: 7000 }
      const buffer = { records: 500, bytes: 1_000_000 }
      assert.isTrue((yield* rig.run({ settings, buffer })).complete)
      assert.strictEqual(rig.sink.held.size, 7100)
      assert.lengthOf(asksOf(rig), 4)
    })
  )

  it.live("trap 39: an answer that takes minutes is waited for, and 5xx are asked again", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 3)
      const match = { pathIncludes: "/v2/call-records" }
      // The rig's time passes 40 times faster.
      rig.sandbox.faults.add({ kind: "slow", delayMs: 7000, times: 1, match })
      rig.sandbox.faults.add({ kind: "500", times: 3, skip: 1, match })
      const { complete } = yield* readAll(rig, only)
      assert.isTrue(complete)
      assert.deepStrictEqual(missing(rig), [])
      assert.deepStrictEqual(
        rig.sandbox.requests().flatMap(({ path, status }) => (path.includes("call-records") ? [status] : [])),
        [200, 500, 500, 500, 200]
      )
    })
  )
})

describe("trap 40: what a 400 is about", () => {
  const key = `{"status":400,"message":"Invalid 8x8-apikey","code":"SHA001","details":[]}`
  const user = `{"error":"invalid_grant","error_description":"USER_NOTFOUND_ERROR"}`

  it.live.each([
    { where: "/oauth/token", body: key, remedy: "Check apiKey" },
    { where: "/oauth/token", body: user, remedy: "must have opened it in a browser at least once" },
    { where: "/v2/call-", body: key, remedy: "8x8 Admin Console > API Keys" },
    { where: "/v2/pbxes", body: user, remedy: "Check username and password" }
  ])("trap 40: of our credentials parks the source and says what to do ($where, $body)", ({ body, remedy, where }) =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      rig.sandbox.faults.add({ kind: "status", status: 400, body, match: { pathIncludes: where } })
      assert.isFalse((yield* rig.run()).complete)
      const [park, ...others] = yield* rig.parks
      assert.isEmpty(others)
      assert.include(park?.remedy, remedy)
      yield* rig.run()
      const refused = rig.sandbox.requests().filter(({ status }) => status === 400)
      // What was asked at the same time, before the first of them was answered.
      assert.isAtMost(refused.length, 4)
    })
  )

  it.live("trap 40: a user who has never opened Work Analytics is told so", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ knobs: { workNeverOpened: true } })
      const [line] = yield* rig.check()
      assert.include(line?.detail, "must have opened it in a browser at least once")
    })
  )

  it.live("trap 40: of anything else is a range that cannot be read: nothing parks, and it is read later", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 3)
      const body = `{"status":400,"error":"Bad Request","message":"startTime is wrong"}`
      rig.sandbox.faults.add({
        kind: "status",
        status: 400,
        body,
        times: 2,
        match: { pathIncludes: "/v2/call-records" }
      })
      assert.isTrue((yield* readAll(rig, only)).complete)
      assert.deepStrictEqual([missing(rig), yield* rig.parks], [[], []])
    })
  )
})

describe("trap 41: windows in one zone", () => {
  it.live("trap 41: are written and declared in UTC, and rows of the days of 23 and 25 hours arrive", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      const days = [Date.UTC(2026, 2, 8, 6), Date.UTC(2026, 2, 29), Date.UTC(2026, 9, 24, 20), Date.UTC(2026, 10, 1, 4)]
      for (const day of days) putCalls(rig, 40, day)
      yield* readAll(rig, { ...only, since: "2026-03-08T05:59:00Z" })
      const [first] = asksOf(rig)
      assert.strictEqual(first?.searchParams.get("startTime"), "2026-03-08 05:58:59")
      assert.isAtLeast(Date.parse(`${first?.searchParams.get("endTime")}Z`), Date.UTC(2026, 10, 20, 12))
      for (const { searchParams } of asksOf(rig)) assert.strictEqual(searchParams.get("timeZone"), "UTC")
      assert.isEmpty(missing(rig))
    })
  )
})

describe("trap 42: fields as no document would write them", () => {
  it.live('trap 42: 0 and "0" are never, - is no, null and a dot are none, counts come as texts and numbers', () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      const odd = {
        missed: "Missed",
        answered: "-",
        abandoned: "-",
        departments: null,
        branches: null,
        callerName: ".",
        calleeName: "",
        callLegCount: 3,
        dnis: "",
        aaDestination: null
      }
      const call = recordOf(noon, { connectedAt: 0 }, odd)
      rig.sandbox.company.putCallRecord(call)
      rig.sandbox.company.putCallRecord(
        recordOf(noon + hour, {}, { connectTimeUTC: "0", connectTime: "0", callLegCount: "2" })
      )
      rig.sandbox.company.putCallRecord(
        recordOf(noon + 2 * hour, {}, { startTimeUTC: null, startTime: "2026-11-18T09:00:00.000-0500" })
      )
      yield* readAll(rig, only)
      const [never, text, zoned] = [...heldData(rig).values()].toSorted(
        (a, b) => Number(a["callId"]) - Number(b["callId"])
      )
      assert.deepInclude(never, { missed: true, answered: false, abandoned: false, legCount: 3 })
      for (const name of [
        "connectedAt",
        "departments",
        "branches",
        "callerName",
        "calleeName",
        "dialedNumber",
        "warnings"
      ]) {
        assert.notProperty(never, name)
      }
      assert.include(text, { legCount: 2 })
      assert.notProperty(text, "connectedAt")
      assert.include(zoned, { startedAt: "2026-11-18T14:00:00.000Z" })
    })
  )

  it.live("trap 42: a text that contradicts the number beside it is a warning", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      rig.sandbox.company.putCallRecord(
        recordOf(noon, {}, { startTime: "2026-11-18T12:00:00.000-0500", connectTime: "0" })
      )
      yield* readAll(rig, only)
      const [data] = heldData(rig).values()
      assert.include(data, { startedAt: "2026-11-18T12:00:00.000Z" })
      assert.deepStrictEqual(data?.["warnings"], [
        "startTime differs from startTimeUTC by a second or more",
        "connectTime is never, and connectTimeUTC is a time"
      ])
    })
  )

  it.live("trap 42: a row that cannot be read is a dead letter, and its neighbours arrive", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 7)
      rig.sandbox.company.putCallRecord(recordOf(noon, { callId: "1635571049999" }, { callId: null }))
      const { complete, status } = yield* readAll(rig, only)
      assert.isTrue(complete)
      assert.deepStrictEqual([rig.sink.held.size, status.deadLetters], [7, 1])
      const [letter] = yield* rig.deadLetters
      assert.include(letter, { stage: "read", reason: "callId is missing or not as documented" })
    })
  )
})

describe("trap 43: two PBXes", () => {
  it.live("trap 43: that count alike, one with underscores in its name, are told apart page by page", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({}, { pageSize: 1 })
      for (const pbx of ["acmecorp", "acme_corp_uk"]) {
        putCalls(rig, 4, noon, pbx)
        rig.sandbox.company.putCallLeg(legOf(recordOf(noon, { pbx }), "1"))
      }
      assert.isTrue((yield* readAll(rig, { pageSize: 1 })).complete)
      assert.deepStrictEqual(missing(rig), [])
      assert.strictEqual(rig.sink.held.size, 10)
      for (const { conversation, source, subject } of rig.sink.held.values()) {
        const pbx = subject.split("/")[0]
        assert.strictEqual(source, `8x8/workanalytics/${pbx}`)
        assert.isTrue(conversation?.startsWith(`${pbx}/`))
      }
    })
  )
})

describe("trap 44: calls that come late or change", () => {
  it.live.each(["start", "disconnect"] as const)(
    "trap 44: a call over the edge of a window, one of ten hours, a leg after its record, a transfer (%s)",
    (workWindow) =>
      Effect.gen(function* () {
        const rig = yield* rigOf({ knobs: { workWindow } }, only)
        const spanning = recordOf(Date.UTC(2026, 10, 19, 23, 59, 30), { callId: "1635571040001" })
        rig.sandbox.company.putCallRecord(spanning)
        assert.isTrue((yield* rig.runToTheEnd()).complete)
        const { now } = rig.clock
        rig.sandbox.company.putCallRecord(
          recordOf(now() - 10 * hour, {
            callId: "1635571040002",
            connectedAt: now() - 10 * hour,
            disconnectedAt: now() - 1000
          })
        )
        rig.sandbox.company.putCallLeg(legOf(spanning, "1"))
        rig.sandbox.company.changeCallRecord("acmecorp", spanning.callId, {
          lastLegDisposition: "Answered",
          callLegCount: "2"
        })
        rig.clock.advance("2 hours")
        assert.isTrue((yield* rig.runToTheEnd()).complete)
        assert.deepStrictEqual(missing(rig), [])
        assert.deepInclude(heldData(rig).get(`acmecorp/${spanning.callId}`), { disposition: "Answered", legCount: 2 })
        assert.strictEqual(rig.sink.log.length, 4)
      })
  )
})

describe("trap 45: older than two years", () => {
  it.live("trap 45: is not asked for in circles: reading begins at the horizon, which is said once for each part", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      const horizon = Date.UTC(2024, 10, 20, 12)
      rig.sandbox.company.putCallRecord(recordOf(horizon + hour, { callId: "1635571040001" }))
      rig.sandbox.company.putCallRecord(recordOf(horizon - 24 * hour, { callId: "1635571040002" }))
      putCalls(rig, 3)
      const { complete } = yield* readAll(rig, { ...only, since: "2019-01-01" })
      assert.isTrue(complete)
      assert.deepStrictEqual(missing(rig), ["acmecorp/1635571040002"])
      assert.lengthOf(asksOf(rig), 3)
      yield* readAll(rig, { ...only, since: "2019-01-01" })
      const said = rig.overheard.lines.filter((line) => line.includes("reading begins there"))
      assert.lengthOf(said, 2)
    })
  )
})

describe("trap 46: a right is missing for one PBX", () => {
  it.live("trap 46: that one parks, and the others are read", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ knobs: { workDenied: ["acmecorp"] } })
      putCalls(rig, 4)
      putCalls(rig, 4, noon, "acme_corp_uk")
      assert.isFalse((yield* rig.run()).complete)
      assert.strictEqual(rig.sink.held.size, 4)
      const parks = yield* rig.parks
      assert.lengthOf(parks, 2)
      for (const { reason, remedy } of parks) {
        assert.include(reason, "no right on PBX acmecorp (403)")
        assert.include(remedy, "8x8 Admin Console")
      }
      const lines = yield* rig.check()
      for (const { detail, ok } of lines) {
        assert.isFalse(ok)
        assert.match(
          detail,
          /^\d in the last 24 hours on PBX acme_corp_uk\. GET \/v2\/call-.*no right on PBX acmecorp \(403\)/
        )
      }
      rig.sandbox.setKnobs({ workDenied: [] })
      rig.clock.advance("1 hour")
      assert.isTrue((yield* rig.runToTheEnd()).complete)
      assert.deepStrictEqual(missing(rig), [])
    })
  )
})

describe("trap 47: a fetch that fails", () => {
  it.live("trap 47: in the middle of a walk loses nothing, and goes on where it was", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({}, only)
      putCalls(rig, 23)
      const heal = rig.sandbox.faults.add({ kind: "500", skip: 2, match: { pathIncludes: "/v2/call-records" } })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { pipeline } = yield* rig.start()
          while (asksOf(rig).length < 6) yield* rig.clock.sleep(Duration.seconds(1))
          yield* pipeline.stop
        })
      )
      assert.isNotEmpty(missing(rig))
      heal()
      assert.isTrue((yield* rig.runToTheEnd()).complete)
      assert.deepStrictEqual(missing(rig), [])
    })
  )

  it.live("trap 47: of half a page is read again, then in smaller windows, and all arrives", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 23)
      rig.sandbox.faults.add({ kind: "truncate", skip: 1, times: 7, match: { pathIncludes: "/v2/call-records" } })
      const { complete, status } = yield* readAll(rig, only)
      assert.isTrue(complete)
      assert.deepStrictEqual([missing(rig), gapsOf(status)], [[], []])
    })
  )
})

describe("trap 48: a crash between writing and committing", () => {
  it.live("trap 48: sends again with the same ids, and nothing else", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({}, only)
      putCalls(rig, 12)
      for (const step of [2, 3, 5]) {
        yield* Effect.scoped(Effect.flatMap(rig.start({ cut: { step, happens: true } }), ({ cutOff }) => cutOff))
      }
      assert.isTrue((yield* rig.runToTheEnd()).complete)
      const ids = new Map(rig.sink.log.map(({ id, subject }) => [subject, id]))
      assert.strictEqual(ids.size, 12)
      for (const { id, subject } of rig.sink.log) assert.strictEqual(id, ids.get(subject))
    })
  )
})

describe("trap 49: clocks that differ", () => {
  it.live("trap 49: what the vendor's clock has not reached is not passed", () =>
    Effect.gen(function* () {
      let now = (): number => Date.UTC(2026, 10, 20, 12)
      const behind = 10 * 60_000
      const rig = yield* makeRig(plugin, (sandbox) => ({ ...settingsOf(sandbox), ...once, ...only }), {
        calls: 0,
        clock: () => now() - behind
      })
      now = rig.clock.now
      putCalls(rig, 3)
      const { status } = yield* rig.run()
      for (const { position } of status.partitions) assert.isAtMost(position ?? Infinity, now() - behind)
      rig.sandbox.company.putCallRecord(recordOf(now() - behind / 2))
      rig.clock.advance("2 hours")
      yield* rig.runToTheEnd()
      assert.deepStrictEqual(missing(rig), [])
    })
  )
})

describe("trap 50: how a vendor says no", () => {
  const fault = `{"fault":{"faultstring":"Rate limit","detail":{"errorcode":"policies.ratelimit.QuotaViolation"}}}`

  it.live.each(["seconds", "date", "reset", "none"] as const)(
    "trap 50: 429 with %s is obeyed, and all arrives",
    (header) =>
      Effect.gen(function* () {
        const rig = yield* rigOf({ knobs: { rateLimits: { workanalytics: { requests: 3, seconds: 5, header } } } })
        putCalls(rig, 23)
        assert.isTrue((yield* readAll(rig, only)).complete)
        assert.deepStrictEqual(missing(rig), [])
        const refused = rig.sandbox.requests().filter(({ status }) => status === 429)
        assert.isNotEmpty(refused)
        assert.isAtMost(refused.length, 16)
      })
  )

  it.live.each([401, 403, 502].flatMap((status) => ["", "<html>No</html>", fault].map((body) => ({ status, body }))))(
    "trap 50: $status of data is understood whatever its body is ($body)",
    ({ body, status }) =>
      Effect.gen(function* () {
        const rig = yield* rigOf()
        putCalls(rig, 3)
        rig.sandbox.faults.add({ kind: "status", status, body, times: 4, match: { pathIncludes: "/v2/call-records" } })
        const { complete } = yield* readAll(rig, only)
        assert.strictEqual(complete, status === 502)
        assert.lengthOf(yield* rig.parks, status === 502 ? 0 : 1)
      })
  )
})

describe("trap 51: secrets", () => {
  it.live("trap 51: neither key, password, token nor a caller's number is in anything that is said", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 3)
      rig.sandbox.company.putCallRecord(recordOf(noon, { callId: "1635571049999" }, { callId: null }))
      rig.sandbox.faults.add({ kind: "html", times: 1, match: { pathIncludes: "/v2/call" } })
      rig.sandbox.faults.add({ kind: "expire-token", times: 1, skip: 4 })
      yield* readAll(rig)
      rig.sandbox.setKnobs({ workPassword: "another" })
      rig.clock.advance("1 hour")
      yield* rig.run()
      yield* rig.check()
      const { apiKey, password } = rig.sandbox.credentials.workanalytics
      assert.isAbove(rig.sentSecrets.size, 1)
      for (const secret of [apiKey, password, encodeURIComponent(password), "15551234567", ...rig.sentSecrets]) {
        assert.isEmpty(rig.overheard.lines.filter((line) => line.includes(secret)))
      }
    })
  )
})

describe("trap 52: numbers", () => {
  it.live("trap 52: of telephones and ids stay texts, to the last digit", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      const row = { caller: "+442079460000", callee: "0018045550915", dnis: 14_405_558_069, sipCallId: "1_2@9" }
      rig.sandbox.company.putCallRecord(recordOf(noon, { callId: "9007199254740993" }, row))
      yield* readAll(rig, only)
      assert.include(heldData(rig).get("acmecorp/9007199254740993"), {
        callId: "9007199254740993",
        callerNumber: "+442079460000",
        calleeNumber: "0018045550915",
        dialedNumber: "14405558069"
      })
    })
  )
})
