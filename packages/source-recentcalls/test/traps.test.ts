/** One test per trap of this API, by its number in the project's list, as a user meets it: from the API to the events. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { gapsOf, heldData, makeRig, type Rig } from "@callstream/testkit"
import { plugin } from "@callstream/source-recentcalls"
import { decode } from "./Harness.ts"
import { callOf, guidOf, missing, once, putCalls, readAll, rigOf, settingsOf } from "./TrapWorld.ts"

const noon = Date.UTC(2026, 10, 18, 12)
const bodiesOf = ({ sandbox }: Rig): ReadonlyArray<Record<string, unknown>> =>
  sandbox.requests().map(({ body }): Record<string, unknown> => JSON.parse(body ?? "{}"))

describe("trap 33: rows as no document would write them", () => {
  it.live("trap 33: trailing commas, ids in one text, float texts, JSON in a text, blanks, numbers in texts", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ knobs: { recentNumbers: "text" } })
      const odd = {
        agentId: "ag7rcjEueDRuGblqngmiaaa,agAD21EBR1RhuV2TNDivjzzz,",
        transactionId: "6264 6270 6273",
        callDuration: "335566.0",
        holdDuration: "155960.0",
        muteDuration: "10462",
        totalScore: "",
        destinationNumber: "",
        postCallSurvey: `[{"question":"1","answer":"5"}]`,
        voiceComment: "{}",
        voiceCommentFileNames: "a.wav,b.wav,"
      }
      rig.sandbox.company.putCall(callOf(noon, odd))
      rig.sandbox.company.putCall(callOf(noon + 1000, { postCallSurvey: `[{"question":` }, 1))
      assert.isTrue((yield* readAll(rig)).complete)
      const data = heldData(rig).get(guidOf(noon)) ?? {}
      assert.deepInclude(data, {
        agentIds: ["7rcjEueDRuGblqngmiaaa", "AD21EBR1RhuV2TNDivjzzz"],
        transactionIds: ["6264", "6270", "6273"],
        durationMs: 335_566,
        holdMs: 155_960,
        muteMs: 10_462,
        surveyAnswers: [{ question: "1", answer: "5" }],
        voiceCommentFilenames: ["a.wav", "b.wav"]
      })
      for (const name of ["surveyScore", "calleeNumber", "voiceComments", "warnings"]) assert.notProperty(data, name)
      const broken = heldData(rig).get(guidOf(noon + 1000, 1)) ?? {}
      assert.deepStrictEqual(broken["warnings"], ["postCallSurvey is not JSON"])
    })
  )

  it.live("trap 33: a row that cannot be read is a dead letter, and its neighbours arrive", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 7)
      rig.sandbox.company.putCall(callOf(noon, { callId: 0 }, 99))
      const { complete, status } = yield* readAll(rig)
      assert.isTrue(complete)
      assert.strictEqual(rig.sink.held.size, 7)
      assert.strictEqual(status.deadLetters, 1)
      const [letter] = yield* rig.deadLetters
      assert.include(letter, { stage: "read", reason: "callId is missing or not as documented" })
      assert.deepInclude(letter?.payload, { callId: 0, callerName: "ACME CO" })
    })
  )
})

describe("trap 34: a set that does not hold still", () => {
  it.live.each(["insert", "remove"] as const)("trap 34: hits changes and rows shift between pages (%s)", (shift) =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 33)
      for (const skip of [1, 6, 9]) rig.sandbox.faults.add({ kind: "shift-page", shift, skip, times: 1 })
      const { complete, status } = yield* readAll(rig)
      assert.isTrue(complete)
      assert.deepStrictEqual([missing(rig), gapsOf(status)], [[], []])
    })
  )

  it.live("trap 34: no order holds between two pages, so windows come to fit one", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ knobs: { recentOrder: "unsettled" } })
      putCalls(rig, 60)
      const { complete, status } = yield* readAll(rig)
      assert.isTrue(complete)
      assert.deepStrictEqual([missing(rig), gapsOf(status)], [[], []])
      const pages = bodiesOf(rig).map(({ page }) => page)
      assert.isAtLeast(pages.filter((page) => page === 1).length, pages.length - 8)
    })
  )

  it.live("trap 34: a page is empty before hits is reached, each time", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ knobs: { recentMissing: 2 } })
      putCalls(rig, 13)
      const { complete, status } = yield* readAll(rig)
      assert.isTrue(complete)
      assert.deepStrictEqual([missing(rig), gapsOf(status)], [[], []])
      assert.lengthOf(rig.sandbox.requests(), 8)
      assert.isTrue(rig.overheard.lines.some((line) => line.includes("there are 15 calls, and gives 13")))
    })
  )

  it.live("trap 34: an empty page with hits is not taken for a window without calls", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 3)
      rig.sandbox.faults.add({ kind: "status", status: 200, body: `{"hits":3,"data":[]}`, times: 2 })
      assert.isTrue((yield* readAll(rig)).complete)
      assert.deepStrictEqual(missing(rig), [])
    })
  )

  it.effect("trap 34: more than 5000 rows a page are never asked for", () =>
    Effect.gen(function* () {
      const settings = { region: "us", tenantId: "acmecorp01", apiKey: "k", token: "t" }
      const failure = yield* Effect.flip(decode({ ...settings, rows: 5001 }))
      assert.include(String(failure), "5000")
      assert.include(yield* decode(settings), { rows: 5000 })
    })
  )
})

describe("trap 35: the span of a request", () => {
  it.live.each(["duration", "timeRange"] as const)(
    "trap 35: is exactly one, a timeRange without blanks, whichever would win (%s)",
    (recentBothSpans) =>
      Effect.gen(function* () {
        const rig = yield* rigOf({ calls: 16, knobs: { recentBothSpans } })
        yield* rig.runToTheEnd()
        assert.deepStrictEqual(missing(rig), [])
        for (const body of bodiesOf(rig)) {
          assert.match(String(body["timeRange"]), /^\d{13}-\d{13}$/)
          assert.notProperty(body, "duration")
        }
      })
  )
})

describe("trap 36: when a call began", () => {
  /** Both half past one o'clock in Los Angeles, an hour apart. */
  const twice = [Date.UTC(2026, 10, 1, 8, 30), Date.UTC(2026, 10, 1, 9, 30)]

  it.live("trap 36: is taken from the GUID in the hour that comes twice, where the zone is not the one asked for", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ knobs: { recentZone: "America/Los_Angeles" } })
      for (const at of twice) rig.sandbox.company.putCall(callOf(at))
      yield* readAll(rig, { since: "2026-10-01" })
      const held = [...rig.sink.held.values()]
      assert.sameMembers(
        held.map(({ time }) => time),
        ["2026-11-01T08:30:00.000Z", "2026-11-01T09:30:00.000Z"]
      )
      for (const { warnings } of heldData(rig).values()) {
        assert.deepStrictEqual(warnings, ["callDate is not in the zone that was asked for, GMT"])
      }
    })
  )

  it.live("trap 36: is asked for in GMT, where each hour comes once", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      for (const at of twice) rig.sandbox.company.putCall(callOf(at))
      yield* readAll(rig, { since: "2026-10-01" })
      for (const { data, subject, time } of rig.sink.held.values()) {
        assert.strictEqual(time, new Date(Number.parseInt(subject.slice(4, 15), 16)).toISOString())
        assert.notProperty(data, "warnings")
      }
      for (const body of bodiesOf(rig)) assert.include(body, { timezone: "GMT" })
    })
  )

  it.live("trap 36: is not read with day and month the other way round", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf({ knobs: { recentDates: "day" } })
      const at = Date.UTC(2026, 10, 2, 19, 22, 51)
      rig.sandbox.company.putCall(callOf(at))
      yield* readAll(rig, { since: "2026-10-01" })
      assert.deepStrictEqual(
        [...rig.sink.held.values()].map(({ time }) => time),
        ["2026-11-02T19:22:51.000Z"]
      )
    })
  )
})

describe("trap 37: the API is retired", () => {
  it.live.each([403, 404, 410] as const)(
    "trap 37: an answer of %s parks the source, says so, does not hammer, and ends when the API is back",
    (recentRetired) =>
      Effect.gen(function* () {
        const rig = yield* rigOf({ knobs: { recentRetired } })
        putCalls(rig, 3)
        assert.isFalse((yield* rig.run()).complete)
        yield* rig.run()
        assert.lengthOf(rig.sandbox.requests(), 1)
        const [park] = yield* rig.parks
        assert.include(park?.remedy, "8x8 took this API off its pages on 2025-11-03")
        rig.sandbox.setKnobs({ recentRetired: false })
        rig.clock.advance("1 hour")
        assert.isTrue((yield* rig.runToTheEnd()).complete)
        assert.deepStrictEqual([missing(rig), yield* rig.parks], [[], []])
      })
  )
})

describe("trap 47: a fetch that fails", () => {
  it.live("trap 47: on a later page never moves the position past what was not read", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 23)
      const heal = rig.sandbox.faults.add({ kind: "500", skip: 2 })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { pipeline } = yield* rig.start()
          while (rig.sandbox.requests().length < 6) yield* rig.clock.sleep(Duration.seconds(1))
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
      rig.sandbox.faults.add({ kind: "truncate", skip: 1, times: 9 })
      const { complete, status } = yield* readAll(rig)
      assert.isTrue(complete)
      assert.deepStrictEqual([missing(rig), gapsOf(status)], [[], []])
    })
  )
})

describe("trap 48: a crash between writing and committing", () => {
  it.live("trap 48: sends again with the same ids, and nothing else", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
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
      const rig = yield* makeRig(plugin, (sandbox) => ({ ...settingsOf(sandbox), ...once }), {
        calls: 0,
        clock: () => now() - behind
      })
      now = rig.clock.now
      putCalls(rig, 3)
      const { status } = yield* rig.run()
      const [partition] = status.partitions
      assert.isAtMost(partition?.position ?? Infinity, now() - behind)
      // A call in the ten minutes that only our clock has passed.
      rig.sandbox.company.putCall(callOf(now() - behind / 2, {}, 77))
      rig.clock.advance("2 hours")
      yield* rig.runToTheEnd()
      assert.deepStrictEqual(missing(rig), [])
    })
  )
})

describe("trap 50: how a vendor says no", () => {
  const fault = `{"fault":{"faultstring":"Invalid ApiKey","detail":{"errorcode":"oauth.v2.InvalidApiKey"}}}`

  it.live.each(["seconds", "date", "reset", "none"] as const)(
    "trap 50: 429 with %s is obeyed, and all arrives",
    (header) =>
      Effect.gen(function* () {
        const rig = yield* rigOf({ knobs: { rateLimits: { recentcalls: { requests: 3, seconds: 5, header } } } })
        putCalls(rig, 33)
        assert.isTrue((yield* readAll(rig)).complete)
        assert.deepStrictEqual(missing(rig), [])
        const refused = rig.sandbox.requests().filter(({ status }) => status === 429)
        assert.isNotEmpty(refused)
        assert.isAtMost(refused.length, 12)
      })
  )

  it.live.each([
    { status: 401, body: fault },
    { status: 403, body: "<html>Forbidden</html>" },
    { status: 401, body: "" }
  ])("trap 50: $status parks, whatever its body is ($body)", ({ body, status }) =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      rig.sandbox.faults.add({ kind: "status", status, body })
      assert.isFalse((yield* rig.run()).complete)
      assert.lengthOf(yield* rig.parks, 1)
      assert.lengthOf(rig.sandbox.requests(), 1)
    })
  )

  it.live.each(["", "<html>Bad gateway</html>", fault])(
    "trap 50: an error of 502 with the body %j is waited out",
    (body) =>
      Effect.gen(function* () {
        const rig = yield* rigOf()
        putCalls(rig, 3)
        rig.sandbox.faults.add({ kind: "status", status: 502, body, times: 3 })
        assert.isTrue((yield* readAll(rig)).complete)
        assert.deepStrictEqual(missing(rig), [])
      })
  )
})

describe("trap 51: secrets", () => {
  it.live("trap 51: neither key, token nor a caller's number is in anything that is said", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      putCalls(rig, 3)
      rig.sandbox.company.putCall(callOf(noon, { callId: 0, callerNumber: "8045550915" }, 9))
      rig.sandbox.faults.add({ kind: "html", times: 1 })
      rig.sandbox.faults.add({ kind: "500", times: 2, skip: 1 })
      yield* readAll(rig)
      rig.sandbox.setKnobs({ recentToken: "another" })
      rig.sandbox.company.addCalls(1)
      rig.clock.advance("1 hour")
      yield* rig.run()
      yield* rig.check()
      const { apiKey, token } = rig.sandbox.credentials.recentcalls
      for (const secret of [apiKey, token, "8045550915"]) {
        assert.isEmpty(rig.overheard.lines.filter((line) => line.includes(secret)))
      }
    })
  )
})

describe("trap 52: numbers", () => {
  it.live("trap 52: of telephones and ids stay texts, to the last digit", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      const row = {
        callerNumber: "+442079460000",
        dialedNumber: 14_405_558_069,
        callerPhoneNumber: "0018045550915",
        transactionId: "9007199254740993",
        queueId: 713
      }
      rig.sandbox.company.putCall(callOf(noon, row))
      yield* readAll(rig)
      assert.deepInclude(heldData(rig).get(guidOf(noon)), {
        callerNumber: "+442079460000",
        dialedNumber: "14405558069",
        callerPhoneNumber: "0018045550915",
        transactionIds: ["9007199254740993"],
        queueIds: ["713"]
      })
    })
  )
})
