// Changes at the vendor: what happens to records after they have appeared. Each is visible at once, and each answers
// whether the record was there. `put…` feeds records in as they are, for tests with the vendor's documented examples.
import { createHash } from "node:crypto"
import type {
  CallLeg,
  CallRecord,
  ChatTranscript,
  ObjectState,
  RecentCall,
  RecordingFile,
  StoredObject,
  Tag,
  WorkValue,
  WrapUpCode
} from "./Records.ts"
import type { StreamName } from "./Truth.ts"
import { keys, type World } from "./World.ts"

/** What can happen to what exists. Keys are those of `Truth`. */
export interface Changes {
  /** Something about an object changes: `updatedTime` moves to now, tags given here are set. */
  readonly touchObject: (region: string, id: string, tags?: Readonly<Record<string, string>>) => boolean
  /** New content: size, checksum and `updatedTime` follow. */
  readonly replaceContent: (region: string, id: string, content: string) => boolean
  /** Revoke (REVOKED), purge (DELETED), archive (ARCHIVED), restore (AVAILABLE). The knob says if `updatedTime` moves. */
  readonly setObjectState: (region: string, id: string, state: ObjectState) => boolean
  /** A row of Recent Calls changes, e.g. `{ postCallSurvey: "[…]", totalScore: "12" }` when a survey arrives. */
  readonly changeCall: (callId: string, row: Readonly<Record<string, string | number>>) => boolean
  /** A row of `files` is completed or corrected. */
  readonly changeFile: (
    key: string,
    change: { readonly row?: Partial<RecordingFile["row"]>; readonly wrapUpCodes?: ReadonlyArray<WrapUpCode> }
  ) => boolean
  /** A call record changes, as a transferred call does until all its legs have ended. */
  readonly changeCallRecord: (pbx: string, callId: string, row: Readonly<Record<string, WorkValue>>) => boolean
  /** A call gets another leg, which begins where the last one ended and lasts a minute; the record follows. Gives the leg's id. */
  readonly addCallLeg: (pbx: string, callId: string, row?: Readonly<Record<string, WorkValue>>) => string | undefined
  /** A record is gone without a trace, as at the end of its retention. */
  readonly remove: (stream: StreamName, partition: string, key: string) => boolean
  readonly putObject: (object: StoredObject) => void
  readonly putCall: (call: RecentCall) => void
  readonly putFile: (file: RecordingFile) => void
  readonly putTranscript: (transcript: ChatTranscript) => void
  readonly putCallRecord: (record: CallRecord) => void
  readonly putCallLeg: (leg: CallLeg) => void
}

const withTags = (tags: ReadonlyArray<Tag> | undefined, set: Readonly<Record<string, string>>) => [
  ...(tags ?? []).filter(({ key }) => !Object.hasOwn(set, key)),
  ...Object.entries(set).map(([key, value]) => ({ key, value }))
]

/** The changes, made to a world. */
export const makeChanges = (world: World): Changes => {
  const object = (region: string, id: string, change: (object: StoredObject) => Partial<StoredObject>) => {
    const found = world.objects.get(keys.object(region, id))
    if (found !== undefined) world.objects.put({ ...found, ...change(found) })
    return found !== undefined
  }
  const updated = (old: StoredObject) => Math.max(world.after(world.clock(), 0), old.updatedAt)

  return {
    touchObject: (region, id, tags = {}) =>
      object(region, id, (old) => ({ updatedAt: updated(old), tags: withTags(old.tags, tags) })),
    replaceContent: (region, id, content) =>
      object(region, id, (old) => {
        const bytes = Buffer.from(content)
        const checksum = createHash("md5").update(bytes).digest("hex")
        return { updatedAt: updated(old), storedBytes: bytes.length, checksum, body: () => bytes }
      }),
    setObjectState: (region, id, objectState) =>
      object(region, id, (old) =>
        world.knobs.stateMovesUpdated ? { objectState, updatedAt: updated(old) } : { objectState }
      ),
    changeCall: (callId, row) => {
      const found = world.recentCalls.get(callId)
      if (found !== undefined) world.recentCalls.put({ ...found, row: { ...found.row, ...row } })
      return found !== undefined
    },
    changeFile: (key, change) => {
      const found = world.files.get(key)
      if (found === undefined) return false
      world.files.put({
        ...found,
        row: { ...found.row, ...change.row },
        wrapUpCodes: change.wrapUpCodes ?? found.wrapUpCodes
      })
      return true
    },
    changeCallRecord: (pbx, callId, row) => {
      const found = world.callRecords.get(keys.record(pbx, callId))
      if (found !== undefined) world.callRecords.put({ ...found, row: { ...found.row, ...row } })
      return found !== undefined
    },
    addCallLeg: (pbx, callId, row = {}) => {
      const record = world.callRecords.get(keys.record(pbx, callId))
      const legs = [...world.callLegs.rows.values()].filter((leg) => leg.pbx === pbx && leg.callId === callId)
      const last = legs.toSorted((a, b) => Number(a.legId) - Number(b.legId)).at(-1)
      if (record === undefined || last === undefined) return undefined
      const legId = String(Number(last.legId) + 1)
      const startedAt = last.disconnectedAt
      const disconnectedAt = startedAt + 60_000
      world.callLegs.put({
        ...last,
        legId,
        startedAt,
        connectedAt: startedAt + 2000,
        disconnectedAt,
        row: { ...last.row, cause: "Transfer", callTime: 60_000, talkTimeMS: 58_000, talkTime: "00:00:58", ...row }
      })
      const count = { callLegCount: String(legs.length + 1), callTime: disconnectedAt - record.startedAt }
      world.callRecords.put({ ...record, disconnectedAt, row: { ...record.row, ...count } })
      return legId
    },
    remove: (stream, partition, key) => {
      switch (stream) {
        case "storage/objects":
        case "storage/content":
          return world.objects.remove(keys.object(partition, key))
        case "recordings/files":
          return world.files.remove(key)
        case "recordings/transcripts":
          return world.transcripts.remove(key)
        case "recentcalls/calls":
          return world.recentCalls.remove(key)
        case "workanalytics/call-records":
          return world.callRecords.remove(`${partition} ${key}`)
        default:
          return world.callLegs.remove(`${partition} ${key}`)
      }
    },
    putObject: (row) => void world.objects.put(row),
    putCall: (row) => void world.recentCalls.put(row),
    putFile: (row) => void world.files.put(row),
    putTranscript: (row) => void world.transcripts.put(row),
    putCallRecord: (row) => {
      world.pbxNames.add(row.pbx)
      world.callRecords.put(row)
    },
    putCallLeg: (row) => {
      world.pbxNames.add(row.pbx)
      world.callLegs.put(row)
    }
  }
}
