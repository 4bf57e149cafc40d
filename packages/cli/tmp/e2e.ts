import { NodeHttpClient } from "@effect/platform-node"
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Schema, Clock } from "effect"
import { start as startSandbox } from "@callstream/sandbox"
import { Pipeline, Plugin, RateBudget, Sink, Sqlite, Books } from "@callstream/core"
import { plugin as recentcalls } from "@callstream/source-recentcalls"
import { plugin as storage } from "@callstream/source-storage"
import { plugin as work } from "@callstream/source-workanalytics"

const program = Effect.gen(function* () {
  const sb = yield* startSandbox({ calls: 200 })
  const c = sb.credentials
  const since = new Date(Date.now() - 31 * 86400_000).toISOString()
  const rate = { perSecond: 500, concurrency: 8 }
  const got = new Map<string, any>()
  const sink = Plugin.sink({
    name: "count",
    summary: "",
    Config: Schema.Struct({}),
    example: "",
    open: () =>
      Effect.succeed({
        identity: "x",
        versioned: false,
        limits: { maxRecords: 1000, maxBytes: 1e7, linger: "10 millis" as any, concurrency: 1 },
        write: (events: any) =>
          Effect.sync(() =>
            events.map((e: any) => {
              got.set(`${e.source}|${e.type}|${e.subject}`, e)
              return Sink.stored
            })
          )
      })
  } as any)
  const mk = (name: string, plugin: any, config: any) =>
    Effect.map(Schema.decodeUnknownEffect(plugin.Config)({ ...config, since, rate, lag: "0 s" }), (config) => ({
      name,
      plugin,
      config,
      fingerprint: "1"
    }))
  const sources: any[] = []
  const all: any = {
    recentcalls: [recentcalls, { baseUrl: sb.baseUrls.recentcalls, ...c.recentcalls }],
    storage: [storage, { baseUrl: sb.baseUrls.storage, ...c.storage }],
    workanalytics: [work, { baseUrl: sb.baseUrls.workanalytics, ...c.workanalytics }],
    recordings: [recordings, { baseUrl: sb.baseUrls.recordings, ...c.recordings }]
  }
  for (const n of (process.argv[2] ?? "recentcalls,storage,workanalytics,recordings").split(","))
    if (all[n]?.[0]) sources.push(yield* mk(n, all[n][0], all[n][1]) as any)
  const t0 = Date.now()
  const p = yield* Pipeline.start(
    {
      name: "e2e",
      directory: "/tmp",
      sources,
      steps: [],
      sinks: [
        {
          name: "s",
          plugin: sink as any,
          config: {},
          fingerprint: "",
          steps: [],
          buffer: { records: 10000, bytes: 64e6 }
        }
      ]
    },
    { once: true, patienceMs: 15000, drainMs: 5000 }
  )
  const o = yield* p.outcome
  console.log(o.complete, o.drained, Date.now() - t0, "ms", got.size)
  for (const s of o.status.partitions)
    console.log(
      s.source,
      s.stream,
      s.partition,
      s.activity,
      s.reason ?? "",
      JSON.stringify(s.books),
      Books.imbalance(s.books),
      s.gaps,
      s.pending
    )
  const counts: any = {}
  for (const k of got.keys()) {
    const [src, type] = k.split("|")
    counts[`${src} ${type}`] = (counts[`${src} ${type}`] ?? 0) + 1
  }
  console.log(counts)
  const truth: any = {}
  for (const t of sb.records()) truth[`${t.stream} ${t.partition}`] = (truth[`${t.stream} ${t.partition}`] ?? 0) + 1
  console.log(truth, sb.forbidden())
  const req: any = {}
  for (const r of sb.requests())
    req[
      `${r.method} ${r.path
        .split("?")[0]!
        .replace(/[0-9a-f]{8}-[^/]*/, ":id")
        .replace(/int-.*/, ":guid")} ${r.status}`
    ] =
      (req[
        `${r.method} ${r.path
          .split("?")[0]!
          .replace(/[0-9a-f]{8}-[^/]*/, ":id")
          .replace(/int-.*/, ":guid")} ${r.status}`
      ] ?? 0) + 1
  console.log(req)
}).pipe(
  Effect.scoped,
  Effect.provide(
    Layer.mergeAll(NodeHttpClient.layerUndici, RateBudget.RateBudgets.layer, Sqlite.layerMemory({ pipeline: "e2e" }))
  )
)
NodeRuntime.runMain(program as any)
