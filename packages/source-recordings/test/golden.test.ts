/** Every sample of the Recordings API's two documents (read 2026-11-20, see fixtures/README.md), and what it becomes. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isRecord, validated } from "@callstream/testkit"
import { fileRecords } from "../src/Files.ts"
import { readRows, readTranscript } from "../src/Rows.ts"
import { fields } from "../src/FieldUse.ts"
import { chatRecord } from "../src/Transcripts.ts"
import { FileRow, MessageRow, TranscriptRow } from "../src/Wire.ts"
import { parseXml } from "../src/Xml.ts"

const sample = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")

const recording = {
  kind: "call",
  direction: "inbound",
  address: "bill",
  tenantId: "fernandez",
  transactionIds: ["1"],
  agentIds: ["bill"],
  queueIds: ["102"],
  queueName: "phoneq1",
  channel: "5027780",
  startedAt: "2007-12-20T03:16:36.000Z",
  durationMs: 27_000,
  filename: "S20071220/R2007122003163601000.wav"
}

const chat = {
  callId: "int-14a0febe466-bLfK0EF6BKKvFMZmhhFdW14v0-chat-03-tenant",
  tenantId: "tenant",
  transactionIds: ["11"],
  agentIds: ["bill"],
  queueIds: ["104"],
  queueName: "chat_recording_2",
  agentName: "Bill,Jackson",
  contactId: "guest_at_dev6chatrec@vm05dev187.dev.whitepj.net/CtlGuest191gafdDQNAStnY7DaKuDKwPwd5jYsoh",
  contactName: "Jeff Waugh",
  contactAddress: "10.191.210.31",
  channelId: "103",
  channelName: "chatrec_channel",
  caseId: "24482",
  kind: "A2C",
  startedAt: "2007-12-20T03:16:36.000Z",
  durationMs: 54_000,
  metadata: { Color: "Blue", Fruit: "Cherry" },
  messages: [{ text: "Hi How r u", language: "en", sentAt: "2007-12-20T03:16:36.000Z", speaker: "customer", from: "C" }]
}

describe("a sample of the vendor's", () => {
  it.effect.each([
    ["files.xml", { ...recording, wrapUpCodes: [{ list: "Gauffre", code: "Gauffre 1" }] }],
    ["files-older.xml", recording]
  ] as const)("of files becomes this event: %s", ([name, expected]) =>
    Effect.gen(function* () {
      const rows = yield* Effect.fromResult(yield* readRows(sample(name), "xml", "file"))
      const records = fileRecords(rows, "fernandez", "UTC").filter(isRecord)
      assert.lengthOf(records, 1)
      for (const record of records) {
        const { raw, ...data } = validated(record)
        assert.deepStrictEqual(data, expected)
        assert.deepStrictEqual(raw, record.content)
        assert.strictEqual(record.subject, "1/2007-12-20T03:16:36.000Z/bill")
        assert.strictEqual(record.conversation, undefined)
        assert.strictEqual(record.normalize().time, "2007-12-20T03:16:36.000Z")
      }
    })
  )

  it.effect("of transcripts, and of one with its messages, becomes this event", () =>
    Effect.gen(function* () {
      const [row] = yield* Effect.fromResult(yield* readRows(sample("transcripts.xml"), "xml", "transcript"))
      const whole = yield* Effect.fromResult(yield* readTranscript(sample("transcript.xml"), "xml"))
      const record = chatRecord(row ?? null, { tenant: "tenant", timezone: "UTC" }, whole, "token")
      if (!isRecord(record)) return yield* Effect.die(record.unreadable)
      const { raw, ...data } = validated(record)
      assert.deepStrictEqual(data, chat)
      assert.deepStrictEqual(raw, whole)
      assert.strictEqual(record.subject, `${chat.callId}/11`)
      assert.strictEqual(record.conversation, chat.callId)
    })
  )

  it.effect("that is malformed is read as what was meant", () =>
    Effect.gen(function* () {
      const older = yield* readRows(sample("files-older.xml"), "xml", "file")
      const newer = sample("files.xml").replace(/<wrapUpCode>.*<\/wrapUpCode>/, "<wrapUpCode />")
      assert.deepStrictEqual(older, yield* readRows(newer, "xml", "file"))
      assert.strictEqual(yield* parseXml(sample("files-older.xml")), undefined)
    })
  )
})

describe("the table of the vendor's fields", () => {
  it("has each field that there is", () => {
    const [files, transcripts] = fields
    const roots = (table: typeof files) =>
      [...new Set(Object.keys(table?.fields ?? {}).map((name) => name.split(".")[0] ?? ""))].toSorted((a, b) =>
        a < b ? -1 : 1
      )
    const named = (schema: { readonly fields: object }) =>
      Object.keys(schema.fields).toSorted((a, b) => (a < b ? -1 : 1))
    assert.deepStrictEqual(roots(files), named(FileRow))
    assert.deepStrictEqual(roots(transcripts), named(TranscriptRow))
    for (const name of named(MessageRow)) assert.property(transcripts?.fields ?? {}, `messages.message.${name}`)
  })
})
