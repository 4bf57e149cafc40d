/** `callstream dead drop`: dead letters are forgotten. */
import { Effect } from "effect"
import { Request } from "@callstream/core"
import * as Asking from "../Asking.ts"
import type { CommandRun } from "../Command.ts"
import * as DeadChoice from "../DeadChoice.ts"
import { ExitCode } from "../ExitCode.ts"
import { count } from "../terminal/StatusLines.ts"

const patienceMs = 60_000

export const command: CommandRun<"dead drop"> = Effect.fn("dead drop")(function* (given, shell) {
  const { count: chosen, letters, pipeline } = yield* DeadChoice.choose("dead drop", given, shell)
  const options = { offline: true, patienceMs, line: summary }
  const { report, state } =
    chosen === 0
      ? { state: "done" as const, report: Request.emptyReport }
      : yield* Asking.ask(pipeline, Request.kinds.drop, letters, options, shell)
  if (given.flags.json) {
    shell.stdout.write(`${JSON.stringify({ state, counts: report.counts, said: report.said }, null, 2)}\n`)
  } else {
    for (const sentence of report.said) shell.stdout.write(`${sentence}\n`)
    shell.stdout.write(`${summary(report)}\n`)
    if (state === "open") shell.stdout.write(`${Asking.stays}\n`)
  }
  return state === "done" ? ExitCode.done : ExitCode.unfinished
})

const summary = ({ counts: { dropped = 0 } }: Request.Report): string =>
  dropped === 0 ? "No dead letters." : `${count(dropped)} dead letter${dropped === 1 ? "" : "s"} dropped.`
