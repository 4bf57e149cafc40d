/**
 * The loop of one partition: asks the planner what to read, reads it page by page, and hands each page to admission with
 * the progress that is true once it is done. `Pages.ts` asks for the pages, `Recovery.ts` sees to those that fail: a page
 * is retried, never the stream.
 */
import { Clock, Duration, Effect, Scope } from "effect"
import type { Json } from "@callstream/model"
import type { Denied, Fatal } from "../contract/Failure.ts"
import type { Page, Partition, SourceStream, Window } from "../contract/Source.ts"
import type { Closed, SeenRow, StateFailed } from "../state/State.ts"
import type { Admission, Arrival } from "./Admission.ts"
import type { Completion } from "./Completion.ts"
import * as Pages from "./Pages.ts"
import { plan, targetOf } from "./Planner.ts"
import type { Progress, Walk } from "./Progress.ts"
import * as Recovery from "./Recovery.ts"
import * as Signal from "./Signal.ts"
import * as Standing from "./Standing.ts"
import type { Trouble } from "./Status.ts"
import { clockGrain, placed, requested, windowDone, windowOf } from "./Walk.ts"
import * as WindowSize from "./WindowSize.ts"

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
  /** Whether rows that were read last are still on their way into the pipeline. */
  readonly moving: () => boolean
  /** The earlier of our clock and the vendor's. */
  readonly vendorNow: (now: number) => number
}

/** A live window longer than this catches up: it waits for the contents of what it lists. */
const farBehind = Duration.toMillis(Duration.days(1))

export const make = Effect.fnUntraced(function* (options: ReaderOptions) {
  const { admission, completion, labels, onlyRequests, partition, pass, stream } = options
  const { timing } = stream
  const scope = yield* Scope.Scope
  const startedAt = yield* Clock.currentTimeMillis
  const lag = Duration.toMillis(timing.lag)
  const horizonOf = (now: number) =>
    stream.horizon === undefined ? -Infinity : now - Duration.toMillis(stream.horizon)

  const pages = Pages.make({ labels, stream, partition, pass, scope })
  const { vendorNow } = pages
  const size = WindowSize.make(stream.window)
  const standing = Standing.make({ admission, timing, progress: options.progress, startedAt, vendorNow })
  const recovery = Recovery.make({ stream: stream.name, standing, size, park: options.park })
  const ordered = Signal.make()
  let orders: ReadonlyArray<Order> = []
  let lastLive: number | undefined
  let lastTurn: Walk["purpose"] | undefined
  let done = false

  const planned = (from: Progress, now: number) =>
    plan(from, {
      timing,
      now,
      lastLive,
      largest: size.largest,
      ride: size.widestGap,
      horizon: horizonOf(now),
      lastTurn,
      onlyRequests
    })

  /** While catching up, the first page of the next window is asked for ahead, too. */
  const askNext = Effect.fnUntraced(function* (after: Progress) {
    const next = planned(after, vendorNow(yield* Clock.currentTimeMillis))
    if (next._tag !== "walk" || next.walk.purpose !== "catch-up") return
    yield* completion.keptUp
    yield* pages.askAhead(next.walk, windowOf(next.walk, size.current()), next.walk.cursor)
  })

  /** Reads pages: one batch of a keyset walk, all of the window of an offset walk. */
  const read = Effect.fnUntraced(function* (walk: Walk, window: Window) {
    let cursor = stream.walk === "keyset" ? walk.cursor : undefined
    let proven = Infinity
    /** Pages of a keyset walk that are put together. */
    let held: Standing.Rows = { rows: [], bytes: 0 }
    const range = rangeOf(walk, window)
    const keepHeld = (at: Json) => standing.advance(placed(standing.progress, walk, window, at)[0], held, range)
    while (true) {
      const page = yield* Effect.tapError(pages.at(walk, window, cursor), () =>
        cursor === undefined || held.rows.length === 0 ? Effect.void : keepHeld(cursor)
      )
      yield* options.answered
      if (page.vendorNow !== undefined) {
        proven = Math.min(proven, page.vendorNow - lag)
        standing.progress = beganBy(standing.progress, page.vendorNow)
      }
      if (page.next === undefined) {
        const next = windowDone(standing.progress, walk, readPart(window, page.upTo), proven)
        recovery.windowRead()
        if (walk.purpose === "catch-up") yield* askNext(next)
        return yield* standing.advance(next, together(held, page), range)
      }
      if (walk.purpose !== "live" || window.to - window.from > farBehind) yield* completion.keptUp
      cursor = page.next
      yield* pages.askAhead(walk, window, cursor)
      if (stream.walk === "keyset") {
        held = together(held, page)
        if (held.rows.length < (stream.batch ?? 0)) continue
        return yield* keepHeld(cursor)
      }
      yield* standing.admit(page, range)
      completion.wake()
    }
  })

  const begin = Effect.fnUntraced(function* ({ begun, closed, once, request, rows, walks }: Order) {
    const { progress } = standing
    yield* standing.advance(
      requested(progress, request, walks(progress), once === true),
      { rows: [], bytes: 0 },
      { more: { fetched: [], deadLetters: [], rows: rows ?? [], closed: closed ?? [], committed: begun } }
    )
  })

  const run = Effect.gen(function* () {
    while (true) {
      const more = ordered.next()
      const [order] = orders
      if (order !== undefined) {
        yield* begin(order)
        orders = orders.slice(1)
        continue
      }
      const now = vendorNow(yield* Clock.currentTimeMillis)
      const decision = planned(standing.progress, now)
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
      if (walk.purpose === "live") lastLive = walk.started < vendorNow(startedAt) ? undefined : now
      lastTurn = walk.purpose
      const window = windowOf(walk, size.current())
      yield* Effect.catch(read(walk, window), (failure) => {
        lastLive = previousLive
        pages.forget()
        return failure._tag === "StateFailed" ? Effect.fail(failure) : recovery.recover(failure, walk, window)
      })
    }
  })

  return {
    run,
    order: (order) => {
      orders = [...orders, order]
      ordered.notify()
    },
    progress: () => standing.progress,
    trouble: () => standing.trouble,
    activity: () =>
      done
        ? "done"
        : standing.progress.walks.some((walk) => walk.purpose === "catch-up") || lastLive === undefined
          ? "catching up"
          : "following",
    caughtUp: (now) => {
      const { gaps, position, start, walks } = standing.progress
      if (orders.length > 0) return false
      if (onlyRequests) return walks.every(({ request }) => request === undefined)
      return (
        position >= targetOf(timing, vendorNow(Math.min(startedAt, now))) - clockGrain &&
        walks.length === 0 &&
        !gaps.some((gap) => gap.nextTry <= vendorNow(now)) &&
        !standing.owes() &&
        start <= Math.max(timing.since, horizonOf(now))
      )
    },
    moving: standing.moving,
    vendorNow
  } satisfies Reader
})

/** Where our clock was ahead when we began: what the lookback reckons from is the vendor's. */
const beganBy = (progress: Progress, vendorNow: number): Progress =>
  vendorNow + clockGrain < progress.began ? { ...progress, began: vendorNow } : progress

const together = (held: Standing.Rows, page: Page): Standing.Rows =>
  held.rows.length === 0 ? page : { rows: [...held.rows, ...page.rows], bytes: held.bytes + page.bytes }

/** The part of a window that was read, where a source ended it early. */
const readPart = (window: Window, upTo: number | undefined): Window =>
  upTo === undefined || upTo <= window.from || upTo >= window.to ? window : { from: window.from, to: upTo }

const rangeOf = ({ refill }: Walk, window: Window): Pick<Arrival, "window" | "refill"> =>
  refill === undefined ? { window } : { window, refill }
