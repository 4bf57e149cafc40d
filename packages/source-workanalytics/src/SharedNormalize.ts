/**
 * What a call record and a call leg both say: who called whom, when, for how long, and how it ended. Spelled out, field by
 * field: it runs for every new record.
 *
 * Sources: "Call Detail Records" and "Call Legs" (guides), the OpenAPI file "Work Analytics Historical" (read 2026-11-20).
 * Times are read from the numbers in UTC, never from the texts beside them.
 */
import type { Call, CallLeg } from "@callstream/model"
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
  const startedAt = Row.epoch(row.startTimeUTC, "startTimeUTC", notes)
  if (startedAt !== undefined) record.startedAt = startedAt
  const connectedAt = Row.epoch(row.connectTimeUTC, "connectTimeUTC", notes)
  if (connectedAt !== undefined) record.connectedAt = connectedAt
  const endedAt = Row.epoch(row.disconnectedTimeUTC, "disconnectedTimeUTC", notes)
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
