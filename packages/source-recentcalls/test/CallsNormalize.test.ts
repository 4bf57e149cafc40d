/**
 * Golden: the two rows of the vendor's document "Recent Calls", Response, byte for byte in
 * `fixtures/recent-calls-response.json` (read 2026-11-20). Their `timezone` is America/Los_Angeles; the first test reads
 * them so, the second as if they were in GMT.
 */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Call, type JsonObject } from "@callstream/model"
import { FieldTable } from "@callstream/core"
import { recordOf } from "../src/Calls.ts"
import { fields } from "../src/FieldUse.ts"
import { RecentCall } from "../src/Wire.ts"

const page: { readonly timezone: string; readonly data: ReadonlyArray<JsonObject> } = JSON.parse(
  readFileSync(new URL("fixtures/recent-calls-response.json", import.meta.url), "utf8")
)

const isCall = Schema.is(Call)

const normalized = (row: unknown, zone = "GMT") => {
  const record = recordOf(row, zone)
  if ("unreadable" in record) throw new Error(record.unreadable)
  return record.normalize()
}

/** The first documented row with other fields. */
const rowWith = (fields: Readonly<Record<string, unknown>>) => ({ ...page.data[0], ...fields })

const dataWith = (fields: Readonly<Record<string, unknown>>) => normalized(rowWith(fields)).data ?? {}

describe("the vendor's example", () => {
  it("is two calls, timed by their GUIDs since the page is not in GMT", () => {
    const [first, second] = page.data.map((row) => normalized(row, page.timezone))
    const { raw, ...data } = first?.data ?? {}
    assert.deepStrictEqual(raw, page.data[0])
    assert.strictEqual(first?.time, "2022-01-13T15:42:31.129Z")
    assert.deepStrictEqual(data, {
      callId: "int-17e541ad2d9-QoQZxK2kYWTPxhySo83VSMam2-phone-00-acmecorp01",
      tenantId: "tenantName",
      transactionIds: ["8476"],
      agentIds: ["7rcjEueDRuGblqngmiaaa"],
      agentGroupIds: ["2577"],
      queueIds: ["2583"],
      direction: "inbound",
      callerNumber: "4085551414",
      callerName: "David Demoperson",
      callerPhoneNumber: "4085551414",
      dialedNumber: "16695551913",
      startedAt: "2022-01-13T15:42:31.129Z",
      durationMs: 335_566,
      handlingMs: 310_887,
      waitMs: 3901,
      ivrMs: 19_657,
      holdMs: 155_960,
      longestHoldMs: 137_641,
      muteMs: 10_462,
      transferCount: 0,
      hungUpBy: "agent",
      subType: "Queued",
      schedule: "Open",
      warnings: ["callDate is not in the zone that was asked for, GMT"]
    })
    const { raw: _, ...other } = second?.data ?? {}
    assert.deepStrictEqual(other, {
      callId: "int-17ee5169b65-bVADPge3TwXIWmYPIGREMRgjd-phone-00-acmecorp01",
      tenantId: "tenantName",
      transactionIds: ["6264", "6270", "6273"],
      agentIds: ["AD21EBR1RhuV2TNDivjzzz"],
      agentGroupIds: ["712"],
      queueIds: ["713"],
      direction: "inbound",
      callerNumber: "8045550915",
      callerName: "ACME CO",
      callerPhoneNumber: "8045550915",
      calleeNumber: "8045550915",
      dialedNumber: "14405558069",
      startedAt: "2022-02-10T19:22:51.109Z",
      durationMs: 787_015,
      handlingMs: 753_105,
      waitMs: 7236,
      ivrMs: 25_460,
      holdMs: 112_604,
      longestHoldMs: 30_199,
      muteMs: 701,
      transferCount: 0,
      hungUpBy: "agent",
      subType: "Queued",
      schedule: "Open",
      warnings: ["callDate is not in the zone that was asked for, GMT"]
    })
  })

  it("has the envelope of a call", () => {
    const record = recordOf(page.data[0], page.timezone)
    assert.include(record, {
      subject: "int-17e541ad2d9-QoQZxK2kYWTPxhySo83VSMam2-phone-00-acmecorp01",
      conversation: "int-17e541ad2d9-QoQZxK2kYWTPxhySo83VSMam2-phone-00-acmecorp01",
      op: "upsert"
    })
    assert.deepStrictEqual("content" in record && record.content, page.data[0])
  })

  it("fits the schema of a call", () => {
    for (const row of page.data) assert.isTrue(isCall(normalized(row, page.timezone).data))
  })

  it("has no field that the wire schema does not name", () => {
    for (const row of page.data)
      assert.deepStrictEqual(Object.keys(row).toSorted(), Object.keys(RecentCall.fields).toSorted())
  })
})

describe("when a call began", () => {
  it("is callDate, month first, where the page is in GMT", () => {
    assert.strictEqual(normalized(rowWith({ callDate: "01/13/2022 15:42:31" })).time, "2022-01-13T15:42:31.000Z")
    assert.notProperty(dataWith({ callDate: "01/13/2022 15:42:31" }), "warnings")
  })

  it.each(["01/13/2022 07:42:31", "01/14/2022 05:42:30", "01/13/2022 21:12:31"])(
    "is that of the GUID where callDate, %s, is off as in another zone",
    (callDate) => {
      const { startedAt, warnings } = dataWith({ callDate })
      assert.strictEqual(startedAt, "2022-01-13T15:42:31.129Z")
      assert.deepStrictEqual(warnings, [
        "callDate is in another zone or order of day and month; startedAt is the time in callId"
      ])
    }
  )

  it("is that of the GUID where day and month are the other way round", () => {
    const at = Date.parse("2022-02-10T19:22:51.109Z").toString(16).padStart(11, "0")
    const row = rowWith({ callId: `int-${at}-x-phone-00-acmecorp01`, callDate: "10/02/2022 19:22:51" })
    assert.strictEqual(normalized(row).time, "2022-02-10T19:22:51.109Z")
  })

  it("is callDate, with a warning, where the GUID has a time that nothing explains", () => {
    const { startedAt, warnings } = dataWith({ callDate: "03/20/2022 11:05:10" })
    assert.strictEqual(startedAt, "2022-03-20T11:05:10.000Z")
    assert.deepStrictEqual(warnings, ["callDate differs from the time in callId by 15 minutes or more"])
  })

  it.each(["GMT", "gmt", "UTC", "Etc/UTC", "Zulu", "GMT+0", "+00:00"])(
    "is callDate in a zone that is called %s",
    (zone) => {
      const row = rowWith({ callDate: "01/13/2022 15:42:31" })
      assert.strictEqual(normalized(row, zone).time, "2022-01-13T15:42:31.000Z")
    }
  )

  it.each(["13/01/2022 15:42:31", "02/30/2022 15:42:31", "2022-01-13T15:42:31", "01/13/2022 24:00:00", "today"])(
    "is that of the GUID where callDate is %s",
    (callDate) => {
      const { startedAt, warnings } = dataWith({ callDate })
      assert.strictEqual(startedAt, "2022-01-13T15:42:31.129Z")
      assert.deepStrictEqual(warnings, ["callDate is not a time such as 01/13/2022 15:42:31"])
    }
  )

  it("is that of the GUID where callDate is in an hour that comes twice, in a zone that was not asked for", () => {
    const at = Date.parse("2022-11-06T09:30:00.500Z").toString(16).padStart(11, "0")
    const row = rowWith({ callId: `int-${at}-x-phone-00-acmecorp01`, callDate: "11/06/2022 01:30:00" })
    assert.strictEqual(normalized(row, "America/Los_Angeles").time, "2022-11-06T09:30:00.500Z")
  })

  it("is unknown where neither can be read", () => {
    const result = normalized(rowWith({ callId: "an id of another form" }), "Europe/London")
    assert.notProperty(result, "time")
    assert.notProperty(result.data, "startedAt")
  })
})

describe("a field", () => {
  it("is absent where it is blank, null or left out", () => {
    const data = dataWith({
      callerName: "",
      callerNumber: null,
      dialedNumber: undefined,
      totalScore: " ",
      agentId: ","
    })
    for (const name of ["callerName", "callerNumber", "dialedNumber", "surveyScore", "agentIds"]) {
      assert.notProperty(data, name)
    }
  })

  it("may be a number or a text", () => {
    const data = dataWith({ callDuration: 335_566, muteDuration: "10462", transactionId: 8476 })
    assert.include(data, { durationMs: 335_566, muteMs: 10_462 })
    assert.deepStrictEqual(data["transactionIds"], ["8476"])
  })

  it("that cannot be read is absent, and a warning names it", () => {
    const data = dataWith({
      callDate: "01/13/2022 15:42:31",
      callDuration: "a while",
      waitTime: "-1",
      muteDuration: { ms: 5 },
      transferCount: "1.5",
      callType: "Sideways",
      callerName: ["David"],
      postCallSurvey: "[{"
    })
    for (const name of [
      "durationMs",
      "waitMs",
      "muteMs",
      "transferCount",
      "direction",
      "callerName",
      "surveyAnswers"
    ]) {
      assert.notProperty(data, name)
    }
    assert.deepStrictEqual(data["warnings"], [
      "callType has a word we do not know",
      "callerName is not a text",
      "callDuration is not a number",
      "waitTime is not a length of time",
      "muteDuration is not a number",
      "transferCount is not a count",
      "postCallSurvey is not JSON"
    ])
  })

  it("of an answered survey is kept, as the vendor nests it", () => {
    const data = dataWith({
      postCallSurvey: `[{"Q1":"5"}]`,
      totalScore: "12.5",
      voiceComment: `{"Q1":"a.wav"}`,
      voiceCommentFileNames: "a.wav, b.wav"
    })
    assert.deepStrictEqual(data["surveyAnswers"], [{ Q1: "5" }])
    assert.deepStrictEqual(data["voiceComments"], { Q1: "a.wav" })
    assert.deepStrictEqual(data["voiceCommentFilenames"], ["a.wav", "b.wav"])
    assert.strictEqual(data["surveyScore"], 12.5)
  })

  it("that we do not know stays in the content and the raw record", () => {
    const record = recordOf(rowWith({ newField: { a: 1 } }), "GMT")
    if ("unreadable" in record) throw new Error(record.unreadable)
    assert.deepInclude(record.content, { newField: { a: 1 } })
    assert.deepInclude(record.normalize().data?.["raw"], { newField: { a: 1 } })
  })
})

describe("a row", () => {
  it.each([
    ["without callId", {}, "callId is missing or not as documented"],
    ["whose callId is blank", { callId: "" }, "callId is missing or not as documented"],
    ["whose callId is a number", { callId: 17 }, "callId is missing or not as documented"],
    ["that is a list", [1], "the row is not an object"],
    ["that is a text", "int-1", "the row is not an object"],
    ["that is null", null, "the row is not an object"]
  ])("%s is unreadable", (_, row, reason) => {
    assert.deepStrictEqual(recordOf(row, "GMT"), { unreadable: reason, raw: row })
  })

  const fields = Object.fromEntries(
    Object.keys(RecentCall.fields).map((name) => [name, Schema.optionalKey(Schema.Json)])
  )
  const anyRow = Schema.Struct({ ...fields, callId: Schema.NonEmptyString })

  it.prop(
    "of any JSON is a call that fits the schema",
    [anyRow, Schema.Literals(["GMT", "America/New_York"])],
    ([row, zone]) => isCall(normalized(row, zone).data)
  )

  it.prop("of any JSON at all is read or unreadable", [Schema.Json], ([row]) => {
    const record = recordOf(row, "GMT")
    return "unreadable" in record || isCall(record.normalize().data)
  })
})

describe("the table of the vendor's fields", () => {
  it("has every field of the wire, and goes to fields that events have", () => {
    const [table] = fields
    assert.sameMembers(Object.keys(table?.fields ?? {}), Object.keys(RecentCall.fields))
    const known = new Set([...Object.keys(Call.fields), ...FieldTable.attributes])
    for (const use of Object.values(table?.fields ?? {})) {
      for (const name of FieldTable.goesTo(use)) assert.isTrue(known.has(name), name)
    }
  })
})
