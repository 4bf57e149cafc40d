/** `callstream backfill`: a past range is read again, or a sink gets what was delivered before it was there. */
import { Clock, Effect, Result, Schema } from "effect"
import { Request, Settings } from "@callstream/core"
import * as Asking from "../Asking.ts"
import { BadUsage } from "../BadUsage.ts"
import type { CommandRun } from "../Command.ts"
import type { Arguments } from "../CommandTable.ts"
import { ExitCode } from "../ExitCode.ts"
import { type LoadedPipeline, loadOne } from "../file/PipelineFile.ts"
import { didYouMean } from "../file/Suggest.ts"
import { count } from "../terminal/StatusLines.ts"

const decodeInstant = Schema.decodeUnknownResult(Settings.instant({ description: "A time." }))

export const command: CommandRun<"backfill"> = Effect.fn("backfill")(function* ({ flags, positional }, shell) {
  const pipeline = yield* loadOne(positional[0], { cwd: shell.cwd, variables: shell.variables })
  shell.conceal(pipeline.secrets)
  const asked = yield* Effect.fromResult(requestOf(flags, pipeline, yield* Clock.currentTimeMillis))
  const options = {
    offline: false,
    patienceMs: flags.patience,
    line: ({ counts, fraction = 0 }: Request.Report) => {
      const { delivered = 0, toFetch = 0 } = counts
      const sent = asked.sink === undefined ? "" : `, ${count(delivered)} sent again`
      return `backfill ${Math.floor(fraction * 100)} %${sent}${toFetch > 0 ? `, ${count(toFetch)} contents to fetch` : ""}`
    }
  }
  const { report, state } = yield* Asking.ask(pipeline, Request.kinds.backfill, asked, options, shell)
  if (flags.json) {
    const { counts, fraction } = report
    shell.stdout.write(`${JSON.stringify({ state, fraction, counts }, null, 2)}\n`)
  } else {
    shell.stdout.write(`${state === "open" ? `${options.line(report)}. ${Asking.stays}` : summary(asked, report)}\n`)
  }
  return state === "done" && (report.counts["gaps"] ?? 0) === 0 ? ExitCode.done : ExitCode.unfinished
})

/** What the command line asks for, or what is wrong with it. */
const requestOf = (
  { from, sink, source, to }: Arguments<"backfill">["flags"],
  { spec }: LoadedPipeline,
  now: number
): Result.Result<Request.Backfill, BadUsage> => {
  const wrong = (reason: string) => Result.fail(new BadUsage({ reason }))
  const unknown = (kind: "sink" | "source", name: string, known: ReadonlyArray<string>) =>
    wrong(`There is no ${kind} ${name}.${didYouMean(name, known)} There are ${known.join(", ")}.`)
  const sinks = spec.sinks.map(({ name }) => name)
  const sources = spec.sources.map(({ name }) => name)
  if (sink !== undefined && !sinks.includes(sink)) return unknown("sink", sink, sinks)
  if (source !== undefined && !sources.includes(source)) return unknown("source", source, sources)
  const taken = spec.sinks.find(({ name }) => name === sink)?.from
  if (source !== undefined && taken?.includes(source) === false) {
    return wrong(`Sink ${sink} takes nothing from ${source}, only from ${taken.join(", ")}.`)
  }
  if (sink === undefined && from === undefined) {
    return wrong("backfill wants --from, where the range begins, or --sink. See callstream backfill --help.")
  }
  const edges: { from?: number; to?: number } = {}
  for (const [name, text] of [
    ["from", from],
    ["to", to]
  ] as const) {
    if (text === undefined) continue
    const at = decodeInstant(text)
    if (Result.isFailure(at))
      return wrong(`--${name} wants a time such as 2026-01-01 or 2026-01-01T12:00:00Z, not ${text}.`)
    edges[name] = at.success
  }
  if (edges.from !== undefined && edges.to !== undefined && edges.from >= edges.to) {
    return wrong("--from must be before --to.")
  }
  if (edges.from !== undefined && edges.from >= now) {
    return wrong("--from lies ahead of now: there is nothing to read again. What comes then is read as it comes.")
  }
  return Result.succeed({
    ...edges,
    ...(source === undefined ? {} : { source }),
    ...(sink === undefined ? {} : { sink })
  })
}

/** What it came to, in sentences. */
const summary = ({ sink }: Request.Backfill, { counts }: Request.Report): string => {
  const { complete = 0, delivered = 0, gaps = 0, gone = 0, refused = 0, unwanted = 0 } = counts
  const said =
    sink === undefined
      ? ["The range was read again; what was new or changed went to the sinks."]
      : [
          `${count(delivered)} events were sent again to ${sink}` +
            (unwanted > 0 ? `, ${count(unwanted)} it does not want` : "") +
            (refused > 0 ? `, ${count(refused)} it refused (see callstream dead list)` : "") +
            "."
        ]
  if (gone > 0) said.push(`${count(gone)} contents could not be: the vendor has them no more.`)
  if (gaps > 0) {
    said.push(
      `${count(gaps)} range${gaps === 1 ? "" : "s"} could not be read; callstream run tries again. See callstream status.`
    )
  }
  if (complete > 0) said.push(`Sink ${sink ?? ""} is complete now.`)
  return said.join(" ")
}
