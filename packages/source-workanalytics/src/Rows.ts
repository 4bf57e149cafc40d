/**
 * What call records and call legs have in common: how their pages are walked, and what identifies a row.
 *
 * `scrollId` is a place in the order of rows, newest first: it holds after a restart, and rows that appear before it are
 * found by the next pass. Source: "Call Detail Records", Pagination (read 2026-11-20).
 */
import { Duration, Effect, Schema } from "effect"
import { Conversation, type EventType, Instant } from "@callstream/model"
import { Failure, Row, Settings, Source } from "@callstream/core"
import type { Api, RowsPath } from "./Api.ts"
import type { Config } from "./Config.ts"

/** The place behind the last row of a page. */
const Cursor = Schema.Struct({
  scrollId: Schema.NonEmptyString,
  /** Pages before. */
  pages: Schema.optionalKey(Schema.Int),
  /** Rows of all pages, as the first one said. */
  total: Schema.optionalKey(Schema.Int)
})

/**
 * The total drifts, and is no end; but a walk of so many times as many pages as it makes has none. `rows` are taken for
 * the total where none is told.
 */
const endless = { pages: 200, times: 4, rows: 1_000_000 } as const

export interface Kind {
  readonly name: string
  readonly path: RowsPath
  readonly type: EventType.EventType
  /** The record of a row. */
  readonly recordOf: (row: unknown, pbx: string) => Source.SourceRecord | Source.Unreadable
}

/** What identifies a row. */
interface Identified {
  readonly callId: string | number
  readonly pbxId?: unknown
}

/** Makes a kind of rows; `subjectOf` is given the call a row is about. */
export const kindOf = <Wire extends Identified>({
  normalize,
  schema,
  subjectOf,
  ...kind
}: Omit<Kind, "recordOf"> & {
  readonly schema: Schema.Codec<Wire>
  readonly subjectOf: (row: Wire, call: string) => string
  readonly normalize: (row: Wire, pbx: string) => Source.Normalized
}): Kind => {
  const rowOf = Row.checked(schema)
  return {
    ...kind,
    recordOf: (given, pbx) => {
      const row = rowOf(given)
      if ("unreadable" in row) return row
      const call = callOf(row, pbx)
      return {
        type: kind.type,
        subject: subjectOf(row, call),
        ...bornOf(row),
        op: "upsert",
        content: Row.fromParsed(row),
        conversation: call,
        normalize: () => normalize(row, pbx)
      }
    }
  }
}

/** The call of a row, by the name of the PBX in the row itself. */
const callOf = ({ callId, pbxId }: Identified, partition: string) =>
  Conversation.ofWorkCall(typeof pbxId === "string" && pbxId !== "" ? pbxId : partition, String(callId))

/** A call id is a counter that began as epoch milliseconds: it grows with time, which is all that counts here. */
const bornOf = ({ callId }: Identified): { readonly born?: number } => {
  const born = Number(callId)
  return Instant.isMillis(born) ? { born } : {}
}

/** `source` of the events of a PBX. */
export const uriOf = (pbx: string): string => `8x8/workanalytics/${encodeURIComponent(pbx)}`

/** The PBXes that were set, or those there are. */
export const pbxesOf = (api: Api, config: Config): Effect.Effect<ReadonlyArray<string>, Failure.SourceFailure> =>
  config.pbxes === undefined ? api.pbxes : Effect.succeed([...new Set(config.pbxes)])

/** Makes the stream of one kind of rows; `now` is the clock at the first start. */
export const rowsStream = (kind: Kind, api: Api, config: Config, now: number): Source.SourceStream =>
  Source.stream({
    name: kind.name,
    types: [kind.type],
    axis: "event",
    walk: "keyset",
    revision: 1,
    timing: Settings.timing(config, now),
    // As long as may be: every window costs a page without rows at its end, and a place holds after a restart.
    window: { largest: Duration.days(3660), smallest: Duration.minutes(1), gap: Duration.days(1) },
    // What is older is left out of the answer without a word: two years, one of which may have a day more, and a day that
    // depends on the zone. Source: "Call Detail Records" (read 2026-11-20).
    horizon: Duration.days(732),
    partitions: Effect.map(pbxesOf(api, config), (pbxes) => pbxes.map((name) => ({ name, uri: uriOf(name) }))),
    Cursor,
    page: Effect.fnUntraced(function* ({ cursor, partition, window }) {
      const { data, scrollId, ...answer } = yield* api.rows({
        path: kind.path,
        pbxes: [partition.name],
        window,
        ...(cursor === undefined ? {} : { scrollId: cursor.scrollId })
      })
      const pages = (cursor?.pages ?? 0) + 1
      const total = cursor?.total ?? answer.total
      if (pages > endless.pages + (endless.times * (total ?? endless.rows)) / config.pageSize) {
        return yield* new Failure.BadAnswer({ endpoint: `GET ${kind.path}`, reason: `has no end after ${pages} pages` })
      }
      return {
        ...answer,
        rows: data.map((row) => kind.recordOf(row, partition.name)),
        ...(scrollId === undefined ? {} : { next: { scrollId, pages, ...(total === undefined ? {} : { total }) } })
      }
    })
  })
