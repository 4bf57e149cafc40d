/**
 * What a call record and a call leg both say: who called whom, when, for how long, and how it ended. Spelled out, field by
 * field: it runs for every new record.
 *
 * Sources: "Call Detail Records" and "Call Legs" (guides), the OpenAPI file "Work Analytics Historical" (read 2026-11-20).
 * Times are read from the numbers in UTC; the texts beside them stand in where a number is missing, and have to agree.
 */
import { type Call, type CallLeg, Instant } from "@callstream/model"
import { Row } from "@callstream/core"
import type { CallLeg as CallLegRow, CallRecord } from "./Wire.ts"

const directions = { Incoming: "inbound", Outgoing: "outbound", Internal: "internal" } as const

/** A word that stands for itself, or `-` for no. */
const missed = { Missed: true, "-": false }
const abandoned = { Abandoned: true, "-": false }
const answered = { Answered: true, "-": false }

/** Never seen but blank; words that can mean nothing else. */
const yesOrNo = { Yes: true, True: true, No: false, False: false, "-": false }

/** A name; a dot is none. */
const name = (value: unknown, field: string, notes: Row.Notes): string | undefined => {
  const text = Row.text(value, field, notes)
  return text === "." ? undefined : text
}

/** `2022-02-03T09:27:27.493-0500`: a colon is missing in the offset. */
const zoned = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?:Z|([+-]\d\d):?(\d\d))$/

/** Epoch milliseconds of such a text; `NaN` for what is none. */
const millisOf = (text: string): number => {
  const [, local = "", hours, minutes = "00"] = zoned.exec(text) ?? []
  return Date.parse(`${local}${hours === undefined ? "Z" : `${hours}:${minutes}`}`)
}

/** An instant from the number, or where there is none from the text; 0 is never in both. */
const instant = (number: unknown, text: unknown, field: string, notes: Row.Notes): string | undefined => {
  const at = Row.epoch(number, `${field}UTC`, notes)
  if (typeof text !== "string" || text === "") return at
  // The usual case, since we ask for UTC.
  if (at !== undefined && text.endsWith("+0000") && text.startsWith(at.slice(0, 23))) return at
  if (text === "0") return at === undefined ? at : (notes.warn(field, `is never, and ${field}UTC is a time`), at)
  const millis = millisOf(text)
  if (!Instant.isMillis(millis)) {
    notes.warn(field, "is not a time such as 2022-02-03T09:27:27.493-0500")
    return at
  }
  if (at !== undefined) {
    if (Math.abs(Date.parse(at) - millis) >= 1000) notes.warn(field, `differs from ${field}UTC by a second or more`)
    return at
  }
  if (number === undefined || number === null || number === "") return Instant.fromMillis(millis)
  return notes.warn(field, `is a time, and ${field}UTC is not`)
}

/** A call or a leg in the making. */
type Shared = Row.Filling<Pick<Call & CallLeg, keyof Call & keyof CallLeg>>

/** What both kinds of rows have. */
type SharedRow = Pick<CallRecord, keyof CallRecord & keyof CallLegRow>

/** Sets the fields that both have; `partition` is the PBX that was asked. */
export const fillShared = (record: Shared, row: SharedRow, partition: string, notes: Row.Notes): void => {
  record.pbx = Row.text(row.pbxId, "pbxId", notes) ?? partition
  const direction = Row.oneOf(row.direction, directions, "direction", notes)
  if (direction !== undefined) record.direction = direction
  const callerNumber = Row.text(row.caller, "caller", notes)
  if (callerNumber !== undefined) record.callerNumber = callerNumber
  const callerName = name(row.callerName, "callerName", notes)
  if (callerName !== undefined) record.callerName = callerName
  const calleeNumber = Row.text(row.callee, "callee", notes)
  if (calleeNumber !== undefined) record.calleeNumber = calleeNumber
  const calleeName = name(row.calleeName, "calleeName", notes)
  if (calleeName !== undefined) record.calleeName = calleeName
  const dialedNumber = Row.text(row.dnis, "dnis", notes)
  if (dialedNumber !== undefined) record.dialedNumber = dialedNumber
  const callerDisplay = Row.text(row.callerId, "callerId", notes)
  if (callerDisplay !== undefined) record.callerDisplay = callerDisplay
  const departments = Row.texts(row.departments, "departments", notes)
  if (departments !== undefined) record.departments = departments
  const branches = Row.texts(row.branches, "branches", notes)
  if (branches !== undefined) record.branches = branches
  const sipCallId = Row.text(row.sipCallId, "sipCallId", notes)
  if (sipCallId !== undefined) record.sipCallId = sipCallId
  const startedAt = instant(row.startTimeUTC, row.startTime, "startTime", notes)
  if (startedAt !== undefined) record.startedAt = startedAt
  const connectedAt = instant(row.connectTimeUTC, row.connectTime, "connectTime", notes)
  if (connectedAt !== undefined) record.connectedAt = connectedAt
  const endedAt = instant(row.disconnectedTimeUTC, row.disconnectedTime, "disconnectedTime", notes)
  if (endedAt !== undefined) record.endedAt = endedAt
  const durationMs = Row.millis(row.callTime, "callTime", notes)
  if (durationMs !== undefined) record.durationMs = durationMs
  const talkMs = Row.millis(row.talkTimeMS, "talkTimeMS", notes)
  if (talkMs !== undefined) record.talkMs = talkMs
  const holdMs = Row.millis(row.calleeHoldDurationMS, "calleeHoldDurationMS", notes)
  if (holdMs !== undefined) record.holdMs = holdMs
  const wasAnswered = Row.oneOf(row.answered, answered, "answered", notes)
  if (wasAnswered !== undefined) record.answered = wasAnswered
  const wasMissed = Row.oneOf(row.missed, missed, "missed", notes)
  if (wasMissed !== undefined) record.missed = wasMissed
  const wasAbandoned = Row.oneOf(row.abandoned, abandoned, "abandoned", notes)
  if (wasAbandoned !== undefined) record.abandoned = wasAbandoned
  const callerEndedOnHold = Row.oneOf(row.callerDisconnectOnHold, yesOrNo, "callerDisconnectOnHold", notes)
  if (callerEndedOnHold !== undefined) record.callerEndedOnHold = callerEndedOnHold
  const calleeEndedOnHold = Row.oneOf(row.calleeDisconnectOnHold, yesOrNo, "calleeDisconnectOnHold", notes)
  if (calleeEndedOnHold !== undefined) record.calleeEndedOnHold = calleeEndedOnHold
  const redirectedFrom = Row.text(row.lra, "lra", notes)
  if (redirectedFrom !== undefined) record.redirectedFrom = redirectedFrom
}
