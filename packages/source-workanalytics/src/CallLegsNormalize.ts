/**
 * From a row of call legs to a `CallLeg`. Spelled out, field by field: it runs for every new record.
 *
 * Sources: "Call Legs" (guide) and the OpenAPI file "Work Analytics Historical" (read 2026-11-20). Times are
 * read from the numbers in UTC, never from the texts beside them.
 */
import { type CallLeg } from "@callstream/model"
import { Row, type Source } from "@callstream/core"
import { abandoned, answered, directions, missed, name, yesOrNo } from "./Rows.ts"
import type { CallLeg as CallLegRow } from "./Wire.ts"

/** What `lraType` from 1 to 7 means; 0 is none. */
const redirectors = [
  undefined,
  "extension",
  "external",
  "ring-group",
  "call-queue",
  "virtual-extension",
  "media-service",
  "park"
] as const

const redirectorOf = (value: unknown, notes: Row.Notes) => {
  const kind = Row.count(value, "lraType", notes)
  return kind === undefined || kind < redirectors.length
    ? redirectors[kind ?? 0]
    : notes.warn("lraType", "has a number we do not know")
}

/** The leg of a row; `partition` is the PBX that was asked. */
export const normalize = (row: CallLegRow, partition: string): Source.Normalized => {
  const notes = new Row.Notes()
  const leg: Row.Filling<CallLeg> = { callId: String(row.callId), legId: String(row.legId) }
  const pbx = Row.text(row.pbxId, "pbxId", notes) ?? partition
  if (pbx !== undefined) leg.pbx = pbx
  const parentCallId = Row.text(row.parentCallId, "parentCallId", notes)
  if (parentCallId !== undefined) leg.parentCallId = parentCallId
  const transferredToCallId = Row.text(row.transferToCallId, "transferToCallId", notes)
  if (transferredToCallId !== undefined) leg.transferredToCallId = transferredToCallId
  const sipCallId = Row.text(row.sipCallId, "sipCallId", notes)
  if (sipCallId !== undefined) leg.sipCallId = sipCallId
  const direction = Row.oneOf(row.direction, directions, "direction", notes)
  if (direction !== undefined) leg.direction = direction
  const callerNumber = Row.text(row.caller, "caller", notes)
  if (callerNumber !== undefined) leg.callerNumber = callerNumber
  const callerName = name(row.callerName, "callerName", notes)
  if (callerName !== undefined) leg.callerName = callerName
  const calleeNumber = Row.text(row.callee, "callee", notes)
  if (calleeNumber !== undefined) leg.calleeNumber = calleeNumber
  const calleeName = name(row.calleeName, "calleeName", notes)
  if (calleeName !== undefined) leg.calleeName = calleeName
  const dialedNumber = Row.text(row.dnis, "dnis", notes)
  if (dialedNumber !== undefined) leg.dialedNumber = dialedNumber
  const callerDisplay = Row.text(row.callerId, "callerId", notes)
  if (callerDisplay !== undefined) leg.callerDisplay = callerDisplay
  const callerDeviceId = Row.text(row.callerDeviceId, "callerDeviceId", notes)
  if (callerDeviceId !== undefined) leg.callerDeviceId = callerDeviceId
  const callerDeviceModel = Row.text(row.callerDeviceModel, "callerDeviceModel", notes)
  if (callerDeviceModel !== undefined) leg.callerDeviceModel = callerDeviceModel
  const callerServiceName = Row.text(row.callerSvcName, "callerSvcName", notes)
  if (callerServiceName !== undefined) leg.callerServiceName = callerServiceName
  const callerServiceType = Row.text(row.callerSvcType, "callerSvcType", notes)
  if (callerServiceType !== undefined) leg.callerServiceType = callerServiceType
  const calleeDeviceId = Row.text(row.calleeDeviceId, "calleeDeviceId", notes)
  if (calleeDeviceId !== undefined) leg.calleeDeviceId = calleeDeviceId
  const calleeDeviceModel = Row.text(row.calleeDeviceModel, "calleeDeviceModel", notes)
  if (calleeDeviceModel !== undefined) leg.calleeDeviceModel = calleeDeviceModel
  const calleeServiceName = Row.text(row.calleeSvcName, "calleeSvcName", notes)
  if (calleeServiceName !== undefined) leg.calleeServiceName = calleeServiceName
  const calleeServiceType = Row.text(row.calleeSvcType, "calleeSvcType", notes)
  if (calleeServiceType !== undefined) leg.calleeServiceType = calleeServiceType
  const departments = Row.texts(row.departments, "departments", notes)
  if (departments !== undefined) leg.departments = departments
  const branches = Row.texts(row.branches, "branches", notes)
  if (branches !== undefined) leg.branches = branches
  const startedAt = Row.epoch(row.startTimeUTC, "startTimeUTC", notes)
  if (startedAt !== undefined) leg.startedAt = startedAt
  const connectedAt = Row.epoch(row.connectTimeUTC, "connectTimeUTC", notes)
  if (connectedAt !== undefined) leg.connectedAt = connectedAt
  const endedAt = Row.epoch(row.disconnectedTimeUTC, "disconnectedTimeUTC", notes)
  if (endedAt !== undefined) leg.endedAt = endedAt
  const durationMs = Row.millis(row.callTime, "callTime", notes)
  if (durationMs !== undefined) leg.durationMs = durationMs
  const talkMs = Row.millis(row.talkTimeMS, "talkTimeMS", notes)
  if (talkMs !== undefined) leg.talkMs = talkMs
  const holdMs = Row.millis(row.calleeHoldDurationMS, "calleeHoldDurationMS", notes)
  if (holdMs !== undefined) leg.holdMs = holdMs
  const status = Row.text(row.status, "status", notes)
  if (status !== undefined) leg.status = status
  const cause = Row.text(row.cause, "cause", notes)
  if (cause !== undefined) leg.cause = cause
  const disposition = Row.text(row.propsLastPartyDisp, "propsLastPartyDisp", notes)
  if (disposition !== undefined) leg.disposition = disposition
  const wasAnswered = Row.oneOf(row.answered, answered, "answered", notes)
  if (wasAnswered !== undefined) leg.answered = wasAnswered
  const wasMissed = Row.oneOf(row.missed, missed, "missed", notes)
  if (wasMissed !== undefined) leg.missed = wasMissed
  const wasAbandoned = Row.oneOf(row.abandoned, abandoned, "abandoned", notes)
  if (wasAbandoned !== undefined) leg.abandoned = wasAbandoned
  const callerEndedOnHold = Row.oneOf(row.callerDisconnectOnHold, yesOrNo, "callerDisconnectOnHold", notes)
  if (callerEndedOnHold !== undefined) leg.callerEndedOnHold = callerEndedOnHold
  const calleeEndedOnHold = Row.oneOf(row.calleeDisconnectOnHold, yesOrNo, "calleeDisconnectOnHold", notes)
  if (calleeEndedOnHold !== undefined) leg.calleeEndedOnHold = calleeEndedOnHold
  const redirectedFrom = Row.text(row.lra, "lra", notes)
  if (redirectedFrom !== undefined) leg.redirectedFrom = redirectedFrom
  const redirectedFromType = redirectorOf(row.lraType, notes)
  if (redirectedFromType !== undefined) leg.redirectedFromType = redirectedFromType
  const recordService = Row.text(row.recordServiceOn, "recordServiceOn", notes)
  if (recordService !== undefined) leg.recordService = recordService
  const bargeService = Row.text(row.bargeServiceOn, "bargeServiceOn", notes)
  if (bargeService !== undefined) leg.bargeService = bargeService
  const linkedExtensions = Row.text(row.masterSlaveExts, "masterSlaveExts", notes)
  if (linkedExtensions !== undefined) leg.linkedExtensions = linkedExtensions
  const accountCode = Row.text(row.accountCode, "accountCode", notes)
  if (accountCode !== undefined) leg.accountCode = accountCode
  const autoAttendantPath = Row.text(row.aaPath, "aaPath", notes)
  if (autoAttendantPath !== undefined) leg.autoAttendantPath = autoAttendantPath
  if (notes.warnings !== undefined) leg.warnings = notes.warnings
  leg.raw = Row.fromParsed(row)
  return startedAt === undefined ? { data: leg } : { time: startedAt, data: leg }
}
