/**
 * How far a partition is: what it has read, what it is reading, what it could not read. It is saved with every commit;
 * `Planner.ts` decides from it what to read next. All instants are epoch milliseconds on the stream's time axis, unless
 * said otherwise.
 */
import { Schema } from "effect"

const At = Schema.Finite
const Cursor = Schema.Json

/** A walk that has begun: why, over what, and where it stands. */
export const Walk = Schema.Struct({
  purpose: Schema.Literals(["live", "catch-up", "lookback", "repair", "backfill"]),
  from: At,
  to: At,
  /** When it began, on the clock: whatever was there then and lies in the range is read when it ends. */
  started: At,
  /** What is read of it: `[from, next)` is done. */
  next: At,
  /** Upper edge of the window being read; splitting lowers it. Absent between windows. */
  edge: Schema.optionalKey(At),
  /** Place inside that window, for keyset walks. */
  cursor: Schema.optionalKey(Cursor),
  /** Lookback spans, in milliseconds, whose pass is complete when this walk is. */
  spans: Schema.Array(Schema.Finite),
  /** The request of a person that it is for. */
  request: Schema.optionalKey(Schema.Int),
  /** Sinks that get what it reads though it was delivered before. */
  refill: Schema.optionalKey(Schema.Array(Schema.String))
})
export type Walk = typeof Walk.Type

/** A range that could not be read. It is passed, never forgotten. */
export const Gap = Schema.Struct({
  from: At,
  to: At,
  attempts: Schema.Int,
  /** On the clock. */
  nextTry: At,
  lastError: Schema.String,
  /** Sinks that get what it has though it was delivered before. */
  refill: Schema.optionalKey(Schema.Array(Schema.String))
})
export type Gap = typeof Gap.Type

export const Progress = Schema.Struct({
  /** When this partition was first read, on the clock. */
  began: At,
  /** Where reading began: `[start, position)` is covered, less the gaps. */
  start: At,
  position: At,
  walks: Schema.Array(Walk),
  gaps: Schema.Array(Gap),
  /** Per lookback span (its length in milliseconds): when its last completed pass began, on the clock. */
  passes: Schema.Record(Schema.String, At),
  /** The last requests whose walks were begun. */
  requests: Schema.optionalKey(Schema.Array(Schema.Int)),
  /** Last batch that is committed; all walks of a partition share the sequence. */
  batch: Schema.Int
})
export type Progress = typeof Progress.Type

/** The walks that a person asked for, as part of a status. */
export const backfillsOf = (progress: Progress | undefined): { readonly backfills?: ReadonlyArray<Walk> } => {
  const backfills = progress?.walks.filter(({ request }) => request !== undefined) ?? []
  return backfills.length === 0 ? {} : { backfills }
}

/** A partition that nothing was read of yet. */
export const initial = (since: number, now: number): Progress => ({
  began: now,
  start: since,
  position: since,
  walks: [],
  gaps: [],
  passes: {},
  batch: 0
})
