/**
 * From a row of call legs to a `CallLeg`. Spelled out, field by field: it runs for every new record.
 *
 * Sources: "Call Legs" (guide) and the OpenAPI file "Work Analytics Historical" (read 2026-11-20). What it
 * shares with the other kind of row is in `SharedNormalize.ts`.
 */
import { type CallLeg } from "@callstream/model"
import { Row, type Source } from "@callstream/core"
import { fillShared } from "./SharedNormalize.ts"
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
  fillShared(leg, row, partition, notes)
  const parentCallId = Row.text(row.parentCallId, "parentCallId", notes)
  if (parentCallId !== undefined) leg.parentCallId = parentCallId
  const transferredToCallId = Row.text(row.transferToCallId, "transferToCallId", notes)
  if (transferredToCallId !== undefined) leg.transferredToCallId = transferredToCallId
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
  const status = Row.text(row.status, "status", notes)
  if (status !== undefined) leg.status = status
  const cause = Row.text(row.cause, "cause", notes)
  if (cause !== undefined) leg.cause = cause
  const disposition = Row.text(row.propsLastPartyDisp, "propsLastPartyDisp", notes)
  if (disposition !== undefined) leg.disposition = disposition
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
  return leg.startedAt === undefined ? { data: leg } : { time: leg.startedAt, data: leg }
}
