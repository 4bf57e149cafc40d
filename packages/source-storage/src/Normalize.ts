/**
 * From a stored object to the record of its entity. Spelled out, field by field: it runs for every new version.
 *
 * Source: "Cloud Storage Service Objects" (read 2026-11-20), whose samples show what each tag means.
 */
import {
  Conversation,
  Instant,
  type Recording,
  type ScreenRecording,
  type StoredObject,
  type Voicemail
} from "@callstream/model"
import { Row, type Source } from "@callstream/core"
import { allTags, epochOf, idsOf, millisOf, type Tags, timeOf } from "./ObjectReader.ts"
import { type DurationUnits, durationUnitOf, isWork, type Medium } from "./ObjectTypes.ts"
import type { StorageObject } from "./Wire.ts"

const states = {
  AVAILABLE: "available",
  PENDING: "pending",
  ARCHIVED: "archived",
  REVOKED: "revoked",
  DELETED: "deleted",
  FAILED: "failed"
} as const

const directions = { INBOUND: "inbound", OUTBOUND: "outbound", INTERNAL: "internal" } as const

/** The PBX's name. */
export const pbxOf = ({ first }: Tags): string | undefined => first.ipbxid ?? first.pbxname

/**
 * What joins an object to the others of its call. Contact centre: the interaction GUID, an id that begins with `int-`; a
 * voicemail has one of its own. Work: the PBX and its counter, which alone is not unique. Otherwise unknown.
 */
export const conversationOf = (type: string, tags: Tags): string | undefined => {
  const { callId, sourceObjectType, tenantId } = tags.first
  if (callId === undefined) return undefined
  if (callId.startsWith("int-")) return Conversation.ofInteraction(callId)
  if (!isWork(type, sourceObjectType)) return tenantId === undefined ? undefined : Conversation.ofInteraction(callId)
  const pbx = pbxOf(tags)
  return pbx === undefined ? undefined : Conversation.ofWorkCall(pbx, callId)
}

/** The agents of an object. */
export const agentsOf = (tags: Tags): ReadonlyArray<string> | undefined =>
  idsOf(tags, "agentId")?.map(Row.withoutPrefix)

/** A number, not a name: carriers put either in the same place. */
const numberForm = /^\+?\d[\d ().-]*$/

/** Who took part, in the making. */
export type Parties = Row.Filling<
  Pick<Recording, "direction" | "callerNumber" | "callerName" | "calleeNumber" | "calleeName">
>

/** Who took part: the contact centre names both sides, Work only the other one, in `address`. */
export const fillParties = (record: Parties, { first, notes }: Tags): void => {
  const { address, calleeId, calleeName, callerId, callerName } = first
  const direction = Row.oneOf(first.direction, directions, "tag direction", notes)
  const number = address !== undefined && numberForm.test(address) ? address : undefined
  const caller = callerId ?? (direction === "inbound" ? number : undefined)
  const callee = calleeId ?? (direction === "outbound" ? number : undefined)
  if (direction !== undefined) record.direction = direction
  if (caller !== undefined) record.callerNumber = caller
  if (callerName !== undefined) record.callerName = callerName
  if (callee !== undefined) record.calleeNumber = callee
  if (calleeName !== undefined) record.calleeName = calleeName
}

type Stored = Row.Filling<
  Pick<
    Recording,
    | "objectId"
    | "objectType"
    | "state"
    | "objectName"
    | "mimeType"
    | "sizeBytes"
    | "checksum"
    | "checksumType"
    | "createdAt"
    | "updatedAt"
    | "bucketId"
    | "customerId"
    | "userId"
    | "shared"
    | "tags"
  >
>

/** The facts of a stored object, on every record that is one. */
const fillStored = (record: Stored, row: StorageObject, tags: Tags): void => {
  const { notes } = tags
  const state = Row.oneOf(row.objectState, states, "objectState", notes)
  const objectName = Row.text(row.objectName, "objectName", notes)
  const mimeType = Row.text(row.mimeType, "mimeType", notes)
  const sizeBytes = Row.count(row.storedBytes, "storedBytes", notes)
  const checksum = Row.text(row.checksum, "checksum", notes)
  const checksumType = Row.text(row.checksumType, "checksumType", notes)
  const createdAt = timeOf(row.createdTime, "createdTime", notes)
  const updatedAt = timeOf(row.updatedTime, "updatedTime", notes)
  const bucketId = Row.text(row.bucketId, "bucketId", notes)
  const customerId = Row.text(row.customerId, "customerId", notes)
  const userId = Row.text(row.userId, "userId", notes)
  const shared = sharedOf(row.shared, notes)
  const all = allTags(tags)
  if (state !== undefined) record.state = state
  if (objectName !== undefined) record.objectName = objectName
  if (mimeType !== undefined) record.mimeType = mimeType
  if (sizeBytes !== undefined) record.sizeBytes = sizeBytes
  if (checksum !== undefined) record.checksum = checksum
  if (checksumType !== undefined) record.checksumType = checksumType
  if (createdAt !== undefined) record.createdAt = createdAt
  if (updatedAt !== undefined) record.updatedAt = updatedAt
  if (bucketId !== undefined) record.bucketId = bucketId
  if (customerId !== undefined) record.customerId = customerId
  if (userId !== undefined) record.userId = Row.withoutPrefix(userId)
  if (shared !== undefined) record.shared = shared
  if (all !== undefined) record.tags = all
}

/** A boolean, or a text that is one. */
const sharedOf = (value: unknown, notes: Row.Notes): boolean | undefined => {
  if (typeof value === "boolean") return value
  if (value === undefined || value === null || value === "") return undefined
  return value === "true" || value === "false" ? value === "true" : notes.warn("shared", "is neither true nor false")
}

type Joins = Row.Filling<
  Pick<Recording, "callId" | "tenantId" | "pbx" | "transactionIds" | "agentIds" | "queueIds" | "queueName">
>

/** The ids that join an object to other records. */
const fillJoins = (record: Joins, tags: Tags): void => {
  const { callId, queueName, tenantId } = tags.first
  const pbx = pbxOf(tags)
  const transactionIds = idsOf(tags, "transactionId")
  const agentIds = agentsOf(tags)
  const queueIds = idsOf(tags, "queueNumber")
  if (callId !== undefined) record.callId = callId
  if (tenantId !== undefined) record.tenantId = tenantId
  if (pbx !== undefined) record.pbx = pbx
  if (transactionIds !== undefined) record.transactionIds = transactionIds
  if (agentIds !== undefined) record.agentIds = agentIds
  if (queueIds !== undefined) record.queueIds = queueIds
  if (queueName !== undefined) record.queueName = queueName
}

type Spoken = Row.Filling<Omit<Recording & Voicemail, keyof Stored | keyof Joins | keyof Parties>>

/** What recordings and voicemails have in common; `unit` is that of its lengths, in milliseconds. */
const fillSpoken = (record: Spoken, { first, notes }: Tags, unit: number): void => {
  const startedAt = epochOf(first.startTime, "tag startTime", notes)
  const endedAt = epochOf(first.endTime, "tag endTime", notes)
  const durationMs = Row.millis(first.duration, "tag duration", notes, unit)
  const holdMs = Row.millis(first.holdDuration, "tag holdDuration", notes, unit)
  if (first.address !== undefined) record.address = first.address
  if (first.pbxId !== undefined) record.pbxId = first.pbxId
  if (first.agentName !== undefined) record.agentName = first.agentName
  if (first.userName !== undefined) record.userName = first.userName
  if (first.userEmail !== undefined) record.userEmail = first.userEmail
  if (first.extensionId !== undefined) record.extensionId = first.extensionId
  if (first.extensionNumber !== undefined) record.extensionNumber = first.extensionNumber
  if (first.branchId !== undefined) record.branchId = first.branchId
  if (first.billingTelephoneNumber !== undefined) record.billingNumber = first.billingTelephoneNumber
  if (first.channelName !== undefined) record.channelName = first.channelName
  if (startedAt !== undefined) record.startedAt = startedAt
  if (endedAt !== undefined) record.endedAt = endedAt
  if (durationMs !== undefined) record.durationMs = durationMs
  if (holdMs !== undefined) record.holdMs = holdMs
  if (first.mediaUrl !== undefined) record.filename = first.mediaUrl
  if (first.callSnippetId !== undefined) record.snippetId = first.callSnippetId
  if (first.callLogId !== undefined) record.callLogId = first.callLogId
}

/** The record of an object's state and tags, whatever its type. */
export const normalizeObject = (row: StorageObject, tags: Tags): Source.Normalized => {
  const record: Row.Filling<StoredObject> = { objectId: row.id, objectType: row.type }
  fillStored(record, row, tags)
  const { callId, sourceId, sourceObjectId, sourceObjectType, tenantId } = tags.first
  const pbx = pbxOf(tags)
  const agentIds = agentsOf(tags)
  const source = sourceId ?? sourceObjectId
  if (callId !== undefined) record.callId = callId
  if (tenantId !== undefined) record.tenantId = tenantId
  if (pbx !== undefined) record.pbx = pbx
  if (agentIds !== undefined) record.agentIds = agentIds
  if (source !== undefined) record.sourceObjectId = source
  if (sourceObjectType !== undefined) record.sourceObjectType = sourceObjectType
  return finished(record, row, tags, record.createdAt)
}

/** The record of a medium; its time is its beginning. */
export const normalizeMedium = (
  row: StorageObject,
  tags: Tags,
  medium: Medium,
  units: DurationUnits
): Source.Normalized => {
  const unit = durationUnitOf(row.type, units)
  switch (medium) {
    case "screen": {
      const record: Row.Filling<ScreenRecording> = { objectId: row.id, objectType: row.type }
      fillStored(record, row, tags)
      fillJoins(record, tags)
      fillScreen(record, tags, unit)
      return finished(record, row, tags, record.startedAt ?? record.createdAt)
    }
    case "voicemail": {
      const record: Row.Filling<Voicemail> = { objectId: row.id, objectType: row.type }
      fillStored(record, row, tags)
      fillJoins(record, tags)
      fillParties(record, tags)
      fillSpoken(record, tags, unit)
      const { agentEmail, originalCallId } = tags.first
      if (originalCallId !== undefined) record.originalCallId = originalCallId
      if (agentEmail !== undefined) record.agentEmail = agentEmail
      return finished(record, row, tags, record.startedAt ?? record.createdAt)
    }
    default: {
      const record: Row.Filling<Recording> = { kind: medium, objectId: row.id, objectType: row.type }
      fillStored(record, row, tags)
      fillJoins(record, tags)
      fillParties(record, tags)
      fillSpoken(record, tags, unit)
      const { guid, pcsId, pcsQuestionNumber } = tags.first
      const questionNumber = Row.count(pcsQuestionNumber, "tag pcsQuestionNumber", tags.notes)
      if (guid !== undefined) record.guid = guid
      if (pcsId !== undefined) record.surveyId = pcsId
      if (questionNumber !== undefined) record.questionNumber = questionNumber
      return finished(record, row, tags, record.startedAt ?? record.createdAt)
    }
  }
}

const fillScreen = (record: Row.Filling<ScreenRecording>, { first, notes }: Tags, unit: number): void => {
  const startedAt = epochOf(first.startTime, "tag startTime", notes) ?? compactTime(first.recording_start_time, notes)
  const durationMs = Row.millis(first.duration, "tag duration", notes, unit)
  if (startedAt !== undefined) record.startedAt = startedAt
  if (durationMs !== undefined) record.durationMs = durationMs
  if (first.startedBy !== undefined) record.startedBy = first.startedBy
  if (first.identifier !== undefined) record.platformTenant = first.identifier
}

/** `recording_start_time` of a screen recording: `20221109T230607`, UTC (it is the second of `startTime`). */
const compactTime = (text: string | undefined, notes: Row.Notes): string | undefined => {
  if (text === undefined) return undefined
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/.exec(text) ?? []
  const millis = millisOf(`${year}-${month}-${day}T${hour}:${minute}:${second}`)
  return millis === undefined
    ? notes.warn("tag recording_start_time", "is not a time such as 20221109T230607")
    : Instant.fromMillis(millis)
}

/** What every record ends with, and when the thing happened. */
const finished = (
  record: Row.Filling<StoredObject | Recording | Voicemail | ScreenRecording>,
  row: StorageObject,
  { notes }: Tags,
  time: string | undefined
): Source.Normalized => {
  if (notes.warnings !== undefined) record.warnings = notes.warnings
  record.raw = Row.fromParsed(row)
  return time === undefined ? { data: record } : { time, data: record }
}
