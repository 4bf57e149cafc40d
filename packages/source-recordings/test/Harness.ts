/** What the tests of this source share: a sandbox, the plugin opened on it, and walks over its streams. */
import { Effect, Layer, Schema } from "effect"
import { FetchHttpClient } from "effect/http"
import { eventTypes, type Json } from "@callstream/model"
import { type Failure, type Plugin, RateBudget, Row, type Source } from "@callstream/core"
import { type Sandbox, type SandboxOptions, start } from "@callstream/sandbox"
import { plugin } from "@callstream/source-recordings"

/** The services of a plugin, with a real HTTP client. */
const services = Layer.mergeAll(FetchHttpClient.layer, RateBudget.RateBudgets.layer)

/** Runs a test with the services of a plugin. */
export const run = <A, E>(test: Effect.Effect<A, E, Plugin.PluginServices>) =>
  test.pipe(Effect.scoped, Effect.provide(services))

/** The sandbox's present. */
export const now = Date.UTC(2026, 10, 1)

/** A small company, the same in every test. */
export const sandbox = (options: SandboxOptions = {}) =>
  start({ now, calls: 130, days: 3, clock: () => now, ...options })

/** Settings as in a pipeline file. */
export const settingsFor = (vendor: Sandbox): Readonly<Record<string, unknown>> => ({
  baseUrl: vendor.baseUrls.recordings,
  ...vendor.credentials.recordings,
  since: "2020-01-01",
  rate: { perSecond: 10_000, concurrency: 8 }
})

const place = { pipeline: "test", name: "recordings", directory: "/" }

const decode = (settings: Readonly<Record<string, unknown>>) =>
  Effect.orDie(Schema.decodeUnknownEffect(plugin.Config)(settings, { onExcessProperty: "error", errors: "all" }))

/** Opens one of the two streams, as the command does. */
export const open = Effect.fnUntraced(function* (
  settings: Readonly<Record<string, unknown>>,
  name: "files" | "transcripts"
): Effect.fn.Return<Source.SourceStream, Failure.SourceFailure, Plugin.PluginServices> {
  const wanted = new Set(Object.values(eventTypes).map(({ type }) => type))
  const { streams } = yield* plugin.open(yield* decode(settings), { ...place, wanted })
  const stream = streams.find((stream) => stream.name === name)
  if (stream === undefined) return yield* Effect.die(new Error(`the source has no stream ${name}`))
  return stream
})

export const check = Effect.fnUntraced(function* (
  settings: Readonly<Record<string, unknown>>
): Effect.fn.Return<ReadonlyArray<Source.CheckLine>, never, Plugin.PluginServices> {
  return yield* plugin.check?.(yield* decode(settings), place) ?? Effect.succeed([])
})

/** All time. */
export const everything: Source.Window = { from: Date.UTC(2020, 0, 1), to: now + 1 }

export type WalkedRow = Source.SourceRecord | Source.Unreadable

export const isRecord = (row: WalkedRow): row is Source.SourceRecord => !("unreadable" in row)

/** Walks a window page by page, and lets something happen between the pages. */
export const walk = Effect.fnUntraced(function* (
  stream: Source.SourceStream,
  window: Source.Window = everything,
  between: (page: number) => void = () => {}
): Effect.fn.Return<
  { readonly partition: Source.Partition; readonly rows: ReadonlyArray<WalkedRow>; readonly pages: number },
  Failure.SourceFailure
> {
  const [partition] = yield* stream.partitions
  if (partition === undefined) return yield* Effect.die(new Error("the stream has no partition"))
  const rows: Array<WalkedRow> = []
  let cursor: Json | undefined
  for (let page = 1; ; page++) {
    const answer: Source.Page = yield* stream.page({
      partition,
      window,
      purpose: "catch-up",
      ...(cursor === undefined ? {} : { cursor })
    })
    rows.push(...answer.rows)
    if (answer.next === undefined) return { partition, rows, pages: page }
    cursor = answer.next
    between(page)
  }
})

/** Walks all time and fetches what is announced. */
export const fetchAll = Effect.fnUntraced(function* (
  stream: Source.SourceStream
): Effect.fn.Return<ReadonlyArray<Source.Fetched>, Failure.SourceFailure> {
  const { partition, rows } = yield* walk(stream)
  const pending = rows.flatMap((row) => (isRecord(row) && row.pending !== undefined ? [row.pending] : []))
  // What is pending lies in the state before it is fetched.
  const stored = pending.map(({ request, subject, token, type }) => ({
    type,
    subject,
    token,
    request: Row.fromParsed(JSON.parse(JSON.stringify(request)))
  }))
  if (stream.fetch === undefined) return yield* Effect.die(new Error("the stream fetches nothing"))
  return yield* stream.fetch(partition, stored)
})

/** The records of what was fetched; anything else is a failed test. */
export const recordsOf = (fetched: ReadonlyArray<Source.Fetched>): ReadonlyArray<Source.SourceRecord> =>
  fetched.flatMap((answer) => {
    if (!("records" in answer)) throw new Error(JSON.stringify(answer))
    return answer.records.filter(isRecord)
  })

/** The normalized data of a record, which fits its schema. */
export const validated = (record: Source.SourceRecord): Readonly<Record<string, unknown>> => {
  const { data = {} } = record.normalize()
  Schema.decodeUnknownSync(record.type.schema)(data, { onExcessProperty: "error" })
  return data
}
