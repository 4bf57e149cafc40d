/**
 * What is done about a page that failed: it is asked for again, in smaller windows, or its window is given up into a gap,
 * so that reading goes on behind it. Afterwards the next turn reads on from the progress.
 */
import { Clock, Duration, Effect } from "effect"
import { fingerprint } from "@callstream/model"
import type { BadAnswer, Denied, Fatal, SourceFailure, Unavailable } from "../contract/Failure.ts"
import type { Window } from "../contract/Source.ts"
import type { DeadLetter, StateFailed } from "../state/State.ts"
import * as Backoff from "./Backoff.ts"
import type { Progress, Walk } from "./Progress.ts"
import type { Standing } from "./Standing.ts"
import { gapped, same } from "./Walk.ts"
import type { WindowSize } from "./WindowSize.ts"

export interface RecoveryOptions {
  /** Name of the stream. */
  readonly stream: string
  readonly standing: Standing
  readonly size: WindowSize
  readonly park: (failure: Denied) => Effect.Effect<void, StateFailed>
}

export interface Recovery {
  /** Does what is to be done, and waits. The next turn reads the same window again, unless it was given up or split. */
  readonly recover: (failure: SourceFailure, walk: Walk, window: Window) => Effect.Effect<void, Fatal | StateFailed>
  /** A window was read to its end: what failed before it no longer counts. */
  readonly windowRead: () => void
}

/** Tries of one window before it becomes a gap: an answer that is no page, an error of the far side, a set that moves. */
const tries = { unreadable: 3, error: 6, moved: 10 } as const

/** Windows given up in a row before it is no longer one row that spoils a page: then the next are as long as may be. */
const mostLost = 3

export const make = ({ park, size, standing, stream }: RecoveryOptions): Recovery => {
  /** How often the set moved under a window. */
  let moves = 0
  /** Windows that were given up since the last that was read. */
  let lost = 0
  /** Length of the range that was told last: one that grows by small windows is told again when it has doubled. */
  let told = 0

  const giveUp = Effect.fnUntraced(function* (walk: Walk, window: Window, failure: SourceFailure) {
    const { progress } = standing
    const reason = failure.message
    const now = yield* Clock.currentTimeMillis
    const before = progress.gaps.filter((gap) => gap.from < window.to && window.from < gap.to)
    // A gap that is put off already was met by this walk before, in another small window.
    const tried = Math.max(1, ...before.map((gap) => (gap.nextTry > now ? gap.attempts : gap.attempts + 1)))
    const nextTry = now + (yield* Backoff.delay(tried, Backoff.patient))
    const grows = progress.gaps.find((gap) => gap.to === window.from && gap.nextTry > now)
    const from = grows?.from ?? window.from
    const length = window.to - from
    if (grows === undefined || length >= 2 * told) {
      told = length
      yield* Effect.logWarning(
        `Cannot read ${new Date(from).toISOString()} to ${new Date(window.to).toISOString()}: ${reason}. ` +
          `Reading goes on behind it; this range is tried again`
      )
    }
    moves = 0
    const deadLetters = walk.purpose === "repair" ? lettersOf(failure, window, stream, now) : []
    yield* standing.advance(
      gapped(progress, walk, window, { attempts: tried, nextTry, lastError: reason }),
      { rows: [], bytes: 0 },
      deadLetters.length === 0 ? {} : { more: { fetched: [], deadLetters, rows: [] } }
    )
  })

  const pause = Effect.fnUntraced(function* (reason: string, attempt: number, atLeastMs: number) {
    const wait = yield* Backoff.delay(attempt, Backoff.usual, atLeastMs)
    const now = yield* Clock.currentTimeMillis
    if (standing.trouble?.reason !== reason)
      yield* Effect.logWarning(`${reason}. Trying again in ${Duration.format(Duration.millis(wait))}`)
    standing.trouble = { reason, since: standing.trouble?.since ?? now, until: now + wait }
    yield* Effect.sleep(wait)
  })

  const setMoved = Effect.fnUntraced(function* (failure: SourceFailure, walk: Walk, window: Window) {
    moves += 1
    standing.progress = unplaced(standing.progress, walk)
    const narrower = moves > 1 && size.split(window)
    if (moves > tries.moved && !narrower) return yield* giveUp(walk, window, failure)
    return yield* pause(failure.message, narrower ? 1 : moves, 0)
  })

  const unread = Effect.fnUntraced(function* (failure: BadAnswer | Unavailable, walk: Walk, window: Window) {
    standing.attempts += 1
    const wide = window.to - window.from > size.widestGap
    const most = lost < mostLost ? triesOf(failure, wide) : 1
    if (standing.attempts < most) {
      const asked = failure._tag === "Unavailable" ? (failure.retryAfterMs ?? 0) : 0
      return yield* pause(failure.message, standing.attempts, asked)
    }
    // One page that cannot be read is looked for in smaller windows, so that its neighbours come.
    standing.progress = unplaced(standing.progress, walk)
    const repair = walk.purpose === "repair"
    const narrower = repair || (lost < mostLost && (failure._tag === "BadAnswer" || wide))
    if (narrower && size.split(window)) return yield* pause(failure.message, 1, 0)
    yield* giveUp(walk, window, failure)
    lost += 1
    if (repair) return yield* pause(failure.message, lost, 0)
    if (lost >= mostLost) size.double(window)
  })

  return {
    recover: Effect.fnUntraced(function* (failure, walk, window) {
      switch (failure._tag) {
        case "Fatal":
          return yield* failure
        case "Denied":
          return yield* park(failure)
        case "WindowTooBig":
          standing.progress = unplaced(standing.progress, walk)
          return size.split(window) ? undefined : yield* giveUp(walk, window, failure)
        case "SetMoved":
          return yield* setMoved(failure, walk, window)
        case "BadAnswer":
        case "Unavailable":
          return yield* unread(failure, walk, window)
      }
    }),
    windowRead: () => {
      moves = 0
      lost = 0
      size.grow()
    }
  }
}

/** How often a window is tried; what says nothing about the window itself is tried for ever. */
const triesOf = (failure: BadAnswer | Unavailable, wide: boolean): number => {
  if (failure._tag === "BadAnswer") return tries.unreadable
  if (failure.late === true) return wide ? tries.error : Infinity
  return failure.status === undefined || failure.status === 429 || failure.status === 503 ? Infinity : tries.error
}

/** What stays unreadable when its range is asked for again is kept as it came. A later try of the range replaces it. */
const lettersOf = (failure: SourceFailure, window: Window, stream: string, at: number): ReadonlyArray<DeadLetter> => {
  if (failure._tag !== "BadAnswer" || failure.raw === undefined) return []
  const subject = `${new Date(window.from).toISOString()}/${new Date(window.to).toISOString()}`
  const key = fingerprint(`${stream}#page`, subject, "upsert", null)
  return [{ key, stage: "read", subject, reason: failure.message, payload: failure.raw, again: window, at }]
}

/** A window starts over: its cursor and edge are forgotten. */
const unplaced = (progress: Progress, walk: Walk): Progress => ({
  ...progress,
  walks: progress.walks.map((other) => {
    if (!same(other, walk)) return other
    const { cursor: _cursor, edge: _edge, ...rest } = other
    return rest
  })
})
