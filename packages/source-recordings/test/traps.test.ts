/**
 * The traps of the Recordings API, by the number they have in our notes on the vendor's APIs: from the sandbox through the
 * source and the runner to events.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { eventTypes } from "@callstream/model"
import { Books } from "@callstream/core"
import type { Rig } from "@callstream/testkit"
import { fileOf, filesOnly, heldFiles, putFiles, queriesOf, rigOf, settingsOf } from "./TrapWorld.ts"

const live = (title: string, test: Effect.Effect<void, never, Scope.Scope>) => it.live(title, () => test)

const hour = 3_600_000
/** Nothing is asked for twice. */
const once = { poll: "1 h", lookback: [] }
const formats = ["xml", "csv", "json"] as const

/** Data of what the sink holds, by subject. */
const dataOf = ({ sink }: Rig): ReadonlyMap<string, Readonly<Record<string, unknown>>> =>
  new Map([...sink.held.values()].map(({ data, subject }) => [subject, typeof data === "object" ? { ...data } : {}]))

const idsOf = ({ sink }: Rig) => [...sink.held.values()].map(({ id, subject }) => `${subject} ${id}`).toSorted()

const balanced = ({ status }: { readonly status: { readonly partitions: ReadonlyArray<{ books: Books.Books }> } }) => {
  for (const { books } of status.partitions) assert.isUndefined(Books.imbalance(books))
}

describe("pages", () => {
  for (const count of [0, 49, 50, 51, 99, 100, 150]) {
    live(
      `trap 22: ${count} rows come all, each once, in no more requests than it takes`,
      Effect.gen(function* () {
        const rig = yield* rigOf({}, { ...filesOnly, ...once })
        putFiles(rig, count)
        const outcome = yield* rig.run()
        assert.isTrue(outcome.complete)
        assert.strictEqual(new Set(heldFiles(rig)).size, count)
        assert.strictEqual(rig.sink.log.length, count)
        // A page asks for the last row of the one before again.
        assert.strictEqual(queriesOf(rig, "files").length, 1 + Math.floor(Math.max(0, count - 1) / 49))
        balanced(outcome)
      })
    )
  }

  live(
    "trap 22: a server that gives the same page again is stopped, and what it gave is there",
    Effect.gen(function* () {
      const rig = yield* rigOf({ knobs: { recordingsIgnoresN: true } }, { ...filesOnly, lookback: [] })
      for (let i = 1; i <= 60; i++)
        rig.sandbox.company.putFile(fileOf(i, { startedAt: Date.UTC(2026, 10, 18, 9, 0, 5) }))
      const { complete, status } = yield* rig.run()
      assert.isFalse(complete)
      assert.isAtLeast(heldFiles(rig).length, 50)
      const [gap] = status.partitions.flatMap(({ gaps }) => gaps)
      assert.match(gap?.lastError ?? "", /gave the same page again for n=50/)
      assert.isAtMost((gap?.to ?? 0) - (gap?.from ?? 0), 5 * 60_000)
      rig.sandbox.setKnobs({ recordingsIgnoresN: false })
      yield* rig.runToTheEnd()
      assert.strictEqual(heldFiles(rig).length, 60)
    })
  )

  live(
    "trap 23: the first row is 1, and no page begins after the last row of the one before",
    Effect.gen(function* () {
      const rig = yield* rigOf({}, { ...filesOnly, ...once })
      putFiles(rig, 120)
      yield* rig.run()
      assert.deepStrictEqual(
        queriesOf(rig, "files").map((query) => query.get("n")),
        ["1", "50", "99"]
      )
    })
  )

  live(
    "trap 24: ranges are asked for by d alone",
    Effect.gen(function* () {
      const rig = yield* rigOf({ calls: 20 })
      yield* rig.run()
      rig.clock.advance("2 hours")
      yield* rig.run()
      const queries = [...queriesOf(rig, "files"), ...queriesOf(rig, "transcripts")]
      assert.isAbove(queries.length, 3)
      for (const query of queries) {
        assert.isFalse(query.has("start-date") || query.has("finish-date"))
        assert.match(query.get("d") ?? "", /^\d{8}T\d{4}Z,\d{8}T\d{4}Z$/)
      }
    })
  )
})

describe("time", () => {
  for (const [what, zone, edge] of [
    ["day of 23 hours", "America/New_York", Date.UTC(2026, 2, 8, 7)],
    ["day of 25 hours", "America/New_York", Date.UTC(2026, 10, 1, 6)],
    ["day that ends a month half an hour apart", "Asia/Kolkata", Date.UTC(2026, 10, 30, 18, 30)],
    ["tenant's zone, which is nobody's business", "UTC", Date.UTC(2026, 1, 28, 23, 59, 59)]
  ] as const) {
    live(
      `trap 25: every call of a ${what} comes once, under the instant it began at`,
      Effect.gen(function* () {
        const now = edge + 40 * hour
        const rig = yield* rigOf(
          { now, knobs: { recordingsZone: "America/Los_Angeles" } },
          { ...filesOnly, lookback: [], timezone: zone, since: new Date(edge - 30 * hour).toISOString() }
        )
        rig.clock.advance(now - rig.clock.now())
        const starts = Array.from({ length: 100 }, (_, i) => edge + (i - 50) * 1_800_000 + 7000).filter(
          (at) => at < now
        )
        for (const [i, startedAt] of starts.entries()) rig.sandbox.company.putFile(fileOf(i, { startedAt }))
        yield* rig.run()
        const times = [...rig.sink.held.values()].map(({ time = "" }) => time)
        assert.deepStrictEqual(times.toSorted(), starts.map((at) => new Date(at).toISOString()).toSorted())
        for (const query of queriesOf(rig, "files")) {
          assert.strictEqual(query.get("tz"), zone)
          assert.notInclude(query.get("d") ?? "", "today")
        }
      })
    )
  }
})

describe("answers", () => {
  live(
    "trap 26: XML that is malformed as the documents are, or begins with a byte order mark, gives the same events",
    Effect.gen(function* () {
      const well = yield* rigOf({ calls: 20 })
      yield* well.run()
      const rig = yield* rigOf({ calls: 20, knobs: { recordingsMalformed: 1 } })
      const outcome = yield* rig.run()
      assert.isTrue(outcome.complete)
      assert.strictEqual(outcome.status.deadLetters, 0)
      assert.isAbove(idsOf(rig).length, 20)
      assert.deepStrictEqual(idsOf(rig), idsOf(well))
    })
  )

  for (const format of formats) {
    live(
      `trap 26: a row that nobody can read is a dead letter as it came, and its neighbours arrive (${format})`,
      Effect.gen(function* () {
        const rig = yield* rigOf({ knobs: { recordingsBrokenRow: "30" } }, { ...filesOnly, format })
        putFiles(rig, 60)
        const outcome = yield* rig.run()
        assert.isTrue(outcome.complete)
        assert.strictEqual(heldFiles(rig).length, 59)
        const letters = yield* rig.deadLetters
        assert.deepStrictEqual(
          letters.map(({ stage }) => stage),
          ["read"]
        )
        assert.include(JSON.stringify(letters[0]?.payload), "S20261118/R202611180900000030.wav")
        balanced(outcome)
        rig.sandbox.setKnobs({ recordingsBrokenRow: undefined })
        rig.clock.advance("2 hours")
        yield* rig.run()
        assert.strictEqual(heldFiles(rig).length, 60)
      })
    )

    live(
      `trap 26: what is cut off is read again, then in smaller windows, then a gap that is read when it can be (${format})`,
      Effect.gen(function* () {
        const rig = yield* rigOf({}, { ...filesOnly, format, lookback: [] })
        putFiles(rig, 120)
        rig.sandbox.faults.add({ kind: "truncate", match: { pathIncludes: "/files" } })
        const first = yield* rig.run()
        const gaps = first.status.partitions.flatMap((partition) => partition.gaps)
        assert.isNotEmpty(gaps)
        assert.isFalse(first.complete)
        const asked = queriesOf(rig, "files").map((query) => query.get("d"))
        assert.strictEqual(new Set(asked.slice(0, 3)).size, 1)
        assert.isAbove(new Set(asked.slice(3, 13)).size, 8)
        rig.sandbox.faults.clear()
        const outcome = yield* rig.runToTheEnd()
        assert.isTrue(outcome.complete)
        assert.isEmpty(outcome.status.partitions.flatMap((partition) => partition.gaps))
        assert.strictEqual(heldFiles(rig).length, 120)
        assert.strictEqual(rig.sink.log.length, 120)
      })
    )
  }

  live(
    "trap 26: a login page with status 200 parks the source, which goes on from there",
    Effect.gen(function* () {
      const rig = yield* rigOf({ calls: 10 })
      rig.sandbox.faults.add({ kind: "html" })
      const refused = yield* rig.run()
      assert.isFalse(refused.complete)
      const [park] = yield* rig.parks
      assert.match(park?.reason ?? "", /web page instead of data/)
      assert.strictEqual(rig.sink.log.length, 0)
      rig.sandbox.faults.clear()
      assert.isTrue((yield* rig.runToTheEnd()).complete)
    })
  )

  live(
    "trap 27: codes are none, one or many, rows one or many, and the same in all three formats",
    Effect.gen(function* () {
      const codes = [
        [],
        [{ listName: "Result", name: "Sold" }],
        ["A", "B", "C"].map((name) => ({ listName: "L", name }))
      ]
      const ids: Array<unknown> = []
      for (const rows of [1, 3]) {
        for (const format of formats) {
          for (const single of ["array", "object"] as const) {
            const rig = yield* rigOf({ knobs: { recordingsJsonSingle: single } }, { ...filesOnly, format })
            for (let i = 0; i < rows; i++)
              rig.sandbox.company.putFile({ ...fileOf(i), wrapUpCodes: codes[(i + 1) % 3] ?? [] })
            yield* rig.run()
            ids.push([rows, idsOf(rig)])
            assert.deepStrictEqual(
              [...dataOf(rig).values()].map(({ wrapUpCodes }) => wrapUpCodes),
              Array.from({ length: rows }, (_, i) => codes[(i + 1) % 3] ?? []).map((all) =>
                all.length === 0 ? undefined : all.map(({ listName, name }) => ({ list: listName, code: name }))
              )
            )
          }
        }
      }
      assert.strictEqual(new Set(ids.map((one) => JSON.stringify(one))).size, 2)
    })
  )

  live(
    "trap 28: queues with and without their tenant, placeholders, names for numbers, channels that are none",
    Effect.gen(function* () {
      const rig = yield* rigOf({}, filesOnly)
      const put = (number: number, row: Parameters<typeof fileOf>[1]) =>
        rig.sandbox.company.putFile(fileOf(number, row))
      put(1, {})
      put(2, { row: { queueID: "104", phoneNumber: "bill", caseID: "24482", extVar1: "x" } })
      put(3, { row: { channel: "#virtual_outbound#", queueID: "QUEUE_OUTBOUND", queueName: "QUEUE_OUTBOUND" } })
      put(4, { row: { channel: "#virtual_daa#", queueID: "QUEUE_DIRECT_AGENT_ACCESS", queueName: "" } })
      put(5, { row: { channel: "#virtual_moon#", duration: "long" } })
      yield* rig.run()
      const [one, two, three, four, five] = [...dataOf(rig).values()]
      assert.deepInclude(one, { queueIds: ["102"], direction: "inbound", callerNumber: "4155550123" })
      assert.doesNotHaveAnyKeys(one, ["caseId", "accountNumber", "extVar1", "extVar2", "outDialCode", "warnings"])
      assert.deepInclude(two, { queueIds: ["104"], address: "bill", caseId: "24482", extVar1: "x" })
      assert.notProperty(two, "callerNumber")
      assert.deepInclude(three, { direction: "outbound", calleeNumber: "4155550123" })
      assert.doesNotHaveAnyKeys(three, ["queueIds", "queueName", "callerNumber"])
      assert.deepInclude(four, { direction: "inbound", callerNumber: "4155550123" })
      assert.doesNotHaveAnyKeys(four, ["queueIds", "queueName"])
      assert.deepInclude(five, { warnings: ["channel has a word we do not know", "duration is not a number"] })
      assert.doesNotHaveAnyKeys(five, ["direction", "durationMs"])
    })
  )
})

describe("troubles", () => {
  for (const status of [401, 403] as const) {
    live(
      `trap 29: a token that is exchanged in the middle (${status}) parks the source, and no row is missing afterwards`,
      Effect.gen(function* () {
        const rig = yield* rigOf({ knobs: { recordingsLogin: status } }, filesOnly)
        putFiles(rig, 240)
        const rotated = { recordingsToken: "token-of-tomorrow" }
        rig.sandbox.faults.add({ kind: "slow", delayMs: 200, match: { pathIncludes: "&n=99" } })
        yield* Effect.scoped(
          Effect.gen(function* () {
            const { outcome } = yield* rig.start({ once: true })
            while (queriesOf(rig, "files").length < 3) yield* Effect.sleep(5)
            rig.sandbox.setKnobs(rotated)
            assert.isFalse((yield* outcome).complete)
          })
        )
        const [park] = yield* rig.parks
        assert.match(park?.reason ?? "", new RegExp(`refused our credentials \\(${status}\\)`))
        assert.match(park?.remedy ?? "", /Configuration Manager under Integration, API Token/)
        const refused = rig.sandbox.requests().filter((request) => request.status === status)
        assert.isAtMost(refused.length, 3)
        const outcome = yield* rig.run({ settings: { ...settingsOf(rig.sandbox), token: rotated.recordingsToken } })
        assert.isTrue(outcome.complete)
        assert.strictEqual(heldFiles(rig).length, 240)
        assert.strictEqual(rig.sink.log.length, rig.sink.held.size)
        balanced(outcome)
      })
    )
  }

  live(
    "trap 30: a server that is overloaded (503) is waited for, and asked for the same window again",
    Effect.gen(function* () {
      const rig = yield* rigOf({}, { ...filesOnly, ...once })
      putFiles(rig, 70)
      rig.sandbox.faults.add({ kind: "503", skip: 1, times: 3, match: { pathIncludes: "/files" } })
      const outcome = yield* rig.run()
      assert.isTrue(outcome.complete)
      assert.strictEqual(heldFiles(rig).length, 70)
      const [window] = queriesOf(rig, "files")
      for (const query of queriesOf(rig, "files")) assert.strictEqual(query.get("d"), window?.get("d"))
      const asked = rig.sandbox.requests().filter(({ path }) => path.includes("/files"))
      const [first, second] = asked.flatMap(({ at, status }, i) =>
        status === 503 ? [(asked[i + 1]?.at ?? 0) - at] : []
      )
      assert.isAbove(first ?? 0, 300)
      assert.isAbove(second ?? 0, 300)
    })
  )

  live(
    "trap 31: nothing that could delete is ever asked for, whatever is read, refused or tried again",
    Effect.gen(function* () {
      const rig = yield* rigOf({ calls: 20, knobs: { recordingsMalformed: 0.3, transcriptsPerTransaction: true } })
      rig.sandbox.faults.add({ kind: "500", probability: 0.2 })
      yield* rig.runToTheEnd()
      yield* rig.check()
      assert.deepStrictEqual(rig.sandbox.forbidden(), [])
      for (const { method, path } of rig.sandbox.requests())
        assert.match(`${method} ${path}`, /^GET \/api\/recordings\/(files|transcripts|transcripts\/[^/?]+)\.xml\?/)
    })
  )

  live(
    "trap 32: a row that is completed an hour later is one event at first and one more for each real change",
    Effect.gen(function* () {
      const rig = yield* rigOf({}, filesOnly)
      rig.sandbox.company.putFile(fileOf(1, { startedAt: Date.UTC(2026, 10, 20, 11), row: { filename: "" } }))
      yield* rig.run()
      const [{ key } = { key: "" }] = rig.sandbox.records("recordings/files")
      const steps: ReadonlyArray<() => void> = [
        () => void rig.sandbox.company.changeFile(key, { row: { filename: "S20261120/R1.wav" } }),
        () => undefined,
        () => void rig.sandbox.company.changeFile(key, { wrapUpCodes: [{ listName: "Result", name: "Sold" }] }),
        () => undefined
      ]
      for (const step of steps) {
        rig.clock.advance("1 hour")
        step()
        yield* rig.run()
      }
      assert.deepStrictEqual(
        rig.sink.log.map(({ data }) => Object.keys(typeof data === "object" ? { ...data } : {}).includes("filename")),
        [false, true, true]
      )
      assert.strictEqual(new Set(rig.sink.log.map(({ subject }) => subject)).size, 1)
      assert.strictEqual(new Set(rig.sink.log.map(({ id }) => id)).size, 3)
    })
  )
})

describe("what concerns every API", () => {
  for (const kind of ["500", "reset-mid-body", "truncate", "html"] as const) {
    live(
      `trap 47: a page that fails (${kind}) never moves the watermark past what was not read`,
      Effect.gen(function* () {
        const rig = yield* rigOf({}, filesOnly)
        putFiles(rig, 120)
        rig.sandbox.faults.add({ kind, match: { pathIncludes: "/files" }, skip: 1 })
        const { complete, status } = yield* rig.run()
        assert.isFalse(complete)
        const files = status.partitions.find(({ stream }) => stream === "files")
        const unread = fileOf(120).startedAt
        const passed =
          (files?.position ?? 0) > unread && !files?.gaps.some(({ from, to }) => from <= unread && unread < to)
        assert.isFalse(passed)
        rig.sandbox.faults.clear()
        assert.isTrue((yield* rig.runToTheEnd()).complete)
        assert.strictEqual(heldFiles(rig).length, 120)
      })
    )
  }

  live(
    "trap 48: a crash between sink and checkpoint doubles nothing but with its own id",
    Effect.gen(function* () {
      const rig = yield* rigOf({}, filesOnly)
      putFiles(rig, 120)
      for (let step = 1; step <= 6; step++) {
        const cut = { step, happens: step % 2 === 0 }
        yield* Effect.scoped(Effect.flatMap(rig.start({ once: true, cut }), ({ cutOff }) => cutOff))
      }
      yield* rig.run()
      assert.strictEqual(heldFiles(rig).length, 120)
      assert.strictEqual(new Set(rig.sink.log.map(({ id, subject }) => `${subject} ${id}`)).size, 120)
    })
  )

  for (const ahead of [-600_000, 600_000]) {
    live(
      `trap 49: nothing is lost where the vendor's clock is ${ahead} ms from ours`,
      Effect.gen(function* () {
        const skew = { by: ahead }
        const rig = yield* rigOf({ clock: () => Date.UTC(2026, 10, 20, 12) + skew.by }, { ...filesOnly, lookback: [] })
        rig.sandbox.company.putFile(fileOf(1, { startedAt: Date.UTC(2026, 10, 20, 11, 49) }))
        yield* rig.run()
        rig.sandbox.company.putFile(fileOf(2, { startedAt: Date.UTC(2026, 10, 20, 11, 55) }))
        skew.by += hour
        rig.clock.advance("1 hour")
        yield* rig.run()
        assert.strictEqual(heldFiles(rig).length, ahead < 0 ? 2 : 2 - Number(ahead > 0))
      })
    )
  }

  for (const header of ["seconds", "date", "reset", "none"] as const) {
    live(
      `trap 50: a limit is obeyed that is told by ${header}`,
      Effect.gen(function* () {
        const rig = yield* rigOf({
          calls: 20,
          knobs: { rateLimits: { recordings: { requests: 8, seconds: 2, header } } }
        })
        const outcome = yield* rig.runToTheEnd()
        assert.isTrue(outcome.complete)
        const all = rig.sandbox.requests()
        assert.isBelow(all.filter(({ status }) => status === 429).length, all.length / 2)
      })
    )
  }

  live(
    "trap 51: no secret and no number is said, whatever goes wrong",
    Effect.gen(function* () {
      const rig = yield* rigOf({ knobs: { recordingsBrokenRow: "7" } }, filesOnly)
      putFiles(rig, 60)
      rig.sandbox.faults.add({ kind: "truncate", times: 20, skip: 1 })
      rig.sandbox.faults.add({ kind: "500", probability: 0.2 })
      yield* rig.run()
      rig.sandbox.setKnobs({ recordingsToken: "another" })
      yield* rig.check()
      yield* rig.run()
      const { tenant, token } = rig.sandbox.credentials.recordings
      const secrets = [token, Buffer.from(`${tenant}:${token}`).toString("base64"), "4155550123"]
      assert.isAbove(rig.overheard.lines.length, 10)
      assert.deepStrictEqual(
        rig.overheard.lines.filter((line) => secrets.some((secret) => line.includes(secret))),
        []
      )
    })
  )

  for (const format of formats) {
    live(
      `trap 52: numbers keep their digits (${format})`,
      Effect.gen(function* () {
        const rig = yield* rigOf({}, { ...filesOnly, format })
        const row = { phoneNumber: "+441632960123", accountNumber: "9007199254740993", extVar1: "1.10", extVar2: "007" }
        rig.sandbox.company.putFile(fileOf(1, { row }))
        yield* rig.run()
        const [data] = [...dataOf(rig).values()]
        assert.deepInclude(data, {
          callerNumber: "+441632960123",
          accountNumber: "9007199254740993",
          extVar1: "1.10",
          extVar2: "007"
        })
      })
    )
  }
})

describe("hosts", () => {
  live(
    "of the older family give their recordings, while the list they do not have is parked by itself",
    Effect.gen(function* () {
      const rig = yield* rigOf({ calls: 20, knobs: { recordingsFamily: "older", recordingsMalformed: 0.5 } })
      yield* rig.run()
      assert.strictEqual(heldFiles(rig).length, rig.sandbox.records("recordings/files").length)
      const [park, ...others] = yield* rig.parks
      assert.deepStrictEqual(others, [])
      assert.match(park?.remedy ?? "", /Older hosts know no format json and may have no transcripts/)
      const csv = yield* rigOf({ calls: 20, knobs: { recordingsFamily: "older" } }, { format: "csv" })
      yield* csv.run()
      assert.deepStrictEqual(
        idsOf(csv).filter((id) => !id.startsWith("int-")),
        idsOf(rig)
      )
    })
  )
})

describe("the three formats", () => {
  live(
    "give the same events, chats among them",
    Effect.gen(function* () {
      const all: Array<ReadonlyArray<string>> = []
      for (const format of formats) {
        const rig = yield* rigOf({ calls: 30 }, { format })
        assert.isTrue((yield* rig.run()).complete)
        assert.isTrue([...rig.sink.held.values()].some(({ type }) => type === eventTypes.chat.type))
        all.push(idsOf(rig))
      }
      assert.deepStrictEqual(all[1], all[0])
      assert.deepStrictEqual(all[2], all[0])
    })
  )
})
