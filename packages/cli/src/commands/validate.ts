/** `callstream validate`: reports every problem of pipeline files, and says what those without are. */
import { Effect } from "effect"
import type { CommandRun } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { load } from "../file/PipelineFile.ts"

export const command: CommandRun<"validate"> = Effect.fn("validate")(function* ({ positional }, shell) {
  const pipelines = yield* load(positional, { cwd: shell.cwd, variables: shell.variables })
  for (const { file, spec } of pipelines) {
    const names = (list: ReadonlyArray<{ readonly name: string }>) => list.map(({ name }) => name).join(", ")
    shell.stdout.write(`${file}: pipeline ${spec.name} is fine: ${names(spec.sources)} to ${names(spec.sinks)}.\n`)
  }
  return ExitCode.done
})
