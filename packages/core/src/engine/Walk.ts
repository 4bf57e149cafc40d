/**
 * What reading does to a partition's progress: pure steps from one progress to the next. A window is done when the
 * endpoint's own end rule says so; only then does anything move that a restart relies on, but for a keyset's cursor.
 */
import type { Json } from "@callstream/model"
import type { Window } from "../contract/Source.ts"
import type { Gap, Progress, Walk } from "./Progress.ts"

/** The window a walk reads now, at most `size` milliseconds long. */
export const windowOf = (walk: Walk, size: number): Window => ({
  from: walk.next,
  to: walk.edge ?? Math.min(walk.to, walk.next + size)
})

/** The half of a window that is read first; `undefined` when it is as small as it may get. */
export const halved = (window: Window, smallest: number): Window | undefined => {
  const half = Math.floor((window.to - window.from) / 2)
  return half < smallest ? undefined : { from: window.from, to: window.from + half }
}

/** Whether two are the same walk at different times. */
export const same = (a: Walk, b: Walk): boolean =>
  a.purpose === b.purpose && a.from === b.from && a.started === b.started && a.request === b.request

/** Requests that are remembered as begun. */
const rememberedRequests = 50

/** The walks of a request begin. Under `once` a second time does nothing. */
export const requested = (progress: Progress, request: number, walks: ReadonlyArray<Walk>, once: boolean): Progress => {
  const begun = progress.requests ?? []
  if (once && begun.includes(request)) return progress
  const all = walks.filter(({ from, to }) => from < to).reduce(withDistinct, progress.walks)
  return { ...progress, walks: all, ...(once ? { requests: [...begun, request].slice(-rememberedRequests) } : {}) }
}

/** Adds a walk; what tells it from the others is when it began. */
const withDistinct = (walks: ReadonlyArray<Walk>, walk: Walk): ReadonlyArray<Walk> =>
  walks.some((other) => same(other, walk))
    ? withDistinct(walks, { ...walk, started: walk.started + 1 })
    : [...walks, walk]

const withWalk = (progress: Progress, walk: Walk): Progress => ({
  ...progress,
  walks: progress.walks.some((other) => same(other, walk))
    ? progress.walks.map((other) => (same(other, walk) ? walk : other))
    : [...progress.walks, walk]
})

/** A keyset walk has read a page of a window: a restart goes on behind it. */
export const placed = (progress: Progress, walk: Walk, window: Window, cursor: Json): readonly [Progress, Walk] => {
  const next: Walk = { ...walk, edge: window.to, cursor }
  return [withWalk(progress, next), next]
}

/** The vendor's clock is told in whole seconds. */
export const clockGrain = 1000

/**
 * A window is read to its end, as far as `proven`: the vendor's own clock may be behind what was asked for, and then
 * nothing beyond it is known, nor that a lookback pass is complete.
 */
export const windowDone = (progress: Progress, walk: Walk, window: Window, proven: number): Progress => {
  const { cursor: _cursor, edge: _edge, ...rest } = walk
  const live = walk.purpose === "live" || walk.purpose === "catch-up"
  const edge = live ? Math.min(window.to, Math.max(proven, window.from)) : window.to
  const next: Walk = {
    ...rest,
    next: edge,
    ...(edge < window.to ? { to: edge } : {}),
    ...(live && proven + clockGrain < window.to ? { spans: [] } : {})
  }
  const read = { ...progress, gaps: cutGaps(progress.gaps, { from: window.from, to: edge }, walk.refill) }
  return next.next < next.to ? withWalk(read, next) : walkDone(read, next)
}

/** A window cannot be read: the walk passes it, a gap remembers it. */
export const gapped = (progress: Progress, walk: Walk, window: Window, gap: Omit<Gap, "from" | "to">): Progress => {
  const passed = windowDone(progress, walk, window, window.to)
  const { refill } = walk
  return { ...passed, gaps: addGap(passed.gaps, { ...gap, ...window, ...(refill === undefined ? {} : { refill }) }) }
}

const walkDone = (progress: Progress, walk: Walk): Progress => {
  const walks = progress.walks.filter((other) => !same(other, walk))
  const passes = { ...progress.passes }
  for (const span of walk.spans) passes[String(span)] = walk.started
  const done = { ...progress, walks, passes }
  if (walk.purpose === "live" || walk.purpose === "catch-up") {
    return { ...done, position: Math.max(progress.position, walk.to) }
  }
  const adjoins = walk.purpose === "backfill" && walk.to >= progress.start
  return adjoins ? { ...done, start: Math.min(progress.start, walk.from) } : done
}

/** Adds a gap; one that touches or overlaps it becomes one with it. */
const addGap = (gaps: ReadonlyArray<Gap>, gap: Gap): ReadonlyArray<Gap> => {
  const near = gaps.filter((other) => other.from <= gap.to && gap.from <= other.to)
  const refill = [...new Set([gap, ...near].flatMap((other) => other.refill ?? []))]
  const merged: Gap = {
    ...gap,
    ...(refill.length === 0 ? {} : { refill }),
    from: Math.min(gap.from, ...near.map((other) => other.from)),
    to: Math.max(gap.to, ...near.map((other) => other.to)),
    attempts: Math.max(gap.attempts, ...near.map((other) => other.attempts))
  }
  return [...gaps.filter((other) => !near.includes(other)), merged].sort((a, b) => a.from - b.from)
}

/** What is left of the gaps outside a range that was read; one whose sinks did not get what was read stays. */
const cutGaps = (gaps: ReadonlyArray<Gap>, range: Window, refilled: ReadonlyArray<string> = []): ReadonlyArray<Gap> =>
  gaps.flatMap((gap) => {
    if (gap.refill?.every((sink) => refilled.includes(sink)) === false) return [gap]
    const left = gap.from < range.from ? [{ ...gap, to: Math.min(gap.to, range.from) }] : []
    const right = gap.to > range.to ? [{ ...gap, from: Math.max(gap.from, range.to) }] : []
    return [...left, ...right]
  })
