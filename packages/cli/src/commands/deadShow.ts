/** `callstream dead show`: one dead letter with its record. */
import { Effect } from "effect"
import { State } from "@callstream/core"
import { BadUsage } from "../BadUsage.ts"
import type { CommandRun } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { loadOne } from "../file/PipelineFile.ts"
import { read } from "../StateStatus.ts"

export const command: CommandRun<"dead show"> = Effect.fn("dead show")(function* ({ flags, positional }, shell) {
  const number = Number(positional[0])
  if (!Number.isSafeInteger(number) || number < 0) {
    return yield* new BadUsage({ reason: "dead show wants the number of a dead letter, as dead list prints it." })
  }
  const { secrets, statePath } = yield* loadOne(flags.file, { cwd: shell.cwd, variables: shell.variables })
  shell.conceal(secrets)
  const letter = yield* read(
    statePath,
    Effect.flatMap(State, ({ deadLetters }) => deadLetters.show(number))
  )
  if (letter === undefined) {
    return yield* new BadUsage({
      reason: `There is no dead letter ${number}: it may have been closed. See callstream dead list.`
    })
  }
  if (flags.json) {
    shell.stdout.write(`${JSON.stringify(letter, null, 2)}\n`)
    return ExitCode.done
  }
  const { at, partition, payload, reason, source, stage, stream, subject, type } = letter
  const rows: ReadonlyArray<readonly [string, string | undefined]> = [
    ["number", String(number)],
    ["when", new Date(at).toISOString()],
    ["from", `${source}/${stream} ${partition}`],
    ["stage", stage],
    ["type", type],
    ["subject", subject],
    ["reason", reason]
  ]
  for (const [name, value] of rows) if (value !== undefined) shell.stdout.write(`${name.padEnd(8)} ${value}\n`)
  shell.stdout.write(`\n${JSON.stringify(payload, null, 2)}\n`)
  return ExitCode.done
})
