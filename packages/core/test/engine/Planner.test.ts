import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import type { Source } from "@callstream/core"
import { plan, type PlanInput } from "../../src/engine/Planner.ts"
import { initial, type Progress, type Walk } from "../../src/engine/Progress.ts"
import { gapped, halved, placed, windowDone, windowOf } from "../../src/engine/Walk.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const t0 = Date.UTC(2026, 0, 1)

const timing: Source.Timing = {
  since: t0,
  poll: Duration.minutes(1),
  lag: Duration.minutes(2),
  lookback: [
    { span: Duration.minutes(15), every: Duration.minutes(1) },
    { span: Duration.hours(6), every: Duration.hours(1) },
    { span: Duration.days(3), every: Duration.days(1) }
  ]
}

const input = (now: number, more: Partial<PlanInput> = {}): PlanInput => ({
  timing,
  now,
  lastLive: undefined,
  largest: 2 * hour,
  horizon: -Infinity,
  lastTurn: undefined,
  ...more
})

const walkOf = (progress: Progress, at: PlanInput): Walk => {
  const decision = plan(progress, at)
  if (decision._tag !== "walk") throw new Error(`expected a walk, not ${decision._tag}`)
  return decision.walk
}

/** Reads whatever the planner asks for until it has nothing at this time; returns the ranges it read. */
const drain = (progress: Progress, now: number): readonly [Progress, ReadonlyArray<Walk>] => {
  const walks: Array<Walk> = []
  let lastLive: number | undefined
  let at = progress
  for (let steps = 0; steps < 1000; steps++) {
    const decision = plan(at, input(now, { lastLive, lastTurn: walks.at(-1)?.purpose }))
    if (decision._tag !== "walk") return [at, walks]
    const { walk } = decision
    if (walk.purpose === "live") lastLive = now
    walks.push(walk)
    at = windowDone(at, walk, windowOf(walk, 2 * hour), Infinity)
  }
  throw new Error("the planner never rests")
}

describe("plan", () => {
  it("catches up in large windows, then reads the rest live", () => {
    const now = t0 + 5 * hour
    const [progress, walks] = drain(initial(t0, now), now)
    assert.deepStrictEqual(
      walks.map(({ from, purpose, to }) => [purpose, (from - t0) / minute, (to - t0) / minute]),
      [
        ["catch-up", 0, 120],
        ["catch-up", 120, 240],
        ["live", 240, 298]
      ]
    )
    assert.strictEqual(progress.position, now - 2 * minute)
  })

  it("waits for the next poll when all is read", () => {
    const now = t0 + hour
    const [progress] = drain(initial(t0, now), now)
    assert.deepStrictEqual(plan(progress, input(now, { lastLive: now })), { _tag: "wait", until: now + minute })
  })

  it("lets a short lookback ride on the live walk", () => {
    const now = t0 + hour
    const [progress] = drain(initial(t0, now), now)
    const later = now + minute
    const walk = walkOf(progress, input(later, { lastLive: now }))
    assert.deepStrictEqual([walk.purpose, walk.from, walk.to], ["live", now - 15 * minute, later - 2 * minute])
    assert.deepStrictEqual(walk.spans, [15 * minute])
    assert.strictEqual(windowDone(progress, walk, windowOf(walk, 2 * hour), Infinity).passes[15 * minute], later)
  })

  it("lets no long lookback ride on it, however long a window may be", () => {
    const now = t0 + 10 * day
    const began = now - day
    const progress = { ...initial(t0, began), position: now - hour }
    const { from, spans } = walkOf(progress, input(now, { largest: 3650 * day, ride: day }))
    assert.deepStrictEqual([from, spans], [now - hour, []])
  })

  it("reads back from the last completed pass after a stop of ten days", () => {
    const stopped = t0 + 5 * day
    const [before] = drain(initial(t0, stopped), stopped)
    const passes = { [15 * minute]: stopped, [6 * hour]: stopped - hour, [3 * day]: stopped - day }
    const back = stopped + 10 * day
    const [, walks] = drain({ ...before, passes }, back)
    const lookback = walks.find(({ purpose }) => purpose === "lookback")
    assert.strictEqual(lookback?.from, stopped - day - 3 * day)
    assert.deepStrictEqual(
      [...(lookback?.spans ?? [])].sort((a, b) => a - b),
      [15 * minute, 6 * hour, 3 * day]
    )
    const read = walks.some(({ from, to }) => from <= stopped + 10 * minute && stopped + 10 * minute < to)
    assert.isTrue(read)
  })

  it("covers every instant within a span of the last pass", () => {
    const now = t0 + 5 * day
    const progress: Progress = { ...initial(t0, t0), position: now - 2 * minute, passes: {} }
    const walk = walkOf(progress, input(now, { lastLive: now }))
    assert.deepStrictEqual([walk.purpose, walk.from], ["lookback", t0])
  })

  it("reads an earlier since as a walk over what is not covered", () => {
    const now = t0 + hour
    const [progress] = drain(initial(t0, now), now)
    const earlier = { ...input(now, { lastLive: now }), timing: { ...timing, since: t0 - hour } }
    const walk = walkOf(progress, earlier)
    assert.deepStrictEqual([walk.purpose, walk.from, walk.to], ["backfill", t0 - hour, t0])
    assert.strictEqual(windowDone(progress, walk, windowOf(walk, 2 * hour), Infinity).start, t0 - hour)
  })

  it("is done once until is reached and nothing of it can come late", () => {
    const until = t0 + hour
    const ended = { ...timing, until, lookback: [] }
    const progress = { ...initial(t0, t0), position: until }
    assert.deepStrictEqual(plan(progress, { ...input(t0 + day), timing: ended }), { _tag: "done" })
  })

  it("takes turns, so that a partition far behind still looks back", () => {
    const now = t0 + 3 * day
    const behind: Progress = { ...initial(t0, t0 + hour), position: t0 + 2 * hour }
    const first = walkOf(behind, input(now))
    const second = walkOf(behind, input(now, { lastTurn: first.purpose }))
    assert.deepStrictEqual([first.purpose, second.purpose], ["catch-up", "lookback"])
  })

  it("does not read before the vendor's horizon", () => {
    const now = t0 + 800 * day
    const walk = walkOf(initial(t0, now), input(now, { horizon: now - 730 * day }))
    assert.strictEqual(walk.from, now - 730 * day)
  })

  it("asks for a gap again when it is due", () => {
    const now = t0 + hour
    const [progress] = drain(initial(t0, now), now)
    const gap = { from: t0, to: t0 + minute, attempts: 1, nextTry: now + minute, lastError: "500" }
    const withGap = { ...progress, gaps: [gap], passes: { [15 * minute]: now + minute } }
    assert.strictEqual(plan(withGap, input(now + 1, { lastLive: now }))._tag, "wait")
    const walk = walkOf(withGap, input(now + minute, { lastLive: now + minute }))
    assert.strictEqual(walk.purpose, "repair")
    assert.deepStrictEqual(windowDone(withGap, walk, windowOf(walk, hour), Infinity).gaps, [])
  })
})

describe("windows", () => {
  const progress = initial(t0, t0)
  const walk: Walk = { purpose: "live", from: t0, to: t0 + hour, started: t0 + hour, next: t0, spans: [15 * minute] }

  it("moves the position only to where the vendor's clock is, and completes no pass then", () => {
    const done = windowDone(progress, walk, windowOf(walk, hour), t0 + 30 * minute)
    assert.strictEqual(done.position, t0 + 30 * minute)
    assert.deepStrictEqual(done.passes, {})
  })

  it("does not move the position while windows of the walk are left", () => {
    const done = windowDone(progress, walk, { from: t0, to: t0 + minute }, Infinity)
    assert.strictEqual(done.position, t0)
    assert.strictEqual(done.walks[0]?.next, t0 + minute)
  })

  it("resumes a keyset walk behind its cursor, in the same window", () => {
    const [placedProgress, next] = placed(progress, walk, { from: t0, to: t0 + minute }, { after: "x" })
    assert.deepStrictEqual(placedProgress.walks, [next])
    assert.deepStrictEqual(windowOf(next, hour), { from: t0, to: t0 + minute })
  })

  it("passes a range that cannot be read, and remembers it until it is", () => {
    const gap = { attempts: 1, nextTry: t0, lastError: "500" }
    const once = gapped(progress, walk, { from: t0, to: t0 + minute }, gap)
    const rest = once.walks[0] ?? walk
    const twice = gapped(once, rest, { from: t0 + minute, to: t0 + hour }, gap)
    assert.strictEqual(twice.position, t0 + hour)
    assert.deepStrictEqual(twice.gaps, [{ ...gap, from: t0, to: t0 + hour }])
    const again: Walk = { ...walk, purpose: "lookback", started: t0 + day }
    const read = windowDone(twice, again, { from: t0 + 10 * minute, to: t0 + 20 * minute }, Infinity)
    assert.deepStrictEqual(
      read.gaps.map(({ from, to }) => [from - t0, to - t0]),
      [
        [0, 10 * minute],
        [20 * minute, hour]
      ]
    )
  })

  it("halves a window down to the smallest", () => {
    assert.deepStrictEqual(halved({ from: 0, to: 3000 }, 1000), { from: 0, to: 1500 })
    assert.isUndefined(halved({ from: 0, to: 1500 }, 1000))
  })
})
