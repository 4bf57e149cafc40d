/**
 * The loop of one partition: asks the planner what to read, reads it page by page, and hands each page to admission with
 * the progress that is true once it is done. A page is retried, never the stream.
 */
import { Clock, Duration, Effect, Fiber, Metric, Scope } from "effect"
import { fingerprint, type Json } from "@callstream/model"
import type { BadAnswer, Denied, Fatal, SourceFailure, Unavailable } from "../contract/Failure.ts"
import type { Page, Partition, SourceStream, Window } from "../contract/Source.ts"
import { RequestPurpose } from "../net/RateBudget.ts"
import type { Closed, DeadLetter, SeenRow, StateFailed } from "../state/State.ts"
import { pageSeconds } from "../telemetry/Metrics.ts"
import type { Admission, Arrival } from "./Admission.ts"
import * as Backoff from "./Backoff.ts"
import type { Completion } from "./Completion.ts"
import { plan, targetOf } from "./Planner.ts"
import type { Progress, Walk } from "./Progress.ts"
import * as Signal from "./Signal.ts"
import { clockGrain, gapped, halved, placed, requested, same, windowDone, windowOf } from "./Walk.ts"

export interface ReaderOptions {
  readonly labels: Readonly<Record<string, string>>
  readonly stream: SourceStream
  readonly partition: Partition
  readonly progress: Progress
  readonly admission: Admission
  readonly completion: Completion
  /** Waits while source, stream or partition are parked. */
  readonly pass: Effect.Effect<void>
  /** A page came: what was parked is no longer. */
  readonly answered: Effect.Effect<void, StateFailed>
  readonly park: (failure: Denied) => Effect.Effect<void, StateFailed>
  /** Reads nothing but what a person asked for. */
  readonly onlyRequests: boolean
}

/** Ranges that a person asked for, and what is done with their beginning. */
export interface Order {
  readonly request: number
  /** A second time for the same request does nothing. */
  readonly once?: boolean
  readonly walks: (progress: Progress) => ReadonlyArray<Walk>
  readonly closed?: ReadonlyArray<Closed>
  /** Rows of the seen-index that are to be as if they were new. */
  readonly rows?: ReadonlyArray<SeenRow>
  /** Called once its beginning is committed. */
  readonly begun: () => void
}

export interface Trouble {
  readonly reason: string
  readonly until: number
}

export interface Reader {
  /** Reads for ever. */
  readonly run: Effect.Effect<never, Fatal | StateFailed, Scope.Scope>
  /** Begins the walks of a request, between two others; once for each request. */
  readonly order: (order: Order) => void
  readonly progress: () => Progress
  readonly trouble: () => Trouble | undefined
  readonly activity: () => "catching up" | "following" | "done"
  /** Whether everything is read that there was to read when it started. */
  readonly caughtUp: (now: number) => boolean
  /** The earlier of our clock and the vendor's. */
  readonly vendorNow: (now: number) => number
}

/** Tries of one window before it becomes a gap: an answer that is no page, an error of the far side, a set that moves. */
const tries = { unreadable: 3, error: 6, moved: 10 } as const

/** Windows given up in a row before it is no longer one row that spoils a page: then the next are as long as may be. */
const mostLost = 3

/** Most rows of a page that are worked on at once. */
const mostAtOnce = 1000

/** Windows of a size that was found by splitting, before a larger one is tried. */
const windowsToGrow = 4

/** A live window longer than this catches up: it waits for the contents of what it lists. */
const farBehind = Duration.toMillis(Duration.days(1))

export const make = Effect.fnUntraced(function* (options: ReaderOptions) {
  const { admission, partition, stream } = options
  const { timing } = stream
  const scope = yield* Scope.Scope
  const seconds = Metric.withAttributes(pageSeconds, options.labels)
  const largest = Duration.toMillis(stream.window.largest)
  const smallest = Duration.toMillis(stream.window.smallest)
  const widestGap = Duration.toMillis(stream.window.gap ?? stream.window.largest)
  const lag = Duration.toMillis(timing.lag)
  const startedAt = yield* Clock.currentTimeMillis
  const horizonOf = (now: number) =>
    stream.horizon === undefined ? -Infinity : now - Duration.toMillis(stream.horizon)

  let progress = options.progress
  let size = largest
  /** Windows that were read since the last one was split. */
  let windows = windowsToGrow
  let skew = 0
  let lastLive: number | undefined
  let lastTurn: Walk["purpose"] | undefined
  let attempts = 0
  let moves = 0
  /** Windows that were given up since the last that was read. */
  let lost = 0
  let trouble: Trouble | undefined
  let done = false
  const ordered = Signal.make()
  let orders: ReadonlyArray<Order> = []
  let ahead:
    | { readonly window: Window; readonly cursor: Json | undefined; readonly page: Fiber.Fiber<Page, SourceFailure> }
    | undefined
  /** Lookback spans whose pass was due at the start. */
  const owed = new Set(
    timing.lookback.flatMap(({ every, span }) => {
      const last = progress.passes[String(Duration.toMillis(span))] ?? progress.began
      return last + Duration.toMillis(every) <= startedAt ? [String(Duration.toMillis(span))] : []
    })
  )

  const ask = (walk: Walk, window: Window, cursor: Json | undefined) =>
    Effect.gen(function* () {
      yield* options.pass
      const begun = yield* Clock.currentTimeMillis
      const page = yield* stream.page({
        partition,
        window,
        purpose: walk.purpose,
        ...(cursor === undefined ? {} : { cursor })
      })
      const now = yield* Clock.currentTimeMillis
      yield* Metric.update(seconds, (now - begun) / 1000)
      if (page.vendorNow !== undefined) skew = Math.min(0, page.vendorNow + clockGrain - now)
      return page
    }).pipe(Effect.provideService(RequestPurpose, walk.purpose))

  /** The page at a cursor: the one that was asked for ahead, or asked for now. One request is under way at a time. */
  const pageAt = Effect.fnUntraced(function* (walk: Walk, window: Window, cursor: Json | undefined) {
    const early = ahead
    ahead = undefined
    if (early !== undefined) {
      const page = yield* Fiber.await(early.page)
      if (cursor === early.cursor && window.from === early.window.from && window.to === early.window.to)
        return yield* page
    }
    return yield* ask(walk, window, cursor)
  })

  const askAhead = Effect.fnUntraced(function* (walk: Walk, window: Window, cursor: Json | undefined) {
    ahead = { window, cursor, page: yield* Effect.forkIn(ask(walk, window, cursor), scope) }
  })

  const planned = (from: Progress, now: number) =>
    plan(from, {
      timing,
      now,
      lastLive,
      largest,
      ride: widestGap,
      horizon: horizonOf(now),
      lastTurn,
      onlyRequests: options.onlyRequests
    })

  /** While catching up, the first page of the next window is asked for ahead, too. */
  const askNext = Effect.fnUntraced(function* (after: Progress) {
    const next = planned(after, (yield* Clock.currentTimeMillis) + skew)
    if (next._tag !== "walk" || next.walk.purpose !== "catch-up") return
    yield* options.completion.keptUp
    yield* askAhead(next.walk, windowOf(next.walk, size), next.walk.cursor)
  })

  /** Our clock was ahead when we began: what the lookback reckons from is the vendor's. */
  const beganAt = (began: number) => {
    progress = { ...progress, began }
  }

  /** Reads pages: one batch of a keyset walk, all of the window of an offset walk. */
  const read = Effect.fnUntraced(function* (walk: Walk, window: Window) {
    let cursor = stream.walk === "keyset" ? walk.cursor : undefined
    let proven = Infinity
    /** Pages of a keyset walk that are put together. */
    let held: Pick<Page, "rows" | "bytes"> = { rows: [], bytes: 0 }
    const range = rangeOf(walk, window)
    const keepHeld = (at: Json) => advance(placed(progress, walk, window, at)[0], held, range)
    while (true) {
      const page = yield* Effect.tapError(pageAt(walk, window, cursor), () =>
        cursor === undefined || held.rows.length === 0 ? Effect.void : keepHeld(cursor)
      )
      yield* options.answered
      proven = Math.min(proven, page.vendorNow === undefined ? Infinity : page.vendorNow - lag)
      if (page.vendorNow !== undefined && page.vendorNow + clockGrain < progress.began) beganAt(page.vendorNow)
      if (page.next === undefined) {
        const next = windowDone(progress, walk, readPart(window, page.upTo), proven)
        windows += 1
        moves = 0
        lost = 0
        if (windows >= windowsToGrow) size = Math.min(largest, size * 2)
        if (walk.purpose === "catch-up") yield* askNext(next)
        return yield* advance(next, together(held, page), range)
      }
      if (walk.purpose !== "live" || window.to - window.from > farBehind) yield* options.completion.keptUp
      cursor = page.next
      yield* askAhead(walk, window, cursor)
      if (stream.walk === "keyset") {
        held = together(held, page)
        if (held.rows.length < (stream.batch ?? 0)) continue
        return yield* keepHeld(cursor)
      }
      yield* admit(page, range)
      options.completion.wake()
    }
  })

  /** A large page goes in parts, so that what is made of one is done with before the next; the last has the rest. */
  const admit = Effect.fnUntraced(function* (
    { bytes, rows }: Pick<Page, "rows" | "bytes">,
    more: Pick<Arrival, "window" | "refill" | "more" | "progress">
  ) {
    const { window, refill } = more
    const of = { ...(window === undefined ? {} : { window }), ...(refill === undefined ? {} : { refill }) }
    let from = 0
    for (; rows.length - from > 1.5 * mostAtOnce; from += mostAtOnce) {
      const part = rows.slice(from, from + mostAtOnce)
      yield* admission.admit({ ...of, rows: part, bytes: (bytes * part.length) / rows.length })
    }
    const part = from === 0 ? rows : rows.slice(from)
    yield* admission.admit({ ...more, rows: part, bytes: from === 0 ? bytes : (bytes * part.length) / rows.length })
  })

  const advance = Effect.fnUntraced(function* (
    next: Progress,
    page: Pick<Page, "rows" | "bytes">,
    more: Pick<Arrival, "window" | "refill" | "more"> = {}
  ) {
    progress = next
    for (const span of owed) if ((progress.passes[span] ?? -Infinity) >= startedAt + skew) owed.delete(span)
    yield* admit(page, { ...more, progress })
    attempts = 0
    trouble = undefined
  })

  const giveUp = Effect.fnUntraced(function* (walk: Walk, window: Window, failure: SourceFailure) {
    const reason = failure.message
    const now = yield* Clock.currentTimeMillis
    const before = progress.gaps.filter((gap) => gap.from < window.to && window.from < gap.to)
    // A gap that is put off already was met by this walk before, in another small window.
    const tried = Math.max(1, ...before.map((gap) => (gap.nextTry > now ? gap.attempts : gap.attempts + 1)))
    const nextTry = now + (yield* Backoff.delay(tried, Backoff.patient))
    yield* Effect.logWarning(
      `Cannot read ${new Date(window.from).toISOString()} to ${new Date(window.to).toISOString()}: ${reason}. ` +
        `Reading goes on behind it; this range is tried again`
    )
    moves = 0
    const deadLetters = walk.purpose === "repair" ? lettersOf(failure, window, stream.name, now) : []
    yield* advance(
      gapped(progress, walk, window, { attempts: tried, nextTry, lastError: reason }),
      { rows: [], bytes: 0 },
      deadLetters.length === 0 ? {} : { more: { fetched: [], deadLetters, rows: [] } }
    )
  })

  const split = (window: Window): boolean => {
    const half = halved(window, smallest)
    if (half === undefined) return false
    size = half.to - half.from
    windows = 0
    return true
  }

  /** What to do about a failed page. The next turn reads the same window again, unless it was given up or split. */
  const stumble = Effect.fnUntraced(function* (failure: SourceFailure, walk: Walk, window: Window) {
    ahead = undefined
    switch (failure._tag) {
      case "Fatal":
        return yield* failure
      case "Denied":
        return yield* options.park(failure)
      case "WindowTooBig":
        progress = unplaced(progress, walk)
        return split(window) ? undefined : yield* giveUp(walk, window, failure)
      case "SetMoved": {
        moves += 1
        progress = unplaced(progress, walk)
        const narrower = moves > 1 && split(window)
        if (moves > tries.moved && !narrower) return yield* giveUp(walk, window, failure)
        return yield* pause(failure.message, narrower ? 1 : moves, 0)
      }
      case "BadAnswer":
      case "Unavailable": {
        attempts += 1
        const wide = window.to - window.from > widestGap
        const most = lost < mostLost ? triesOf(failure, wide) : 1
        if (attempts >= most) {
          // One page that cannot be read is looked for in smaller windows, so that its neighbours come.
          progress = unplaced(progress, walk)
          const repair = walk.purpose === "repair"
          const narrower = repair || (lost < mostLost && (failure._tag === "BadAnswer" || wide))
          if (narrower && split(window)) return yield* pause(failure.message, 1, 0)
          yield* giveUp(walk, window, failure)
          lost += 1
          if (repair) return yield* pause(failure.message, lost, 0)
          if (lost >= mostLost) size = Math.min(largest, 2 * (window.to - window.from))
          return
        }
        const asked = failure._tag === "Unavailable" ? (failure.retryAfterMs ?? 0) : 0
        return yield* pause(failure.message, attempts, asked)
      }
    }
  })

  const pause = Effect.fnUntraced(function* (reason: string, attempt: number, atLeastMs: number) {
    const wait = yield* Backoff.delay(attempt, Backoff.usual, atLeastMs)
    const now = yield* Clock.currentTimeMillis
    if (trouble?.reason !== reason)
      yield* Effect.logWarning(`${reason}. Trying again in ${Duration.format(Duration.millis(wait))}`)
    trouble = { reason, until: now + wait }
    yield* Effect.sleep(wait)
  })

  const begin = Effect.fnUntraced(function* ({ begun, closed, once, request, rows, walks }: Order) {
    const next = requested(progress, request, walks(progress), once === true)
    yield* advance(
      next,
      { rows: [], bytes: 0 },
      {
        more: { fetched: [], deadLetters: [], rows: rows ?? [], closed: closed ?? [], committed: begun }
      }
    )
  })

  const run = Effect.gen(function* () {
    while (true) {
      const more = ordered.next()
      const [order, ...others] = orders
      if (order !== undefined) {
        orders = others
        yield* begin(order)
        continue
      }
      const now = (yield* Clock.currentTimeMillis) + skew
      const decision = planned(progress, now)
      done = decision._tag === "done"
      if (decision._tag === "done") {
        yield* more
        continue
      }
      if (decision._tag === "wait") {
        // Not a day at once: the clock may be set, and the vendor's may be found to differ.
        yield* Effect.raceFirst(more, Effect.sleep(Math.min(decision.until - now, 60_000)))
        continue
      }
      const { walk } = decision
      const previousLive = lastLive
      // One that began before we did leads to a time that has passed.
      if (walk.purpose === "live") lastLive = walk.started < startedAt + skew ? undefined : now
      lastTurn = walk.purpose
      const window = windowOf(walk, size)
      yield* Effect.catch(read(walk, window), (failure) => {
        lastLive = previousLive
        return failure._tag === "StateFailed" ? Effect.fail(failure) : stumble(failure, walk, window)
      })
    }
  })

  return {
    run,
    order: (order) => {
      orders = [...orders, order]
      ordered.notify()
    },
    progress: () => progress,
    trouble: () => trouble,
    activity: () =>
      done
        ? "done"
        : progress.walks.some((walk) => walk.purpose === "catch-up") || lastLive === undefined
          ? "catching up"
          : "following",
    caughtUp: (now) =>
      orders.length === 0 &&
      (options.onlyRequests
        ? progress.walks.every(({ request }) => request === undefined)
        : progress.position >= targetOf(timing, Math.min(startedAt, now) + skew) - clockGrain &&
          progress.walks.length === 0 &&
          !progress.gaps.some((gap) => gap.nextTry <= now + skew) &&
          owed.size === 0 &&
          progress.start <= Math.max(timing.since, horizonOf(now))),
    vendorNow: (now) => now + skew
  } satisfies Reader
})

/** How often a window is tried; what says nothing about the window itself is tried for ever. */
const triesOf = (failure: BadAnswer | Unavailable, wide: boolean): number => {
  if (failure._tag === "BadAnswer") return tries.unreadable
  if (failure.late === true) return wide ? tries.error : Infinity
  return failure.status === undefined || failure.status === 429 || failure.status === 503 ? Infinity : tries.error
}

const together = (held: Pick<Page, "rows" | "bytes">, page: Page): Pick<Page, "rows" | "bytes"> =>
  held.rows.length === 0 ? page : { rows: [...held.rows, ...page.rows], bytes: held.bytes + page.bytes }

/** The part of a window that was read, where a source ended it early. */
const readPart = (window: Window, upTo: number | undefined): Window =>
  upTo === undefined || upTo <= window.from || upTo >= window.to ? window : { from: window.from, to: upTo }

/** What stays unreadable when its range is asked for again is kept as it came. A later try of the range replaces it. */
const lettersOf = (failure: SourceFailure, window: Window, stream: string, at: number): ReadonlyArray<DeadLetter> => {
  if (failure._tag !== "BadAnswer" || failure.raw === undefined) return []
  const subject = `${new Date(window.from).toISOString()}/${new Date(window.to).toISOString()}`
  const key = fingerprint(`${stream}#page`, subject, "upsert", null)
  return [{ key, stage: "read", subject, reason: failure.message, payload: failure.raw, again: window, at }]
}

const rangeOf = ({ refill }: Walk, window: Window): Pick<Arrival, "window" | "refill"> =>
  refill === undefined ? { window } : { window, refill }

/** A window starts over: its cursor and edge are forgotten. */
const unplaced = (progress: Progress, walk: Walk): Progress => ({
  ...progress,
  walks: progress.walks.map((other) => {
    if (!same(other, walk)) return other
    const { cursor: _cursor, edge: _edge, ...rest } = other
    return rest
  })
})
