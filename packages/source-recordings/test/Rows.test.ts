import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import type { Json } from "@callstream/model"
import { isRecord, validated } from "@callstream/testkit"
import { millisOf } from "../src/Fields.ts"
import { fileRecords } from "../src/Files.ts"
import { type Format, readRows, readTranscript } from "../src/Rows.ts"
import { chatRecord } from "../src/Transcripts.ts"
import { Broken, mend } from "../src/Xml.ts"

const read = (body: string, format: Format) =>
  Effect.map(
    readRows(body, format, "file"),
    Result.match({ onFailure: (reason): unknown => reason, onSuccess: (rows): unknown => rows })
  )

const row = { startDate: "2026-01-01T00:00:00+00:00", transactionID: "7" }
const xml = "<file><startDate>2026-01-01T00:00:00+00:00</startDate><transactionID>7</transactionID></file>"

describe("JSON", () => {
  it.effect.each([
    [{ recordings: { file: [row, row] } }, 2],
    [{ recordings: { file: row } }, 1],
    [{ recordings: [row] }, 1],
    [{ files: { file: [row] } }, 1],
    [[row, row, row], 3],
    [{ recordings: { file: [] } }, 0],
    [{ recordings: { file: null } }, 0],
    [{ recordings: "" }, 0],
    [{ recordings: null }, 0],
    [{ recordings: {} }, 0],
    [{}, 0]
  ] as const)("has its rows wherever they are: %j", ([body, count]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* read(JSON.stringify(body), "json"),
        Array.from({ length: count }, () => row)
      )
    })
  )

  it.effect.each([
    '{"error":"no"}',
    '{"recordings":{"message":"no"}}',
    '{"recordings":{"message":"no","code":1}}',
    '{"recordings":{"file":null,"message":"no"}}',
    '{"recordings":{"recording":[{"transactionID":"7"}]}}',
    "1",
    '"x"',
    "null"
  ])("that has no list of rows is none: %s", (body) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* read(body, "json"), "json that has no list of files")
    })
  )
})

describe("XML", () => {
  it.effect.each([
    `<recordings>${xml}</recordings>`,
    `\uFEFF<?xml version='1.0' encoding='UTF-8' ?>\n<recordings>\n  ${xml}\n</recordings>\n`,
    `<recordings><!-- <x> -->${xml.replace("</transactionID>", "</transactionid>")}</recordings>`,
    `<recordings>${xml.replace("</transactionID>", "</>")}%lt;/recordings>`
  ])("is read, also where it is malformed as the documents are: %s", (body) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* read(body, "xml"), [row])
    })
  )

  it.effect("keeps entities, and takes what is none for text", () =>
    Effect.gen(function* () {
      const named = (name: string) =>
        read(`<recordings>${xml.replace("</file>", `<agentID>${name}</agentID></file>`)}</recordings>`, "xml")
      assert.deepStrictEqual(yield* named("O&apos;Brien &amp; S&#233;"), [{ ...row, agentID: "O'Brien & Sé" }])
      assert.deepStrictEqual(yield* named("Smith & &eacute;"), [{ ...row, agentID: "Smith & &eacute;" }])
    })
  )

  it.effect.each([
    "",
    `<recordings>${xml}`,
    `<recordings>${xml.slice(0, -20)}`,
    `<recordings>${xml}<file><startDate>2026</>`,
    `<recordings>${xml}${xml.slice(0, -7)}`,
    "plain text"
  ])("that was cut off is none: %s", (body) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* read(body, "xml"), `XML that cannot be read (${body.length} characters)`)
    })
  )

  it.effect("with a row that makes no sense has its neighbours", () =>
    Effect.gen(function* () {
      const odd = xml.replace("</transactionID>", "</other>")
      const rows = yield* read(`<recordings>${xml}${odd}${xml}</recordings>`, "xml")
      assert.deepStrictEqual(rows, [row, new Broken("the row is XML that cannot be read", odd), row])
      const records = fileRecords([new Broken("the row is XML that cannot be read", odd)], "t", "UTC")
      assert.deepStrictEqual(records, [{ unreadable: "the row is XML that cannot be read", raw: odd }])
    })
  )

  it.effect("is read leniently as it is read strictly", () =>
    Effect.gen(function* () {
      const nested =
        "<wrapUpCode><transactionCodes>\n <transactionCode><listName>L</listName><name>a &amp; b</name></transactionCode>" +
        "</transactionCodes></wrapUpCode><outDialCode /><extVar1> x\r\ny </extVar1><caseID><![CDATA[<1>]]></caseID>"
      const body = (end: string) => `<recordings>${xml.replace("</file>", `${nested}</file>`)}</${end}>`
      const strict = yield* read(body("recordings"), "xml")
      assert.deepStrictEqual(strict, [
        { ...row, caseID: "<1>", extVar1: " x\ny ", wrapUpCode: [{ listName: "L", name: "a & b" }] }
      ])
      assert.deepStrictEqual(yield* read(body("Recordings"), "xml"), strict)
    })
  )

  it.effect("with characters that XML does not have is read with them", () =>
    Effect.gen(function* () {
      const body = `<recordings>${xml.replace("</file>", "<agentID>a\u0001b</agentID></file>")}</recordings>`
      assert.deepStrictEqual(yield* read(body, "xml"), [{ ...row, agentID: "a\u0001b" }])
    })
  )

  it.effect("of another document is no list", () =>
    Effect.gen(function* () {
      for (const body of ["<error>no</error>", "<recordings><error>no</error></recordings>"])
        assert.strictEqual(yield* read(body, "xml"), "xml that has no list of files")
    })
  )

  it.prop("is mended or given up, and never fails", [Schema.String], ([text]) => {
    assert.isTrue(["string", "undefined"].includes(typeof mend(`<a>${text}</A>`)))
  })
})

describe("CSV", () => {
  it.effect("has a column per field, and none for what is empty", () =>
    Effect.gen(function* () {
      const body = 'startDate,transactionID,agentID,wrapUpCode\r\n2026-01-01T00:00:00+00:00,7,"a ""b"", c",L=x;M=y\r\n'
      const wrapUpCode = [
        { listName: "L", name: "x" },
        { listName: "M", name: "y" }
      ]
      assert.deepStrictEqual(yield* read(body, "csv"), [{ ...row, agentID: 'a "b", c', wrapUpCode }])
      assert.deepStrictEqual(yield* read("startDate,transactionID\r\n", "csv"), [])
    })
  )

  it.effect("with a row that was cut off is none", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* read("startDate,transactionID\r\n2026-01", "csv"), "CSV whose last row is not whole")
      assert.strictEqual(yield* read("no,such,columns\r\n", "csv"), "CSV that cannot be read")
    })
  )
})

describe("CSV that makes no sense in places", () => {
  const head = "startDate,transactionID,agentID\r\n"
  const good = "2026-01-01T00:00:00+00:00,7,\r\n"

  it.effect.each([
    ["a row of another length", "2026-01-01T00:00:00+00:00,8"],
    ["a quote that is not closed", '2026-01-01T00:00:00+00:00,8,"a'],
    ["a quote in the middle", '2026-01-01T00:00:00+00:00,8,"a"b']
  ] as const)("has the neighbours of %s", ([, line]) =>
    Effect.gen(function* () {
      const broken = new Broken("the row is CSV that cannot be read", line)
      assert.deepStrictEqual(yield* read(`${head}${good}${line}\r\n${good}${good}`, "csv"), [row, broken, row, row])
      assert.strictEqual(yield* read(`${head}${good}${line}`, "csv"), "CSV whose last row is not whole")
    })
  )
})

describe("a row", () => {
  const Odd = Schema.Record(
    Schema.Literals(["startDate", "transactionID", "agentID", "duration", "queueID", "wrapUpCode", "phoneNumber"]),
    Schema.Union([Schema.Json, Schema.Literal("2026-01-01T00:00:00Z")])
  )

  it.effect.prop("of any fields at all is a recording that fits the model, or unreadable", [Odd], ([odd]) =>
    Effect.gen(function* () {
      const rows = yield* Effect.fromResult(yield* readRows(JSON.stringify([odd]), "json", "file"))
      for (const record of fileRecords(rows, "t", "UTC")) if (isRecord(record)) validated(record)
    })
  )

  it.effect.prop("of any fields at all is a chat that fits the model", [Odd, Schema.Json], ([odd, messages]) =>
    Effect.gen(function* () {
      const body = JSON.stringify({ transcript: { ...odd, startDate: "x", interactionGUID: "int-1", messages } })
      const whole = yield* Effect.fromResult(yield* readTranscript(body, "json"))
      const record = chatRecord(whole, { tenant: "t", timezone: "UTC" }, whole, "token")
      assert.isTrue(isRecord(record))
      if (isRecord(record)) validated(record)
    })
  )

  it("that shares its key with another gets an ordinal, and both a warning", () => {
    const records = fileRecords([row, { ...row, filename: "b" }, { ...row, transactionID: "8" }], "t", "UTC")
    assert.deepStrictEqual(
      records.filter(isRecord).map((record) => [record.subject, validated(record)["warnings"]]),
      [
        ["7/2026-01-01T00:00:00.000Z/", ["transactionID is shared by another row of the same start and agent"]],
        ["7/2026-01-01T00:00:00.000Z/#2", ["transactionID is shared by another row of the same start and agent"]],
        ["8/2026-01-01T00:00:00.000Z/", undefined]
      ]
    )
  })

  it("without what identifies it is unreadable, and named", () => {
    const rows: ReadonlyArray<Json> = [{ startDate: row.startDate }, { ...row, startDate: "soon" }, "x"]
    assert.deepStrictEqual(
      fileRecords(rows, "t", "UTC").map((record) => ("unreadable" in record ? record.unreadable : "")),
      [
        "transactionID is missing or not as documented",
        "startDate is not a time with its offset",
        "the row is not an object"
      ]
    )
  })

  const read2 = (more: Readonly<Record<string, Json>>) => {
    const [record] = fileRecords([{ ...row, ...more }], "t", "UTC")
    if (record === undefined || !isRecord(record)) throw new Error("the row is unreadable")
    return validated(record)
  }

  it("says by its channel which way a call went, and takes placeholders for none", () => {
    const outbound = read2({
      channel: "#virtual_outbound#",
      phoneNumber: "4155551234",
      queueID: "QUEUE_OUTBOUND",
      queueName: "QUEUE_OUTBOUND",
      caseID: "0",
      extVar1: "0"
    })
    assert.include(outbound, { direction: "outbound", calleeNumber: "4155551234", address: "4155551234" })
    assert.doesNotHaveAnyKeys(outbound, ["queueIds", "queueName", "caseId", "extVar1", "callerNumber"])
    const direct = read2({ channel: "#virtual_daa#", phoneNumber: "4155551234" })
    assert.include(direct, { direction: "inbound", callerNumber: "4155551234" })
    assert.notProperty(read2({ channel: "5027780", phoneNumber: "bill" }), "callerNumber")
  })
})

describe("millisOf", () => {
  it("reads a time with its offset, and one without it in the zone that was asked for", () => {
    const at = Date.UTC(2007, 11, 20, 3, 16, 36)
    assert.strictEqual(millisOf("2007-12-19T19:16:36-08:00", "UTC"), at)
    assert.strictEqual(millisOf("2007-12-19 19:16:36-0800", "UTC"), at)
    assert.strictEqual(millisOf("2007-12-19T19:16:36", "America/Los_Angeles"), at)
    assert.strictEqual(millisOf("2007-12-20T03:16:36", "UTC"), at)
    assert.strictEqual(millisOf("soon", "UTC"), undefined)
  })
})
