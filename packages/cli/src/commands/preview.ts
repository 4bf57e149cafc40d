/**
 * `callstream preview`: prints the next events of a source, as its steps leave them, beside what the vendor sent. A pipeline of its own with a state
 * in memory and a sink that prints: nothing is written, and a running worker is not disturbed.
 */
import { Deferred, Duration, Effect, Layer, Option, Schema } from "effect"
import { Pipeline, type PipelineSpec, Plugin, Row, Sink, Sqlite, State } from "@callstream/core"
import { CloudEvent, type Event, type Json } from "@callstream/model"
import { BadUsage } from "../BadUsage.ts"
import type { CommandRun } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { didYouMean } from "../file/Suggest.ts"
import { loadOne } from "../file/PipelineFile.ts"
import { member } from "../Member.ts"
import { pluginServices } from "../Services.ts"
import { sideBySide } from "../terminal/SideBySide.ts"

/** How long without an event the source counts as having none. */
const patienceMs = 60_000

export const command: CommandRun<"preview"> = Effect.fn("preview")(
  function* ({ flags, positional }, shell) {
    const { file, secrets, spec, statePath } = yield* loadOne(positional[0], {
      cwd: shell.cwd,
      variables: shell.variables
    })
    shell.conceal(secrets)
    const source = yield* choose(spec, flags.source)
    const from = yield* positionOf(statePath, source.name)
    const wanted = new Set(
      spec.sinks.filter((sink) => sink.from?.includes(source.name) ?? true).flatMap((sink) => sink.types ?? [])
    )
    const everything = spec.sinks.some((sink) => (sink.from?.includes(source.name) ?? true) && sink.types === undefined)

    const enough = Deferred.makeUnsafe<void>()
    let shown = 0
    const rawOf = makeMemory()
    const print = (event: Event): void => {
      if (shown >= flags.limit) return
      shown += 1
      const lines = flags.json
        ? [CloudEvent.toJson(event)]
        : sideBySide(event, rawOf.get(event.id), shell.stdout.columns())
      shell.stdout.write(`${lines.join("\n")}\n`)
    }
    const sink: PipelineSpec.SinkSpec = {
      name: "preview",
      plugin: printer((events) => {
        for (const event of events) print(event)
        return shown >= flags.limit ? Effect.asVoid(Deferred.succeed(enough, undefined)) : Effect.void
      }),
      config: {},
      fingerprint: "preview",
      steps: [],
      buffer: { records: 1000, bytes: 16 * 1024 * 1024 },
      ...(everything ? {} : { types: [...wanted] })
    }
    const preview: PipelineSpec.PipelineSpec = {
      ...spec,
      steps: [{ plugin: remembering(rawOf), config: {} }, ...spec.steps],
      sources: [
        {
          ...source,
          plugin: eventsOnly(source.plugin),
          ...(from === undefined ? {} : { config: startingAt(source.config, from) })
        }
      ],
      sinks: [sink]
    }
    const pipeline = yield* Effect.provide(
      Pipeline.start(preview, { once: true, patienceMs, drainMs: 1000 }),
      yield* Layer.build(Sqlite.layerMemory({ pipeline: spec.name }))
    )
    const outcome = yield* Effect.raceFirst(
      Effect.asSome(pipeline.outcome),
      Effect.as(Effect.raceFirst(Deferred.await(enough), shell.stopped), Option.none<Pipeline.Outcome>())
    )
    if (shown > 0 || Option.isNone(outcome)) return ExitCode.done
    const parked = outcome.value.status.partitions.find(({ activity }) => activity === "parked")
    if (parked !== undefined) {
      shell.stderr.write(
        `callstream: ${source.name}/${parked.stream} is parked: ${parked.reason ?? "it was refused"}\n`
      )
      return ExitCode.refused
    }
    const since = from === undefined ? "" : ` after ${new Date(from).toISOString()}, which ${file} has read up to`
    shell.stderr.write(`${source.name} has nothing to show${since}.\n`)
    return outcome.value.complete ? ExitCode.done : ExitCode.unfinished
  },
  Effect.scoped,
  Effect.provide(pluginServices)
)

/** Without the streams that leave files behind. */
const eventsOnly = (plugin: Plugin.SourcePlugin): Plugin.SourcePlugin => ({
  ...plugin,
  open: (config, place) =>
    Effect.map(plugin.open(config, place), ({ streams }) => ({
      streams: streams.filter(({ leavesFiles }) => leavesFiles !== true)
    }))
})

/** How many raw records are remembered: more than a sink's buffer and the largest page have. */
const mostRemembered = 20_000

/** The vendor's records of the last events, by id: steps may take them away. */
const makeMemory = () => {
  const records = new Map<string, Json>()
  return {
    get: (id: string): Json | undefined => records.get(id),
    put: (id: string, raw: Json): void => {
      const [oldest] = records.keys()
      if (records.size >= mostRemembered && oldest !== undefined) records.delete(oldest)
      records.set(id, raw)
    }
  }
}

/** The first step: changes nothing. */
const remembering = ({ put }: ReturnType<typeof makeMemory>): Plugin.StepPlugin =>
  Plugin.step({
    name: "remember",
    summary: "Remembers the vendor's records.",
    Config: Schema.Struct({}),
    example: "",
    open: () =>
      Effect.succeed({
        apply: (events) => {
          for (const { data, id } of events) {
            const raw = member(data, "raw")
            if (raw !== undefined) put(id, Row.fromParsed(raw))
          }
          return events
        }
      })
  })

const choose = Effect.fnUntraced(function* (spec: PipelineSpec.PipelineSpec, name: string | undefined) {
  const names = spec.sources.map((source) => source.name)
  const found =
    name === undefined && spec.sources.length === 1 ? spec.sources[0] : spec.sources.find((s) => s.name === name)
  if (found !== undefined) return found
  return yield* new BadUsage({
    reason:
      name === undefined
        ? `preview shows one source: name it with --source. There are ${names.join(", ")}.`
        : `There is no source ${name}.${didYouMean(name, names)} There are ${names.join(", ")}.`
  })
})

/** What the state has read up to; `undefined` where there is none. */
const positionOf = (path: string, source: string) =>
  Effect.gen(function* () {
    const overview = yield* (yield* State).overview
    const positions = overview.flatMap((one) =>
      one.source === source && one.progress !== undefined ? [one.progress.position] : []
    )
    return positions.length === 0 ? undefined : Math.min(...positions)
  }).pipe(
    Effect.provide(Sqlite.layerReadOnly({ path })),
    Effect.orElseSucceed(() => undefined)
  )

/** Every source has `since`, in epoch milliseconds once it is decoded. */
const startingAt = (config: unknown, since: number): unknown =>
  typeof config === "object" && config !== null ? { ...config, since } : config

const printer = (print: (events: ReadonlyArray<Event>) => Effect.Effect<void>): Plugin.SinkPlugin =>
  Plugin.sink({
    name: "preview",
    summary: "Prints events.",
    Config: Schema.Struct({}),
    example: "",
    open: () =>
      Effect.succeed({
        identity: "preview",
        limits: { maxRecords: 100, maxBytes: 8 * 1024 * 1024, linger: Duration.zero, concurrency: 1 },
        versioned: true,
        write: (events) =>
          Effect.as(
            print(events),
            events.map(() => Sink.stored)
          )
      })
  })
