/** What the tests of this source share: a sandbox, the plugin opened on it, and walks over its stream. */
import { Effect, Layer, Schema } from "effect"
import { FetchHttpClient } from "effect/http"
import { eventTypes, type Json } from "@callstream/model"
import { type Failure, type Plugin, RateBudget, Row, type Source } from "@callstream/core"
import { type Sandbox, type SandboxOptions, start } from "@callstream/sandbox"
import { plugin } from "@callstream/source-storage"

/** The services of a plugin, with a real HTTP client. */
const services = Layer.mergeAll(FetchHttpClient.layer, RateBudget.RateBudgets.layer)

/** Runs a test with the services of a plugin. */
export const run = <A, E>(test: Effect.Effect<A, E, Plugin.PluginServices>) =>
  test.pipe(Effect.scoped, Effect.provide(services))

/** The sandbox's last day. */
export const now = Date.UTC(2026, 10, 1)

/** A small company, the same in every test. */
export const sandbox = (options: SandboxOptions = {}) =>
  start({ now, calls: 60, days: 3, clock: () => now, ...options })

/** Settings as in a pipeline file. */
export const settingsFor = (vendor: Sandbox): Readonly<Record<string, unknown>> => ({
  baseUrl: vendor.baseUrls.storage,
  ...vendor.credentials.storage,
  since: "2020-01-01",
  rate: { perSecond: 10_000, concurrency: 8 }
})

export const allTypes: ReadonlySet<string> = new Set(Object.values(eventTypes).map(({ type }) => type))

const place = { pipeline: "test", name: "objects", directory: "/" }

const decode = (settings: Readonly<Record<string, unknown>>) =>
  Effect.orDie(Schema.decodeUnknownEffect(plugin.Config)(settings, { onExcessProperty: "error", errors: "all" }))

/** Opens the source, as the command does. */
export const open = Effect.fnUntraced(function* (
  settings: Readonly<Record<string, unknown>>,
  wanted: ReadonlySet<string> = allTypes
): Effect.fn.Return<Source.SourceStream, Failure.SourceFailure, Plugin.PluginServices> {
  const { streams } = yield* plugin.open(yield* decode(settings), { ...place, wanted })
  const [stream] = streams
  if (stream === undefined) return yield* Effect.die(new Error("the source has no stream"))
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

/** Walks a window of one partition, page by page, and lets something happen between the pages. */
export const walkOf = Effect.fnUntraced(function* (
  stream: Source.SourceStream,
  partition: Source.Partition,
  window: Source.Window = everything,
  between: (page: number) => void = () => {}
): Effect.fn.Return<{ readonly rows: ReadonlyArray<WalkedRow>; readonly pages: number }, Failure.SourceFailure> {
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
    if (answer.next === undefined) return { rows, pages: page }
    cursor = answer.next
    between(page)
  }
})

/** Walks all partitions. */
export const walkAll = Effect.fnUntraced(function* (
  stream: Source.SourceStream
): Effect.fn.Return<
  ReadonlyArray<{ readonly partition: Source.Partition; readonly rows: ReadonlyArray<WalkedRow> }>,
  Failure.SourceFailure
> {
  const partitions = yield* stream.partitions
  return yield* Effect.forEach(partitions, (partition) =>
    Effect.map(walkOf(stream, partition), ({ rows }) => ({ partition, rows }))
  )
})

/** Fetches what the rows of a partition have pending. */
export const fetchAll = Effect.fnUntraced(function* (
  stream: Source.SourceStream,
  partition: Source.Partition,
  rows: ReadonlyArray<WalkedRow>
): Effect.fn.Return<ReadonlyArray<Source.Fetched>, Failure.SourceFailure> {
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

/** What a record's schema says of its normalized data; the data when it fits. */
export const validated = (record: Source.SourceRecord): Readonly<Record<string, unknown>> => {
  const { data = {} } = record.normalize()
  Schema.decodeUnknownSync(record.type.schema)(data, { onExcessProperty: "error" })
  return data
}
