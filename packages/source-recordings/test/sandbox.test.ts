import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Json } from "@callstream/model"
import { isRecord, run, validated, walkOnly } from "@callstream/testkit"
import { fetchAll, open, sandbox, settingsFor } from "./Harness.ts"

const formats = ["xml", "csv", "json"] as const

describe("the files of the sandbox", () => {
  it.live.each(formats)("come all, each once, as %s", (format) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const { pages, rows } = yield* walkOnly(yield* open({ ...settingsFor(vendor), format }, "files"))
      const truth = vendor.records("recordings/files").map(({ key }) => key.split("|"))
      const expected = truth.map(
        ([id = "", start = "", agent = ""]) => `${id}/${new Date(start).toISOString()}/${agent}`
      )
      assert.isAbove(pages.length, 2)
      assert.deepStrictEqual(
        rows
          .filter(isRecord)
          .map(({ subject }) => subject)
          .toSorted(),
        expected.toSorted()
      )
      for (const row of rows.filter(isRecord)) assert.notProperty(validated(row), "warnings")
    }).pipe(run)
  )

  it.live("have one content, whatever the format", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const contents: Array<ReadonlyArray<Json>> = []
      for (const format of formats) {
        const { rows } = yield* walkOnly(yield* open({ ...settingsFor(vendor), format }, "files"))
        contents.push(rows.filter(isRecord).map(({ content }) => content))
      }
      assert.deepStrictEqual(contents[1], contents[0])
      assert.deepStrictEqual(contents[2], contents[0])
    }).pipe(run)
  )

  it.live.each([
    { recordingsMalformed: 1 },
    { recordingsJsonSingle: "object", recordingsJsonNone: "missing" },
    { recordingsWrapUp: "empty" },
    { recordingsOrder: "descending" },
    { recordingsToInclusive: true },
    { recordingsZone: "Asia/Kolkata" }
  ] as const)("come all where the vendor is otherwise: %o", (knobs) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs })
      const format = "recordingsJsonSingle" in knobs ? "json" : "xml"
      const { rows } = yield* walkOnly(yield* open({ ...settingsFor(vendor), format }, "files"))
      assert.lengthOf(rows.filter(isRecord), vendor.records("recordings/files").length)
    }).pipe(run)
  )
})

describe("the chats of the sandbox", () => {
  it.live.each(formats)("come all, each once, with their messages, as %s", (format) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const records = yield* fetchAll(yield* open({ ...settingsFor(vendor), format }, "transcripts"))
      const truth = vendor.records("recordings/transcripts", { rows: true })
      assert.deepStrictEqual(
        records.map(({ subject }) => subject).toSorted(),
        truth.map(({ key }) => key.replace("|", "/")).toSorted()
      )
      assert.isAbove(records.length, 10)
      for (const record of records) {
        const data = validated(record)
        assert.notProperty(data, "warnings")
        assert.isNotEmpty(data["messages"])
        assert.strictEqual(record.conversation, record.subject.split("/")[0])
      }
    }).pipe(run)
  )

  it.live("have one content, whatever the format", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const contents: Array<ReadonlyArray<Json>> = []
      for (const format of formats) {
        const stream = yield* open({ ...settingsFor(vendor), format }, "transcripts")
        contents.push((yield* fetchAll(stream)).map(({ content }) => content))
      }
      assert.deepStrictEqual(contents[1], contents[0])
      assert.deepStrictEqual(contents[2], contents[0])
    }).pipe(run)
  )
})
