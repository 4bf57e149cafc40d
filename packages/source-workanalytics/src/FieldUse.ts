/** What becomes of each of the vendor's fields (`CallRecordsNormalize.ts`, `CallLegsNormalize.ts`); the reference is written from it. */
import { eventTypes } from "@callstream/model"
import type { FieldTable } from "@callstream/core"

const ms = "milliseconds"
const never = "epoch milliseconds; 0 is never"
const text = "taken where the number is missing; a warning where they differ"
const same = (field: string) => ["raw", `the same as ${field}`] as const

const shared: FieldTable.FieldTable["fields"] = {
  callId: ["callId, conversation, subject", "unique on its PBX only"],
  pbxId: ["pbx, conversation, subject", "the name of the PBX"],
  sipCallId: "sipCallId",
  startTimeUTC: ["startedAt, time", never],
  startTime: ["startedAt, time", text],
  connectTimeUTC: ["connectedAt", never],
  connectTime: ["connectedAt", text],
  disconnectedTimeUTC: ["endedAt", never],
  disconnectedTime: ["endedAt", text],
  talkTimeMS: ["talkMs", ms],
  talkTime: same("talkTimeMS"),
  callTime: ["durationMs", ms],
  calleeHoldDurationMS: ["holdMs", ms],
  calleeHoldDuration: same("calleeHoldDurationMS"),
  caller: "callerNumber",
  callerName: ["callerName", "a dot is none"],
  callee: "calleeNumber",
  calleeName: ["calleeName", "a dot is none"],
  callerId: "callerDisplay",
  dnis: "dialedNumber",
  direction: "direction",
  missed: ["missed", "`-` is no"],
  abandoned: ["abandoned", "`-` is no"],
  answered: ["answered", "`-` is no"],
  calleeDisconnectOnHold: "calleeEndedOnHold",
  callerDisconnectOnHold: "callerEndedOnHold",
  lra: "redirectedFrom",
  departments: "departments",
  branches: "branches"
}

export const fields: ReadonlyArray<FieldTable.FieldTable> = [
  {
    record: "a call record",
    types: [eventTypes.call],
    fields: {
      ...shared,
      aaDestination: "autoAttendant",
      answeredTime: ["answeredAfterMs", `${ms}; 0 is none`],
      abandonedTime: ["abandonedAfterMs", `${ms}; 0 is none`],
      ringDuration: ["ringMs", ms],
      waitTimeMS: ["waitMs", ms],
      waitTime: same("waitTimeMS"),
      lastLegDisposition: "disposition",
      callLegCount: ["legCount", "a text or a number"]
    }
  },
  {
    record: "a call leg",
    types: [eventTypes.callLeg],
    fields: {
      ...shared,
      legId: ["legId, subject", "unique in its call only"],
      parentCallId: "parentCallId",
      transferToCallId: "transferredToCallId",
      status: "status",
      cause: "cause",
      callerDeviceId: "callerDeviceId",
      calleeDeviceId: "calleeDeviceId",
      callerDeviceModel: "callerDeviceModel",
      calleeDeviceModel: "calleeDeviceModel",
      callerSvcName: "callerServiceName",
      callerSvcType: "callerServiceType",
      calleeSvcName: "calleeServiceName",
      calleeSvcType: "calleeServiceType",
      lraType: ["redirectedFromType", "a number from 1 to 7; 0 is none"],
      recordServiceOn: "recordService",
      bargeServiceOn: "bargeService",
      masterSlaveExts: "linkedExtensions",
      propsLastPartyDisp: "disposition",
      accountCode: "accountCode",
      aaPath: "autoAttendantPath"
    }
  }
]
