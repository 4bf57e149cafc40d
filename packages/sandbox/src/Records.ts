// What the vendor stores, one type per kind of record. A `row` has the vendor's own field names and everything that
// does not depend on the request; the API files add what does (times in the zone that was asked for).

export interface Tag {
  readonly key: string
  readonly value: string
}

/** States of a storage object. ARCHIVED is newer than the vendor's OpenAPI file. */
export type ObjectState = "PENDING" | "AVAILABLE" | "REVOKED" | "DELETED" | "FAILED" | "ARCHIVED"

/** An object of Cloud Storage. Times are epoch milliseconds; the wire shows whole seconds. */
export interface StoredObject {
  readonly region: string
  readonly id: string
  readonly type: string
  readonly mimeType: string
  readonly objectName: string
  readonly checksumType: string
  readonly checksum: string
  readonly customerId: string
  readonly userId: string
  readonly storedBytes: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly objectState: ObjectState
  readonly bucketId: string
  readonly tags: ReadonlyArray<Tag> | undefined
  readonly shared: boolean
  /** The content, made anew at each call; none for objects that have only metadata. */
  readonly body: (() => Buffer) | undefined
  readonly conversation?: string
}

/** A row of Recent Calls, without its three dates. `holdCount` and `muteCount` can be filtered by but are never shown. */
export interface RecentCall {
  readonly callId: string
  readonly startedAt: number
  readonly holdCount: number
  readonly muteCount: number
  readonly channelId: string
  readonly row: Readonly<Record<string, string | number>>
}

export interface WrapUpCode {
  readonly listName: string
  readonly name: string
}

/** A row of the Recordings API's `files`. `row` has its plain fields, in the documented order. */
export interface RecordingFile {
  readonly startedAt: number
  readonly endedAt: number
  readonly row: Readonly<Record<FileField, string>>
  readonly wrapUpCodes: ReadonlyArray<WrapUpCode>
  /** Tells rows apart that have the same transaction, start and agent; not on the wire. */
  readonly ordinal?: number
  readonly conversation?: string
}

type FileField =
  | "agentID"
  | "phoneNumber"
  | "channel"
  | "caseID"
  | "duration"
  | "filename"
  | "queueID"
  | "queueName"
  | "accountNumber"
  | "transactionID"
  | "extVar1"
  | "extVar2"
  | "outDialCode"

export interface MetaData {
  readonly fieldName: string
  readonly fieldValue: string
}

export interface ChatMessage {
  readonly at: number
  readonly messageFrom: string
  readonly originalLanguage: string
  readonly originalMessage: string
  readonly translatedLanguage: string
  readonly translatedMessage: string
}

/** A row of the Recordings API's `transcripts`, with its messages. */
export interface ChatTranscript {
  readonly startedAt: number
  readonly endedAt: number
  readonly row: Readonly<Record<TranscriptField, string>>
  readonly metaData: ReadonlyArray<MetaData>
  readonly messages: ReadonlyArray<ChatMessage>
}

type TranscriptField =
  | "agentID"
  | "agentName"
  | "contactID"
  | "contactName"
  | "queueID"
  | "queueName"
  | "channelID"
  | "channelName"
  | "caseID"
  | "targetIP"
  | "transactionID"
  | "interactionGUID"
  | "transcriptType"
  | "duration"

/** A value of a Work Analytics row. */
export type WorkValue = string | number | null | ReadonlyArray<string>

/** A row of Work Analytics' call-records, without the three times that depend on the request's zone. */
export interface CallRecord {
  readonly pbx: string
  readonly callId: string
  /** `startTimeUTC`, `connectTimeUTC` (0 = never) and `disconnectedTimeUTC`. */
  readonly startedAt: number
  readonly connectedAt: number
  readonly disconnectedAt: number
  readonly row: Readonly<Record<string, WorkValue>>
}

/** A row of Work Analytics' call-legs. */
export interface CallLeg extends CallRecord {
  readonly legId: string
}
