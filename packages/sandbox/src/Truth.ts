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
   * Objects and content: the object's id. Files: `transactionID|start, UTC ISO|agentID` (and
   * `|ordinal`, where a test has put rows that share it). Chats: `interactionGUID|transactionID`. Calls and call records: the callId. Legs: `callId/legId`.
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
  const found: Array<Truth> = []
  const add = (truth: Truth, row: () => unknown) => {
    if (stream === undefined || truth.stream === stream) found.push(rows ? { ...truth, row: row() } : truth)
  }
  for (const object of world.objects.rows.values()) {
    const { body, id: key, objectState: state, region: partition } = object
    const shared = { partition, key, ...conversationOf(object) }
    add({ stream: "storage/objects", ...shared, state }, () => objectRow(object, world.knobs))
    if (state === "AVAILABLE" && textTypes.test(object.mimeType) && body !== undefined) {
      add({ stream: "storage/content", ...shared }, () => body().toString("utf8"))
    }
  }
  for (const file of world.files.rows.values()) {
    const shared = { partition: tenant, key: keys.file(file), ...conversationOf(file) }
    add({ stream: "recordings/files", ...shared }, () => fileRow(file, "UTC", world.knobs))
  }
  for (const chat of world.transcripts.rows.values()) {
    const shared = { partition: tenant, key: keys.transcript(chat), conversation: chat.row.interactionGUID }
    add({ stream: "recordings/transcripts", ...shared }, () => transcriptRow(chat, "UTC", true))
  }
  for (const call of world.recentCalls.rows.values()) {
    const shared = { partition: tenant, key: call.callId, conversation: call.callId }
    add({ stream: "recentcalls/calls", ...shared }, () => recentCallRow(call, "GMT"))
  }
  for (const record of world.callRecords.rows.values()) {
    const { callId: key, pbx: partition } = record
    const shared = { partition, key, conversation: `${partition}/${key}` }
    add({ stream: "workanalytics/call-records", ...shared }, () => callRecordRow(record, "UTC", world.knobs))
  }
  for (const leg of world.callLegs.rows.values()) {
    const { callId, legId, pbx: partition } = leg
    const shared = { partition, key: `${callId}/${legId}`, conversation: `${partition}/${callId}` }
    add({ stream: "workanalytics/call-legs", ...shared }, () => callLegRow(leg, "UTC"))
  }
  return found
}
