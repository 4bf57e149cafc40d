/**
 * From events to the lines of bulk requests: per event the action and its document. Every write of an entity has the same
 * `_id`, and its `asof` as the external version; a delete is written as a bare document, for a deleted id would be
 * forgotten (`index.gc_deletes`), and a late older version would bring the record back. Per event plain functions.
 */
import { createHash } from "node:crypto"
import { Sink } from "@callstream/core"
import type { Event, EventType } from "@callstream/model"
import { documentOf } from "../document/Document.ts"
import { writeAlias } from "../document/Names.ts"

/** One event of a write, ready to be sent. */
export interface Line {
  /** Its place in the write. */
  readonly index: number
  readonly version: number
  /** Action and document, each with its line end. */
  readonly text: string
  /** Size of the text in UTF-8. */
  readonly bytes: number
}

export interface Encoded {
  readonly lines: ReadonlyArray<Line>
  /** Events that cannot be written at all, by their place. */
  readonly refused: ReadonlyMap<number, Sink.Answer>
}

/** What a sink knows of the types it may get: the beginning of an action line, and the type. */
export type Targets = ReadonlyMap<string, { readonly action: string; readonly type: EventType.EventType }>

export const targetsOf = (prefix: string, types: ReadonlyArray<EventType.EventType>): Targets =>
  new Map(
    types.map((type) => [
      type.type,
      { action: `{"index":{"_index":${JSON.stringify(writeAlias(prefix, type))},"_id":`, type }
    ])
  )

/**
 * `external_gte`, not `external`: an event that comes again is written again. With `external` a repeat is a conflict, and
 * a conflict proves that the version is known, not that it is on disk: the request that brought it may still be running.
 */
const versioned = `,"version_type":"external_gte","version":`

export const encode = (events: ReadonlyArray<Event>, targets: Targets): Encoded => {
  const lines: Array<Line> = []
  const refused = new Map<number, Sink.Answer>()
  for (const [index, event] of events.entries()) {
    const target = targets.get(event.type)
    const version = Number(event.asof)
    if (target === undefined || !Number.isSafeInteger(version) || version < 0) {
      const reason = target === undefined ? "its type was not announced" : "its asof is not a number of milliseconds"
      refused.set(index, Sink.refused(reason))
      continue
    }
    const document = documentText(event, target.type)
    if (document === undefined) {
      refused.set(index, Sink.refused("its data is not JSON"))
      continue
    }
    const text = `${target.action}${JSON.stringify(idOf(event))}${versioned}${version}}}\n${document}\n`
    lines.push({ index, version, text, bytes: Buffer.byteLength(text) })
  }
  return { lines, refused }
}

/** Data that JSON cannot say (a third party's) must not stop the events beside it. */
const documentText = (event: Event, type: EventType.EventType): string | undefined => {
  try {
    return JSON.stringify(documentOf(event, type))
  } catch {
    return undefined
  }
}

/** The most that OpenSearch takes as an `_id`, bytes. */
const longestId = 512

/** The `_id` of an entity: `source type subject`, or a hash of that where it is too long. No source or type has a space. */
export const idOf = ({ source, subject, type }: Pick<Event, "source" | "subject" | "type">): string => {
  const id = `${source} ${type} ${subject}`
  return (id.length * 3 <= longestId || Buffer.byteLength(id) <= longestId) && id.isWellFormed()
    ? id
    : `#${createHash("sha256").update(JSON.stringify(id)).digest("base64url")}`
}

/** Cuts lines into requests of at most that many bytes; a line that is larger goes alone. */
export const cut = (lines: ReadonlyArray<Line>, maxBytes: number): ReadonlyArray<ReadonlyArray<Line>> => {
  const requests: Array<Array<Line>> = []
  let request: Array<Line> = []
  let bytes = 0
  for (const line of lines) {
    if (request.length > 0 && bytes + line.bytes > maxBytes) {
      requests.push(request)
      request = []
      bytes = 0
    }
    request.push(line)
    bytes += line.bytes
  }
  if (request.length > 0) requests.push(request)
  return requests
}
