/**
 * What the tests of every source share: a sandbox whose time stands still, the plugin opened on it as the command does,
 * with a real HTTP client, and walks over its streams as the runner makes them.
 */
import { Effect, Layer, Schema } from "effect"
import { FetchHttpClient } from "effect/http"
import { type Failure, type Plugin, RateBudget, Row, type Source } from "@callstream/core"
import { eventTypes } from "@callstream/model"
import { type ApiName, type Sandbox, type SandboxOptions, start } from "@callstream/sandbox"

/** The sandbox's present, epoch milliseconds. */
export const now = Date.UTC(2026, 10, 20, 12)

/** A day in milliseconds. */
export const day = 86_400_000

/** All time, with what is made while the sandbox's clock stands still. */
export const everything: Source.Window = { from: Date.UTC(2020, 0, 1), to: now + 1 }

/** The names of all types: sinks that take everything. */
export const allTypes: ReadonlySet<string> = new Set(Object.values(eventTypes).map(({ type }) => type))

/** Settings of a source, as they stand in a file. */
type Settings = Readonly<Record<string, unknown>>

/** A sandbox with all its calls there. */
export const startSandbox = (options: SandboxOptions) => start({ now, clock: () => now, ...options })

/** Settings that reach an API of a sandbox, with a rate that does not slow a test down. */
export const sandboxSettings = (vendor: Sandbox, api: ApiName, more: Settings = {}): Settings => ({
  baseUrl: vendor.baseUrls[api],
  ...vendor.credentials[api],
  rate: { perSecond: 10_000, concurrency: 8 },
  ...more
})

const services = Layer.mergeAll(FetchHttpClient.layer, RateBudget.RateBudgets.layer)

/** Runs a test with a client and rate budgets of its own. */
export const run = <A, E>(test: Effect.Effect<A, E, Plugin.PluginServices>) =>
  test.pipe(Effect.scoped, Effect.provide(services))

/** Streams of a source, in the making. */
export type Opened<A> = Effect.Effect<A, Failure.SourceFailure, Plugin.PluginServices>

/** What `callstream check` prints, in the making. */
export type Checked = Effect.Effect<ReadonlyArray<Source.CheckLine>, never, Plugin.PluginServices>

type PluginUnderTest = Plugin.SourcePlugin & Plugin.WithConfig<Schema.Decoder<unknown>>

/** Decodes settings as the command does. */
export const decodeSettings = <A>(config: Schema.Decoder<A>, settings: unknown) =>
  Schema.decodeUnknownEffect(config)(settings, { onExcessProperty: "error", errors: "all" })

const place = { pipeline: "acme", name: "acme", directory: "/" }

/** The streams of a source with these settings. */
export const openStreams = Effect.fnUntraced(function* (
  plugin: PluginUnderTest,
  settings: unknown,
  wanted: ReadonlySet<string> = allTypes
): Effect.fn.Return<ReadonlyArray<Source.SourceStream>, Failure.SourceFailure, Plugin.PluginServices> {
  const config = yield* Effect.orDie(decodeSettings(plugin.Config, settings))
  const { streams } = yield* plugin.open(config, { ...place, wanted })
  return streams
})

/** One of these streams. */
export const openStream = Effect.fnUntraced(function* (
  plugin: PluginUnderTest,
  name: string,
  settings: unknown,
  wanted?: ReadonlySet<string>
): Effect.fn.Return<Source.SourceStream, Failure.SourceFailure, Plugin.PluginServices> {
  const streams = yield* openStreams(plugin, settings, wanted)
  return streams.find((stream) => stream.name === name) ?? (yield* Effect.die(`the source has no stream ${name}`))
})

/** What `callstream check` prints. */
export const checkLines = Effect.fnUntraced(function* (
  plugin: PluginUnderTest,
  settings: unknown
): Effect.fn.Return<ReadonlyArray<Source.CheckLine>, never, Plugin.PluginServices> {
  const config = yield* Effect.orDie(decodeSettings(plugin.Config, settings))
  return yield* plugin.check?.(config, place) ?? Effect.die("the source has no check")
})

export type WalkedRow = Source.SourceRecord | Source.Unreadable

/** What a walk over a window of a partition gave; `rows` are those of all its pages. */
export interface Walked {
  readonly partition: Source.Partition
  readonly pages: ReadonlyArray<Source.Page>
  readonly rows: ReadonlyArray<WalkedRow>
}

/** Walks a window, from the first page to the one that ends it; `between` happens after each page but the last. */
export const walk = Effect.fnUntraced(function* (
  stream: Source.SourceStream,
  partition: Source.Partition,
  window: Source.Window = everything,
  between: (page: number) => void = () => {}
): Effect.fn.Return<Walked, Failure.SourceFailure> {
  const pages: Array<Source.Page> = []
  let cursor: Source.Page["next"]
  for (;;) {
    const page: Source.Page = yield* stream.page({
      partition,
      window,
      purpose: "live",
      ...(cursor === undefined ? {} : { cursor })
    })
    pages.push(page)
    cursor = page.next
    if (cursor === undefined) return { partition, pages, rows: pages.flatMap(({ rows }) => rows) }
    between(pages.length)
  }
})

/** Walks a window of a stream that has one partition. */
export const walkOnly = Effect.fnUntraced(function* (
  stream: Source.SourceStream,
  window?: Source.Window
): Effect.fn.Return<Walked, Failure.SourceFailure> {
  const [partition, ...others] = yield* stream.partitions
  if (partition === undefined || others.length > 0) return yield* Effect.die("the stream has not one partition")
  return yield* walk(stream, partition, window)
})

/** Walks everything in all partitions. */
export const walkAll = Effect.fnUntraced(function* (
  stream: Source.SourceStream
): Effect.fn.Return<ReadonlyArray<Walked>, Failure.SourceFailure> {
  return yield* Effect.forEach(yield* stream.partitions, (partition) => walk(stream, partition))
})

/** Fetches what the rows of a walk have pending. */
export const fetchPending = Effect.fnUntraced(function* (
  stream: Source.SourceStream,
  { partition, rows }: Walked
): Effect.fn.Return<ReadonlyArray<Source.Fetched>, Failure.SourceFailure> {
  const pending = rows.flatMap((row) => (isRecord(row) && row.pending !== undefined ? [row.pending] : []))
  // What is pending lies in the state before it is fetched.
  const stored = pending.map(({ request, subject, token, type }) => ({
    type,
    subject,
    token,
    request: Row.fromParsed(JSON.parse(JSON.stringify(request)))
  }))
  return yield* stream.fetch?.(partition, stored) ?? Effect.die("the stream fetches nothing")
})

export const isRecord = (row: WalkedRow): row is Source.SourceRecord => !("unreadable" in row)

/** The records of walks and pages; an unreadable row is a failed test. */
export const recordsOf = (
  ...parts: ReadonlyArray<{ readonly rows: ReadonlyArray<WalkedRow> }>
): ReadonlyArray<Source.SourceRecord> =>
  parts.flatMap(({ rows }) =>
    rows.map((row) => {
      if (!isRecord(row)) throw new Error(row.unreadable)
      return row
    })
  )

/** The normalized data of a record, which fits its schema. */
export const validated = (record: Source.SourceRecord): Readonly<Record<string, unknown>> => {
  const { data = {} } = record.normalize()
  Schema.decodeUnknownSync(record.type.schema)(data, { onExcessProperty: "error" })
  return data
}

/** What kind of failure an effect ends with. */
export const kindOfFailure = <A, R>(effect: Effect.Effect<A, Failure.SourceFailure, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag: kind }) => kind)
