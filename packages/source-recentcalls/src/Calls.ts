/**
 * The stream of calls: an offset walk over closed windows of their start. What a row means is in `CallsNormalize.ts`.
 *
 * The vendor promises no order between pages and `hits` may change while we walk ("Recent Calls", Pagination, quotes two
 * numbers for one query). So windows are made to fit a page or a few, and a walk that sees anything move starts over.
 */
import { Duration, Effect, Schema } from "effect"
import { Conversation, eventTypes } from "@callstream/model"
import { Failure, Row, Settings, Source } from "@callstream/core"
import { type Api, endpoint } from "./Api.ts"
import { millisInGuid, normalize } from "./CallsNormalize.ts"
import type { Config } from "./Config.ts"
import { RecentCall } from "./Wire.ts"

/** The most pages of a window. */
const mostPages = 4

/** Where a walk is. It is over when as many rows came as the vendor has, or a page is empty. */
const Cursor = Schema.Struct({
  page: Schema.Int,
  hits: Schema.Int,
  /** Rows of the pages before. */
  read: Schema.Int,
  /** Their ids: a call that comes on two pages says that rows moved. */
  ids: Schema.Array(Schema.String)
})
type Cursor = typeof Cursor.Type

const first: Cursor = { page: 1, hits: -1, read: 0, ids: [] }

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

const tooBig = (calls: number): Failure.WindowTooBig =>
  new Failure.WindowTooBig({ endpoint, reason: `has ${calls} calls for this window, more than ${mostPages} pages` })

/** Makes the stream; `now` is the clock at the first start. */
export const callsStream = (api: Api, config: Config, now: number): Source.SourceStream => {
  const mostCalls = config.rows * mostPages
  const smallest = Duration.seconds(1)
  /**
   * Calls per millisecond in the window read last: one that will surely be too big is not worth a request. It is trusted
   * less with each window that was passed by on its word.
   */
  let density = 0
  return Source.stream({
    name: "calls",
    types: [eventTypes.call],
    axis: "event",
    walk: "offset",
    revision: 1,
    timing: Settings.timing(config, now),
    window: { largest: Duration.days(1), smallest },
    partitions: Effect.succeed([{ name: config.tenantId, uri: uriOf(config.tenantId) }]),
    Cursor,
    page: Effect.fnUntraced(function* ({ cursor = first, window }) {
      const span = window.to - window.from
      const expected = Math.round(density * span)
      density /= 2
      if (cursor.page === 1 && expected > mostCalls && span >= 2 * Duration.toMillis(smallest)) {
        return yield* tooBig(expected)
      }
      const { data, hits, timezone, ...answer } = yield* api.calls(window, cursor.page)
      density = hits / Math.max(1, span)
      if (hits > mostCalls) return yield* tooBig(hits)
      const read = cursor.read + data.length
      const more = read < hits
      const ids = more || cursor.page > 1 ? data.map(idOf).filter((id) => id !== "") : []
      const moved = whatMoved(cursor, hits, more && data.length === 0, ids)
      if (moved !== undefined) return yield* new Failure.SetMoved({ endpoint, reason: moved })
      return {
        ...answer,
        rows: data.map((row) => recordOf(row, timezone)),
        total: hits,
        ...(more ? { next: { page: cursor.page + 1, hits, read, ids: [...cursor.ids, ...ids] } } : {})
      }
    })
  })
}

/** How a page tells that the set moved since the pages before; `undefined` when it did not. */
const whatMoved = (before: Cursor, hits: number, endsEarly: boolean, ids: ReadonlyArray<string>) => {
  if (before.page > 1 && hits !== before.hits) return `now has ${hits} calls for this window, and had ${before.hits}`
  if (endsEarly) return `gave an empty page ${before.page} before all of ${hits} calls`
  const known = new Set(before.ids)
  return ids.some((id) => known.has(id)) ? `gave a call of an earlier page again on page ${before.page}` : undefined
}

const idOf = (row: unknown): string =>
  typeof row === "object" && row !== null && "callId" in row && typeof row.callId === "string" ? row.callId : ""
