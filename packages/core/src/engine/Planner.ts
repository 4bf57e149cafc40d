/**
 * What a partition reads next: pure, from its progress, its timing and the clock. Live goes first; lookback, repair,
 * backfill and the catching-up of a partition that is far behind take turns, by window (`Walk.ts` does the walking).
 */
import { Duration } from "effect"
import type { Timing } from "../contract/Source.ts"
import type { Gap, Progress, Walk } from "./Progress.ts"

export interface PlanInput {
  readonly timing: Timing
  /** The earlier of our clock and the vendor's. */
  readonly now: number
  /** When the last live walk began; `undefined` at the start. */
  readonly lastLive: number | undefined
  /** The largest window, milliseconds. */
  readonly largest: number
  /** The longest walk that is still a live one when lookback passes ride on it; the largest window unless set. */
  readonly ride?: number
  /** What the vendor answers for at all; `-Infinity` without a horizon. */
  readonly horizon: number
  /** The purpose that had the last turn: the others go before it. */
  readonly lastTurn: Walk["purpose"] | undefined
  /** Reads nothing but what a person asked for. */
  readonly onlyRequests?: boolean
}

export type Plan =
  /** Go on with this walk; it is one of `progress.walks`, or a new one. */
  | { readonly _tag: "walk"; readonly walk: Walk }
  /** Nothing to read before this instant, on the clock. */
  | { readonly _tag: "wait"; readonly until: number }
  /** Read up to `until`, and nothing of it can change any more. */
  | { readonly _tag: "done" }

/** Where reading may go at present: now less the lag, or the end that was set. */
export const targetOf = (timing: Timing, now: number): number =>
  Math.min(timing.until ?? Infinity, now - Duration.toMillis(timing.lag))

interface Pass {
  readonly span: number
  /** Lower edge of its next pass. */
  readonly from: number
  /** When it is due, on the clock. */
  readonly due: number
}

/** The next pass of every lookback span that still has something to read. */
export const passesOf = (progress: Progress, timing: Timing): ReadonlyArray<Pass> =>
  timing.lookback.flatMap(({ every, span: length }) => {
    const span = Duration.toMillis(length)
    const last = progress.passes[String(span)] ?? progress.began
    const from = Math.max(progress.start, last - span)
    return from < progress.position ? [{ span, from, due: last + Duration.toMillis(every) }] : []
  })

/** Passes that a walk from this lower edge completes: those that are due and lie within. */
const completed = (passes: ReadonlyArray<Pass>, from: number, now: number): ReadonlyArray<number> =>
  passes.filter((pass) => pass.due <= now && pass.from >= from).map((pass) => pass.span)

const turns: ReadonlyArray<Walk["purpose"]> = ["catch-up", "lookback", "repair", "backfill"]

/** Decides what to read next. */
export const plan = (progress: Progress, input: PlanInput): Plan => {
  const { now, timing } = input
  if (input.onlyRequests === true) {
    const asked = progress.walks.find((walk) => walk.request !== undefined)
    return asked === undefined ? { _tag: "wait", until: now + 60_000 } : { _tag: "walk", walk: asked }
  }
  const passes = passesOf(progress, timing)
  const live = progress.walks.find((walk) => walk.purpose === "live") ?? liveWalk(progress, passes, input)
  if (live?.purpose === "live") return { _tag: "walk", walk: live }
  const candidates = [
    live ?? progress.walks.find((walk) => walk.purpose === "catch-up"),
    progress.walks.find((walk) => walk.purpose === "lookback") ?? lookbackWalk(progress, passes, now),
    progress.walks.find((walk) => walk.purpose === "repair") ?? repairWalk(progress.gaps, now),
    progress.walks.find((walk) => walk.purpose === "backfill") ?? earlierWalk(progress, input)
  ].filter((walk) => walk !== undefined)
  const after = input.lastTurn === undefined ? -1 : turns.indexOf(input.lastTurn)
  const walk = candidates.find((walk) => turns.indexOf(walk.purpose) > after) ?? candidates[0]
  if (walk !== undefined) return { _tag: "walk", walk }
  return idle(progress, passes, input)
}

/** The part between position and target, if there is any and it is time; short lookback passes ride along. */
const liveWalk = (progress: Progress, passes: ReadonlyArray<Pass>, input: PlanInput): Walk | undefined => {
  const { horizon, largest, lastLive, now, timing } = input
  if (progress.walks.some((walk) => walk.purpose === "catch-up")) return undefined
  const target = targetOf(timing, now)
  const position = Math.max(progress.position, Math.min(horizon, target))
  if (target <= position && progress.position >= position) return undefined
  if (target - position > largest) {
    return walk("catch-up", position, position + largest, now, [])
  }
  if (lastLive !== undefined && now < lastLive + Duration.toMillis(timing.poll) && now >= lastLive) return undefined
  const riding = passes.filter(
    (pass) => pass.due <= now && target - pass.from <= Math.min(largest, input.ride ?? largest)
  )
  const from = Math.min(position, ...riding.map((pass) => pass.from))
  return walk("live", from, target, now, completed(passes, from, now))
}

/** One walk for all passes that are due: the widest contains the others. */
const lookbackWalk = (progress: Progress, passes: ReadonlyArray<Pass>, now: number): Walk | undefined => {
  const due = passes.filter((pass) => pass.due <= now)
  if (due.length === 0) return undefined
  const from = Math.min(...due.map((pass) => pass.from))
  return walk("lookback", from, progress.position, now, completed(passes, from, now))
}

const repairWalk = (gaps: ReadonlyArray<Gap>, now: number): Walk | undefined => {
  const gap = gaps.find((gap) => gap.nextTry <= now)
  if (gap === undefined) return undefined
  const repair = walk("repair", gap.from, gap.to, now, [])
  return gap.refill === undefined ? repair : { ...repair, refill: gap.refill }
}

/** An earlier `since` than what was read: a walk over what is not covered yet. */
const earlierWalk = (progress: Progress, { horizon, now, timing }: PlanInput): Walk | undefined => {
  const from = Math.max(timing.since, horizon)
  return from < progress.start ? walk("backfill", from, progress.start, now, []) : undefined
}

const walk = (
  purpose: Walk["purpose"],
  from: number,
  to: number,
  started: number,
  spans: ReadonlyArray<number>
): Walk => ({ purpose, from, to, started, next: from, spans })

const idle = (progress: Progress, passes: ReadonlyArray<Pass>, { lastLive, now, timing }: PlanInput): Plan => {
  const ended = timing.until !== undefined && progress.position >= timing.until
  const poll = ended ? [] : [Math.max(now + 1, (lastLive ?? now) + Duration.toMillis(timing.poll))]
  const wakes = [...poll, ...passes.map((pass) => pass.due), ...progress.gaps.map((gap) => gap.nextTry)]
  return wakes.length === 0 ? { _tag: "done" } : { _tag: "wait", until: Math.max(now + 1, Math.min(...wakes)) }
}
