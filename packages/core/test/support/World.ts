/**
 * A pipeline around a made-up vendor and sinks, on the test clock: started, stopped, killed and started again over one
 * state, as a process would be.
 */
import { DatabaseSync } from "node:sqlite"
import { Context, Duration, Effect, Exit, Layer, Schema, Scope } from "effect"
import { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { Pipeline, PipelineSpec, Plugin, RateBudget, type Source, State, type Step } from "@callstream/core"
import type { Json } from "@callstream/model"
import * as Request from "../../src/engine/Request.ts"
import * as Sqlite from "../../src/state/Sqlite.ts"
import { bodyType, callType } from "./Vendor.ts"
import type { TestSink } from "./TestSink.ts"

/** The clock of every test begins here. */
export const epoch = Date.UTC(2026, 0, 1)

export interface WorldOptions {
  readonly streams: ReadonlyArray<Source.SourceStream>
  readonly sinks: Readonly<Record<string, TestSink>>
  readonly steps?: ReadonlyArray<Step.Step>
  readonly buffer?: { readonly records: number; readonly bytes: number }
  readonly sinkTypes?: Readonly<Record<string, ReadonlyArray<string>>>
  /** Settings of the source, as far as its park is concerned. */
  readonly fingerprint?: string
}

const noHttp = HttpClient.make(() => Effect.die(new Error("nothing here speaks HTTP")))

const nothing = Schema.Struct({})

const specOf = (options: WorldOptions): PipelineSpec.PipelineSpec => ({
  name: "world",
  directory: "/",
  sources: [
    {
      name: "source",
      plugin: Plugin.source({
        name: "scripted",
        summary: "A made-up vendor.",
        Config: nothing,
        example: "",
        events: [callType, bodyType],
        open: () => Effect.succeed({ streams: options.streams })
      }),
      config: {},
      fingerprint: options.fingerprint ?? "1"
    }
  ],
  steps: (options.steps ?? []).map((step) => ({
    plugin: Plugin.step({
      name: "step",
      summary: "A step.",
      Config: nothing,
      example: "",
      open: () => Effect.succeed(step)
    }),
    config: {}
  })),
  sinks: Object.entries(options.sinks).map(([name, sink]) => ({
    name,
    plugin: Plugin.sink({ name: "test", summary: "Remembers.", Config: nothing, example: "", open: () => sink.open }),
    config: {},
    fingerprint: "1",
    steps: [],
    buffer: options.buffer ?? PipelineSpec.defaultBuffer,
    ...(options.sinkTypes?.[name] === undefined ? {} : { types: options.sinkTypes[name] })
  }))
})

/** What a process must not do after it was killed: its state's operations never end. */
export interface Guard {
  readonly around: <A, E>(operation: Effect.Effect<A, E>) => Effect.Effect<A, E>
  /** How long the disk takes to make what is offered safe from a power cut. */
  readonly disk?: Effect.Effect<void>
}

/** The state of a file answers from another thread: never at once, and in order. */
const inTurn = <A, E>(operation: Effect.Effect<A, E>): Effect.Effect<A, E> => Effect.andThen(Effect.yieldNow, operation)

const unguarded: Guard = { around: inTurn }

/** A process that dies at the n-th operation on its state, before or after it was carried out: from then on nothing ends. */
export const striking = (at: number, after: boolean): Guard & { readonly struck: () => boolean } => {
  let left = at
  let dead = false
  return {
    struck: () => dead,
    around: (operation) =>
      Effect.suspend(() => {
        if (dead) return Effect.never
        if (left-- > 0) return inTurn(operation)
        dead = true
        return after ? Effect.andThen(inTurn(operation), Effect.never) : Effect.never
      })
  }
}

/** The state of a database, with every operation of its partitions under guard. */
const guarded = (state: State["Service"], guard: Guard): State["Service"] => ({
  ...state,
  partition: (address) => {
    const inner = state.partition(address)
    return {
      ...inner,
      open: guard.around(inner.open),
      seen: (keys) => guard.around(inner.seen(keys)),
      pending: (keys) => guard.around(inner.pending(keys)),
      offer: (batch, changed, readAgain, now) =>
        Effect.map(guard.around(inner.offer(batch, changed, readAgain, now)), (safe) =>
          Effect.andThen(safe, guard.disk ?? Effect.void)
        ),
      commit: (commit) => guard.around(inner.commit(commit)),
      due: (now, limit) => guard.around(inner.due(now, limit)),
      postpone: (rows) => guard.around(inner.postpone(rows))
    }
  },
  requests: {
    ...state.requests,
    take: guard.around(state.requests.take),
    report: (number, now, report) => guard.around(state.requests.report(number, now, report))
  }
})

/** A process: a running pipeline, and how to end it. */
export interface Running {
  readonly pipeline: Pipeline.Pipeline
  readonly state: State["Service"]
  /** Stops it as SIGTERM does, and waits for the outcome. */
  readonly stop: Effect.Effect<Pipeline.Outcome>
  /** Ends it at once: nothing of it runs any more. With a guard that has struck it cannot be waited for. */
  readonly kill: Effect.Effect<void>
  /** Interrupts it, and waits until nothing of it runs any more. */
  readonly close: Effect.Effect<void>
}

export const runOptions: Pipeline.RunOptions = { once: false, patienceMs: 600_000, drainMs: 10_000 }

/** Starts a process over a database. */
export const start = Effect.fnUntraced(function* (
  database: DatabaseSync,
  options: WorldOptions,
  run: Partial<Pipeline.RunOptions> = {},
  guard: Guard = unguarded
) {
  const scope = yield* Scope.make()
  const state = guarded(yield* Effect.orDie(Sqlite.make(database, { pipeline: "world" })), guard)
  const budgets = yield* Effect.provideService(Layer.build(RateBudget.RateBudgets.layer), Scope.Scope, scope)
  const services = Context.add(Context.add(budgets, State, state), HttpClient.HttpClient, noHttp)
  const pipeline = yield* Pipeline.start(specOf(options), { ...runOptions, ...run }).pipe(
    Effect.provide(Context.add(services, Scope.Scope, scope))
  )
  const running: Running = {
    pipeline,
    state,
    stop: Effect.gen(function* () {
      yield* pipeline.stop
      const outcome = yield* within("30 seconds", pipeline.outcome)
      yield* Scope.close(scope, Exit.void)
      return outcome
    }).pipe(Effect.orDie),
    kill: Effect.asVoid(Effect.forkDetach(Scope.close(scope, Exit.void))),
    close: Scope.close(scope, Exit.void)
  }
  return running
})

export const database = Effect.acquireRelease(
  Effect.sync(() => new DatabaseSync(":memory:")),
  (database) => Effect.sync(() => database.close())
)

/** Lets the clock run, second by second at first, so that every fiber comes along. */
export const pass = (duration: Duration.Input) =>
  Effect.gen(function* () {
    const total = Duration.toMillis(Duration.fromInputUnsafe(duration))
    const step = Math.max(1000, Math.ceil(total / 60))
    yield* settle
    for (let at = 0; at < total; at += step) {
      yield* TestClock.adjust(Math.min(step, total - at))
      yield* settle
    }
  })

/** Lets what is ready run. */
export const settle = Effect.gen(function* () {
  for (let i = 0; i < 40; i++) yield* Effect.yieldNow
})

/** Asks a process for something, as a command does, and waits until it is done. */
export const asked = Effect.fnUntraced(function* ({ state }: Pick<Running, "state">, kind: string, payload: Json) {
  const { number } = yield* state.requests.ask(kind, payload)
  return yield* answered(state, number)
})

/** Waits until a request is done, for at most half an hour. */
export const answered = Effect.fnUntraced(function* (state: State["Service"], number: number) {
  for (let seconds = 0; seconds < 1800; seconds++) {
    const request = yield* state.requests.get(number)
    if (request?.state === "done") return Schema.decodeUnknownSync(Request.Report)(request.report)
    yield* TestClock.adjust(1000)
    yield* settle
  }
  return yield* Effect.die(new Error("the request was not carried out within half an hour"))
})

/** Waits for an effect while the clock runs. */
export const within = <A, E>(most: Duration.Input, effect: Effect.Effect<A, E>) =>
  Effect.raceFirst(
    effect,
    Effect.andThen(pass(most), Effect.die(new Error(`not within ${Duration.format(Duration.fromInputUnsafe(most))}`)))
  )
