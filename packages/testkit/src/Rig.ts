/**
 * A source at work: the real runner with a state, between a sandbox and a sink that remembers. Processes are started,
 * stopped and cut off over one state and one sink.
 */
import { DatabaseSync } from "node:sqlite"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Clock, Context, Deferred, Duration, Effect, Exit, Layer, Schema, Scope } from "effect"
import { HttpClient } from "effect/http"
import type { Json } from "@callstream/model"
import { Pipeline, PipelineSpec, Plugin, RateBudget, Sqlite, State } from "@callstream/core"
import { start, type Sandbox, type SandboxOptions } from "@callstream/sandbox"
import { FastClock } from "./FastClock.ts"
import { Overheard } from "./Overheard.ts"
import { RememberingSink } from "./RememberingSink.ts"

/** When every sandbox begins: the same company in each. */
export const epoch = Date.UTC(2026, 10, 20, 12)

/** Settings, as they stand in a file. */
export type Settings = Readonly<Record<string, unknown>>

/** After which of its steps a process is cut off: a batch is entered, written to the sink, committed. */
export interface Cut {
  readonly step: number
  /** Whether that step itself still happens. */
  readonly happens: boolean
}

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
  /** Waits until it was cut off, or is at its end. */
  readonly cutOff: Effect.Effect<void>
}

/** A dead letter, as far as tests look at it. */
export interface Letter {
  readonly stage: string
  readonly reason: string
  readonly payload: Json
}

export interface Rig {
  readonly sandbox: Sandbox
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

/** Settings are decoded without services: no plugin may need any. */
const hasNoServices = (config: Schema.Top): config is Schema.Codec<unknown, unknown> => Schema.isSchema(config)

const nothing = Schema.Struct({})

/** Headers that carry secrets. */
const secretHeaders = ["authorization", "8x8-apikey", "token"]

/** Runs that are made before something is said never to arrive. */
const mostRuns = 8

/** Counts the steps of a process; behind its cut no operation ever ends. */
const makeGuard = (cut: Cut | undefined) => {
  const struck = Deferred.makeUnsafe<void>()
  let steps = 0
  const dead = Effect.suspend(() => Effect.andThen(Deferred.succeed(struck, undefined), Effect.never))
  const isOver = () => cut !== undefined && steps >= cut.step
  /** An operation that is no step. */
  const around = <A, E, R>(operation: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => (isOver() ? dead : operation))
  const step = <A, E, R>(operation: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      if (isOver()) return dead
      steps += 1
      if (!isOver()) return operation
      return cut?.happens === true ? Effect.andThen(operation, dead) : dead
    })
  return { around, step, steps: () => steps, struck: Deferred.await(struck) }
}

type Guard = ReturnType<typeof makeGuard>

const guarded = (state: State["Service"], { around, step }: Guard): State["Service"] => ({
  ...state,
  partition: (address) => {
    const inner = state.partition(address)
    return {
      open: around(inner.open),
      seen: (keys) => around(inner.seen(keys)),
      offer: (batch, changed, readAgain, now) => step(inner.offer(batch, changed, readAgain, now)),
      commit: (commit) => step(inner.commit(commit)),
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

/** A sandbox with a small company, a state, a sink, and the source between them. */
export const makeRig = Effect.fnUntraced(function* (
  plugin: Plugin.SourcePlugin,
  settingsFor: (sandbox: Sandbox) => Settings,
  options: SandboxOptions = {}
) {
  const clock = new FastClock(epoch)
  const { knobs, ...others } = options
  const sandbox = yield* Effect.orDie(
    start({ now: epoch, clock: clock.now, calls: 16, days: 4, ...others, knobs: { delay: 0, ...knobs } })
  )
  const database = yield* Effect.acquireRelease(
    Effect.sync(() => new DatabaseSync(":memory:")),
    (sql) => Effect.sync(() => sql.close())
  )
  const sink = new RememberingSink()
  const overheard = new Overheard()
  const sentSecrets = new Set<string>()
  const usual = settingsFor(sandbox)
  if (!hasNoServices(plugin.Config)) return yield* Effect.die(new Error("the settings cannot be decoded"))
  const config = plugin.Config

  const listening = HttpClient.tapRequest((request) =>
    Effect.sync(() => {
      for (const name of secretHeaders) {
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
    const outcome = Effect.orDie(pipeline.outcome).pipe(
      Effect.tap(({ status }) => Effect.sync(() => overheard.add(status)))
    )
    const cutOff = Effect.raceFirst(guard.struck, Effect.asVoid(outcome))
    return { pipeline, outcome, steps: guard.steps, cutOff } satisfies Process
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

  const rig: Rig = {
    sandbox,
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

/** Waits for a condition, on the rig's clock. */
export const until = ({ clock }: Rig, condition: () => boolean): Effect.Effect<void> =>
  Effect.gen(function* () {
    while (!condition()) yield* clock.sleep(Duration.millis(200))
  })
