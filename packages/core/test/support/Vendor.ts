/**
 * A made-up vendor: rows that appear late, change, and end, read by time ranges and pages, as the real ones are. It knows
 * what exists, so that a test can compare.
 */
import { Clock, Duration, Effect, Schema } from "effect"
import { EventType, type Json } from "@callstream/model"
import { Failure, Source } from "@callstream/core"

export interface Row {
  readonly key: string
  /** On the time axis. */
  readonly at: number
  /** When it can first be read, on the clock. */
  readonly visible: number
  readonly value: Json
  readonly deleted?: boolean
  /** What a `fetch` gives; its token is the text itself. */
  readonly body?: string
  readonly unreadable?: boolean
}

export const callType = EventType.make("test.call.v1", Schema.Struct({ value: Schema.Json, raw: Schema.Json }))
export const bodyType = EventType.make("test.body.v1", Schema.Struct({ text: Schema.String }))

export interface VendorOptions {
  readonly walk: "keyset" | "offset"
  readonly pageSize: number
  /** The vendor tells its clock, with this much difference to ours. */
  readonly skew?: number
}

export class Vendor {
  readonly rows = new Map<string, Row>()
  /** What the next requests end with, one each; then it answers. */
  readonly faults: Array<Failure.SourceFailure> = []
  readonly bodyFaults: Array<Source.Fetched> = []
  readonly asks: Array<Source.Ask> = []
  /** Windows that always fail with this. */
  broken: ((window: Source.Window) => Failure.SourceFailure | undefined) | undefined
  inFlight = 0
  mostInFlight = 0
  readonly options: VendorOptions

  constructor(options: VendorOptions) {
    this.options = options
  }

  put(row: Row) {
    this.rows.set(row.key, row)
  }

  /** What a request for this window sees at this time. */
  visible({ from, to }: Source.Window, now: number): ReadonlyArray<Row> {
    return [...this.rows.values()]
      .filter((row) => row.visible <= now && row.at >= from && row.at < to)
      .sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
  }

  readonly page = (ask: Omit<Source.Ask, "cursor"> & { readonly cursor?: Cursor }) =>
    Effect.gen({ self: this }, function* () {
      const { pageSize, skew, walk } = this.options
      this.asks.push(ask)
      this.inFlight += 1
      this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
      yield* Effect.ensuring(
        Effect.yieldNow,
        Effect.sync(() => {
          this.inFlight -= 1
        })
      )
      const fault = this.broken?.(ask.window) ?? this.faults.shift()
      if (fault !== undefined) return yield* fault
      const now = yield* Clock.currentTimeMillis
      const all = this.visible(ask.window, now)
      const { cursor } = ask
      if (walk === "offset" && cursor !== undefined && cursor.total !== all.length) {
        return yield* new Failure.SetMoved({ endpoint: "GET /rows", reason: "the number of rows changed" })
      }
      const start =
        cursor === undefined ? 0 : walk === "offset" ? cursor.offset : all.findIndex((row) => after(row, cursor))
      const slice = start === -1 ? [] : all.slice(start, start + pageSize)
      const last = slice.at(-1)
      const end = last === undefined || start + pageSize >= all.length
      return {
        rows: slice.map(recordOf),
        bytes: slice.length * 100,
        ...(skew === undefined ? {} : { vendorNow: Math.floor((now + skew) / 1000) * 1000 }),
        ...(end || last === undefined
          ? {}
          : { next: { offset: start + pageSize, at: last.at, key: last.key, total: all.length } })
      }
    })

  readonly fetch = (_partition: Source.Partition, contents: ReadonlyArray<Source.PendingContent>) =>
    Effect.sync(() =>
      contents.map((content): Source.Fetched => {
        const fault = this.bodyFaults.shift()
        if (fault !== undefined) return fault
        const row = this.rows.get(JSON.stringify(content.request).slice(1, -1))
        if (row?.body === undefined || row.deleted === true) return { gone: "no such row" }
        const { body } = row
        return {
          bytes: body.length,
          records: [
            {
              type: bodyType,
              subject: content.subject,
              op: "upsert",
              content: body,
              fetched: content.token,
              normalize: () => ({ data: { text: body } })
            }
          ]
        }
      })
    )
}

const Cursor = Schema.Struct({ offset: Schema.Int, at: Schema.Int, key: Schema.String, total: Schema.Int })
type Cursor = typeof Cursor.Type

const after = (row: Row, cursor: Cursor): boolean =>
  row.at > cursor.at || (row.at === cursor.at && row.key > cursor.key)

const recordOf = (row: Row): Source.SourceRecord | Source.Unreadable => {
  if (row.unreadable === true) return { unreadable: "value is not as documented", raw: row.value, subject: row.key }
  const record: Source.SourceRecord = {
    type: callType,
    subject: row.key,
    op: row.deleted === true ? "delete" : "upsert",
    content: row.value,
    conversation: row.key,
    normalize: () => ({
      time: new Date(row.at).toISOString(),
      ...(row.deleted === true ? {} : { data: { value: row.value, raw: row.value } })
    })
  }
  return row.body === undefined || row.deleted === true
    ? record
    : { ...record, pending: { type: bodyType, subject: row.key, token: row.body, request: row.key } }
}

/** The settings of the made-up vendor's one stream. */
export const streamOf = (
  vendor: Vendor,
  timing: Partial<Source.Timing> & { readonly since: number },
  more: { readonly partitions?: ReadonlyArray<string>; readonly largest?: Duration.Input } = {}
): Source.SourceStream =>
  Source.stream({
    name: "rows",
    types: [callType, bodyType],
    axis: "event",
    walk: vendor.options.walk,
    revision: 1,
    window: { largest: Duration.fromInputUnsafe(more.largest ?? "1 hour"), smallest: Duration.seconds(1) },
    timing: { poll: Duration.minutes(1), lag: Duration.zero, lookback: [], ...timing },
    partitions: Effect.succeed((more.partitions ?? ["main"]).map((name) => ({ name, uri: `test/${name}` }))),
    Cursor,
    page: vendor.page,
    fetch: vendor.fetch
  })
