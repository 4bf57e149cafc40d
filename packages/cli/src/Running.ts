/**
 * Runs loaded pipelines in this process until they end: opens their states, starts them, shows how they are, and stops
 * them when told to. `run` and `demo` both do this.
 */
import { Cause, Clock, Effect, Exit, Layer, Option } from "effect"
import { Books, type PartitionStatus, Pipeline, type PipelineStatus, type SinkStatus, Sqlite } from "@callstream/core"
import type { CommandFailure } from "./Command.ts"
import { ExitCode } from "./ExitCode.ts"
import type { LoadedPipeline } from "./file/PipelineFile.ts"
import * as Monitor from "./Monitor.ts"
import { pluginServices } from "./Services.ts"
import type { Shell } from "./Shell.ts"
import * as StatusLines from "./terminal/StatusLines.ts"

export interface RunningOptions extends Pipeline.RunOptions {
  readonly failOnDead: boolean
  readonly listen?: Monitor.Address
}

export interface Ended {
  readonly code: ExitCode
  readonly outcomes: ReadonlyArray<Pipeline.Outcome>
  /** A signal ended it. */
  readonly stopped: boolean
}

/** What is left of the deadline for closing sinks and states, once draining is over. */
const closingMs = 5_000

/** How often the status is shown: redrawn on a terminal, logged elsewhere. */
const redrawMs = 500
const logEveryMs = 30_000

/** Runs pipelines until all of them have ended. */
export const run: (
  pipelines: ReadonlyArray<LoadedPipeline>,
  options: RunningOptions,
  shell: Shell
) => Effect.Effect<Ended, CommandFailure> = Effect.fn("Running.run")(
  function* (pipelines: ReadonlyArray<LoadedPipeline>, options: RunningOptions, shell: Shell) {
    shell.deadline(options.drainMs + closingMs)
    const started: Array<Pipeline.Pipeline> = []
    const ready = Effect.sync(() => (started.length === pipelines.length ? started : []))
    if (options.listen !== undefined) yield* Monitor.serve(options.listen, ready)

    const states = yield* Effect.forEach(pipelines, ({ spec, statePath }) =>
      Layer.build(Sqlite.layer({ path: statePath, pipeline: spec.name }))
    )
    for (const [index, { spec }] of pipelines.entries()) {
      const state = states[index]
      if (state === undefined) continue
      started.push(yield* Effect.provide(Pipeline.start(spec, options), state))
    }

    const told = { stop: false }
    yield* shell.stopped.pipe(
      Effect.andThen(Effect.sync(() => (told.stop = true))),
      Effect.andThen(Effect.logInfo("Stopping: delivering what is in flight. A second signal stops at once")),
      Effect.andThen(Effect.forEach(started, ({ stop }) => stop, { discard: true })),
      Effect.forkScoped
    )
    yield* Effect.forkScoped(
      shell.stderr.isTerminal && shell.logFormat === "human" ? draw(started, shell) : report(started)
    )

    // The failure of a single one is our own, which whoever called us tells.
    const tell = started.length > 1 ? complain : () => Effect.void
    const exits = yield* Effect.forEach(
      started,
      ({ outcome }, index) =>
        Effect.exit(Effect.tapCause(outcome, (cause) => tell(cause, pipelines[index]?.spec.name ?? ""))),
      { concurrency: "unbounded" }
    )
    shell.stderr.show([])
    const outcomes = exits.flatMap((exit) => (Exit.isSuccess(exit) ? [exit.value] : []))
    const failed = exits.find(Exit.isFailure)
    if (failed !== undefined && exits.length === 1) return yield* Effect.failCause(failed.cause)
    const defect = exits.some((exit) => Exit.isFailure(exit) && Cause.hasDies(exit.cause))
    const ill = defect ? ExitCode.defect : ExitCode.badFile
    const code = failed === undefined ? codeOf(outcomes, options, told.stop) : ill
    return { code, outcomes, stopped: told.stop } satisfies Ended
  },
  Effect.scoped,
  Effect.provide(pluginServices)
)

/** Says at once what has ended a pipeline, for the others of its process go on. */
const complain = (cause: Cause.Cause<{ readonly message: string }>, pipeline: string) => {
  const failure = Option.getOrUndefined(Cause.findErrorOption(cause))
  const [defect] = Cause.prettyErrors(cause)
  const message =
    failure?.message ??
    `A mistake of callstream's own has ended this pipeline: ${defect?.message ?? "unknown"}. Please report it`
  return Effect.annotateLogs(Effect.logError(message), { pipeline })
}

/** The lines of all pipelines. */
const draw = (started: ReadonlyArray<Pipeline.Pipeline>, shell: Shell) =>
  Effect.gen(function* () {
    const before = new Map<string, readonly [at: number, status: PipelineStatus]>()
    while (true) {
      const now = yield* Clock.currentTimeMillis
      const statuses = yield* Effect.forEach(started, ({ status }) => status)
      const drawn = statuses.flatMap((status) => {
        const known = before.get(status.pipeline)
        // Rates over two seconds and more: shorter ones jump.
        if (known === undefined || now - known[0] > 2000) {
          before.set(status.pipeline, [now, status])
        }
        return StatusLines.lines(status, {
          columns: shell.stderr.columns(),
          colors: shell.stderr.colors,
          elapsedMs: known === undefined ? 0 : now - known[0],
          ...(known === undefined ? {} : { before: known[1] })
        })
      })
      shell.stderr.show(drawn)
      yield* Effect.sleep(redrawMs)
    }
  })

/** The status as log entries. */
const report = (started: ReadonlyArray<Pipeline.Pipeline>) =>
  Effect.gen(function* () {
    while (true) {
      yield* Effect.sleep(logEveryMs)
      for (const { status } of started) {
        const { deadLetters, partitions, pipeline, sinks } = yield* status
        yield* Effect.logInfo("Status", {
          pipeline,
          deadLetters,
          partitions: partitions.map(
            ({ activity, books, deadLetters, gaps, lagMs, partition, pending, source, stream }) => ({
              source,
              stream,
              partition,
              activity,
              read: books.read,
              emitted: books.emitted,
              ...(lagMs === undefined ? {} : { lagSeconds: Math.round(lagMs / 1000) }),
              pending,
              deadLetters,
              gaps: gaps.length
            })
          ),
          sinks: sinks.map(({ activity, buffered, name }) => ({ name, activity, buffered: buffered.records }))
        })
      }
    }
  })

/** What the ends of all pipelines mean together. */
export const codeOf = (
  outcomes: ReadonlyArray<Pipeline.Outcome>,
  options: Pick<RunningOptions, "failOnDead" | "once">,
  stopped: boolean
): ExitCode => {
  const parked = outcomes.some(
    ({ status }) =>
      status.partitions.some(({ activity }) => activity === "parked") ||
      status.sinks.some(({ activity }) => activity === "parked")
  )
  if (!stopped && parked) return ExitCode.refused
  if (outcomes.some(({ drained }) => !drained)) return ExitCode.unfinished
  if (!stopped && outcomes.some(({ complete }) => !complete)) return ExitCode.unfinished
  const dead = outcomes.reduce((sum, { status }) => sum + status.deadLetters, 0)
  return options.failOnDead && dead > 0 ? ExitCode.dead : ExitCode.done
}

/** What may wait for a far side or for a person. */
type Waiting = Pick<PartitionStatus | SinkStatus, "activity" | "reason" | "since">

/** Of a source or a stream alone, while its partitions are not known. */
const nameOf = ({ partition, source, stream }: PartitionStatus): string =>
  [source, stream, partition].filter((part) => part !== "").join("/")

/** What a pipeline has done, in a sentence or two; `file` is named in what to do about it. */
export const summary = ({ complete, drained, pipeline, status }: Pipeline.Outcome, file: string): string => {
  const books = status.partitions.reduce((sum, partition) => Books.add(sum, partition.books), Books.empty)
  const n = StatusLines.count
  const said = [
    `${pipeline}: read ${n(books.read)} records in all: ${n(books.emitted)} new or changed, ${n(books.unchanged)} unchanged` +
      (books.filtered > 0 ? `, ${n(books.filtered)} left out by steps` : "") +
      (books.unreadable > 0 ? `, ${n(books.unreadable)} unreadable` : "") +
      "."
  ]
  if (status.deadLetters > 0) {
    said.push(`${n(status.deadLetters)} dead letters: callstream dead list ${file} shows them.`)
  }
  const gaps = status.partitions.reduce((sum, partition) => sum + partition.gaps.length, 0)
  if (gaps > 0) said.push(`${n(gaps)} ranges could not be read and are tried again: see callstream status ${file}.`)
  const waits = (name: string, cannot: string, { activity, reason = "see the log", since }: Waiting) => {
    if (activity === "parked") said.push(`${name} is parked: ${reason}`)
    else if (activity === "backing off" && !complete) {
      said.push(
        `${name} cannot be ${cannot}${since === undefined ? "" : ` since ${StatusLines.minute(since)} UTC`}: ${reason}`
      )
    }
  }
  for (const partition of status.partitions) waits(nameOf(partition), "read", partition)
  for (const sink of status.sinks) waits(`Sink ${sink.name}`, "written to", sink)
  if (!drained) said.push("It was stopped before all was delivered; the rest is read again at the next start.")
  else if (!complete && gaps === 0) said.push("It goes on from here at the next start.")
  return said.join("\n  ")
}
