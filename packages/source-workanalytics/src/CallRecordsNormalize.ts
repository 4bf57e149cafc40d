/**
 * From a row of call records to a `Call`. Spelled out, field by field: it runs for every new record.
 *
 * Sources: "Call Detail Records" (guide) and the OpenAPI file "Work Analytics Historical" (read 2026-11-20). Times are
 * read from the numbers in UTC, never from the texts beside them.
 */
import { type Call } from "@callstream/model"
import { Row, type Source } from "@callstream/core"
import { abandoned, answered, directions, missed, name, yesOrNo } from "./Rows.ts"
import type { CallRecord } from "./Wire.ts"

/** The call of a row; `partition` is the PBX that was asked. */
export const normalize = (row: CallRecord, partition: string): Source.Normalized => {
  const notes = new Row.Notes()
  const call: Row.Filling<Call> = { callId: String(row.callId) }
  const pbx = Row.text(row.pbxId, "pbxId", notes) ?? partition
  if (pbx !== undefined) call.pbx = pbx
  const direction = Row.oneOf(row.direction, directions, "direction", notes)
  if (direction !== undefined) call.direction = direction
  const callerNumber = Row.text(row.caller, "caller", notes)
  if (callerNumber !== undefined) call.callerNumber = callerNumber
  const callerName = name(row.callerName, "callerName", notes)
  if (callerName !== undefined) call.callerName = callerName
  const calleeNumber = Row.text(row.callee, "callee", notes)
  if (calleeNumber !== undefined) call.calleeNumber = calleeNumber
  const calleeName = name(row.calleeName, "calleeName", notes)
  if (calleeName !== undefined) call.calleeName = calleeName
  const dialedNumber = Row.text(row.dnis, "dnis", notes)
  if (dialedNumber !== undefined) call.dialedNumber = dialedNumber
  const callerDisplay = Row.text(row.callerId, "callerId", notes)
  if (callerDisplay !== undefined) call.callerDisplay = callerDisplay
  const departments = Row.texts(row.departments, "departments", notes)
  if (departments !== undefined) call.departments = departments
  const branches = Row.texts(row.branches, "branches", notes)
  if (branches !== undefined) call.branches = branches
  const sipCallId = Row.text(row.sipCallId, "sipCallId", notes)
  if (sipCallId !== undefined) call.sipCallId = sipCallId
  const startedAt = Row.epoch(row.startTimeUTC, "startTimeUTC", notes)
  if (startedAt !== undefined) call.startedAt = startedAt
  const connectedAt = Row.epoch(row.connectTimeUTC, "connectTimeUTC", notes)
  if (connectedAt !== undefined) call.connectedAt = connectedAt
  const endedAt = Row.epoch(row.disconnectedTimeUTC, "disconnectedTimeUTC", notes)
  if (endedAt !== undefined) call.endedAt = endedAt
  const durationMs = Row.millis(row.callTime, "callTime", notes)
  if (durationMs !== undefined) call.durationMs = durationMs
  const talkMs = Row.millis(row.talkTimeMS, "talkTimeMS", notes)
  if (talkMs !== undefined) call.talkMs = talkMs
  const holdMs = Row.millis(row.calleeHoldDurationMS, "calleeHoldDurationMS", notes)
  if (holdMs !== undefined) call.holdMs = holdMs
  const ringMs = Row.millis(row.ringDuration, "ringDuration", notes)
  if (ringMs !== undefined) call.ringMs = ringMs
  const waitMs = Row.millis(row.waitTimeMS, "waitTimeMS", notes)
  if (waitMs !== undefined) call.waitMs = waitMs
  // 0 stands in every call that was not answered or given up.
  const answeredAfterMs = Row.millis(row.answeredTime, "answeredTime", notes)
  if (answeredAfterMs !== undefined && answeredAfterMs > 0) call.answeredAfterMs = answeredAfterMs
  const abandonedAfterMs = Row.millis(row.abandonedTime, "abandonedTime", notes)
  if (abandonedAfterMs !== undefined && abandonedAfterMs > 0) call.abandonedAfterMs = abandonedAfterMs
  const legCount = Row.count(row.callLegCount, "callLegCount", notes)
  if (legCount !== undefined) call.legCount = legCount
  const wasAnswered = Row.oneOf(row.answered, answered, "answered", notes)
  if (wasAnswered !== undefined) call.answered = wasAnswered
  const wasMissed = Row.oneOf(row.missed, missed, "missed", notes)
  if (wasMissed !== undefined) call.missed = wasMissed
  const wasAbandoned = Row.oneOf(row.abandoned, abandoned, "abandoned", notes)
  if (wasAbandoned !== undefined) call.abandoned = wasAbandoned
  const callerEndedOnHold = Row.oneOf(row.callerDisconnectOnHold, yesOrNo, "callerDisconnectOnHold", notes)
  if (callerEndedOnHold !== undefined) call.callerEndedOnHold = callerEndedOnHold
  const calleeEndedOnHold = Row.oneOf(row.calleeDisconnectOnHold, yesOrNo, "calleeDisconnectOnHold", notes)
  if (calleeEndedOnHold !== undefined) call.calleeEndedOnHold = calleeEndedOnHold
  const disposition = Row.text(row.lastLegDisposition, "lastLegDisposition", notes)
  if (disposition !== undefined) call.disposition = disposition
  const redirectedFrom = Row.text(row.lra, "lra", notes)
  if (redirectedFrom !== undefined) call.redirectedFrom = redirectedFrom
  const autoAttendant = Row.text(row.aaDestination, "aaDestination", notes)
  if (autoAttendant !== undefined) call.autoAttendant = autoAttendant
  if (notes.warnings !== undefined) call.warnings = notes.warnings
  call.raw = Row.fromParsed(row)
  return startedAt === undefined ? { data: call } : { time: startedAt, data: call }
}
