/**
 * Has something done that changes a state: by the worker that runs, which is asked and carries it out beside its work, or,
 * where none runs, by this process, which then is the worker until it is done.
 */
import { existsSync } from "node:fs"
import { Context, Effect, Layer, Option, Schema, type Scope } from "effect"
import { Pipeline, Request, Sqlite, State, type StateFailed, type StateRefused } from "@callstream/core"
import type { Json } from "@callstream/model"
import type { CommandFailure } from "./Command.ts"
import type { LoadedPipeline } from "./file/PipelineFile.ts"
import { withPlugins } from "./Services.ts"
import type { Shell } from "./Shell.ts"
import { read } from "./StateStatus.ts"

export interface AskOptions {
  /** No source is needed for it. */
  readonly offline: boolean
  /** How long without progress, where no worker runs; milliseconds. */
  readonly patienceMs: number
  /** One line that says how it is getting on. */
  readonly line: (report: Request.Report) => string
}

export interface Answered {
  /** `open`: it is not done yet; the worker goes on with it when it starts next. */
  readonly state: "done" | "failed" | "open"
  readonly report: Request.Report
}

const lookMs = 200
/** After so many looks without news it is seen whether there is a worker still. */
const looksToWonder = 10

const decodeReport = Schema.decodeUnknownOption(Request.Report)

type Service = State["Service"]

/** Asks, and waits until it is done. */
export const ask: (
  pipeline: LoadedPipeline,
  kind: string,
  payload: Json,
  options: AskOptions,
  shell: Shell
) => Effect.Effect<Answered, CommandFailure> = Effect.fn("Asking.ask")(
  function* (pipeline: LoadedPipeline, kind: string, payload: Json, options: AskOptions, shell: Shell) {
    // Never makes a state where there is none.
    if (!existsSync(pipeline.statePath)) yield* read(pipeline.statePath, State)
    const own = yield* asWorker(pipeline)
    if (own !== undefined) {
      const { number } = yield* own.requests.ask(kind, payload)
      return yield* alone(pipeline, own, number, options, shell)
    }
    const { requests } = yield* opened(Sqlite.layerRequests({ path: pipeline.statePath }))
    const { number } = yield* requests.ask(kind, payload)
    let before = ""
    for (let looks = 0; ; looks++) {
      const found = yield* look(requests, number, options, shell)
      if (found.state !== "open") return found
      const now = JSON.stringify(found)
      if (now !== before) looks = 0
      before = now
      if (looks > 0 && looks % looksToWonder === 0) {
        const left = yield* asWorker(pipeline)
        if (left !== undefined) return yield* alone(pipeline, left, number, options, shell)
      }
      yield* Effect.sleep(lookMs)
    }
  },
  (asking, _pipeline, _kind, _payload, _options, shell) =>
    withPlugins(
      Effect.scoped(asking).pipe(
        Effect.ensuring(Effect.sync(() => shell.stderr.show([]))),
        Effect.onInterrupt(() => Effect.sync(() => shell.stderr.write(`${stays}\n`)))
      )
    )
)

/** What becomes of a request whose command has ended. */
export const stays = "It is not done yet: a worker goes on with it, now or when it starts next."

const opened = <E>(layer: Layer.Layer<State, E>) =>
  Effect.map(Layer.build(layer), (context) => Context.get(context, State))

/** The state with its lock; `undefined` when a worker has it. */
const asWorker = ({
  spec,
  statePath
}: LoadedPipeline): Effect.Effect<Service | undefined, StateFailed | StateRefused, Scope.Scope> =>
  Effect.catchTag(opened(Sqlite.layer({ path: statePath, pipeline: spec.name })), "StateRefused", (refused) =>
    refused.inUse === true ? Effect.undefined : Effect.fail(refused)
  )

const look = Effect.fnUntraced(function* (
  requests: Service["requests"],
  number: number,
  { line }: AskOptions,
  shell: Shell
) {
  const found = yield* requests.get(number)
  const report = Option.getOrElse(decodeReport(found?.report), () => Request.emptyReport)
  const waits = report.waits === undefined ? "" : `, waits for ${report.waits}`
  shell.stderr.show([`${line(report)}${waits}`.slice(0, shell.stderr.columns())])
  const state = found?.state === "done" || found?.state === "failed" ? found.state : "open"
  return { state, report } satisfies Answered
})

/** Carries it out in this process. */
const alone = Effect.fnUntraced(function* (
  { spec }: LoadedPipeline,
  state: Service,
  number: number,
  options: AskOptions,
  shell: Shell
) {
  const { offline, patienceMs } = options
  const running = yield* Effect.provideService(
    Pipeline.start(spec, { once: false, patienceMs, drainMs: 10_000, onlyRequest: number, offline }),
    State,
    state
  )
  yield* Effect.raceFirst(
    running.outcome,
    Effect.forever(Effect.andThen(look(state.requests, number, options, shell), Effect.sleep(lookMs)))
  )
  return yield* look(state.requests, number, options, shell)
})
