/**
 * From the text of a page to records, as one would write it by hand who trusts the vendor: `JSON.parse`, and an object with
 * the fields that ours have. Nothing is checked and nothing warned of.
 */
import type { DecodeJob } from "../Job.ts"

type Texts<Name extends string> = { readonly [N in Name]: string }

const ms = (text: string): number | undefined => (text === "" ? undefined : Math.round(Number(text)))
const list = (text: string, separator: string | RegExp): ReadonlyArray<string> | undefined =>
  text === "" ? undefined : text.split(separator).filter((part) => part !== "")
const agents = (text: string) => list(text, ",")?.map((id) => id.replace(/^ag/, ""))
const inside = (text: string): unknown => (text === "" || text === "[]" || text === "{}" ? undefined : JSON.parse(text))
const instant = (millis: number): string | undefined => (millis === 0 ? undefined : new Date(millis).toISOString())
const lower = (text: string): string | undefined => text.toLowerCase() || undefined

type RecentCall = { readonly muteDuration: number } & Texts<
  | "callId"
  | "tenantId"
  | "transactionId"
  | "agentId"
  | "agentGroup"
  | "queueId"
  | "callType"
  | "callerNumber"
  | "callerName"
  | "callerPhoneNumber"
  | "destinationNumber"
  | "dialedNumber"
  | "callDate"
  | "callDuration"
  | "agentCallHandlingDuration"
  | "waitTime"
  | "timeInIVR"
  | "holdDuration"
  | "maximumHoldDuration"
  | "abandonTime"
  | "transferCount"
  | "hungupBy"
  | "callSubType"
  | "scheduleHours"
  | "totalScore"
  | "postCallSurvey"
  | "voiceComment"
  | "voiceCommentFileNames"
>

const recentCall = (row: RecentCall) => {
  const { callDate: date } = row
  return {
    callId: row.callId,
    tenantId: row.tenantId || undefined,
    transactionIds: list(row.transactionId, /[ ,]/),
    agentIds: agents(row.agentId),
    agentGroupIds: list(row.agentGroup, ","),
    queueIds: list(row.queueId, ","),
    direction: lower(row.callType),
    callerNumber: row.callerNumber || undefined,
    callerName: row.callerName || undefined,
    callerPhoneNumber: row.callerPhoneNumber || undefined,
    calleeNumber: row.destinationNumber || undefined,
    dialedNumber: row.dialedNumber || undefined,
    startedAt: `${date.slice(6, 10)}-${date.slice(0, 2)}-${date.slice(3, 5)}T${date.slice(11)}.000Z`,
    durationMs: ms(row.callDuration),
    handlingMs: ms(row.agentCallHandlingDuration),
    waitMs: ms(row.waitTime),
    ivrMs: ms(row.timeInIVR),
    holdMs: ms(row.holdDuration),
    longestHoldMs: ms(row.maximumHoldDuration),
    muteMs: row.muteDuration,
    abandonedAfterMs: ms(row.abandonTime) || undefined,
    transferCount: ms(row.transferCount),
    hungUpBy: lower(row.hungupBy),
    subType: row.callSubType || undefined,
    schedule: row.scheduleHours || undefined,
    surveyScore: ms(row.totalScore),
    surveyAnswers: inside(row.postCallSurvey),
    voiceComments: inside(row.voiceComment),
    voiceCommentFilenames: list(row.voiceCommentFileNames, ","),
    raw: row
  }
}

type CallRecord = Texts<
  | "callId"
  | "pbxId"
  | "direction"
  | "caller"
  | "callerName"
  | "callee"
  | "calleeName"
  | "dnis"
  | "callerId"
  | "sipCallId"
  | "answered"
  | "missed"
  | "abandoned"
  | "callLegCount"
  | "lastLegDisposition"
> & {
  readonly [
    N in
      | "startTimeUTC"
      | "connectTimeUTC"
      | "disconnectedTimeUTC"
      | "callTime"
      | "talkTimeMS"
      | "calleeHoldDurationMS"
      | "ringDuration"
      | "waitTimeMS"
      | "answeredTime"
      | "abandonedTime"
  ]: number
} & {
  readonly departments: ReadonlyArray<string> | null
  readonly branches: ReadonlyArray<string> | null
  readonly aaDestination: string | null
}

const ways: Readonly<Record<string, string>> = { Incoming: "inbound", Outgoing: "outbound", Internal: "internal" }
const name = (text: string): string | undefined => (text === "" || text === "." ? undefined : text)
const texts = (all: ReadonlyArray<string> | null) => (all === null || all.length === 0 ? undefined : all)

const callRecord = (row: CallRecord) => ({
  callId: row.callId,
  pbx: row.pbxId,
  direction: ways[row.direction],
  callerNumber: row.caller || undefined,
  callerName: name(row.callerName),
  calleeNumber: row.callee || undefined,
  calleeName: name(row.calleeName),
  dialedNumber: row.dnis || undefined,
  callerDisplay: row.callerId || undefined,
  departments: texts(row.departments),
  branches: texts(row.branches),
  sipCallId: row.sipCallId || undefined,
  startedAt: instant(row.startTimeUTC),
  connectedAt: instant(row.connectTimeUTC),
  endedAt: instant(row.disconnectedTimeUTC),
  durationMs: row.callTime,
  talkMs: row.talkTimeMS,
  holdMs: row.calleeHoldDurationMS,
  answered: row.answered === "Answered",
  missed: row.missed === "Missed",
  abandoned: row.abandoned === "Abandoned",
  ringMs: row.ringDuration,
  waitMs: row.waitTimeMS,
  answeredAfterMs: row.answeredTime || undefined,
  abandonedAfterMs: row.abandonedTime || undefined,
  legCount: Number(row.callLegCount),
  disposition: row.lastLegDisposition || undefined,
  autoAttendant: row.aaDestination || undefined,
  raw: row
})

type File = Texts<
  | "startDate"
  | "transactionID"
  | "agentID"
  | "phoneNumber"
  | "channel"
  | "caseID"
  | "duration"
  | "filename"
  | "queueID"
  | "queueName"
  | "accountNumber"
  | "extVar1"
  | "extVar2"
  | "outDialCode"
> & {
  readonly wrapUpCode: "" | { readonly transactionCodes: { readonly transactionCode: Codes | Codes[number] | "" } | "" }
}
type Codes = ReadonlyArray<{ readonly listName: string; readonly name: string }>

const unlessZero = (text: string): string | undefined => (text === "" || text === "0" ? undefined : text)

const codesOf = ({ wrapUpCode: inside }: File) => {
  const codes = inside === "" || inside.transactionCodes === "" ? "" : inside.transactionCodes.transactionCode
  if (codes === "") return undefined
  return [codes].flat().map(({ listName, name }: Codes[number]) => ({ list: listName, code: name }))
}

const file = (row: File) => {
  const outbound = row.channel === "#virtual_outbound#"
  const number = /^\+?\d[\d ().-]*$/.test(row.phoneNumber) ? row.phoneNumber : undefined
  const queue = row.queueID === "QUEUE_OUTBOUND" || row.queueID === "QUEUE_DIRECT_AGENT_ACCESS"
  return {
    kind: "call",
    direction: outbound ? "outbound" : "inbound",
    callerNumber: outbound ? undefined : number,
    calleeNumber: outbound ? number : undefined,
    address: row.phoneNumber || undefined,
    tenantId: "acmecorp01",
    transactionIds: [row.transactionID],
    agentIds: agents(row.agentID),
    queueIds: queue || row.queueID === "" ? undefined : [row.queueID.slice(row.queueID.lastIndexOf("~~") + 2)],
    queueName: queue ? undefined : row.queueName || undefined,
    channel: row.channel || undefined,
    startedAt: new Date(row.startDate).toISOString(),
    durationMs: row.duration === "" ? undefined : Number(row.duration) * 1000,
    filename: row.filename || undefined,
    wrapUpCodes: codesOf(row),
    caseId: unlessZero(row.caseID),
    accountNumber: unlessZero(row.accountNumber),
    extVar1: unlessZero(row.extVar1),
    extVar2: unlessZero(row.extVar2),
    outDialCode: row.outDialCode || undefined,
    raw: row
  }
}

type StoredObject = Texts<
  | "id"
  | "type"
  | "mimeType"
  | "objectName"
  | "checksumType"
  | "checksum"
  | "customerId"
  | "userId"
  | "createdTime"
  | "updatedTime"
  | "objectState"
  | "bucketId"
> & {
  readonly storedBytes: number
  readonly shared: boolean
  readonly tags: ReadonlyArray<{ readonly key: string; readonly value: string }>
}

const storedObject = (row: StoredObject) => {
  const tags: Record<string, string> = {}
  for (const { key, value } of row.tags) if (value !== "") tags[key] = value
  const { agentId, direction, duration, endTime, holdDuration, queueNumber, startTime, transactionId } = tags
  return {
    kind: "call",
    objectId: row.id,
    objectType: row.type,
    state: row.objectState.toLowerCase(),
    objectName: row.objectName,
    mimeType: row.mimeType,
    sizeBytes: row.storedBytes,
    checksum: row.checksum,
    checksumType: row.checksumType,
    createdAt: `${row.createdTime}.000Z`,
    updatedAt: `${row.updatedTime}.000Z`,
    bucketId: row.bucketId,
    customerId: row.customerId,
    userId: row.userId.replace(/^ag/, ""),
    shared: row.shared,
    tags,
    callId: tags["callId"],
    tenantId: tags["tenantId"],
    pbx: tags["ipbxid"] ?? tags["pbxname"],
    transactionIds: transactionId?.split(/[ ,]+/),
    agentIds: agentId?.split(/[ ,]+/).map((id) => id.replace(/^ag/, "")),
    queueIds: queueNumber?.split(/[ ,]+/),
    queueName: tags["queueName"],
    direction: direction?.toLowerCase(),
    callerNumber: tags["callerId"],
    callerName: tags["callerName"],
    calleeNumber: tags["calleeId"],
    calleeName: tags["calleeName"],
    address: tags["address"],
    agentName: tags["agentName"],
    userName: tags["userName"],
    extensionNumber: tags["extensionNumber"],
    branchId: tags["branchId"],
    billingNumber: tags["billingTelephoneNumber"],
    channelName: tags["channelName"],
    startedAt: startTime === undefined ? undefined : instant(Number(startTime)),
    endedAt: endTime === undefined ? undefined : instant(Number(endTime)),
    durationMs: duration === undefined ? undefined : Number(duration),
    holdMs: holdDuration === undefined ? undefined : Number(holdDuration),
    filename: tags["mediaUrl"],
    snippetId: tags["callSnippetId"],
    raw: row
  }
}

/** The records of a page. */
export const byHand: Readonly<Record<DecodeJob["decode"], (text: string) => ReadonlyArray<object>>> = {
  recentcalls: (text) => JSON.parse(text).data.map(recentCall),
  workanalytics: (text) => JSON.parse(text).data.map(callRecord),
  recordings: (text) => JSON.parse(text).recordings.file.map(file),
  storage: (text) => JSON.parse(text).content.map(storedObject)
}
