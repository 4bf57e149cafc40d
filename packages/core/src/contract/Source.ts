/**
 * What a source is to the runner: streams, each with partitions, each read window by window, page by page. A source only
 * says how to ask for one page and what ends a walk; windows, order, retries, duplicates and checkpoints are the
 * runner's (`engine/`).
 */
import { type Duration, Effect, Option, Schema } from "effect"
import type { EventType, Json, Op } from "@callstream/model"
import type { SourceFailure } from "./Failure.ts"

/** A span of the stream's time axis, `[from, to)`, epoch milliseconds. Rows outside it do no harm. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** The unit that is walked in order and checkpointed: a region, a PBX, a tenant. */
export interface Partition {
  /** Stable name within the stream; part of the state's address. */
  readonly name: string
  /** `source` of its events, e.g. `8x8/storage/us-east`. */
  readonly uri: string
}

/** Why a page is asked for. Live goes before completion, completion before backfill. */
export type Purpose = "live" | "catch-up" | "lookback" | "repair" | "completion" | "backfill"

/** One version of one entity, as a page carries it. A vendor's row that speaks of two entities is two records. */
export interface SourceRecord {
  readonly type: EventType.EventType
  /** What identifies the entity for ever within its stream. */
  readonly subject: string
  /**
   * An instant of the entity that never changes, epoch milliseconds: when the call began, when the object was created.
   * It keeps together in the seen-index what is read together; without it the index is several times slower.
   */
  readonly born?: number
  readonly op: Op
  /** The vendor's record, decoded, with the vendor's names, less the fields the stream declares volatile. */
  readonly content: Json
  /** The vendor's own version, larger is newer; a lower one than the last seen is stale and never emitted. */
  readonly version?: number
  /** The id that joins everything about one call, from the record's own immutable fields. */
  readonly conversation?: string
  /** The normalized record; called at most once, and only if the record is new. `null` data for a delete. */
  readonly normalize: () => Normalized
  /** Content of this entity that is to be fetched on its own (`SourceStream.fetch`). */
  readonly pending?: PendingContent
  /** The row only announces its `pending` content, which is of the same entity: by itself it is no record. */
  readonly announces?: true
  /** On records given by `fetch`: the token that was fetched. The record is emitted only if it is still wanted. */
  readonly fetched?: string
}

export interface Normalized {
  /** When the thing happened, RFC 3339 in UTC; absent when the vendor does not say. */
  readonly time?: string
  /** Absent on a delete. */
  readonly data?: { readonly [field: string]: unknown }
}

/** A row that cannot be read: it becomes a dead letter, the page goes on. */
export interface Unreadable {
  readonly unreadable: string
  /** The row as it came. */
  readonly raw: Json
  /** The entity it would have been, where that much is known. */
  readonly subject?: string
}

/** A content to fetch: again only for a new token. */
export interface PendingContent {
  /** The type and subject of the content entity. */
  readonly type: EventType.EventType
  readonly subject: string
  /** What tells one version of the content from another: a checksum. */
  readonly token: string
  /** What `fetch` needs, at most a few hundred bytes. */
  readonly request: Json
}

export interface Page {
  readonly rows: ReadonlyArray<SourceRecord | Unreadable>
  /** Where the walk goes on; absent when the endpoint's own end rule says that the window is done. */
  readonly next?: Json
  /**
   * On the page that ends a walk: it was read only up to this instant of its window, epoch milliseconds, and what follows
   * is a window of its own. For walks that have to start over when they are cut off, where a window turned out to be long.
   */
  readonly upTo?: number
  /** Size of the answer, bytes: what the bounds of the buffers reckon with. */
  readonly bytes: number
  /** How many records the vendor says the window has. */
  readonly total?: number
  /** The vendor's clock (`Date` header), epoch milliseconds. */
  readonly vendorNow?: number
}

export interface Ask {
  readonly partition: Partition
  readonly window: Window
  /** `Page.next` of the page before; absent on a window's first page. */
  readonly cursor?: Json
  readonly purpose: Purpose
}

/** What became of one content that was to be fetched. */
export type Fetched =
  /** Its records: none when there turned out to be nothing to say. */
  | { readonly records: ReadonlyArray<SourceRecord | Unreadable>; readonly bytes: number }
  /** Not now: it stays pending and is tried again later. */
  | { readonly later: string; readonly afterMs?: number }
  /** Never: it is gone. No dead letter. */
  | { readonly gone: string }
  /** Never: a dead letter with this reason. */
  | { readonly failed: string }

/** How far back, and how often, a stream is read again for what came late or changed. */
export interface LookbackSpan {
  readonly span: Duration.Duration
  readonly every: Duration.Duration
}

/** What every stream's owner may set, on the stream's own time axis. */
export interface Timing {
  /** Where reading begins, epoch milliseconds. */
  readonly since: number
  /** Where it ends; absent: it goes on. */
  readonly until?: number
  readonly poll: Duration.Duration
  /** How far behind now reading stays; may be zero. */
  readonly lag: Duration.Duration
  readonly lookback: ReadonlyArray<LookbackSpan>
}

export interface SourceStream {
  readonly name: string
  readonly types: ReadonlyArray<EventType.EventType>
  /** What windows are cut on: when it happened, or when it changed. */
  readonly axis: "event" | "updated"
  /** `keyset`: a walk may go on at its cursor after a restart. `offset`: a window that was not finished starts over. */
  readonly walk: "keyset" | "offset"
  /**
   * Rows that are worth a batch of their own: smaller pages of a keyset walk are put together up to it, where more
   * follow. Left out: a batch is a page.
   */
  readonly batch?: number
  /** Raised when normalizing changes; asked for by a rewrite only. */
  readonly revision: number
  readonly timing: Timing
  /**
   * Largest window of a catch-up, and the smallest one that splitting may make. `gap`, where windows may be very long: the
   * longest that is given up at once when the far side has nothing but errors for it, or no answer in time; a longer one
   * is split first. Left out: the largest.
   */
  readonly window: {
    readonly largest: Duration.Duration
    readonly smallest: Duration.Duration
    readonly gap?: Duration.Duration
  }
  /** How far back the vendor answers at all; older parts are passed over, visibly. */
  readonly horizon?: Duration.Duration
  /** The partitions there are; asked again from time to time. */
  readonly partitions: Effect.Effect<ReadonlyArray<Partition>, SourceFailure>
  /** One page. One request of a partition is in flight at a time. */
  readonly page: (ask: Ask) => Effect.Effect<Page, SourceFailure>
  /** Fetches contents, answers by position; present where records have `pending`. */
  readonly fetch?: (
    partition: Partition,
    contents: ReadonlyArray<PendingContent>
  ) => Effect.Effect<ReadonlyArray<Fetched>, SourceFailure>
  /** Contents given to `fetch` at a time, where that is not to bound what their bodies take in memory; 16 unless set. */
  readonly fetchAtOnce?: number
  /** What it fetches becomes files, not events: `callstream preview`, which writes nothing, leaves the stream out. */
  readonly leavesFiles?: true
}

/** An opened source. */
export interface Source {
  readonly streams: ReadonlyArray<SourceStream>
}

/** One line of `callstream check`: what one call proved. */
export interface CheckLine {
  /** The stream, or what else was looked at. */
  readonly subject: string
  readonly ok: boolean
  /** What was found, or what is wrong and what to do. */
  readonly detail: string
}

/** Makes a stream whose cursor has a schema: one of another version, or damaged, starts its window over. */
export const stream = <Cursor>(
  options: Omit<SourceStream, "page"> & {
    readonly Cursor: Schema.Codec<Cursor, Json>
    readonly page: (
      ask: Omit<Ask, "cursor"> & { readonly cursor?: Cursor }
    ) => Effect.Effect<Omit<Page, "next"> & { readonly next?: Cursor }, SourceFailure>
  }
): SourceStream => {
  const { Cursor, page, ...rest } = options
  const decode = Schema.decodeUnknownOption(Cursor)
  const encode = Schema.encodeSync(Cursor)
  return {
    ...rest,
    page: ({ cursor, ...ask }) => {
      const place = cursor === undefined ? undefined : Option.getOrUndefined(decode(cursor))
      return Effect.map(page(place === undefined ? ask : { ...ask, cursor: place }), ({ next, ...answer }): Page =>
        next === undefined ? answer : { ...answer, next: encode(next) }
      )
    }
  }
}
