/** `callstream run`: runs pipelines until stopped, or with `--once` until they have caught up. */
import { Effect } from "effect"
import { Credentials } from "@callstream/core"
import { BadUsage } from "../BadUsage.ts"
import type { CommandRun } from "../Command.ts"
import { load } from "../file/PipelineFile.ts"
import * as Monitor from "../Monitor.ts"
import * as Running from "../Running.ts"

export const command: CommandRun<"run"> = Effect.fn("run")(function* ({ flags, positional }, shell) {
  const listen = flags.listen === undefined ? undefined : Monitor.parseAddress(flags.listen)
  if (flags.listen !== undefined && listen === undefined) {
    return yield* new BadUsage({ reason: "--listen wants a port, or an address such as 0.0.0.0:9090." })
  }
  const pipelines = yield* load(positional, { cwd: shell.cwd, variables: shell.variables })
  shell.conceal(pipelines.flatMap(({ secrets }) => secrets))
  Credentials.onRenewal((secret) => shell.conceal([secret]))
  const ended = yield* Running.run(
    pipelines,
    {
      once: flags.once,
      patienceMs: flags.patience,
      drainMs: flags.drain,
      failOnDead: flags["fail-on-dead"],
      ...(listen === undefined ? {} : { listen })
    },
    shell
  )
  for (const outcome of ended.outcomes) {
    const file = pipelines.find(({ spec }) => spec.name === outcome.pipeline)?.file ?? ""
    if (shell.logFormat === "json") {
      const { complete, drained, pipeline, status } = outcome
      yield* Effect.logInfo(Running.summary(outcome, file), {
        pipeline,
        complete,
        drained,
        deadLetters: status.deadLetters
      })
    } else {
      shell.stdout.write(`${Running.summary(outcome, file)}\n`)
    }
  }
  return ended.code
})
