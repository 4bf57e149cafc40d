/**
 * A source at work: the real runner with a state, between a vendor and a sink that remembers. Processes are started,
 * stopped and cut off over one state and one sink.
 */
import { DatabaseSync } from "node:sqlite"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Clock, Context, Deferred, Duration, Effect, Exit, Layer, Schema, Scope } from "effect"
import { HttpClient } from "effect/http"
import type { Json } from "@callstream/model"
import { Pipeline, PipelineSpec, Plugin, RateBudget, Sqlite, State } from "@callstream/core"
import { start, type Sandbox, type SandboxOptions } from "@callstream/sandbox"
import { type ClockOptions, FastClock } from "./FastClock.ts"
import { Overheard } from "./Overheard.ts"
import { RememberingSink } from "./RememberingSink.ts"

/** When every vendor begins: the same records in each. */
export const epoch = Date.UTC(2026, 10, 20, 12)

/** Settings, as they stand in a file. */
export type Settings = Readonly<Record<string, unknown>>

/**
 * When a process is cut off. Its steps are: a batch is entered, written to the sink, committed; `happens` says whether
 * that step itself still does. Or after so many commits: with each of them there is a checkpoint.
 */
export type Cut = { readonly step: number; readonly happens: boolean } | { readonly commits: number }

export interface ProcessOptions {
  readonly once?: boolean
  readonly settings?: Settings
  readonly buffer?: { readonly records: number; readonly bytes: number }
  readonly cut?: Cut
}

export interface Process {
  readonly pipeline: Pipeline.Pipeline
  /** Waits for its end. */
  readonly outcome: Effect.Effect<Pipeline.Outcome>
  /** Steps it has made. */
  readonly steps: () => number
  /** Those of them that were commits. */
  readonly commits: () => number
  /** Waits until it was cut off, or is at its end. */
  readonly cutOff: Effect.Effect<void>
}

/** A dead letter, as far as tests look at it. */
export interface Letter {
  readonly stage: string
  readonly reason: string
  readonly payload: Json
}

export interface RigOn<V> {
  readonly vendor: V
  readonly clock: FastClock
  readonly sink: RememberingSink
  readonly overheard: Overheard
  /** Values of headers that were sent to prove who we are. */
  readonly sentSecrets: ReadonlySet<string>
  /** A process that runs as long as the scope. */
  readonly start: (options?: ProcessOptions) => Effect.Effect<Process, never, Scope.Scope>
  /** A process with `once`, to its end. */
  readonly run: (options?: ProcessOptions) => Effect.Effect<Pipeline.Outcome>
  /** Processes with `once`, some time apart, until one is complete. */
  readonly runToTheEnd: (options?: ProcessOptions) => Effect.Effect<Pipeline.Outcome>
  /** The parks in the state. */
  readonly parks: Effect.Effect<ReadonlyArray<{ readonly reason: string; readonly remedy: string }>>
  /** The dead letters in the state, newest first. */
  readonly deadLetters: Effect.Effect<ReadonlyArray<Letter>>
  /** What `callstream check` prints. */
  readonly check: (
    settings?: Settings
  ) => Effect.Effect<ReadonlyArray<{ readonly ok: boolean; readonly detail: string }>>
}

/** A source at work on a sandbox. */
export interface Rig extends RigOn<Sandbox> {
  readonly sandbox: Sandbox
}

/** Settings are decoded without services: no plugin may need any. */
const hasNoServices = (config: Schema.Top): config is Schema.Codec<unknown, unknown> => Schema.isSchema(config)

const nothing = Schema.Struct({})

/** Requests of one test after which a walk is said to have no end: many times what any test needs. */
const mostRequests = 20_000

/** How long a test waits for what is to happen, milliseconds on the wall. */
const patience = 60_000

/** Runs that are made before something is said never to arrive. */
const mostRuns = 8

/** Counts the steps of a process; behind its cut no operation ever ends. */
const makeGuard = (cut: Cut | undefined) => {
  const struck = Deferred.makeUnsafe<void>()
  let steps = 0
  let commits = 0
  const dead = Effect.suspend(() => Effect.andThen(Deferred.succeed(struck, undefined), Effect.never))
  const isOver = () => cut !== undefined && ("step" in cut ? steps >= cut.step : commits >= cut.commits)
  /** An operation that is no step. */
  const around = <A, E, R>(operation: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => (isOver() ? dead : operation))
  const step = <A, E, R>(operation: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      if (isOver()) return dead
      steps += 1
      if (!isOver()) return operation
      return cut !== undefined && "step" in cut && cut.happens ? Effect.andThen(operation, dead) : dead
    })
  const commit = <A, E, R>(operation: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(step(operation), (done) => {
      commits += 1
      return isOver() ? dead : Effect.succeed(done)
    })
  return { around, step, commit, steps: () => steps, commits: () => commits, struck: Deferred.await(struck) }
}

type Guard = ReturnType<typeof makeGuard>

const guarded = (state: State["Service"], { around, commit, step }: Guard): State["Service"] => ({
  ...state,
  partition: (address) => {
    const inner = state.partition(address)
    return {
      open: around(inner.open),
      seen: (keys) => around(inner.seen(keys)),
      offer: (batch, changed, readAgain, now) => step(inner.offer(batch, changed, readAgain, now)),
      commit: (batches) => commit(inner.commit(batches)),
      due: (now, limit) => around(inner.due(now, limit)),
      pending: (keys) => around(inner.pending(keys)),
      nextDue: around(inner.nextDue),
      postpone: (rows) => around(inner.postpone(rows)),
      refilling: (sink) => around(inner.refilling(sink)),
      letters: around(inner.letters),
      evict: (before) => around(inner.evict(before))
    }
  }
})

/** A vendor, a state, a sink, and the source between them. */
export const rigOn = Effect.fnUntraced(function* <V>(
  plugin: Plugin.SourcePlugin,
  vendor: V,
  usual: Settings,
  clock: FastClock,
  secretHeaders: ReadonlyArray<string> = []
) {
  const database = yield* Effect.acquireRelease(
    Effect.sync(() => new DatabaseSync(":memory:")),
    (sql) => Effect.sync(() => sql.close())
  )
  const sink = new RememberingSink()
  const overheard = new Overheard()
  const sentSecrets = new Set<string>()
  const endless = Deferred.makeUnsafe<never>()
  let requests = 0
  if (!hasNoServices(plugin.Config)) return yield* Effect.die(new Error("the settings cannot be decoded"))
  const config = plugin.Config

  const listening = HttpClient.tapRequest((request) =>
    Effect.sync(() => {
      clock.asked()
      requests += 1
      if (requests === mostRequests) {
        Deferred.doneUnsafe(endless, Exit.die(new Error(`It asked ${requests} times: a walk has no end.`)))
      }
      for (const name of ["authorization", ...secretHeaders]) {
        const value = request.headers[name]?.replace(/^(?:Bearer|Basic) /, "")
        if (value !== undefined) sentSecrets.add(value)
      }
    })
  )

  const decode = (settings: Settings) => Schema.decodeUnknownSync(config)(settings, { onExcessProperty: "error" })

  /** What a process has beside its state; it lives as long as the scope. */
  const servicesIn = Effect.fnUntraced(function* (scope: Scope.Scope) {
    const built = yield* Layer.buildWithScope(
      Layer.merge(RateBudget.RateBudgets.layer, NodeHttpClient.layerUndici),
      scope
    )
    const heard = Context.add(built, HttpClient.HttpClient, listening(Context.get(built, HttpClient.HttpClient)))
    return Context.add(Context.merge(heard, overheard.services), Clock.Clock, clock)
  })

  const specOf = (config: unknown, { buffer, settings = usual }: ProcessOptions, guard: Guard) => {
    const spec: PipelineSpec.PipelineSpec = {
      name: "conformance",
      directory: "/",
      sources: [{ name: "source", plugin, config, fingerprint: JSON.stringify(settings) }],
      steps: [],
      sinks: [
        {
          name: "sink",
          plugin: Plugin.sink({
            name: "remembering",
            summary: "Remembers.",
            Config: nothing,
            example: "",
            open: () =>
              Effect.map(sink.open, (opened) => ({ ...opened, write: (events) => guard.step(opened.write(events)) }))
          }),
          config: {},
          fingerprint: "",
          steps: [],
          buffer: buffer ?? PipelineSpec.defaultBuffer
        }
      ]
    }
    return spec
  }

  const startIn = Effect.fnUntraced(function* (scope: Scope.Scope, process: ProcessOptions) {
    const guard = makeGuard(process.cut)
    const settings = decode(process.settings ?? usual)
    const state = guarded(yield* Effect.orDie(Sqlite.make(database, { pipeline: "conformance" })), guard)
    const services = Context.add(Context.add(yield* servicesIn(scope), State, state), Scope.Scope, scope)
    const run = { once: process.once ?? false, patienceMs: 300_000, drainMs: 300_000 }
    const pipeline = yield* Effect.provide(
      Effect.orDie(Pipeline.start(specOf(settings, process, guard), run)),
      services
    )
    const outcome = Effect.raceFirst(Effect.orDie(pipeline.outcome), Deferred.await(endless)).pipe(
      Effect.tap(({ status }) => Effect.sync(() => overheard.add(status)))
    )
    const cutOff = Effect.raceFirst(guard.struck, Effect.asVoid(outcome))
    return { pipeline, outcome, steps: guard.steps, commits: guard.commits, cutOff } satisfies Process
  })

  const startOne = Effect.fnUntraced(function* (process: ProcessOptions = {}) {
    const scope = yield* Scope.make()
    // Who was cut off in the middle of an operation cannot be waited for.
    const close = Scope.close(scope, Exit.void)
    const end = process.cut === undefined ? close : Effect.forkDetach(close)
    yield* Effect.addFinalizer(() => Effect.andThen(sink.release, end))
    return yield* startIn(scope, process)
  })

  const run = (process: ProcessOptions = {}) =>
    Effect.scoped(Effect.flatMap(startOne({ once: true, ...process }), ({ outcome }) => outcome))

  const runToTheEnd = Effect.fnUntraced(function* (process: ProcessOptions = {}) {
    let last = yield* run(process)
    for (let runs = 1; !last.complete && runs < mostRuns; runs++) {
      clock.advance("20 minutes")
      last = yield* run(process)
    }
    return last
  })

  const rig: RigOn<V> = {
    vendor,
    clock,
    sink,
    overheard,
    sentSecrets,
    start: startOne,
    run,
    runToTheEnd,
    parks: Effect.orDie(Effect.flatMap(Sqlite.make(database, { pipeline: "conformance" }), ({ parks }) => parks)),
    deadLetters: Effect.orDie(
      Effect.flatMap(Sqlite.make(database, { pipeline: "conformance" }), ({ deadLetters }) =>
        deadLetters.list({ limit: 1000 })
      )
    ),
    check: Effect.fnUntraced(function* (settings: Settings = usual) {
      const scope = yield* Scope.make()
      const services = Context.add(yield* servicesIn(scope), Scope.Scope, scope)
      const place = { pipeline: "conformance", name: "source", directory: "/" }
      const lines = yield* Effect.provide(plugin.check?.(decode(settings), place) ?? Effect.succeed([]), services)
      yield* Scope.close(scope, Exit.void)
      overheard.add(lines)
      return lines
    })
  }
  return rig
})

/** A sandbox with a small company, a state, a sink, and the source between them. */
export const makeRig = Effect.fnUntraced(function* (
  plugin: Plugin.SourcePlugin,
  settingsFor: (sandbox: Sandbox) => Settings,
  { knobs, ...others }: SandboxOptions = {},
  time?: ClockOptions
): Effect.fn.Return<Rig, never, Scope.Scope> {
  const clock = new FastClock(epoch, time)
  const sandbox = yield* Effect.orDie(
    start({ now: epoch, clock: clock.now, calls: 16, days: 4, ...others, knobs: { delay: 0, ...knobs } })
  )
  const rig = yield* rigOn(plugin, sandbox, settingsFor(sandbox), clock, ["8x8-apikey", "token"])
  return { ...rig, sandbox }
})

/** Waits for a condition, on the rig's clock; not for ever. */
export const until = ({ clock }: Pick<RigOn<unknown>, "clock">, condition: () => boolean): Effect.Effect<void> =>
  Effect.gen(function* () {
    const begun = performance.now()
    while (!condition()) {
      if (performance.now() - begun > patience) return yield* Effect.die(new Error("It never happened."))
      yield* clock.sleep(Duration.millis(200))
    }
  })

/** The data that the sink holds, by subject. */
export const heldData = ({ sink }: Pick<Rig, "sink">): ReadonlyMap<string, Readonly<Record<string, unknown>>> =>
  new Map([...sink.held.values()].map(({ data, subject }) => [subject, { ...Object(data) }]))

/** Gaps of all partitions. */
export const gapsOf = (status: { readonly partitions: ReadonlyArray<{ readonly gaps: ReadonlyArray<unknown> }> }) =>
  status.partitions.flatMap(({ gaps }) => gaps)
