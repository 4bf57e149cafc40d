/** Callstream itself, as `callstream run --once` has it: the pipeline, the sources, SQLite in a file, the sinks. */
import "effect/schema/SchemaJITCompiler/enable"
// Loaded when it is first used otherwise; the loops have it from the beginning, and imports are not measured.
import "@effect/platform-node/Undici"
import { join } from "node:path"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Duration, Effect, Schema } from "effect"
import { Pipeline, PipelineSpec, Plugin, RateBudget, Sink, Sqlite, State } from "@callstream/core"
import { plugin as kafka } from "@callstream/sink-kafka"
import { plugin as local } from "@callstream/sink-local"
import { plugin as opensearch } from "@callstream/sink-opensearch"
import { plugin as recentcalls } from "@callstream/source-recentcalls"
import { plugin as storage } from "@callstream/source-storage"
import type { Job } from "./Job.ts"
import { kafkaSettings, openSearchSettings } from "./Settings.ts"

/** Takes everything and keeps nothing. */
const count = Plugin.sink({
  name: "count",
  summary: "Counts.",
  Config: Schema.Struct({}),
  example: "",
  open: () =>
    Effect.succeed({
      identity: "count",
      limits: { maxRecords: 5000, maxBytes: 8 * 1024 * 1024, linger: Duration.millis(20), concurrency: 2 },
      versioned: true,
      write: (events) => Effect.succeed(events.map(() => Sink.stored))
    } satisfies Sink.Sink)
})

const settingsOf = ({ source, vendor }: Job) => ({
  ...vendor.credentials[source],
  baseUrl: vendor.baseUrls[source],
  since: new Date(vendor.from).toISOString(),
  until: new Date(vendor.to).toISOString(),
  lookback: [],
  rate: { perSecond: 1_000_000, concurrency: 4 },
  ...(source === "storage" ? { regions: ["us-east"] } : {})
})

const sinkOf = Effect.fnUntraced(function* ({ folder, place, sink }: Job) {
  if (sink === "count") return { plugin: count, config: {} }
  if (sink === "log") return { plugin: local, config: { path: join(folder, "log"), search: false } }
  if (place === undefined) return yield* Effect.die(`There is no place to write to for ${sink}`)
  return sink === "kafka"
    ? { plugin: kafka, config: yield* kafkaSettings(place) }
    : { plugin: opensearch, config: yield* openSearchSettings(place) }
})

const specOf = Effect.fnUntraced(function* (job: Job) {
  const source =
    job.source === "storage"
      ? { plugin: storage, config: yield* Schema.decodeUnknownEffect(storage.Config)(settingsOf(job)) }
      : { plugin: recentcalls, config: yield* Schema.decodeUnknownEffect(recentcalls.Config)(settingsOf(job)) }
  const sink = yield* sinkOf(job)
  return {
    name: "bench",
    directory: job.folder,
    sources: [{ name: job.source, fingerprint: "", ...source }],
    steps: [],
    sinks: [{ name: job.sink, fingerprint: "", steps: [], buffer: PipelineSpec.defaultBuffer, ...sink }]
  } satisfies PipelineSpec.PipelineSpec
})

/** The state, which tells when it was last committed to: the end of the pipeline is only looked for now and then. */
const timed = (state: State["Service"], committed: () => void): State["Service"] => ({
  ...state,
  partition: (address) => {
    const partition = state.partition(address)
    return { ...partition, commit: (commit) => Effect.tap(partition.commit(commit), () => Effect.sync(committed)) }
  }
})

/** Runs the pipeline to its end; gives how many records the sink has stored, and calls `committed` after each commit. */
export const run = (job: Job, committed: () => void): Promise<number> =>
  Effect.gen(function* () {
    const state = timed(yield* State, committed)
    const options = { once: true, patienceMs: 60_000, drainMs: 10_000 }
    const pipeline = yield* Pipeline.start(yield* specOf(job), options).pipe(Effect.provideService(State, state))
    const { complete, status } = yield* pipeline.outcome
    const books = status.partitions[0]?.books.sinks[job.sink]
    if (!complete || books === undefined) throw new Error(`not complete: ${JSON.stringify(status)}`)
    return books.stored
  }).pipe(
    Effect.provide([
      NodeHttpClient.layerUndici,
      RateBudget.RateBudgets.layer,
      Sqlite.layer({ path: join(job.folder, "state.db"), pipeline: "bench" })
    ]),
    Effect.scoped,
    Effect.runPromise
  )
