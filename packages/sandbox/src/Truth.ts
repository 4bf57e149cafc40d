// What exists at the vendor at this moment, as a list that tests can compare with what a client delivered.
import { recentCallRow } from "./RecentCallsApi.ts"
import { fileRow, transcriptRow } from "./RecordingsRows.ts"
import { tenant } from "./Staff.ts"
import { objectRow } from "./StorageRows.ts"
import { callLegRow, callRecordRow } from "./WorkRows.ts"
import { keys, type World } from "./World.ts"
import type { ObjectState } from "./Records.ts"

/** The streams of the four APIs. */
export type StreamName =
  | "storage/objects"
  | "storage/content"
  | "recordings/files"
  | "recordings/transcripts"
  | "recentcalls/calls"
  | "workanalytics/call-records"
  | "workanalytics/call-legs"

/** One record that exists. */
export interface Truth {
  readonly stream: StreamName
  /** Region, tenant or PBX name. */
  readonly partition: string
  /**
   * Objects and content: the object's id. Files: `transactionID|start, UTC ISO|agentID`. Chats:
   * `interactionGUID|transactionID`. Calls and call records: the callId. Legs: `callId/legId`.
   */
  readonly key: string
  /** State of a storage object. */
  readonly state?: ObjectState
  /** What it belongs to: the interaction GUID, or `<pbx>/<callId>`. Rows of `files` have it here though not on the wire. */
  readonly conversation?: string
  /** The row as the API shows it (in UTC), or the content's text; only when asked for. */
  readonly row?: unknown
}

const textTypes = /^(application\/json|text\/)/

const conversationOf = (record: { readonly conversation?: string }) =>
  record.conversation === undefined ? {} : { conversation: record.conversation }

/** All records of one stream, or of all. Content is listed for AVAILABLE objects of JSON and text types. */
export const truths = (world: World, stream?: string, rows = false): ReadonlyArray<Truth> => {
  const row = (make: () => unknown) => (rows ? { row: make() } : {})
  const all: Readonly<Record<StreamName, () => ReadonlyArray<Omit<Truth, "stream">>>> = {
    "storage/objects": () =>
      [...world.objects.rows.values()].map((object) => ({
        partition: object.region,
        key: object.id,
        state: object.objectState,
        ...conversationOf(object),
        ...row(() => objectRow(object, world.knobs))
      })),
    "storage/content": () =>
      [...world.objects.rows.values()]
        .filter((object) => object.objectState === "AVAILABLE" && textTypes.test(object.mimeType) && object.body)
        .map((object) => ({
          partition: object.region,
          key: object.id,
          ...conversationOf(object),
          ...row(() => object.body?.().toString("utf8"))
        })),
    "recordings/files": () =>
      [...world.files.rows.values()].map((file) => ({
        partition: tenant,
        key: keys.file(file),
        ...conversationOf(file),
        ...row(() => fileRow(file, "UTC", world.knobs))
      })),
    "recordings/transcripts": () =>
      [...world.transcripts.rows.values()].map((transcript) => ({
        partition: tenant,
        key: keys.transcript(transcript),
        conversation: transcript.row.interactionGUID,
        ...row(() => transcriptRow(transcript, "UTC", true))
      })),
    "recentcalls/calls": () =>
      [...world.recentCalls.rows.values()].map((call) => ({
        partition: tenant,
        key: call.callId,
        conversation: call.callId,
        ...row(() => recentCallRow(call, "GMT"))
      })),
    "workanalytics/call-records": () =>
      [...world.callRecords.rows.values()].map((record) => ({
        partition: record.pbx,
        key: record.callId,
        conversation: `${record.pbx}/${record.callId}`,
        ...row(() => callRecordRow(record, "UTC", world.knobs))
      })),
    "workanalytics/call-legs": () =>
      [...world.callLegs.rows.values()].map((leg) => ({
        partition: leg.pbx,
        key: `${leg.callId}/${leg.legId}`,
        conversation: `${leg.pbx}/${leg.callId}`,
        ...row(() => callLegRow(leg, "UTC"))
      }))
  }
  return (Object.keys(all) as ReadonlyArray<StreamName>)
    .filter((name) => stream === undefined || name === stream)
    .flatMap((name) => all[name]().map((truth) => ({ stream: name, ...truth })))
}
