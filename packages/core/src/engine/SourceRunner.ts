/**
 * One source of a pipeline: opens it, asks each stream for its partitions from time to time, and runs them. A stream or
 * partition that fails does not stop its siblings.
 */
import { Clock, Duration, Effect, FiberMap } from "effect"
import { type Denied, Fatal, type SourceFailure, Unavailable } from "../contract/Failure.ts"
import type { PluginServices } from "../contract/Plugin.ts"
import type { Source, SourceStream } from "../contract/Source.ts"
import type { Step } from "../contract/Step.ts"
import type { Park, State, StateFailed } from "../state/State.ts"
import type { Port } from "./Admission.ts"
import * as Credentials from "../net/Credentials.ts"
import { type RateBudget, RateBudgets } from "../net/RateBudget.ts"
import * as Backoff from "./Backoff.ts"
import * as Books from "./Books.ts"
import * as Gate from "./Gate.ts"
import * as Gauges from "./Gauges.ts"
import * as Offline from "./Offline.ts"
import * as PartitionRunner from "./PartitionRunner.ts"
import type { SourceSpec } from "./PipelineSpec.ts"
import type { PartitionStatus, Trouble } from "./Status.ts"

export interface SourceRunnerOptions {
  readonly pipeline: string
  readonly directory: string
  readonly spec: SourceSpec
  readonly wanted: ReadonlySet<string>
  readonly state: State["Service"]
  readonly parks: ReadonlyArray<Park>
  readonly steps: ReadonlyArray<Step>
  readonly ports: ReadonlyArray<Port>
  readonly stopping: Effect.Effect<void>
  /** Ends when draining has lasted too long. */
  readonly aborting: Effect.Effect<void>
  /** Ends waiting for what is in flight: something failed for good. */
  readonly abort: Effect.Effect<void>
  readonly moved: () => void
  readonly onlyRequests: boolean
  /** Asks the source nothing: its partitions are those of the state, and nothing is read. */
  readonly offline: boolean
}

export interface SourceRunner {
  readonly name: string
  /** The partitions that are known; `undefined` before all streams were asked for theirs. */
  readonly partitions: () => ReadonlyArray<PartitionRunner.PartitionRunner> | undefined
  /** Why there is something that cannot be asked at present. */
  readonly trouble: () => string | undefined
  /** Ends when it was stopped and nothing is in flight. */
  readonly run: Effect.Effect<void, Fatal | StateFailed, PluginServices>
  readonly status: (now: number) => Effect.Effect<ReadonlyArray<PartitionStatus>>
  /** Sets the gauges. */
  readonly observe: (now: number) => Effect.Effect<void>
  readonly settled: (now: number) => boolean
}

/** How often a stream is asked for its partitions again. */
const rediscover = Duration.minutes(10)

export const make = (options: SourceRunnerOptions): SourceRunner => {
  const { directory, parks, pipeline, ports, spec, state, steps, stopping } = options
  const partitions = new Map<string, PartitionRunner.PartitionRunner>()
  const gates = new Map<string, Gate.Gate>()
  const gauges = Gauges.make(pipeline)
  /** Streams whose partitions are not known yet; `undefined` before the source is open. */
  let undiscovered: Set<string> | undefined
  /** Why a stream, or with no name the source, cannot be opened at present. */
  const troubles = new Map<string, Trouble>()
  /** What it spends. */
  const budgets = new Set<RateBudget>()

  const gateOf = (stream: string, partition: string): Gate.Gate => {
    const name = `${stream}\n${partition}`
    const known = gates.get(name)
    if (known !== undefined) return known
    const address = { source: spec.name, stream, partition }
    const parked = parks.find(
      (park) => park.source === spec.name && park.stream === stream && park.partition === partition
    )
    const gate = Gate.make({
      address,
      settings: spec.fingerprint,
      parked,
      save: state.park,
      clear: state.unpark,
      renewed: Credentials.renew(spec.config)
    })
    gates.set(name, gate)
    return gate
  }
  const sourceGate = gateOf("", "")

  /** Asks until there is an answer; a refusal parks, everything else is asked again later. No name is the source. */
  const insist = Effect.fnUntraced(function* <A, R>(
    what: Effect.Effect<A, SourceFailure | StateFailed, R>,
    stream: string
  ) {
    const gate = gateOf(stream, "")
    for (let attempt = 1; ; attempt++) {
      yield* sourceGate.pass
      if (gate !== sourceGate) yield* gate.pass
      const result = yield* Effect.result(what)
      if (result._tag === "Success") {
        troubles.delete(stream)
        yield* sourceGate.release
        if (gate !== sourceGate) yield* gate.open
        return result.success
      }
      const { failure } = result
      if (failure._tag === "StateFailed") return yield* failure
      if (failure._tag === "Fatal") {
        const { reason, remedy } = failure
        return yield* new Fatal({ reason: `Source ${spec.name}: ${reason}`, remedy })
      }
      if (failure._tag === "Denied") {
        yield* (failure.scope === "source" ? sourceGate : gate).park(failure)
        continue
      }
      const asked = failure._tag === "Unavailable" ? (failure.retryAfterMs ?? 0) : 0
      const wait = yield* Backoff.delay(attempt, Backoff.usual, asked)
      const now = yield* Clock.currentTimeMillis
      const before = troubles.get(stream)
      if (before?.reason !== failure.message) yield* Effect.logWarning(failure.message)
      troubles.set(stream, { reason: failure.message, since: before?.since ?? now, until: now + wait })
      yield* Effect.sleep(wait)
    }
  })

  const runStream = (stream: SourceStream) =>
    Effect.scoped(
      Effect.gen(function* () {
        const fibers = yield* FiberMap.make<string, void, Fatal>()
        const streamGate = gateOf(stream.name, "")
        const discovering = Effect.gen(function* () {
          while (true) {
            for (const partition of yield* insist(partitionsOf(stream), stream.name)) {
              const name = `${stream.name}\n${partition.name}`
              if (partitions.has(name)) continue
              const address = { source: spec.name, stream: stream.name, partition: partition.name }
              const scoped = (scope: Denied["scope"], gate: Gate.Gate) => ({ scope, gate })
              const runner = PartitionRunner.make({
                pipeline,
                address,
                stream,
                partition,
                state: state.partition(address),
                steps,
                ports,
                gates: [
                  scoped("source", sourceGate),
                  scoped("stream", streamGate),
                  scoped("partition", gateOf(stream.name, partition.name))
                ],
                stopping,
                aborting: options.aborting,
                moved: options.moved,
                onlyRequests: options.onlyRequests
              })
              partitions.set(name, runner)
              yield* FiberMap.run(fibers, name, runner.run)
            }
            undiscovered?.delete(stream.name)
            yield* Effect.sleep(rediscover)
          }
        })
        const fail = Effect.tapError(FiberMap.join(fibers), () => options.abort)
        yield* Effect.raceFirst(Effect.raceFirst(discovering, Effect.andThen(fail, Effect.never)), stopping)
        yield* Effect.raceFirst(FiberMap.awaitEmpty(fibers), Effect.andThen(fail, Effect.never))
      })
    )

  const open: Effect.Effect<Source, SourceFailure | StateFailed, PluginServices> = Effect.suspend(
    (): Effect.Effect<Source, SourceFailure | StateFailed, PluginServices> =>
      options.offline
        ? Effect.map(state.overview, (overview) => Offline.source(spec, overview))
        : Effect.provideServiceEffect(
            spec.plugin.open(spec.config, { pipeline, name: spec.name, directory, wanted: options.wanted }),
            RateBudgets,
            noted
          )
  )

  /** The budgets of the process, with a note of those that this source asks for. */
  const noted = Effect.map(RateBudgets, (all) =>
    RateBudgets.of({
      of: (...asked) => Effect.tap(all.of(...asked), (budget) => Effect.sync(() => budgets.add(budget)))
    })
  )

  const run = Effect.gen(function* () {
    const source = yield* Effect.raceFirst(insist(open, ""), Effect.as(stopping, undefined))
    if (source === undefined) return
    undiscovered = new Set(source.streams.map(({ name }) => name))
    yield* Effect.forEach(source.streams, runStream, { concurrency: "unbounded", discard: true })
  }).pipe(Effect.annotateLogs({ pipeline, source: spec.name }))

  /** What there is to say before the partitions of a stream are known. */
  const unknown = (stream: string): PartitionStatus => {
    const park = sourceGate.closed() ?? gateOf(stream, "").closed()
    const trouble = troubles.get(stream)
    const reason = park === undefined ? trouble?.reason : `${park.reason}. ${park.remedy}`
    const since = park?.since ?? trouble?.since
    const nextTry = park?.nextTry ?? trouble?.until
    return {
      source: spec.name,
      stream,
      partition: "",
      activity: park !== undefined ? "parked" : trouble === undefined ? "idle" : "backing off",
      ...(reason === undefined ? {} : { reason }),
      ...(since === undefined ? {} : { since }),
      ...(nextTry === undefined ? {} : { nextTry }),
      gaps: [],
      books: Books.empty,
      pending: 0,
      deadLetters: 0
    }
  }

  const status = (now: number): ReadonlyArray<PartitionStatus> => [
    ...[...(undiscovered ?? [""])].map(unknown),
    ...[...partitions.values()].map((partition) => partition.status(now))
  ]

  return {
    run,
    name: spec.name,
    partitions: () => (undiscovered === undefined || undiscovered.size > 0 ? undefined : [...partitions.values()]),
    trouble: () =>
      sourceGate.closed()?.reason ??
      [...gates.values()].map((gate) => gate.closed()?.reason).find((reason) => reason !== undefined) ??
      [...troubles.values()][0]?.reason,
    status: Effect.fnUntraced(function* (now: number) {
      const all = yield* Effect.forEach(budgets, (one) => one.status)
      // Of several the slowest is what it waits for.
      const [budget] = all.toSorted((a, b) => a.perSecond - b.perSecond)
      return status(now).map((partition) => ({ ...partition, ...(budget === undefined ? {} : { budget }) }))
    }),
    observe: (now) => gauges(status(now)),
    settled: (now) =>
      sourceGate.waits(now) ||
      (undiscovered !== undefined &&
        [...undiscovered].every((stream) => gateOf(stream, "").waits(now)) &&
        [...partitions.values()].every((partition) => partition.settled(now)))
  }
}

/** A defect is like no answer: it may be better the next time, and must not end the siblings. */
const partitionsOf = ({ name, partitions }: SourceStream) =>
  Effect.catchDefect(partitions, (defect) =>
    Effect.fail(new Unavailable({ endpoint: name, reason: `a defect: ${String(defect)}` }))
  )
