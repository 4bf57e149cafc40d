/**
 * How both lists are walked: pages of 50 from row `n`, until one has fewer. No order is promised and nothing counts the
 * rows, so each page asks for the last row of the one before again: should another stand there, the set has moved.
 *
 * Source: Recordings API, Pagination (read 2026-11-20).
 */
import { Duration, Effect, Schema } from "effect"
import type { EventType, Json } from "@callstream/model"
import { Failure, Settings, Source } from "@callstream/core"
import { type Api, endpointOf, pageRows } from "./Api.ts"
import type { Config } from "./Config.ts"
import type { Kind } from "./Rows.ts"

/** Where a walk is: the row that is asked for again. */
const Cursor = Schema.Struct({
  /** Its number, from 1. */
  n: Schema.Int,
  /** Its key, and that of the first row of its page. */
  last: Schema.String,
  first: Schema.String
})
type Cursor = typeof Cursor.Type

interface WalkedPage {
  readonly rows: ReadonlyArray<Json>
  /** Whether the first row was on the page before. */
  readonly overlap: boolean
  readonly bytes: number
  readonly vendorNow?: number
  readonly next?: Cursor
}

/** Reads a page; `keyOf` tells rows apart. */
const walkPage = Effect.fnUntraced(function* (
  api: Api,
  kind: Kind,
  keyOf: (row: Json) => string,
  window: Source.Window,
  cursor: Cursor | undefined
) {
  const n = cursor?.n ?? 1
  const { rows, ...answer } = yield* api.list(kind, window, n)
  const [first] = rows
  const last = rows.at(-1)
  const endpoint = endpointOf(kind)
  if (cursor !== undefined) {
    const found = first === undefined ? undefined : keyOf(first)
    if (found !== cursor.last) {
      return yield* found === cursor.first
        ? new Failure.BadAnswer({ endpoint, reason: `gave the same page again for n=${n}` })
        : new Failure.SetMoved({ endpoint, reason: `has another row ${n} than a page before` })
    }
  }
  const more = first !== undefined && last !== undefined && rows.length >= pageRows
  const next = more ? { n: n + rows.length - 1, first: keyOf(first), last: keyOf(last) } : undefined
  const page: WalkedPage = { rows, overlap: cursor !== undefined, ...answer }
  return next === undefined ? page : { ...page, next }
})

/** What sets one of the two lists apart. */
interface List {
  readonly name: string
  readonly kind: Kind
  readonly type: EventType.EventType
  /** Tells rows apart. */
  readonly keyOf: (row: Json) => string
  /** The records of a page's rows, by position. */
  readonly recordsOf: (rows: ReadonlyArray<Json>) => ReadonlyArray<Source.SourceRecord | Source.Unreadable>
}

/** The stream of a list; `now` is the clock at the first start. */
export const listStream = ({ keyOf, kind, name, recordsOf, type }: List, api: Api, config: Config, now: number) =>
  Source.stream({
    name,
    types: [type],
    axis: "event",
    walk: "offset",
    revision: 1,
    timing: Settings.timing(config, now),
    window: { largest: Duration.days(1), smallest: Duration.minutes(1) },
    partitions: Effect.succeed([{ name: config.tenant, uri: `8x8/recordings/${encodeURIComponent(config.tenant)}` }]),
    Cursor,
    page: Effect.fnUntraced(function* ({ cursor, window }) {
      const { overlap, rows, ...page } = yield* walkPage(api, kind, keyOf, window, cursor)
      const records = recordsOf(rows)
      return { ...page, rows: overlap ? records.slice(1) : records }
    })
  })
