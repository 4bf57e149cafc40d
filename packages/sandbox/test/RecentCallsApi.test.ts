import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import type { RecentCall, Sandbox } from "@callstream/sandbox"
import { noon, recent, still } from "./Client.ts"

interface Row extends Record<string, string | number> {
  callId: string
  callDate: string
}

interface Documented extends Record<string, unknown> {
  data: ReadonlyArray<Row>
}

const documented: Documented = JSON.parse(readFileSync(new URL("fixtures/recent-calls.json", import.meta.url), "utf8"))

/** A row as a record: its instant is the one in its GUID; the three dates follow from it. */
const recordOf = ({ callDate: _d, callDateOnly: _o, callTime: _t, ...row }: Row): RecentCall => ({
  callId: row.callId,
  startedAt: Number.parseInt(row.callId.slice(4, 15), 16),
  holdCount: 2,
  muteCount: 1,
  channelId: "104",
  row
})

/** Puts the documented rows into an otherwise empty company. */
const withDocumented = (sandbox: Sandbox) => {
  for (const row of documented.data) sandbox.company.putCall(recordOf(row))
}

describe("Recent Calls", () => {
  it.effect("shows the documented rows value for value", () =>
    Effect.gen(function* () {
      // Mended: nothing. But the example is not sorted as we assume (newest first), so the oldest-first knob is used.
      const { sandbox } = yield* still({ calls: 0, knobs: { recentOrder: "oldest" } })
      withDocumented(sandbox)
      const { body, header, status } = yield* recent(sandbox, { rows: "500", timezone: "America/Los_Angeles" })
      assert.strictEqual(status, 200)
      assert.deepStrictEqual(body, documented)
      assert.strictEqual(header("date"), "Fri, 20 Nov 2026 12:00:00 GMT")
    })
  )

  it.effect("takes the documented filters, and finds what they mean", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0 })
      withDocumented(sandbox)
      const hits = (filter: Record<string, unknown>) => Effect.map(recent(sandbox, filter), ({ body }) => body.hits)
      assert.strictEqual(yield* hits({ callerName: ["555"] }), 2)
      assert.strictEqual(yield* hits({ callerName: ["acme"] }), 1)
      assert.strictEqual(yield* hits({ tenantAgents: ["agAD21EBR1RhuV2TNDivjzzz"] }), 1)
      assert.strictEqual(yield* hits({ tenantQueues: ["2583", "713"], tenantGroups: ["2577"] }), 1)
      assert.strictEqual(yield* hits({ tenantChannels: ["104"] }), 2)
      assert.strictEqual(yield* hits({ agentHoldCount: "range:2,-1", agentMuteCount: "range:1,1" }), 2)
      assert.strictEqual(yield* hits({ transferCount: "range:1,-1" }), 0)
      assert.strictEqual(yield* hits({ callDuration: "sec:60,-1", timeInIVR: "sec:20,-1" }), 1)
      assert.strictEqual(yield* hits({ agentCallDuration: "min:5,6", agentHoldDuration: "sec:30,-1" }), 1)
      assert.strictEqual(yield* hits({ timeInQueue: "sec:0,4" }), 1)
    })
  )

  it.effect("says no to what the guide does not allow", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 1 })
      const bodies = [
        { rows: 5001 },
        { rows: 0 },
        { page: 0 },
        { tenantId: "other" },
        { duration: "fortnight" },
        { timeRange: "1665580905000 - 1665598905000" },
        { timezone: "Mars/Olympus" },
        { callerName: ["a", "b"] },
        { callDuration: "hours:1,2" }
      ]
      for (const body of bodies) assert.strictEqual((yield* recent(sandbox, body)).status, 400, JSON.stringify(body))
      assert.strictEqual((yield* recent(sandbox, {}, { token: "wrong" })).status, 401)
      assert.strictEqual((yield* recent(sandbox, {}, { "content-type": "text/plain" })).status, 400)
      sandbox.setKnobs({ recentLogin: 403 })
      assert.strictEqual((yield* recent(sandbox, {}, { "8x8-apikey": "" })).status, 403)
      sandbox.setKnobs({ recentRetired: 410 })
      assert.strictEqual((yield* recent(sandbox)).status, 410)
    })
  )

  it.effect("pages through every call once, and ends with an empty page", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 45 })
      const seen: Array<string> = []
      for (const page of [1, 2, 3, 4, 5, "6"]) {
        const { body } = yield* recent(sandbox, { page, rows: "9" })
        assert.strictEqual(body.hits, 45)
        assert.strictEqual(body.rows, 9)
        seen.push(...body.data.map((row: Row) => row.callId))
      }
      const truth = sandbox.records("recentcalls/calls").map(({ key }) => key)
      assert.deepStrictEqual(seen.toSorted(), truth.toSorted())
    })
  )

  it.effect("tests the start, both ends included, unless the knobs say otherwise", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 1 })
      const [truth] = sandbox.records("recentcalls/calls", { rows: true })
      const startedAt = Number.parseInt(truth?.key.slice(4, 15) ?? "", 16)
      const hits = (from: number, to: number) =>
        Effect.map(recent(sandbox, { timeRange: `${from}-${to}` }), ({ body }) => body.hits)
      assert.strictEqual(yield* hits(startedAt, startedAt), 1)
      assert.strictEqual(yield* hits(startedAt + 1, noon), 0)
      sandbox.setKnobs({ recentEnds: "exclusive" })
      assert.strictEqual(yield* hits(startedAt, startedAt), 0)
      sandbox.setKnobs({ recentRange: "end" })
      assert.strictEqual(yield* hits(startedAt + 1, noon + 1), 1)
    })
  )

  it.effect("lets the span win that the knob names", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 5 })
      const both = { duration: "allhistory", timeRange: "1-2" }
      assert.strictEqual((yield* recent(sandbox, both)).body.hits, 5)
      sandbox.setKnobs({ recentBothSpans: "timeRange" })
      assert.strictEqual((yield* recent(sandbox, both)).body.hits, 0)
    })
  )

  it.effect("forgets what is older than the knob says, as time passes", () =>
    Effect.gen(function* () {
      const { sandbox, time } = yield* still({ calls: 10, days: 1, knobs: { keepDays: 2 } })
      assert.strictEqual((yield* recent(sandbox)).body.hits, 10)
      time.now += 2 * 86_400_000
      assert.strictEqual((yield* recent(sandbox)).body.hits, 0)
    })
  )

  it.effect("reads words as days of the zone", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0 })
      const [row] = documented.data
      const put = (startedAt: number) => {
        const callId = `int-${startedAt.toString(16).padStart(11, "0")}-x`
        if (row !== undefined) sandbox.company.putCall(recordOf({ ...row, callId }))
      }
      put(Date.UTC(2026, 10, 20, 7, 59))
      put(Date.UTC(2026, 10, 20, 8, 1))
      const hits = (duration: string, timezone: string) =>
        Effect.map(recent(sandbox, { duration, timezone }), ({ body }) => body.hits)
      assert.strictEqual(yield* hits("today", "America/Los_Angeles"), 1)
      assert.strictEqual(yield* hits("yesterday", "America/Los_Angeles"), 1)
      assert.strictEqual(yield* hits("today", "GMT"), 2)
      assert.strictEqual(yield* hits("week", "GMT"), 2)
      assert.strictEqual(yield* hits("month", "GMT"), 2)
    })
  )

  it.effect("shows the repeated autumn hour twice, without saying which", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0 })
      const [row] = documented.data
      for (const hour of [8, 9]) {
        const startedAt = Date.UTC(2026, 10, 1, hour, 30)
        const callId = `int-${startedAt.toString(16).padStart(11, "0")}-x`
        if (row !== undefined) sandbox.company.putCall(recordOf({ ...row, callId }))
      }
      const { body } = yield* recent(sandbox, { timezone: "America/Los_Angeles" })
      assert.deepStrictEqual(
        body.data.map((each: Row) => each.callDate),
        ["11/01/2026 01:30:00", "11/01/2026 01:30:00"]
      )
    })
  )
})
