/** `callstream status`: what the state says: spans, lag, books, gaps, dead letters. */
import { Clock, Effect } from "effect"
import type { CommandRun } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { loadOne } from "../file/PipelineFile.ts"
import * as StateStatus from "../StateStatus.ts"

export const command: CommandRun<"status"> = Effect.fn("status")(function* ({ flags, positional }, shell) {
  const { file, secrets, spec, statePath } = yield* loadOne(positional[0], {
    cwd: shell.cwd,
    variables: shell.variables
  })
  shell.conceal(secrets)
  const now = yield* Clock.currentTimeMillis
  const status = yield* StateStatus.read(statePath, StateStatus.status(spec.name, now))
  shell.stdout.write(flags.json ? `${JSON.stringify(status, null, 2)}\n` : StateStatus.text(status, file))
  return ExitCode.done
})
