// How Work Analytics writes its rows. Source: "Call Detail Records" guide and OpenAPI file, read 2026-11-20.
import type { Knobs } from "./Knobs.ts"
import type { CallLeg, CallRecord } from "./Records.ts"
import { offsetText, wallClock } from "./Time.ts"

/** `2022-02-03T09:27:27.493-0500`; never is "0". */
const workTime = (zone: string, at: number): string =>
  at === 0 ? "0" : `${wallClock(zone, at)}${offsetText(zone, at)}`

const times = (record: CallRecord, zone: string) => ({
  startTimeUTC: record.startedAt,
  startTime: workTime(zone, record.startedAt),
  connectTimeUTC: record.connectedAt,
  connectTime: workTime(zone, record.connectedAt),
  disconnectedTimeUTC: record.disconnectedAt,
  disconnectedTime: workTime(zone, record.disconnectedAt)
})

/** A row of call-records. `callLegCount` is text in the guide and a number in the OpenAPI file. */
export const callRecordRow = (record: CallRecord, zone: string, knobs: Knobs) => {
  const { callLegCount, ...row } = record.row
  const count = knobs.workLegCount === "number" ? Number(callLegCount) : callLegCount
  return { callId: record.callId, ...times(record, zone), pbxId: record.pbx, ...row, callLegCount: count }
}

/** A row of call-legs. */
export const callLegRow = (leg: CallLeg, zone: string) => ({
  callId: leg.callId,
  legId: leg.legId,
  ...times(leg, zone),
  pbxId: leg.pbx,
  ...leg.row
})
