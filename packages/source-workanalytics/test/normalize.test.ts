/**
 * Golden: the vendor's own examples, byte for byte in `fixtures/` (all read 2026-11-20):
 * - `call-records-response.json`: "Call Detail Records", Call Records Response (its SIP ids are masked by the page);
 * - `openapi-call-legs-example.json`: OpenAPI file "Work Analytics Historical", /v2/call-legs, 200, example "Result";
 * - `openapi-call-records-example.json.txt`: the same file, /v2/call-records. It is no JSON: a comma is missing after
 *   `calleeHoldDuration`, which `mended` puts in.
 */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Call, CallLeg, type JsonObject } from "@callstream/model"
import { FieldTable } from "@callstream/core"
import { callLegs } from "../src/CallLegs.ts"
import { callRecords } from "../src/CallRecords.ts"
import { fields } from "../src/FieldUse.ts"
import type { Kind } from "../src/Rows.ts"
import * as Wire from "../src/Wire.ts"

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")
const rowsOf = (text: string): ReadonlyArray<JsonObject> => JSON.parse(text).data
const mended = (text: string) => text.replace(/("calleeHoldDuration": "00:00:00")\n/, "$1,\n")

const records = rowsOf(fixture("call-records-response.json"))
const legs = rowsOf(fixture("openapi-call-legs-example.json"))
const specRecords = rowsOf(mended(fixture("openapi-call-records-example.json.txt")))

const isCall = Schema.is(Call)
const isLeg = Schema.is(CallLeg)

const recordOf = (kind: Kind, row: unknown) => {
  const record = kind.recordOf(row, "acmecorppbx")
  if ("unreadable" in record) throw new Error(record.unreadable)
  return record
}

/** The normalized record of a row, its raw record taken off. */
const dataOf = (kind: Kind, row: JsonObject | undefined) => {
  const { raw, ...data } = recordOf(kind, row).normalize().data ?? {}
  assert.deepStrictEqual(raw, row)
  return data
}

const callWith = (fields: JsonObject) => dataOf(callRecords, { ...records[0], ...fields })
const legWith = (fields: JsonObject) => dataOf(callLegs, { ...legs[0], ...fields })

describe("the vendor's example of call records", () => {
  it("is a call that went to voicemail and one that was given up", () => {
    const [first, second] = records
    assert.deepStrictEqual(dataOf(callRecords, first), {
      callId: "1635571048351",
      pbx: "acmecorppbx",
      direction: "inbound",
      callerNumber: "+15555551220",
      callerName: "MARK SMITH",
      calleeNumber: "120088",
      calleeName: "Jane Li",
      dialedNumber: "12025555720",
      callerDisplay: "MARK SMITH,+15555551220",
      departments: ["Sales Engineering"],
      branches: ["Central"],
      sipCallId: first?.["sipCallId"],
      startedAt: "2022-02-03T14:27:27.493Z",
      endedAt: "2022-02-03T14:27:52.253Z",
      durationMs: 24_760,
      talkMs: 0,
      holdMs: 0,
      ringMs: 39,
      waitMs: 0,
      legCount: 1,
      answered: false,
      missed: true,
      abandoned: false,
      disposition: "Voicemail"
    })
    assert.deepStrictEqual(dataOf(callRecords, second), {
      callId: "1635571048345",
      pbx: "acmecorppbx",
      direction: "inbound",
      callerNumber: "+15551234567",
      callerName: "15551234567",
      calleeNumber: "CallQueue",
      calleeName: "Test Queue",
      dialedNumber: "15554441212",
      callerDisplay: "15551234567,+15551234567",
      departments: ["East Office"],
      branches: ["East Coast"],
      sipCallId: second?.["sipCallId"],
      startedAt: "2022-02-03T14:11:32.897Z",
      endedAt: "2022-02-03T14:39:49.421Z",
      durationMs: 1_696_524,
      talkMs: 0,
      holdMs: 0,
      ringMs: 197,
      waitMs: 1_696_320,
      abandonedAfterMs: 1_696_524,
      legCount: 1,
      answered: false,
      missed: true,
      abandoned: true,
      disposition: "Missed"
    })
  })

  it("is a call of its PBX", () => {
    const { normalize, ...record } = recordOf(callRecords, records[0])
    assert.strictEqual(normalize().time, "2022-02-03T14:27:27.493Z")
    assert.include(record, {
      subject: "acmecorppbx/1635571048351",
      conversation: "acmecorppbx/1635571048351",
      op: "upsert"
    })
    assert.deepStrictEqual(record.content, records[0])
  })

  it("of the OpenAPI file, a comma put in, is a call with the number it was redirected from", () => {
    assert.throws(() => rowsOf(fixture("openapi-call-records-example.json.txt")))
    assert.include(dataOf(callRecords, specRecords[0]), {
      pbx: "demonstrationname",
      redirectedFrom: "120088",
      connectedAt: "2022-02-03T14:27:27.539Z",
      calleeNumber: "Voicemail (120088)"
    })
  })
})

describe("the vendor's example of call legs", () => {
  it("is a leg to a voicemail and one to a queue", () => {
    assert.deepStrictEqual(dataOf(callLegs, legs[0]), {
      callId: "1635571048351",
      legId: "1",
      pbx: "demonstrationname",
      sipCallId: "170437510_134011744@206.147.76.5",
      direction: "inbound",
      callerNumber: "+15555551211",
      callerName: "John Smith",
      calleeNumber: "Voicemail (120088)",
      calleeName: "Jane Li",
      dialedNumber: "12029325720",
      callerDisplay: "John Smith,+15555551211",
      calleeServiceName: "VMadvanced",
      calleeServiceType: "Custom",
      departments: ["Sales Engineering"],
      branches: ["Central"],
      startedAt: "2022-02-03T14:27:27.499Z",
      connectedAt: "2022-02-03T14:27:27.539Z",
      endedAt: "2022-02-03T14:27:52.253Z",
      durationMs: 24_754,
      talkMs: 0,
      holdMs: 0,
      status: "Completed",
      cause: "Ring No Answer",
      disposition: "Voicemail",
      answered: false,
      missed: true,
      abandoned: false,
      redirectedFrom: "120088",
      redirectedFromType: "extension"
    })
    assert.include(dataOf(callLegs, legs[1]), {
      callId: "1635571048345",
      calleeServiceName: "ACDOperatorService",
      cause: "Normal",
      abandoned: true,
      redirectedFrom: "110081",
      redirectedFromType: "call-queue"
    })
  })

  it("is a leg of its call", () => {
    const record = recordOf(callLegs, legs[0])
    assert.include(record, {
      subject: "demonstrationname/1635571048351/1",
      conversation: "demonstrationname/1635571048351"
    })
  })
})

describe("the vendor's examples", () => {
  it("fit the schemas of the model", () => {
    for (const row of [...records, ...specRecords]) assert.isTrue(isCall(recordOf(callRecords, row).normalize().data))
    for (const row of legs) assert.isTrue(isLeg(recordOf(callLegs, row).normalize().data))
  })

  it("have no field that the wire schemas do not name", () => {
    for (const row of [...records, ...specRecords]) assert.containsAllKeys(Wire.CallRecord.fields, Object.keys(row))
    for (const row of legs) assert.containsAllKeys(Wire.CallLeg.fields, Object.keys(row))
  })
})

describe("a field", () => {
  it("of a time is the number in UTC; 0, in a number or a text, is never", () => {
    assert.notProperty(callWith({ connectTimeUTC: 0 }), "connectedAt")
    assert.notProperty(callWith({ connectTimeUTC: "0" }), "connectedAt")
    assert.include(callWith({ connectTimeUTC: "1643898447539", connectTime: "nonsense" }), {
      connectedAt: "2022-02-03T14:27:27.539Z"
    })
  })

  it("is absent where it is blank, null, a dot or left out", () => {
    const data = callWith({ departments: null, branches: [], callerName: ".", calleeName: "", dnis: null, missed: "" })
    for (const key of ["departments", "branches", "callerName", "calleeName", "dialedNumber", "missed"]) {
      assert.notProperty(data, key)
    }
    assert.notProperty(data, "warnings")
  })

  it("that counts legs may be a number or a text", () => {
    assert.include(callWith({ callLegCount: 3 }), { legCount: 3 })
    assert.include(callWith({ callLegCount: "3" }), { legCount: 3 })
  })

  it("that stands for itself is yes, and no where it is a dash", () => {
    assert.include(callWith({ answered: "Answered", missed: "-" }), { answered: true, missed: false })
  })

  it("that cannot be read is absent, and a warning names it", () => {
    const data = callWith({
      startTimeUTC: -5,
      callTime: "long",
      answered: "Perhaps",
      departments: "Sales",
      direction: "Round",
      calleeDisconnectOnHold: "-",
      callerDisconnectOnHold: "Hm"
    })
    for (const key of ["startedAt", "durationMs", "answered", "departments", "direction", "callerEndedOnHold"]) {
      assert.notProperty(data, key)
    }
    assert.strictEqual(data["calleeEndedOnHold"], false)
    assert.sameMembers(
      [...(Array.isArray(data["warnings"]) ? data["warnings"] : [])],
      [
        "direction has a word we do not know",
        "departments is not a list",
        "startTimeUTC is not an instant",
        "startTime is a time, and startTimeUTC is not",
        "callTime is not a number",
        "answered has a word we do not know",
        "callerDisconnectOnHold has a word we do not know"
      ]
    )
  })

  it.each([
    [0, undefined],
    [2, "external"],
    ["7", "park"],
    [8, undefined]
  ])("that says what a call was redirected from is %s: %s", (lraType, kind) => {
    assert.strictEqual(legWith({ lraType })["redirectedFromType"], kind)
  })

  it("that names the PBX may be missing: the PBX that was asked is meant", () => {
    assert.strictEqual(recordOf(callRecords, { ...records[0], pbxId: null }).subject, "acmecorppbx/1635571048351")
  })
})

/** A row of any JSON, but for what identifies it. */
const anyRow = (fields: object) =>
  Schema.Struct({
    ...Object.fromEntries(Object.keys(fields).map((name) => [name, Schema.optionalKey(Schema.Json)])),
    callId: Schema.NonEmptyString,
    legId: Schema.NonEmptyString
  })

describe("a row", () => {
  it.each([
    [callRecords, {}, "callId"],
    [callRecords, { callId: "" }, "callId"],
    [callLegs, { callId: "1" }, "legId"]
  ])("without what identifies it is unreadable", (kind, row, field) => {
    assert.deepStrictEqual(kind.recordOf(row, "acmecorp"), {
      unreadable: `${field} is missing or not as documented`,
      raw: row
    })
  })

  it("may have its ids as numbers", () => {
    const record = recordOf(callLegs, { ...legs[0], callId: 1_635_571_048_351, legId: 2 })
    assert.strictEqual(record.subject, "demonstrationname/1635571048351/2")
    assert.include(record.normalize().data, { callId: "1635571048351", legId: "2" })
  })

  it.prop("of any JSON is a call that fits the schema", [anyRow(Wire.CallRecord.fields)], ([row]) =>
    isCall(recordOf(callRecords, row).normalize().data)
  )

  it.prop("of any JSON is a leg that fits the schema", [anyRow(Wire.CallLeg.fields)], ([row]) =>
    isLeg(recordOf(callLegs, row).normalize().data)
  )
})

describe("the table of the vendor's fields", () => {
  it.each([
    { at: 0, wire: Wire.CallRecord.fields, model: Call.fields },
    { at: 1, wire: Wire.CallLeg.fields, model: CallLeg.fields }
  ])("has every field of the wire, and goes to fields that events have ($at)", ({ at, model, wire }) => {
    const table = fields[at]?.fields ?? {}
    assert.sameMembers(Object.keys(table), Object.keys(wire))
    const known = new Set([...Object.keys(model), ...FieldTable.attributes])
    for (const use of Object.values(table))
      for (const name of FieldTable.goesTo(use)) assert.isTrue(known.has(name), name)
  })
})
