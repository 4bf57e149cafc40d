import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import type { Sandbox, StreamName } from "@callstream/sandbox"
import { noon, recent, still, storage } from "./Client.ts"

const minute = 60_000

/** Rows of a stream, by nothing but their wire names. */
const rowsOf = (sandbox: Sandbox, stream: StreamName): ReadonlyArray<Record<string, never>> =>
  JSON.parse(JSON.stringify(sandbox.records(stream, { rows: true }).map(({ row }) => row)))

const tagOf = (row: Record<string, never>, key: string): string | undefined => {
  const tags: ReadonlyArray<{ key: string; value: string }> = row["tags"] ?? []
  return tags.find((tag) => tag.key === key)?.value
}

const count = (sandbox: Sandbox, stream: StreamName) => sandbox.records(stream).length

describe("the company", () => {
  it.effect("is the same for the same seed, and another for another", () =>
    Effect.gen(function* () {
      const [one, two, other] = yield* Effect.all([
        still({ calls: 40 }),
        still({ calls: 40 }),
        still({ calls: 40, seed: 2 })
      ])
      const all = ({ sandbox }: typeof one) => JSON.stringify(sandbox.records(undefined, { rows: true }))
      assert.strictEqual(all(one), all(two))
      assert.notStrictEqual(all(one), all(other))
    })
  )

  it.effect("has no record twice, and none from the future", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 300 })
      const names = sandbox.records().map(({ key, partition, stream }) => `${stream} ${partition} ${key}`)
      assert.strictEqual(new Set(names).size, names.length)
      for (const row of rowsOf(sandbox, "storage/objects")) {
        assert.isAtMost(Date.parse(`${String(row["updatedTime"])}Z`), noon)
        assert.isTrue(String(row["createdTime"]) <= String(row["updatedTime"]))
      }
    })
  )

  it.effect("tells one call in the same words through three APIs", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 200 })
      const calls = new Map(rowsOf(sandbox, "recentcalls/calls").map((row) => [String(row["callId"]), row]))
      const files = rowsOf(sandbox, "recordings/files")
      const recordings = rowsOf(sandbox, "storage/objects").filter((row) => row["type"] === "callcenterrecording")
      assert.isAbove(recordings.length, 100)
      for (const recording of recordings) {
        const call = calls.get(tagOf(recording, "callId") ?? "")
        const transaction = tagOf(recording, "transactionId") ?? ""
        assert.include(String(call?.["transactionId"]).split(" "), transaction)
        const file = files.find((row) => row["transactionID"] === transaction)
        assert.strictEqual(String(file?.["filename"]).split("/")[1], tagOf(recording, "mediaUrl"))
        assert.strictEqual(Number.parseInt(String(call?.["callId"]).slice(4, 15), 16) <= noon, true)
      }
      const derived = rowsOf(sandbox, "storage/objects").filter((row) => tagOf(row, "sourceId") !== undefined)
      const ids = new Set(sandbox.records("storage/objects").map(({ key }) => key))
      for (const row of derived) assert.isTrue(ids.has(tagOf(row, "sourceId") ?? ""))
    })
  )

  it.effect("joins Work recordings to call records by PBX name and callId, and lets the two counters meet", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 200 })
      const records = new Set(sandbox.records("workanalytics/call-records").map(({ conversation }) => conversation))
      const objects = rowsOf(sandbox, "storage/objects").filter((row) => row["type"] === "callrecording")
      assert.isAbove(objects.length, 20)
      for (const row of objects) {
        assert.isTrue(records.has(`${tagOf(row, "ipbxid")}/${tagOf(row, "callId")}`))
        assert.strictEqual(
          String(row["createdTime"]),
          new Date(Number(tagOf(row, "startTime"))).toISOString().slice(0, 19)
        )
      }
      const ids = sandbox.records("workanalytics/call-records").map(({ key }) => key)
      assert.isAbove(ids.length, new Set(ids).size)
    })
  )

  it.effect("stores what it says it stores", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 30, knobs: { bodies: "garbage" } })
      const get = yield* storage(sandbox)
      for (const truth of sandbox.records("storage/content", { rows: true })) {
        const { header, text } = yield* get(`${truth.partition}/v3/objects/${truth.key}/content`)
        const { body } = yield* get(`${truth.partition}/v3/objects/${truth.key}`)
        assert.strictEqual(body.mimeType, header("content-type"))
        assert.strictEqual(text, truth.row)
        if (!text.includes("\uFFFD")) {
          assert.strictEqual(createHash("md5").update(text).digest("hex"), body.checksum)
          assert.strictEqual(Buffer.byteLength(text), body.storedBytes)
        }
      }
    })
  )

  it.effect("lets a new call appear bit by bit", () =>
    Effect.gen(function* () {
      const { sandbox, time } = yield* still({ calls: 0 })
      const callId = sandbox.company.addCall()
      assert.strictEqual(count(sandbox, "recentcalls/calls"), 0)
      time.now += 2 * minute
      assert.deepStrictEqual(
        sandbox.records("recentcalls/calls").map(({ key }) => key),
        [callId]
      )
      time.now += 60 * 24 * 60 * minute
      assert.isAbove(count(sandbox, "storage/objects"), 0)
    })
  )

  it.effect("has nothing that comes later where delays are scaled to nothing", () =>
    Effect.gen(function* () {
      const { sandbox, time } = yield* still({ calls: 20, knobs: { delay: 0 } })
      const objects = () => sandbox.records("storage/objects", { rows: true }).map(({ key, row }) => ({ key, row }))
      sandbox.company.addCalls(200)
      sandbox.company.addChat()
      const before = objects()
      time.now += 3_600_000
      assert.deepStrictEqual(objects(), before)
    })
  )

  it.effect("shows a new call at once where delays are scaled to nothing", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0, knobs: { delay: 0 } })
      sandbox.company.addCalls(10)
      assert.strictEqual(count(sandbox, "recentcalls/calls"), 10)
      assert.isAbove(count(sandbox, "storage/content"), 10)
      assert.isAbove(count(sandbox, "workanalytics/call-legs"), 5)
      assert.isAbove(count(sandbox, "recordings/transcripts"), 1)
    })
  )

  it.effect("adds calls as time passes, where it is told to", () =>
    Effect.gen(function* () {
      const { sandbox, time } = yield* still({ calls: 0, live: 6, knobs: { delay: 0 } })
      assert.strictEqual(count(sandbox, "recentcalls/calls"), 0)
      time.now += 10 * minute
      assert.strictEqual(count(sandbox, "recentcalls/calls"), 60)
    })
  )

  it.effect("takes a late row: an old call, newly stored", () =>
    Effect.gen(function* () {
      const { sandbox, time } = yield* still({ calls: 0, knobs: { delay: 0 } })
      const startedAt = noon - 7 * 24 * 60 * minute
      const callId = sandbox.company.addCall({ startedAt })
      assert.strictEqual(Number.parseInt(callId.slice(4, 15), 16), startedAt)
      assert.strictEqual((yield* recent(sandbox, { timeRange: `${startedAt}-${startedAt}` })).body.hits, 1)
      for (const row of rowsOf(sandbox, "storage/objects")) {
        assert.strictEqual(Date.parse(`${String(row["updatedTime"])}Z`), time.now)
      }
    })
  )

  it.effect("completes rows of files that came without a name", () =>
    Effect.gen(function* () {
      const { sandbox, time } = yield* still({ calls: 0 })
      sandbox.company.addCalls(40)
      time.now += 10 * minute
      const before = rowsOf(sandbox, "recordings/files")
      assert.isTrue(before.some((row) => row["filename"] === ""))
      time.now += 120 * minute
      const after = rowsOf(sandbox, "recordings/files")
      assert.isFalse(after.some((row) => row["filename"] === ""))
      assert.strictEqual(after.length, before.length)
    })
  )

  it.effect("changes records when it is told to", () =>
    Effect.gen(function* () {
      const { sandbox, time } = yield* still({ calls: 20 })
      const { company } = sandbox
      time.now += minute
      const [object] = sandbox.records("storage/objects")
      const id = [object?.partition ?? "", object?.key ?? ""] as const
      const shown = () => rowsOf(sandbox, "storage/objects").find((row) => row["id"] === id[1]) ?? {}
      assert.isTrue(company.touchObject(...id, { reviewed: "yes" }))
      assert.strictEqual(shown()["updatedTime"], "2026-11-20T12:01:00")
      assert.strictEqual(tagOf(shown(), "reviewed"), "yes")
      time.now += minute
      assert.isTrue(company.setObjectState(...id, "REVOKED"))
      assert.strictEqual(shown()["updatedTime"], "2026-11-20T12:02:00")
      sandbox.setKnobs({ stateMovesUpdated: false })
      time.now += minute
      assert.isTrue(company.setObjectState(...id, "DELETED"))
      assert.strictEqual(shown()["updatedTime"], "2026-11-20T12:02:00")
      assert.strictEqual(shown()["objectState"], "DELETED")
      assert.isTrue(company.replaceContent(...id, "other words"))
      assert.strictEqual(shown()["storedBytes"], 11)
      assert.isTrue(company.remove("storage/objects", ...id))
      assert.deepStrictEqual(shown(), {})
      assert.isFalse(company.touchObject(...id))
    })
  )

  it.effect("changes rows of the other APIs too", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 20 })
      const { company } = sandbox
      const first = (stream: StreamName) => sandbox.records(stream)[0] ?? { key: "", partition: "" }
      const call = first("recentcalls/calls")
      assert.isTrue(company.changeCall(call.key, { totalScore: "15" }))
      assert.strictEqual(rowsOf(sandbox, "recentcalls/calls")[0]?.["totalScore"], "15")
      const file = first("recordings/files")
      assert.isTrue(company.changeFile(file.key, { row: { filename: "S1/R1.wav" }, wrapUpCodes: [] }))
      assert.strictEqual(rowsOf(sandbox, "recordings/files")[0]?.["filename"], "S1/R1.wav")
      const record = first("workanalytics/call-records")
      const legs = count(sandbox, "workanalytics/call-legs")
      assert.isTrue(company.changeCallRecord(record.partition, record.key, { lastLegDisposition: "Busy" }))
      assert.isDefined(company.addCallLeg(record.partition, record.key))
      assert.strictEqual(count(sandbox, "workanalytics/call-legs"), legs + 1)
      assert.isTrue(company.remove("workanalytics/call-records", record.partition, record.key))
    })
  )
})
