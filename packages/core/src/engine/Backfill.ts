/**
 * Carries out one request for a backfill: orders its walk from every partition, waits until they are through, and says
 * how far they are. What the walks mean for what is read, `Classifier.ts` knows.
 */
import { Clock, Effect } from "effect"
import type { State, StateFailed } from "../state/State.ts"
import * as Books from "./Books.ts"
import type { Outlet } from "./Outlet.ts"
import type { PartitionRunner } from "./PartitionRunner.ts"
import type { PipelineSpec } from "./PipelineSpec.ts"
import type { Progress, Walk } from "./Progress.ts"
import type * as Request from "./Request.ts"
import type { SourceRunner } from "./SourceRunner.ts"

export interface BackfillOptions {
  readonly spec: PipelineSpec
  readonly state: State["Service"]
  readonly sources: ReadonlyArray<SourceRunner>
  readonly outlets: ReadonlyArray<Outlet>
  readonly request: number
  readonly backfill: Request.Backfill
  readonly told: {
    readonly report: () => Request.Report
    readonly tell: (change: Partial<Request.Report>) => Effect.Effect<void, StateFailed>
  }
}

const lookMs = 1000

/** Ends when all of the range is read and delivered, but for gaps. */
export const carryOut = Effect.fn("Backfill.carryOut")(function* (options: BackfillOptions) {
  const { backfill, request, told } = options
  const { sink } = backfill
  if (sink !== undefined) yield* begin(options, sink)
  const sources = sourcesOf(options)
  const partitions: Array<PartitionRunner> = []
  for (const source of sources) {
    const known = yield* discovered(source, told)
    partitions.push(...known)
  }
  const started = yield* Clock.currentTimeMillis
  const walks = (progress: Progress) => [walkOf(progress, backfill, request, started)]
  // A partition that cannot begin yet must not hold up the others.
  yield* Effect.forEach(
    partitions,
    (partition) =>
      partition.atWork(({ reader }) =>
        Effect.callback<void>((resume) => {
          reader.order({ request, once: true, walks, begun: () => resume(Effect.void) })
        })
      ),
    { concurrency: "unbounded", discard: true }
  )
  while (true) {
    const open = partitions.flatMap((partition) =>
      (partition.progress()?.walks ?? []).filter((walk) => walk.request === request)
    )
    const toFetch =
      sink === undefined
        ? 0
        : (yield* Effect.forEach(partitions, (partition) => partition.refilling(sink))).reduce((a, b) => a + b, 0)
    const left = open.reduce((sum, { from, next, to }) => sum + (to - next) / (to - from), 0)
    const fraction = partitions.length === 0 ? 1 : 1 - left / partitions.length
    const trouble = sources.map((source) => source.trouble()).find((reason) => reason !== undefined)
    yield* told.tell({
      fraction: Math.round(fraction * 1000) / 1000,
      counts: yield* countsOf(options, toFetch),
      ...(open.length > 0 && trouble !== undefined ? { waits: `a source: ${trouble}` } : {})
    })
    if (open.length + toFetch === 0) break
    yield* Effect.sleep(lookMs)
  }
  yield* end(options, partitions)
})

/** A sink must be open before it is known whether it is new, and since when it is complete. */
const begin = Effect.fnUntraced(function* ({ outlets, state, told }: BackfillOptions, sink: string) {
  const unopened = () => outlets.some((outlet) => outlet.name === sink && outlet.status().identity === undefined)
  while (unopened()) {
    yield* told.tell({ waits: `sink ${sink}` })
    yield* Effect.sleep(lookMs)
  }
  if (told.report().begun !== undefined) return
  const since = (yield* state.sinks).find(({ name }) => name === sink)?.completeSince
  yield* told.tell({ begun: yield* totals(state, sink), ...(since === undefined ? {} : { since }) })
})

const sourcesOf = ({ backfill, sources, spec }: BackfillOptions): ReadonlyArray<SourceRunner> => {
  const from = spec.sinks.find(({ name }) => name === backfill.sink)?.from
  return sources.filter(({ name }) => (backfill.source ?? name) === name && (from === undefined || from.includes(name)))
}

const discovered = Effect.fnUntraced(function* (source: SourceRunner, told: BackfillOptions["told"]) {
  while (true) {
    const known = source.partitions()
    if (known !== undefined) return known
    const trouble = source.trouble()
    yield* told.tell({ waits: `source ${source.name}${trouble === undefined ? "" : `: ${trouble}`}` })
    yield* Effect.sleep(lookMs)
  }
})

/** The range of one partition: what lies beyond its position is read anyway. */
const walkOf = (
  { position, start }: Progress,
  { from, sink, to }: Request.Backfill,
  request: number,
  started: number
): Walk => {
  const first = from ?? start
  return {
    purpose: "backfill",
    from: first,
    to: Math.min(to ?? position, position),
    started,
    next: first,
    spans: [],
    request,
    ...(sink === undefined ? {} : { refill: [sink] })
  }
}

/** What a sink got by backfills, over all partitions. */
const totals = Effect.fnUntraced(function* (state: State["Service"], sink: string) {
  const all = (yield* state.overview).map(({ books }) => books.sinks[sink])
  const sum = (of: (books: Books.SinkBooks) => number) =>
    all.reduce((total, books) => total + (books === undefined ? 0 : of(books)), 0)
  const refilled = (books: Books.SinkBooks) => books.refilled ?? Books.emptySink
  return {
    delivered: sum((books) => refilled(books).stored + refilled(books).superseded),
    unwanted: sum((books) => refilled(books).unwanted),
    refused: sum((books) => refilled(books).refused),
    gone: sum((books) => books.gone ?? 0)
  }
})

const countsOf = Effect.fnUntraced(function* ({ backfill, state, told }: BackfillOptions, toFetch: number) {
  const { sink } = backfill
  if (sink === undefined) return {}
  const begun: Readonly<Record<string, number>> = told.report().begun ?? {}
  const now = yield* totals(state, sink)
  const since = Object.entries(now).map(([name, amount]) => [name, amount - (begun[name] ?? 0)])
  return { ...Object.fromEntries(since), toFetch }
})

/** Says what could not be read; a sink that has got everything is complete. */
const end = Effect.fnUntraced(function* (options: BackfillOptions, partitions: ReadonlyArray<PartitionRunner>) {
  const { backfill, spec, state, told } = options
  const { from, sink, source, to } = backfill
  const gaps = partitions.flatMap((partition) =>
    (partition.progress()?.gaps ?? []).filter((gap) =>
      sink === undefined ? gap.to > (from ?? -Infinity) && gap.from < (to ?? Infinity) : gap.refill?.includes(sink)
    )
  )
  yield* told.tell({ counts: { ...told.report().counts, gaps: gaps.length } })
  if (sink === undefined) return
  const { since } = told.report()
  const all = sourcesOf({ ...options, backfill: { sink } }).every(({ name }) => (source ?? name) === name)
  const whole =
    all &&
    gaps.length === 0 &&
    partitions.every((partition) => from === undefined || from <= (partition.progress()?.start ?? from)) &&
    (to === undefined || (since !== undefined && to >= since))
  const record = (yield* state.sinks).find(({ name }) => name === sink)
  if (!whole || record === undefined || record.completeSince === undefined || record.completeSince !== since) return
  yield* state.saveSink({ name: sink, identity: record.identity })
  yield* told.tell({ counts: { ...told.report().counts, complete: 1 } })
  yield* Effect.logInfo(`Sink ${sink} of ${spec.name} now has what was delivered before, too`)
})
