/**
 * Runs a pipeline: sources into outlets, until it is stopped, is done, or cannot go on. Stopping stops reading, drains
 * what is in flight within a deadline, and commits.
 */
import { Clock, Deferred, Effect, Metric, Scope } from "effect"
import type { EventType } from "@callstream/model"
import type { Fatal } from "../contract/Failure.ts"
import type { PluginServices } from "../contract/Plugin.ts"
import type { Sink } from "../contract/Sink.ts"
import type { Step } from "../contract/Step.ts"
import { type SinkRecord, State, type StateFailed } from "../state/State.ts"
import { deadLetters as deadLettersGauge } from "../telemetry/Metrics.ts"
import type { Port } from "./Admission.ts"
import * as Gauges from "./Gauges.ts"
import * as Outlet from "./Outlet.ts"
import type { PipelineSpec, SinkSpec, SourceSpec, StepSpec } from "./PipelineSpec.ts"
import * as Requests from "./Requests.ts"
import * as SourceRunner from "./SourceRunner.ts"
import type { PipelineStatus } from "./Status.ts"

export interface RunOptions {
  /** Ends when every stream has caught up, is parked, or made no progress for `patienceMs`. */
  readonly once: boolean
  readonly patienceMs: number
  /** How long stopping may take to drain what is in flight. */
  readonly drainMs: number
  /** Carries out this request and reads nothing else; ends when that is done, or nothing moved for `patienceMs`. */
  readonly onlyRequest?: number
  /** With `onlyRequest`: asks sources nothing. */
  readonly offline?: boolean
}

export interface Outcome {
  readonly pipeline: string
  /** Nothing in flight was left behind when it ended. */
  readonly drained: boolean
  /** Every stream reached its end (`once`, `until`); false after a stop, a park or lost patience. */
  readonly complete: boolean
  readonly status: PipelineStatus
}

export interface Pipeline {
  readonly status: Effect.Effect<PipelineStatus>
  /** The runner's loop ticks, whatever far sides do, or has come to its end. */
  readonly healthy: Effect.Effect<boolean>
  /** Stops reading, drains, commits. `outcome` then ends. */
  readonly stop: Effect.Effect<void>
  /** Waits for the end: by `stop`, by `once`, by `until`, or by a fatal failure. */
  readonly outcome: Effect.Effect<Outcome, Fatal | StateFailed>
}

/** How often the runner looks around: whether it is done, and that it is alive. Under `once` somebody waits. */
const tickMs = 1000
const onceTickMs = 100
/** A loop that has not ticked for so long is stuck. */
const stuckMs = 30_000
/** Under `once`, how long a parked sink is waited for. */
const parkedPatienceMs = 5_000

/** Starts a pipeline; it runs in the scope until its outcome. */
export const start = Effect.fnUntraced(function* (spec: PipelineSpec, options: RunOptions) {
  const state = yield* State
  const services = yield* Effect.context<Exclude<PluginServices, Scope.Scope>>()
  const scope = yield* Scope.Scope
  const stopping = Deferred.makeUnsafe<void>()
  const aborting = Deferred.makeUnsafe<void>()
  const ended = Deferred.makeUnsafe<Outcome, Fatal | StateFailed>()
  let moved = yield* Clock.currentTimeMillis
  let ticked = moved
  const { onlyRequest } = options
  const somebodyWaits = options.once || onlyRequest !== undefined

  /** Nobody waits for room in a buffer any more: who does cannot be interrupted. */
  const abort = Effect.asVoid(Deferred.succeed(aborting, undefined))

  yield* warnOfStrangers(spec, state)
  const begun = yield* enterSinks(spec, state, moved)
  const steps = yield* openSteps(spec.steps)
  const parks = yield* state.parks
  const outlets = spec.sinks.map((sink) =>
    Outlet.make({
      pipeline: spec.name,
      name: sink.name,
      buffer: sink.buffer,
      open: openSink(spec, sink).pipe(
        Effect.tap((opened) => rememberSink(state, spec, begun, sink.name, opened)),
        Effect.provideService(Scope.Scope, scope),
        Effect.provide(services)
      )
    })
  )
  const sinkSteps = yield* Effect.forEach(spec.sinks, (sink) => openSteps(sink.steps))
  const sources = spec.sources.map((source) =>
    SourceRunner.make({
      pipeline: spec.name,
      directory: spec.directory,
      spec: source,
      wanted: wantedOf(spec, source),
      state,
      parks,
      steps,
      ports: spec.sinks.flatMap((sink, i): ReadonlyArray<Port> => {
        const outlet = outlets[i]
        return outlet === undefined || !takesFrom(sink, source)
          ? []
          : [{ outlet, steps: sinkSteps[i] ?? [], ...(sink.types === undefined ? {} : { types: new Set(sink.types) }) }]
      }),
      stopping: Deferred.await(stopping),
      aborting: Deferred.await(aborting),
      abort,
      moved: () => {
        moved = ticked
      },
      onlyRequests: onlyRequest !== undefined,
      offline: options.offline === true
    })
  )
  const requests = Requests.make({
    spec,
    state,
    sources,
    outlets,
    moved: () => {
      moved = ticked
    }
  })

  const status: Effect.Effect<PipelineStatus> = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const partitions = (yield* Effect.forEach(sources, (source) => source.status(now))).flat()
    const records = yield* Effect.orElseSucceed(state.sinks, (): ReadonlyArray<SinkRecord> => [])
    return {
      pipeline: spec.name,
      partitions,
      sinks: outlets.map((outlet) => {
        const complete = records.find(({ name }) => name === outlet.name)?.completeSince
        return { ...outlet.status(), ...(complete === undefined ? {} : { completeSince: complete }) }
      }),
      deadLetters: partitions.reduce((sum, partition) => sum + partition.deadLetters, 0)
    }
  })

  const together = { concurrency: "unbounded", discard: true } as const
  const reading = Effect.forEach(sources, (source) => Effect.onError(source.run, () => abort), together)
  const writing = Effect.forEach(outlets, (outlet) => Effect.onError(outlet.run, () => abort), together)

  const watching = Effect.gen(function* () {
    while (true) {
      yield* Effect.sleep(somebodyWaits ? onceTickMs : tickMs)
      ticked = yield* Clock.currentTimeMillis
      requests.look()
      yield* Effect.forEach(sources, (source) => source.observe(ticked), { discard: true })
      const { deadLetters, sinks } = yield* status
      yield* Metric.update(Metric.withAttributes(deadLettersGauge, { pipeline: spec.name }), deadLetters)
      yield* Gauges.ofSinks(spec.name, sinks)
      // A sink that is not open yet has not said whether it is the one we know.
      const opened = outlets.every((outlet) => outlet.status().identity !== undefined)
      if (onlyRequest !== undefined) {
        if (yield* isDone(state, onlyRequest)) return
      } else if (
        requests.idle() &&
        opened &&
        sources.every((source) => source.settled(ticked)) &&
        (options.once || (yield* atEnd))
      )
        return
      const parked = outlets.some((outlet) => outlet.status().activity === "parked")
      const patience = parked ? Math.min(parkedPatienceMs, options.patienceMs) : options.patienceMs
      if (somebodyWaits && ticked - moved > patience) return
    }
  })
  const atEnd = Effect.map(
    status,
    ({ partitions }) => partitions.length > 0 && partitions.every(({ activity }) => activity === "done")
  )

  const work = Effect.gen(function* () {
    const watcher = Effect.andThen(watching, Deferred.succeed(stopping, undefined))
    const draining = Deferred.await(stopping).pipe(Effect.andThen(Effect.sleep(options.drainMs)), Effect.andThen(abort))
    const drained = yield* Effect.raceFirst(
      Effect.raceFirst(Effect.as(reading, true), Effect.andThen(writing, Effect.never)),
      Effect.raceFirst(
        Effect.as(draining, false),
        Effect.andThen(Effect.raceFirst(requests.run, watcher), Effect.never)
      )
    )
    const last = yield* status
    return {
      pipeline: spec.name,
      drained,
      complete: drained && sources.every((source) => source.settled(ticked)) && isComplete(last),
      status: last
    } satisfies Outcome
  }).pipe(Effect.annotateLogs({ pipeline: spec.name }), Effect.scoped, Effect.provide(services))

  yield* Effect.forkIn(
    Effect.onExit(work, (exit) => Deferred.done(ended, exit)),
    scope
  )
  yield* Scope.addFinalizer(scope, abort)
  return {
    status,
    healthy: Effect.map(Clock.currentTimeMillis, (now) => now - ticked < stuckMs || Deferred.isDoneUnsafe(ended)),
    stop: Deferred.succeed(stopping, undefined),
    outcome: Deferred.await(ended)
  } satisfies Pipeline
})

const isDone = (state: State["Service"], request: number) =>
  state.requests.get(request).pipe(
    Effect.map((found) => found === undefined || found.state === "done" || found.state === "failed"),
    Effect.orElseSucceed(() => false)
  )

/** Sources that the state knows and the file no longer names are kept, and that is said. */
const warnOfStrangers = Effect.fnUntraced(function* (spec: PipelineSpec, state: State["Service"]) {
  const sources = new Set(spec.sources.map(({ name }) => name))
  const gone = new Set((yield* state.overview).map(({ source }) => source).filter((name) => !sources.has(name)))
  if (gone.size === 0) return
  yield* Effect.logWarning(
    `The state ${state.path} also knows ${[...gone].join(", ")}, which the file no longer names: it is kept, and not read`
  )
})

const isComplete = ({ partitions }: PipelineStatus): boolean =>
  partitions.every(({ activity, gaps }) => activity !== "parked" && gaps.length === 0)

const takesFrom = (sink: SinkSpec, source: SourceSpec): boolean => sink.from?.includes(source.name) ?? true

/** Types of a source that some sink takes. */
const wantedOf = (spec: PipelineSpec, source: SourceSpec): ReadonlySet<string> => {
  const sinks = spec.sinks.filter((sink) => takesFrom(sink, source))
  const types = source.plugin.events.map(({ type }) => type)
  return new Set(types.filter((type) => sinks.some((sink) => sink.types?.includes(type) ?? true)))
}

/** Types that may arrive at a sink. */
const typesOf = (spec: PipelineSpec, sink: SinkSpec): ReadonlyArray<EventType.EventType> => {
  const types = new Map<string, EventType.EventType>()
  for (const source of spec.sources) {
    if (!takesFrom(sink, source)) continue
    for (const type of source.plugin.events) if (sink.types?.includes(type.type) ?? true) types.set(type.type, type)
  }
  return [...types.values()]
}

/** The place of a sink in its pipeline. */
export const placeOf = (spec: PipelineSpec, sink: SinkSpec) => ({
  pipeline: spec.name,
  name: sink.name,
  directory: spec.directory,
  types: typesOf(spec, sink)
})

const openSink = (spec: PipelineSpec, sink: SinkSpec) => sink.plugin.open(sink.config, placeOf(spec, sink))

const openSteps = (steps: ReadonlyArray<StepSpec>) =>
  Effect.forEach(steps, ({ config, plugin }): Effect.Effect<Step, Fatal> =>
    Effect.catch(plugin.open(config), (failure) =>
      failure._tag === "Fatal" ? Effect.fail(failure) : Effect.die(failure)
    )
  )

/**
 * Enters sinks that the state does not know, before anything is read: what is read from now on, they get. Those that the
 * file no longer names are forgotten: they get nothing from now on, so when they come back they are new.
 */
const enterSinks = Effect.fnUntraced(function* (spec: PipelineSpec, state: State["Service"], now: number) {
  const begun = (yield* state.overview).some(({ books }) => books.read > 0)
  const known = new Set((yield* state.sinks).map(({ name }) => name))
  for (const name of known) {
    if (spec.sinks.some((sink) => sink.name === name)) continue
    yield* state.forgetSink(name)
    yield* Effect.logWarning(
      `The file no longer names sink ${name}: it gets nothing from now on. When it comes back, ` +
        `callstream backfill --sink ${name} sends it what it missed`
    )
  }
  for (const { name } of spec.sinks) {
    if (!known.has(name)) yield* state.saveSink({ name, identity: "", ...(begun ? { completeSince: now } : {}) })
  }
  return { begun, now }
})

/** A sink with another identity than before is complete from this start only. While one is not complete, that is said. */
const rememberSink = Effect.fnUntraced(
  function* (
    state: State["Service"],
    { file, name: pipeline }: PipelineSpec,
    { begun, now }: { readonly begun: boolean; readonly now: number },
    name: string,
    sink: Sink
  ) {
    const before = (yield* state.sinks).find((record) => record.name === name)
    const another = before !== undefined && before.identity !== "" && before.identity !== sink.identity
    const since = another ? (begun ? now : undefined) : before?.completeSince
    if (before?.identity !== sink.identity) {
      yield* state.saveSink({ name, identity: sink.identity, ...(since === undefined ? {} : { completeSince: since }) })
    }
    if (since === undefined) return
    const why = another
      ? "is another than before: it was emptied, or points elsewhere. It"
      : before?.identity === ""
        ? "is new to this pipeline: it"
        : ""
    const when = `${new Date(since).toISOString().slice(0, 16).replace("T", " ")} UTC`
    yield* Effect.logWarning(
      `Sink ${name} ${why === "" ? "" : `${why} `}has what came since ${when}. ` +
        `callstream backfill ${file ?? pipeline} --sink ${name} sends it what was delivered before`
    )
  },
  Effect.catch(() => Effect.void)
)
