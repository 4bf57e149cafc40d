/** `callstream dead replay`: dead letters go again where they were refused. */
import { Effect } from "effect"
import { Request } from "@callstream/core"
import * as Asking from "../Asking.ts"
import type { CommandRun } from "../Command.ts"
import * as DeadChoice from "../DeadChoice.ts"
import { ExitCode } from "../ExitCode.ts"
import { count } from "../terminal/StatusLines.ts"

const patienceMs = 600_000

export const command: CommandRun<"dead replay"> = Effect.fn("dead replay")(function* (given, shell) {
  const { count: chosen, letters, onlySinks, pipeline } = yield* DeadChoice.choose("dead replay", given, shell)
  const { flags } = given
  const options = { offline: onlySinks, patienceMs, line: summary }
  const { report, state } =
    chosen === 0
      ? { state: "done" as const, report: Request.emptyReport }
      : yield* Asking.ask(pipeline, Request.kinds.replay, letters, options, shell)
  if (flags.json)
    shell.stdout.write(`${JSON.stringify({ state, counts: report.counts, said: report.said }, null, 2)}\n`)
  else {
    for (const sentence of report.said) shell.stdout.write(`${sentence}\n`)
    shell.stdout.write(`${summary(report)}\n`)
    if (state === "open") shell.stdout.write(`${Asking.stays}\n`)
  }
  if (state !== "done") return ExitCode.unfinished
  const { impossible = 0, later = 0, refused = 0 } = report.counts
  return flags["fail-on-dead"] && impossible + later + refused > 0 ? ExitCode.dead : ExitCode.done
})

/** What became of them, in a sentence. */
const summary = ({ counts }: Request.Report): string => {
  const { closed = 0, delivered = 0, impossible = 0, later = 0, refused = 0 } = counts
  const parts = [
    `${count(delivered)} delivered`,
    ...(refused > 0 ? [`${count(refused)} refused again`] : []),
    ...(later > 0 ? [`${count(later)} on the way`] : []),
    ...(closed > 0 ? [`${count(closed)} closed unsent`] : []),
    ...(impossible > 0 ? [`${count(impossible)} cannot be sent again`] : [])
  ]
  const all = closed + delivered + impossible + later + refused
  return all === 0 ? "No dead letters." : `${count(all)} dead letter${all === 1 ? "" : "s"}: ${parts.join(", ")}.`
}
