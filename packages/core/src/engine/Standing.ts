/**
 * Where the reading of one partition stands: its progress, which moves with the rows that it is true for, and what has
 * failed since it last moved. `Reader.ts` and `Recovery.ts` share it.
 */
import { Duration, Effect } from "effect"
import type { Page, Timing } from "../contract/Source.ts"
import type { StateFailed } from "../state/State.ts"
import type { Admission, Arrival } from "./Admission.ts"
import { passesOf } from "./Planner.ts"
import type { Progress } from "./Progress.ts"
import type { Trouble } from "./Status.ts"

/** Rows of a page, of a part of one, or of several. */
export type Rows = Pick<Page, "rows" | "bytes">

export interface StandingOptions {
  readonly admission: Admission
  readonly timing: Timing
  readonly progress: Progress
  readonly startedAt: number
  /** The earlier of our clock and the vendor's, at a time on ours. */
  readonly vendorNow: (now: number) => number
}

export interface Standing {
  progress: Progress
  /** Failures of a page in a row. */
  attempts: number
  /** Why it waits before the next try. */
  trouble: Trouble | undefined
  /** A large page goes in parts, so that what is made of one is done with before the next; the last has the rest. */
  readonly admit: (
    rows: Rows,
    more: Pick<Arrival, "window" | "refill" | "more" | "progress">
  ) => Effect.Effect<void, StateFailed>
  /** Goes on to the next progress, with the rows that it is true for. */
  readonly advance: (
    next: Progress,
    rows: Rows,
    more?: Pick<Arrival, "window" | "refill" | "more">
  ) => Effect.Effect<void, StateFailed>
  /** Whether rows that the progress is true for are still on their way into the pipeline. */
  readonly moving: () => boolean
  /** Whether a lookback pass that was due at the start, and has something to read, is still to come. */
  readonly owes: () => boolean
}

/** Most rows of a page that are worked on at once. */
const mostAtOnce = 1000

export const make = ({ admission, progress, startedAt, timing, vendorNow }: StandingOptions): Standing => {
  const owed = owedAt(startedAt, progress, timing)
  let moving = false

  const standing: Standing = {
    progress,
    attempts: 0,
    trouble: undefined,
    // Made once, not for each batch: see `Admission.ts`.
    admit: Effect.fnUntraced(function* ({ bytes, rows }, more) {
      const { refill, window } = more
      const of = { ...(window === undefined ? {} : { window }), ...(refill === undefined ? {} : { refill }) }
      let from = 0
      for (; rows.length - from > 1.5 * mostAtOnce; from += mostAtOnce) {
        const part = rows.slice(from, from + mostAtOnce)
        yield* admission.admit({ ...of, rows: part, bytes: (bytes * part.length) / rows.length })
      }
      const part = from === 0 ? rows : rows.slice(from)
      yield* admission.admit({ ...more, rows: part, bytes: from === 0 ? bytes : (bytes * part.length) / rows.length })
    }),
    advance: Effect.fnUntraced(function* (next, rows, more = {}) {
      moving = true
      standing.progress = next
      for (const span of owed) if ((next.passes[span] ?? -Infinity) >= vendorNow(startedAt)) owed.delete(span)
      yield* standing.admit(rows, { ...more, progress: next })
      moving = false
      standing.attempts = 0
      standing.trouble = undefined
    }),
    moving: () => moving,
    owes: () => passesOf(standing.progress, timing).some(({ span }) => owed.has(String(span)))
  }
  return standing
}

/** Lookback spans whose pass is due, as `Progress.passes` has them. */
const owedAt = (now: number, { began, passes }: Progress, timing: Timing): Set<string> =>
  new Set(
    timing.lookback.flatMap(({ every, span: length }) => {
      const span = String(Duration.toMillis(length))
      return (passes[span] ?? began) + Duration.toMillis(every) <= now ? [span] : []
    })
  )
