/**
 * A batch: one page's events, the unit of commit. It is done when every sink has answered each of its events for good.
 */
import type { Event } from "@callstream/model"
import type { Closed, DeadLetter, PendingRow } from "../state/State.ts"
import * as Books from "./Books.ts"
import type { Progress } from "./Progress.ts"

/** An event on its way, with what the runner must know of it. */
export interface Entry {
  readonly event: Event
  /** `entityKey` of the event. */
  readonly key: string
  /** What it is reckoned with against the bounds of buffers and writes. */
  readonly bytes: number
}

export interface Batch {
  readonly number: number
  readonly entries: ReadonlyArray<Entry>
  /** The partition's progress once this batch and all before it are done; absent: unchanged. */
  readonly progress?: Progress
  /** The source's side of the books. */
  readonly books: Books.Books
  readonly pending: ReadonlyArray<PendingRow>
  /** Contents that are done with; without a token: whatever is pending. */
  readonly fetched: ReadonlyArray<{ readonly key: string; readonly token?: string }>
  readonly deadLetters: ReadonlyArray<DeadLetter>
  /** Dead letters that are closed with it, whatever sinks say. */
  readonly closed?: ReadonlyArray<Closed>
  /** Contents that are gone, which these sinks should have got again. */
  readonly gone?: ReadonlyArray<string>
  /** Called once it is committed. */
  readonly committed?: (tallies: ReadonlyArray<Tally>) => void
}

/** Why a sink is sent an event: it is a new version; it was refused before; a backfill of this sink asks for it. */
export type Kind = "new" | "replayed" | "refilled"

/** What one sink said about a batch so far. */
export interface Tally {
  readonly sink: string
  readonly kind: Kind
  waiting: number
  readonly books: { -readonly [K in keyof Books.Counts]: number }
  readonly deadLetters: Array<DeadLetter>
  readonly delivered: Array<string>
}

export const tally = (sink: string, kind: Kind): Tally => ({
  sink,
  kind,
  waiting: 0,
  books: { ...Books.emptySink },
  deadLetters: [],
  delivered: []
})
