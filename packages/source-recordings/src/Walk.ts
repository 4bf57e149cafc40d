/**
 * How both lists are walked: pages of 50 from row `n`, until one has fewer. No order is promised and nothing counts the
 * rows, so each page asks for the last row of the one before again: should another stand there, the set has moved.
 *
 * A walk cannot be resumed, so one window should not take hours. Where the rows turn out to be in the order of their
 * start, as they usually are, a long window ends early, behind the last minute that is read for certain.
 *
 * Source: Recordings API, Pagination (read 2026-11-20).
 */
import { Duration, Effect, Schema } from "effect"
import type { EventType, Json } from "@callstream/model"
import { Failure, Settings, Source } from "@callstream/core"
import { type Api, endpointOf, pageRows } from "./Api.ts"
import type { Config } from "./Config.ts"
import { millisOf } from "./Fields.ts"
import type { Kind } from "./Rows.ts"
import { Broken } from "./Xml.ts"

/** Where a walk is: the row that is asked for again. */
const Cursor = Schema.Struct({
  /** Its number, from 1. */
  n: Schema.Int,
  /** Its key, and that of the first row of its page. */
  last: Schema.String,
  first: Schema.String,
  /** When it began, epoch milliseconds, if all rows so far were in this order. */
  at: Schema.optionalKey(Schema.Int)
})
type Cursor = typeof Cursor.Type

/** Rows after which a window ends as soon as it may: two minutes of requests. */
const longWindow = 100 * pageRows
/** Rows after which it is split where they are in no order. */
const longestWindow = 400 * pageRows

const minute = 60_000

interface WalkedPage {
  readonly rows: ReadonlyArray<Json | Broken>
  /** Whether the first row was on the page before. */
  readonly overlap: boolean
  readonly bytes: number
  readonly vendorNow?: number
  readonly next?: Cursor
  readonly upTo?: number
}

/** Reads a page; `keyOf` tells rows apart. */
const walkPage = Effect.fnUntraced(function* (
  api: Api,
  { keyOf: keyOfRow, kind }: Pick<List, "keyOf" | "kind">,
  zone: string,
  window: Source.Window,
  cursor: Cursor | undefined
) {
  const keyOf = (row: Json | Broken) => (row instanceof Broken ? row.text : keyOfRow(row))
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
  const page: WalkedPage = { rows, overlap: cursor !== undefined, ...answer }
  const read = n + rows.length - 1
  if (first === undefined || last === undefined || rows.length < pageRows || read === cursor?.n) return page
  const at = inOrder(rows, cursor === undefined ? -Infinity : cursor.at, zone)
  if (read >= longWindow) {
    const upTo = at === undefined ? window.from : Math.floor(at / minute) * minute
    if (upTo > window.from && upTo < window.to) return { ...page, upTo }
    if (read >= longestWindow)
      return yield* new Failure.WindowTooBig({ endpoint, reason: `has more than ${read} rows in this window` })
  }
  return { ...page, next: { n: read, first: keyOf(first), last: keyOf(last), ...(at === undefined ? {} : { at }) } }
})

/** The start of the last row if none began before the one in front of it; `before` is that of the first row's. */
const inOrder = (rows: ReadonlyArray<Json | Broken>, before: number | undefined, zone: string): number | undefined => {
  let last = before
  for (const row of rows) {
    if (last === undefined) return undefined
    const at = startOf(row, zone)
    if (at !== undefined) last = at < last ? undefined : at
  }
  return last === -Infinity ? undefined : last
}

const startOf = (row: Json | Broken, zone: string): number | undefined => {
  const text = typeof row === "object" && row !== null && "startDate" in row ? row.startDate : undefined
  return typeof text === "string" ? millisOf(text, zone) : undefined
}

/** What sets one of the two lists apart. */
interface List {
  readonly name: string
  readonly kind: Kind
  readonly type: EventType.EventType
  /** Tells rows apart. */
  readonly keyOf: (row: Json) => string
  /** The records of a page's rows, by position. */
  readonly recordsOf: (rows: ReadonlyArray<Json | Broken>) => ReadonlyArray<Source.SourceRecord | Source.Unreadable>
}

/** The stream of a list; `now` is the clock at the first start. */
export const listStream = (list: List, api: Api, config: Config, now: number) =>
  Source.stream({
    name: list.name,
    types: [list.type],
    axis: "event",
    walk: "offset",
    revision: 1,
    timing: Settings.timing(config, now),
    // Windows end themselves: a tenant with few calls is read in one.
    window: { largest: Duration.days(3650), smallest: Duration.minutes(1) },
    partitions: Effect.succeed([{ name: config.tenant, uri: `8x8/recordings/${encodeURIComponent(config.tenant)}` }]),
    Cursor,
    page: Effect.fnUntraced(function* ({ cursor, window }) {
      const { overlap, rows, ...page } = yield* walkPage(api, list, config.timezone, window, cursor)
      const records = list.recordsOf(rows)
      return { ...page, rows: overlap ? records.slice(1) : records }
    })
  })
