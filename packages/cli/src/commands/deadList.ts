/** `callstream dead list`: records that had no way, newest first. */
import { Effect } from "effect"
import { State } from "@callstream/core"
import type { CommandRun } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { loadOne } from "../file/PipelineFile.ts"
import { read } from "../StateStatus.ts"
import { count, minute } from "../terminal/StatusLines.ts"

export const command: CommandRun<"dead list"> = Effect.fn("dead list")(function* ({ flags, positional }, shell) {
  const { secrets, statePath } = yield* loadOne(positional[0], { cwd: shell.cwd, variables: shell.variables })
  shell.conceal(secrets)
  const { letters, total } = yield* read(
    statePath,
    Effect.gen(function* () {
      const { deadLetters } = yield* State
      return { letters: yield* deadLetters.list({ limit: flags.limit }), total: yield* deadLetters.count }
    })
  )
  if (flags.json) {
    shell.stdout.write(`${JSON.stringify({ total, deadLetters: letters }, null, 2)}\n`)
    return ExitCode.done
  }
  for (const { at, number, reason, source, stage, stream, subject, type } of letters) {
    const what = [type, subject].filter((part) => part !== undefined).join(" ")
    shell.stdout.write(
      `${String(number).padStart(6)}  ${minute(at)}  ${source}/${stream}  ${stage}  ${what}\n        ${reason}\n`
    )
  }
  const shown = letters.length < total ? `, ${count(letters.length)} shown` : ""
  shell.stdout.write(total === 0 ? "No dead letters.\n" : `${count(total)} dead letters${shown}.\n`)
  return ExitCode.done
})
