/** `callstream setup`: has each sink install what it needs, or say what it would. */
import { Effect } from "effect"
import { Failure } from "@callstream/core"
import type { CommandRun } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { loadOne } from "../file/PipelineFile.ts"
import { sinkPlace, withPlugins } from "../Services.ts"

export const command: CommandRun<"setup"> = Effect.fn("setup")(function* ({ flags, positional }, shell) {
  const { secrets, spec } = yield* loadOne(positional[0], { cwd: shell.cwd, variables: shell.variables })
  shell.conceal(secrets)
  for (const sink of spec.sinks) {
    const { setup } = sink.plugin
    const said =
      setup === undefined
        ? ["needs no setup."]
        : yield* withPlugins(setup(sink.config, sinkPlace(spec, sink), { dryRun: flags["dry-run"] })).pipe(
            Effect.mapError((failure) => Failure.ofSink(sink.name, failure))
          )
    for (const sentence of said.length === 0 ? ["has all it needs."] : said) {
      shell.stdout.write(`${sink.name}: ${sentence}\n`)
    }
  }
  return ExitCode.done
})
