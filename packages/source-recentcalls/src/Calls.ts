/**
 * The stream of calls: an offset walk over closed windows. What a row means is in `CallsNormalize.ts`.
 *
 * The vendor promises no order between pages and `hits` may change while we walk ("Recent Calls", Pagination, quotes two
 * numbers for one query). So a walk that sees anything move starts over, and once that was seen, windows that it may
 * happen to are made to fit a page.
 */
import { Clock, Duration, Effect, Schedule, Schema } from "effect"
import { Conversation, eventTypes } from "@callstream/model"
import { Failure, Row, Settings, Source } from "@callstream/core"
import { type Api, type CallsAnswer, endpoint } from "./Api.ts"
import { millisInGuid, normalize } from "./CallsNormalize.ts"
import type { Config } from "./Config.ts"
import * as Marks from "./Marks.ts"
import { RecentCall } from "./Wire.ts"

/** The most calls of a window: a mark of each is kept while it is walked. */
const mostCalls = 500_000

/** A window as small as may be whose pages do not end is not one. */
const endless = 200

/** The time in which calls go on: a window that ends in it is still moving. */
const lively = Duration.toMillis("6 hours")

const smallest = Duration.seconds(1)

/** Where a walk is. It is over when as many rows came as the vendor has. */
const Cursor = Schema.Struct({
  /** Which walk of this process: the ids it has met are kept beside it. */
  walk: Schema.Int,
  page: Schema.Int,
  hits: Schema.Int,
  /** Rows of the pages before. */
  read: Schema.Int
})
type Cursor = typeof Cursor.Type

/** `source` of the events of a tenant. */
export const uriOf = (tenantId: string): string => `8x8/recentcalls/${encodeURIComponent(tenantId)}`

const rowOf = Row.checked(RecentCall)

/** The record of a row, whose times are in `zone`. */
export const recordOf = (row: unknown, zone: string): Source.SourceRecord | Source.Unreadable => {
  const call = rowOf(row)
  if ("unreadable" in call) return call
  const born = millisInGuid(call.callId)
  return {
    type: eventTypes.call,
    subject: call.callId,
    ...(born === undefined ? {} : { born }),
    op: "upsert",
    content: Row.fromParsed(call),
    conversation: Conversation.ofInteraction(call.callId),
    normalize: () => normalize(call, zone)
  }
}

const tooBig = (calls: number, pages: number): Failure.WindowTooBig =>
  new Failure.WindowTooBig({ endpoint, reason: `has ${calls} calls for this window, more than ${pages} pages` })

/** A page that is not the first is asked for again before its window is: what came before it would come again. */
const again = {
  times: 4,
  schedule: Schedule.exponential("500 millis"),
  while: ({ _tag: kind }: Failure.SourceFailure) => kind === "Unavailable" || kind === "BadAnswer"
}

/** What was learned of the set: how many pages a walk may have. */
const makePatience = (rows: number) => {
  const mostPages = Math.ceil(mostCalls / rows)
  let pages = mostPages
  /** Rows come in another order each time. */
  let unordered = false
  /** Calls came into a window of late while it was walked. */
  let arriving = false
  /**
   * Calls per millisecond in the window read last: one that will surely be too big is not worth a request. It is trusted
   * less with each window that was passed by on its word.
   */
  let density = 0

  const limit = ({ from, to }: Source.Window, now: number): number => {
    if (to - from < 2 * Duration.toMillis(smallest)) return endless
    return unordered || (arriving && to > now - lively) ? 1 : pages
  }

  return {
    limit,
    /** Calls there surely are, if they are too many; asked before the first page. */
    foreseen: (window: Source.Window, most: number): number | undefined => {
      const expected = Math.round(density * (window.to - window.from))
      density /= 2
      return expected > most * rows ? expected : undefined
    },
    counted: ({ from, to }: Source.Window, hits: number) => {
      density = hits / Math.max(1, to - from)
    },
    /** A walk broke off at this page: the next ones are shorter. */
    brokeOff: (page: number) => {
      pages = Math.max(1, Math.floor(page / 2))
    },
    finished: () => {
      pages = Math.min(mostPages, pages * 2)
    },
    moved: (how: "order" | "number") => {
      if (how === "order") unordered = true
      else arriving = true
    }
  }
}

interface Moved {
  readonly how: "order" | "number" | "end"
  readonly reason: string
}

/** How a page tells that the set moved since the pages before; `undefined` when it did not. */
const whatMoved = (before: Cursor, page: CallsAnswer, met: Marks.Marks, marks: ReadonlyArray<number>) => {
  const { data, hits } = page
  const number = before.page
  const moved = (how: Moved["how"], reason: string): Moved => ({ how, reason })
  if (number > 1 && hits !== before.hits) {
    return moved("number", `now has ${hits} calls for this window, and had ${before.hits}`)
  }
  if (data.length === 0 && before.read < hits) {
    return moved("end", `gave an empty page ${number} before all of ${hits} calls`)
  }
  return met.hasAny(marks) ? moved("order", `gave a call of an earlier page again on page ${number}`) : undefined
}

/** Makes the stream; `now` is the clock at the first start. */
export const callsStream = (api: Api, config: Config, now: number): Source.SourceStream => {
  const patience = makePatience(config.rows)
  /** The walk of the moment, and the calls it has met: one that comes on two pages says that rows moved. */
  let walk = { number: 0, met: Marks.make() }
  /** A walk that ended before all calls came that there should be: how many were missing. */
  let short: { readonly from: number; readonly missing: number } | undefined

  const begin = (): Cursor => {
    walk = { number: walk.number + 1, met: Marks.make() }
    return { walk: walk.number, page: 1, hits: -1, read: 0 }
  }

  /** Whether an end before its time is the end: a walk over the same window came to the same one. */
  const endsShort = ({ read }: Cursor, { from }: Source.Window, hits: number): boolean => {
    const missing = hits - read
    if (read > 0 && short?.from === from && short.missing === missing) return true
    short = { from, missing }
    return false
  }

  return Source.stream({
    name: "calls",
    types: [eventTypes.call],
    axis: "event",
    walk: "offset",
    revision: 1,
    timing: Settings.timing(config, now),
    // As long as may be: a window of few calls is one request, however long it is.
    window: { largest: Duration.days(3660), smallest, gap: Duration.days(1) },
    partitions: Effect.succeed([{ name: config.tenantId, uri: uriOf(config.tenantId) }]),
    Cursor,
    page: Effect.fnUntraced(function* ({ cursor = begin(), window }) {
      if (cursor.walk !== walk.number) {
        return yield* new Failure.SetMoved({ endpoint, reason: "is being walked from the start again" })
      }
      const most = patience.limit(window, yield* Clock.currentTimeMillis)
      const sure = cursor.page === 1 ? patience.foreseen(window, most) : undefined
      if (sure !== undefined) return yield* tooBig(sure, most)
      const asked = api.calls(window, cursor.page)
      const page = yield* cursor.page === 1
        ? asked
        : Effect.tapError(Effect.retry(asked, again), () => Effect.sync(() => patience.brokeOff(cursor.page)))
      const { data, hits, timezone, ...answer } = page
      if (cursor.page === 1) patience.counted(window, hits)
      if (hits > most * config.rows) return yield* tooBig(hits, most)
      const read = cursor.read + data.length
      // More rows than it says: then it goes on until a page is empty.
      const more = read < hits || (read > hits && data.length > 0)
      const marks = more || cursor.page > 1 ? data.map(Marks.markOf) : []
      const moved = whatMoved(cursor, page, walk.met, marks)
      const ended = moved?.how === "end" && endsShort(cursor, window, hits)
      if (moved !== undefined && !ended) {
        if (moved.how !== "end") patience.moved(moved.how)
        return yield* new Failure.SetMoved({ endpoint, reason: moved.reason })
      }
      if (ended) {
        yield* Effect.logWarning(`${endpoint} says that there are ${hits} calls, and gives ${read} of them each time`)
      }
      if (cursor.page >= Math.max(most, endless)) {
        return yield* new Failure.BadAnswer({ endpoint, reason: `has no end after ${cursor.page} pages` })
      }
      const goesOn = more && !ended
      if (goesOn) walk.met.add(marks)
      else patience.finished()
      return {
        ...answer,
        rows: data.map((row) => recordOf(row, timezone)),
        total: hits,
        ...(goesOn ? { next: { walk: walk.number, page: cursor.page + 1, hits, read } } : {})
      }
    })
  })
}
