/**
 * From a stored object to the records it makes: its entity, and where it was deleted its content's end too. Plain
 * functions: they run for every object of every page.
 */
import { eventTypes, Instant, type Json } from "@callstream/model"
import { Row, type Source } from "@callstream/core"
import { pendingOf } from "./Content.ts"
import { conversationOf, normalizeMedium, normalizeObject } from "./Normalize.ts"
import { millisOf, readTags } from "./ObjectReader.ts"
import {
  type ContentKind,
  contentKindOf,
  contentType,
  type DurationUnits,
  mediumOf,
  mediumType
} from "./ObjectTypes.ts"
import { StorageObject } from "./Wire.ts"

/** A row of a page. */
export interface ReadObject {
  readonly records: ReadonlyArray<Source.SourceRecord | Source.Unreadable>
  /** `updatedTime`, epoch milliseconds. */
  readonly updatedAt?: number
  readonly id?: string
}

const rowOf = Row.checked(StorageObject)

/** Whether the content of a type of object is to be fetched. */
export type Fetched = (type: string) => boolean

/** Reads a row; `wanted` are the types of events that some sink takes. */
export const readObject = (
  value: unknown,
  fetched: Fetched,
  wanted: ReadonlySet<string>,
  units: DurationUnits = {}
): ReadObject => {
  const row = rowOf(value)
  if ("unreadable" in row) return { records: [row] }
  const { id, type } = row
  if (isDeep(row)) return { records: [{ unreadable: "is nested too deep", raw: null, subject: id }], id }
  const tags = readTags(row.tags)
  const updatedAt = millisOf(row.updatedTime)
  const conversation = conversationOf(type, tags)
  const medium = mediumOf(type)
  const kind = contentKindOf(type)
  const state = row.objectState
  const gone = state === "REVOKED" || state === "DELETED"
  const born = millisOf(row.createdTime)
  const common = {
    subject: id,
    ...(born === undefined ? {} : { born }),
    ...(updatedAt === undefined ? {} : { version: updatedAt }),
    ...(conversation === undefined ? {} : { conversation })
  }
  const entity = medium === undefined ? eventTypes.object : mediumType(medium)
  const content: Json = Row.fromParsed(row)
  if (gone) return { records: deletes(entity, kind, content, common), id, ...at(updatedAt) }
  const due =
    kind !== undefined && state === "AVAILABLE" && fetched(type) && wanted.has(contentType(kind).type)
      ? pendingOf(row, kind, updatedAt)
      : undefined
  const record: Source.SourceRecord = {
    type: entity,
    op: "upsert",
    content,
    normalize: () => (medium === undefined ? normalizeObject(row, tags) : normalizeMedium(row, tags, medium, units)),
    ...common,
    ...(due === undefined ? {} : { pending: due })
  }
  return { records: [record], id, ...at(updatedAt) }
}

/** Tags are looked through where they are read. */
const isDeep = (row: StorageObject): boolean => {
  for (const name in row) {
    const value: unknown = Reflect.get(row, name)
    if (typeof value === "object" && name !== "tags" && Row.isDeep(value)) return true
  }
  return false
}

const at = (updatedAt: number | undefined) => (updatedAt === undefined ? {} : { updatedAt })

/** REVOKED and DELETED end the object and its content. The content's end says nothing but that. */
const deletes = (
  entity: Source.SourceRecord["type"],
  kind: ContentKind | undefined,
  content: Json,
  common: Pick<Source.SourceRecord, "subject" | "born" | "version" | "conversation">
): ReadonlyArray<Source.SourceRecord> => {
  const { version } = common
  const normalize = (): Source.Normalized => (version === undefined ? {} : { time: Instant.fromMillis(version) })
  const object: Source.SourceRecord = { type: entity, op: "delete", content, normalize, ...common }
  if (kind === undefined) return [object]
  // A content is also known by its pending row alone, which has no instant.
  const { born: _, ...rest } = common
  return [object, { type: contentType(kind), op: "delete", content: { id: common.subject }, normalize, ...rest }]
}
