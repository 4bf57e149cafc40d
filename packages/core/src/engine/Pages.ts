/**
 * Asks a source for the pages of one partition, one request at a time; the next one may be asked for while the last is
 * worked on. What comes of an answer, and of a failure, is `Reader.ts`'s.
 */
import { Clock, Effect, Fiber, Metric, type Scope } from "effect"
import type { Json } from "@callstream/model"
import type { SourceFailure } from "../contract/Failure.ts"
import type { Page, Partition, SourceStream, Window } from "../contract/Source.ts"
import { RequestPurpose } from "../net/RateBudget.ts"
import { pageSeconds } from "../telemetry/Metrics.ts"
import type { Walk } from "./Progress.ts"
import { clockGrain } from "./Walk.ts"

export interface PagesOptions {
  readonly labels: Readonly<Record<string, string>>
  readonly stream: SourceStream
  readonly partition: Partition
  /** Waits while source, stream or partition are parked. */
  readonly pass: Effect.Effect<void>
  /** What is asked for ahead ends with it. */
  readonly scope: Scope.Scope
}

export interface Pages {
  /** The page at a cursor: the one that was asked for ahead, or asked for now. */
  readonly at: (walk: Walk, window: Window, cursor: Json | undefined) => Effect.Effect<Page, SourceFailure>
  /** Asks for the page that is most likely wanted next. */
  readonly askAhead: (walk: Walk, window: Window, cursor: Json | undefined) => Effect.Effect<void>
  /** The page that was asked for ahead is not wanted any more. */
  readonly forget: () => void
  /** The earlier of our clock and the vendor's, at a time on ours. */
  readonly vendorNow: (now: number) => number
}

/** A page that was asked for before it was wanted. */
interface Ahead {
  readonly window: Window
  readonly cursor: Json | undefined
  readonly page: Fiber.Fiber<Page, SourceFailure>
}

export const make = ({ labels, partition, pass, scope, stream }: PagesOptions): Pages => {
  const seconds = Metric.withAttributes(pageSeconds, labels)
  let ahead: Ahead | undefined
  let skew = 0

  const ask = Effect.fnUntraced(
    function* ({ purpose }: Walk, window: Window, cursor: Json | undefined) {
      yield* pass
      const begun = yield* Clock.currentTimeMillis
      const page = yield* stream.page({ partition, window, purpose, ...(cursor === undefined ? {} : { cursor }) })
      const now = yield* Clock.currentTimeMillis
      yield* Metric.update(seconds, (now - begun) / 1000)
      if (page.vendorNow !== undefined) skew = Math.min(0, page.vendorNow + clockGrain - now)
      return page
    },
    (asking, { purpose }) => Effect.provideService(asking, RequestPurpose, purpose)
  )

  return {
    at: Effect.fnUntraced(function* (walk, window, cursor) {
      const early = ahead
      ahead = undefined
      if (early !== undefined) {
        const page = yield* Fiber.await(early.page)
        if (cursor === early.cursor && window.from === early.window.from && window.to === early.window.to)
          return yield* page
      }
      return yield* ask(walk, window, cursor)
    }),
    askAhead: Effect.fnUntraced(function* (walk, window, cursor) {
      ahead = { window, cursor, page: yield* Effect.forkIn(ask(walk, window, cursor), scope) }
    }),
    forget: () => {
      ahead = undefined
    },
    vendorNow: (now) => now + skew
  }
}
