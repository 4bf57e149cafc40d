/** `callstream check`: proves credentials and servers, one line per source stream and sink. */
import { Effect } from "effect"
import type { Source } from "@callstream/core"
import type { CommandRun } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { loadOne } from "../file/PipelineFile.ts"
import { sinkPlace, withPlugins } from "../Services.ts"

interface Line extends Source.CheckLine {
  readonly kind: "source" | "sink"
  readonly name: string
}

export const command: CommandRun<"check"> = Effect.fn("check")(function* ({ flags, positional }, shell) {
  const { secrets, spec } = yield* loadOne(positional[0], { cwd: shell.cwd, variables: shell.variables })
  shell.conceal(secrets)
  const unchecked: ReadonlyArray<Source.CheckLine> = [
    { subject: "settings", ok: true, detail: "can be read; there is nothing else to check" }
  ]
  const label = (kind: Line["kind"], name: string) => (lines: ReadonlyArray<Source.CheckLine>) =>
    lines.map((line): Line => ({ kind, name, ...line }))
  const sources = spec.sources.map(({ config, name, plugin }) =>
    (
      plugin.check?.(config, { pipeline: spec.name, name, directory: spec.directory }) ?? Effect.succeed(unchecked)
    ).pipe(Effect.map(label("source", name)))
  )
  const sinks = spec.sinks.map((sink) =>
    (sink.plugin.check?.(sink.config, sinkPlace(spec, sink)) ?? Effect.succeed(unchecked)).pipe(
      Effect.map(label("sink", sink.name))
    )
  )
  const lines = (yield* withPlugins(Effect.all([...sources, ...sinks], { concurrency: 4 }))).flat()
  if (flags.json) {
    shell.stdout.write(`${JSON.stringify(lines, null, 2)}\n`)
  } else {
    const width = Math.max(...lines.map(({ name, subject }) => name.length + subject.length + 1))
    for (const { detail, name, ok, subject } of lines) {
      shell.stdout.write(`${ok ? "ok    " : "FAILED"}  ${`${name}/${subject}`.padEnd(width)}  ${detail}\n`)
    }
  }
  return lines.every(({ ok }) => ok) ? ExitCode.done : ExitCode.refused
})
