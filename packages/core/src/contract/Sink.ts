/**
 * What a sink is to the runner: something that takes a write, an array of events, and answers each by position. It never
 * says `stored` before the event is durable. Buffers, cutting, order per entity, retries and dead letters are the runner's.
 */
import type { Duration, Effect } from "effect"
import type { Event } from "@callstream/model"
import type { SinkFailure } from "./Failure.ts"

/** What became of one event of a write. */
export type Answer =
  /** Durable. */
  | { readonly _tag: "stored" }
  /** A newer version is there already; `asof` of that version where the far side tells it. */
  | { readonly _tag: "superseded"; readonly asof?: string }
  /** The far side will never take it; the reason in its own words, without data of the event. */
  | { readonly _tag: "refused"; readonly reason: string }
  /** Not now: the event goes again, before any newer one of its entity. */
  | { readonly _tag: "later"; readonly afterMs?: number; readonly reason?: string }

export const stored: Answer = { _tag: "stored" }
export const superseded: Answer = { _tag: "superseded" }
export const refused = (reason: string): Answer => ({ _tag: "refused", reason })

/** How the runner cuts writes for this sink. */
export interface WriteLimits {
  readonly maxRecords: number
  readonly maxBytes: number
  /** How long a write may wait for more events before it goes as it is. */
  readonly linger: Duration.Duration
  /** Writes in flight at a time. */
  readonly concurrency: number
}

/** An opened sink. */
export interface Sink {
  /** What this sink is, for ever: cluster and prefix, or a path and an id inside. Another identity is another sink. */
  readonly identity: string
  readonly limits: WriteLimits
  /** True if an older version can never overwrite a newer one there, whatever the order of writes. */
  readonly versioned: boolean
  /**
   * Writes events and answers each by position. A failure says that nothing is known of the whole write: all of it goes
   * again. Called with at most `limits.concurrency` writes in flight, never two with the same entity unless `versioned`.
   */
  readonly write: (events: ReadonlyArray<Event>) => Effect.Effect<ReadonlyArray<Answer>, SinkFailure>
}

/** What `callstream search` asks a sink. */
export interface SearchRequest {
  /** Words, "phrases", prefix*. */
  readonly query: string
  readonly limit: number
}

export interface SearchHit {
  readonly conversation: string
  readonly subject: string
  readonly type: string
  readonly time?: string
  /** Larger is better; comparable within one answer. */
  readonly score: number
  /** Pieces of text around what was found; the found words stand between U+E000 and U+E001. */
  readonly highlights: ReadonlyArray<string>
}

export interface SearchResult {
  /** How many conversations match in all. */
  readonly total: number
  readonly hits: ReadonlyArray<SearchHit>
}
