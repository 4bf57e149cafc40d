/**
 * From a row of call records to a `Call`. Spelled out, field by field: it runs for every new record.
 *
 * Sources: "Call Detail Records" (guide) and the OpenAPI file "Work Analytics Historical" (read 2026-11-20). What it
 * shares with the other kind of row is in `SharedNormalize.ts`.
 */
import { type Call } from "@callstream/model"
import { Row, type Source } from "@callstream/core"
import { fillShared } from "./SharedNormalize.ts"
import type { CallRecord } from "./Wire.ts"

/** The call of a row; `partition` is the PBX that was asked. */
export const normalize = (row: CallRecord, partition: string): Source.Normalized => {
  const notes = new Row.Notes()
  const call: Row.Filling<Call> = { callId: String(row.callId) }
  fillShared(call, row, partition, notes)
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
  const disposition = Row.text(row.lastLegDisposition, "lastLegDisposition", notes)
  if (disposition !== undefined) call.disposition = disposition
  const autoAttendant = Row.text(row.aaDestination, "aaDestination", notes)
  if (autoAttendant !== undefined) call.autoAttendant = autoAttendant
  if (notes.warnings !== undefined) call.warnings = notes.warnings
  call.raw = Row.fromParsed(row)
  return call.startedAt === undefined ? { data: call } : { time: call.startedAt, data: call }
}
