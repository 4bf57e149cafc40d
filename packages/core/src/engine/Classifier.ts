/**
 * From the records of a page to the entries of a batch: what is unchanged, unreadable, filtered, and what is a new
 * version, with its id and `asof`. The seen-index decides; rows in doubt never suppress. Pure but for the two look-ups
 * that its caller made before.
 */
import { entityKey, type Event, eventId, fingerprint, type Json, Text } from "@callstream/model"
import type { PendingContent, SourceRecord, Unreadable, Window } from "../contract/Source.ts"
import type { Step } from "../contract/Step.ts"
import type { Again, DeadLetter, PendingRow, SeenRow } from "../state/State.ts"
import type { Entry } from "./Batch.ts"
import * as Books from "./Books.ts"
import * as Steps from "./Steps.ts"

/** A row of a page with its keys and fingerprint. */
export type Keyed =
  | { readonly record: SourceRecord; readonly key: string; readonly content: string; readonly contentKey?: string }
  | { readonly unreadable: Unreadable; readonly key: string; readonly content: string }

/** Keys and fingerprints the rows of a page; `stream` is the partition's uri and the stream's name. */
export const keyed = (stream: string, rows: ReadonlyArray<SourceRecord | Unreadable>): ReadonlyArray<Keyed> => {
  const names = new Map<string, string>()
  const nameOf = (type: string): string => {
    const known = names.get(type)
    if (known !== undefined) return known
    const name = Text.joined(stream, "#", type)
    names.set(type, name)
    return name
  }
  return rows.map((row): Keyed => {
    if ("unreadable" in row) return keyedUnreadable(stream, row)
    // The key of a fetched content is also computed from its pending row, which knows no instant.
    const key = entityKey(row.type.type, row.subject, row.fetched === undefined ? row.born : undefined)
    let content: string
    try {
      content = fingerprint(nameOf(row.type.short), row.subject, row.op, row.content)
    } catch {
      return keyedUnreadable(stream, { unreadable: "is nested too deep", raw: null, subject: row.subject })
    }
    return row.pending === undefined
      ? { record: row, key, content }
      : { record: row, key, content, contentKey: entityKey(row.pending.type.type, row.pending.subject) }
  })
}

const keyedUnreadable = (stream: string, row: Unreadable): Keyed => {
  const content = fingerprint(`${stream}#unreadable`, row.subject ?? "", "upsert", row.raw)
  return { unreadable: row, key: row.subject === undefined ? content : entityKey("unreadable", row.subject), content }
}

export interface Known {
  /** Rows of the seen-index by key. */
  readonly seen: ReadonlyMap<string, SeenRow>
  /** Contents that are pending, by content key. */
  readonly pending: ReadonlyMap<string, PendingRow>
}

export interface Setting {
  readonly uri: string
  readonly revision: number
  readonly batch: number
  readonly now: number
  /** Size of the page, bytes. */
  readonly bytes: number
  readonly steps: ReadonlyArray<Step>
  /** The range that is being read. */
  readonly window?: Window
  /** Sinks that get what is unchanged, too. */
  readonly refill?: ReadonlyArray<string>
}

export interface Classified {
  readonly entries: ReadonlyArray<Entry>
  /** Rows of the seen-index to write before the batch is offered. */
  readonly changed: ReadonlyArray<SeenRow>
  readonly readAgain: ReadonlyArray<string>
  readonly books: Books.Books
  readonly pending: ReadonlyArray<PendingRow>
  readonly fetched: ReadonlyArray<{ readonly key: string; readonly token?: string }>
  readonly deadLetters: ReadonlyArray<DeadLetter>
  /** What is unchanged and some sinks get all the same, by sink, with the ids and `asof`s it has. */
  readonly refills: ReadonlyMap<string, ReadonlyArray<Entry>>
}

/** An event in memory is about as large as its row twice: normalized and raw, and some for the objects. */
const growth = 3

/** Classifies the rows of one page. */
export const classify = (rows: ReadonlyArray<Keyed>, known: Known, setting: Setting): Classified => {
  const { batch, now, revision } = setting
  const bytes = Math.ceil((setting.bytes / Math.max(1, rows.length)) * growth)
  const changed = new Map<string, SeenRow>()
  const readAgain: Array<string> = []
  const pending = new Map<string, PendingRow>()
  const fetched = new Map<string, { readonly key: string; readonly token?: string }>()
  const deadLetters: Array<DeadLetter> = []
  const fresh: Array<Entry> = []
  const repeats = new Map<string, { readonly entry: Entry; readonly sinks: ReadonlyArray<string> }>()
  let unchanged = 0
  let unreadable = 0
  let announced = 0

  const seenOf = (key: string) => changed.get(key) ?? known.seen.get(key)
  /** What another try of a record needs. */
  const againOf = (key: string, token: string | undefined): { readonly again?: Again } => {
    if (token === undefined) return setting.window === undefined ? {} : { again: setting.window }
    const row = known.pending.get(key)
    return row === undefined ? {} : { again: contentOf(row) }
  }
  const bury = (row: SeenRow, letter: Omit<DeadLetter, "key" | "at">) => {
    unreadable += 1
    changed.set(row.key, row)
    deadLetters.push({ ...letter, ...againOf(row.key, row.token), key: row.key, at: now })
  }
  /** An unchanged record goes once more to some sinks, as the version it was. */
  const repeat = (record: SourceRecord, version: SeenRow, sinks: ReadonlyArray<string> | undefined) => {
    if (sinks === undefined || version.id === "" || changed.has(version.key)) return
    const event = eventOf(setting.uri, record, version)
    if (!(event instanceof Error)) repeats.set(version.key, { entry: { event, key: version.key, bytes }, sinks })
  }

  for (const row of rows) {
    const { content, key } = row
    const previous = seenOf(key)
    if ("unreadable" in row) {
      if (previous?.content === content && !previous.doubt) {
        unchanged += 1
        readAgain.push(key)
        continue
      }
      const { raw, subject, unreadable: reason } = row.unreadable
      bury(
        { key, content, id: content, asof: now, revision, batch, doubt: false },
        { stage: "read", reason, payload: raw, ...(subject === undefined ? {} : { subject }) }
      )
      continue
    }
    const { record } = row
    if (record.fetched !== undefined && known.pending.get(key)?.token !== record.fetched) {
      // Something newer is to be fetched, or the entity is gone: what came is no longer wanted.
      unchanged += 1
      continue
    }
    const renewed = previous === undefined || renews(previous, content, record.version)
    if (row.contentKey !== undefined && record.pending !== undefined) {
      const body = seenOf(row.contentKey)
      const due = wanted(record.pending, row.contentKey, body, renewed, known, setting)
      if (due !== undefined) pending.set(due.key, due)
      else if (body !== undefined) readAgain.push(body.key)
    }
    if (record.announces === true) {
      announced += 1
      continue
    }
    if (record.op === "delete" && known.pending.has(key)) fetched.set(key, { key })
    if (record.fetched !== undefined) fetched.set(key, { key, token: record.fetched })
    if (previous !== undefined && !renewed) {
      unchanged += 1
      readAgain.push(key)
      if (previous.content === content) {
        repeat(record, previous, record.fetched === undefined ? setting.refill : known.pending.get(key)?.refill)
      }
      if (record.fetched !== undefined) changed.set(key, { ...previous, token: record.fetched })
      continue
    }
    const again = previous !== undefined && previous.content === content
    const version: SeenRow = {
      key,
      content,
      id: again
        ? previous.id
        : eventId(content, previous === undefined || previous.id === "" ? undefined : previous.id),
      asof: again ? previous.asof : Math.max(now, previous === undefined ? 0 : previous.asof + 1),
      revision,
      batch,
      doubt: false,
      ...(record.version === undefined ? {} : { version: record.version }),
      ...(record.fetched === undefined ? {} : { token: record.fetched })
    }
    const event = eventOf(setting.uri, record, version)
    if (event instanceof Error) {
      bury(version, {
        stage: "read",
        reason: event.message,
        payload: record.content,
        type: record.type.type,
        subject: record.subject
      })
      continue
    }
    changed.set(key, version)
    fresh.push({ event, key, bytes })
  }

  const { dropped, kept, refused } = Steps.apply(setting.steps, fresh)
  for (const { key } of dropped) changed.delete(key)
  for (const { entry, reason } of refused) {
    unreadable += 1
    deadLetters.push({
      ...letterOf(entry, "step", reason, now),
      ...againOf(entry.key, changed.get(entry.key)?.token)
    })
  }
  return {
    refills: refillsOf([...repeats.values()], setting.steps),
    entries: kept,
    changed: [...changed.values()],
    readAgain,
    books: {
      ...Books.empty,
      read: rows.length - announced,
      unchanged,
      unreadable,
      filtered: dropped.length,
      emitted: kept.length
    },
    pending: [...pending.values()],
    fetched: [...fetched.values()],
    deadLetters
  }
}

/** What of the repeats passes the steps, by sink. */
const refillsOf = (
  repeats: ReadonlyArray<{ readonly entry: Entry; readonly sinks: ReadonlyArray<string> }>,
  steps: ReadonlyArray<Step>
): ReadonlyMap<string, ReadonlyArray<Entry>> => {
  const bySink = new Map<string, Array<Entry>>()
  for (const { entry, sinks } of repeats) {
    for (const sink of sinks) bySink.set(sink, [...(bySink.get(sink) ?? []), entry])
  }
  return new Map([...bySink].map(([sink, entries]) => [sink, Steps.apply(steps, entries).kept]))
}

/** What is kept of a content to fetch it once more. */
export const contentOf = ({ refill, request, subject, token, type }: PendingRow): Again => ({
  type,
  subject,
  token,
  request,
  ...(refill === undefined ? {} : { refill })
})

/** Whether a record is to be emitted: it says something else, and not something older, or its delivery is in doubt. */
const renews = (previous: SeenRow, content: string, version: number | undefined): boolean => {
  if (previous.content === content) return previous.doubt
  return version === undefined || previous.version === undefined || version >= previous.version
}

/** The token of a content that was gone: asked for again only when its object has changed since. */
export const goneToken = (token: string): string => `gone ${token}`

/**
 * The pending row of a content, unless it is pending or fetched with this very token. One that was delivered is fetched
 * again for the sinks that are refilled.
 */
const wanted = (
  content: PendingContent,
  key: string,
  seen: SeenRow | undefined,
  renewed: boolean,
  known: Known,
  { now, refill }: Setting
): PendingRow | undefined => {
  const { request, subject, token, type } = content
  const row: PendingRow = { key, type: type.type, subject, token, request, attempts: 0, due: now }
  const pending = known.pending.get(key)
  if (pending?.token === token) {
    const lacking = pending.refill === undefined ? [] : (refill ?? []).filter((sink) => !pending.refill?.includes(sink))
    return lacking.length === 0 ? undefined : { ...row, refill: [...(pending.refill ?? []), ...lacking] }
  }
  const fetched = seen?.token === token || (!renewed && seen?.token === goneToken(token))
  if (seen === undefined || seen.doubt || !fetched) return row
  return refill === undefined || seen.token !== token || seen.id === "" ? undefined : { ...row, refill }
}

/** The event of a version, or what normalizing died of: a row that a source cannot digest must not stop the stream. */
const eventOf = (uri: string, record: SourceRecord, version: SeenRow): Event | Error => {
  try {
    const { data, time } = record.normalize()
    return {
      id: version.id,
      type: record.type.type,
      source: uri,
      subject: record.subject,
      ...(time === undefined ? {} : { time }),
      op: record.op,
      ...(record.conversation === undefined ? {} : { conversation: record.conversation }),
      asof: String(version.asof),
      dataschema: record.type.dataschema,
      ...(data === undefined || record.op === "delete" ? {} : { data })
    }
  } catch (cause) {
    return new Error(`could not be normalized (${cause instanceof Error ? cause.name : "unknown"})`)
  }
}

/** The dead letter of an event. */
export const letterOf = (entry: Entry, stage: string, reason: string, at: number): DeadLetter => ({
  key: entry.key,
  stage,
  type: entry.event.type,
  subject: entry.event.subject,
  reason,
  payload: entry.event as unknown as Json,
  at
})
