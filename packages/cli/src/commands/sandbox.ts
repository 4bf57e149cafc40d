/** `callstream sandbox`: the four APIs on this machine until stopped. */
import { Effect } from "effect"
import { start } from "@callstream/sandbox"
import { BadUsage } from "../BadUsage.ts"
import type { CommandRun } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { member } from "../Member.ts"
import * as SandboxPipeline from "../SandboxPipeline.ts"

/** New calls a minute under `--live`. */
export const liveCalls = 20

export const command: CommandRun<"sandbox"> = Effect.fn("sandbox")(function* ({ flags }, shell) {
  const { calls, days, host, live, port, seed } = flags
  if (port > 65_535) return yield* new BadUsage({ reason: "--port wants a number up to 65535." })
  const now = Date.now()
  const sandbox = yield* start({ host, port, seed, calls, days, now, live: live ? liveCalls : 0 }).pipe(
    Effect.mapError((failure) => new BadUsage({ reason: failure.message }))
  )
  const file = SandboxPipeline.write(sandbox, {
    name: "sandbox",
    since: now - (days + 1) * 86_400_000,
    path: ".callstream/sandbox",
    state: ".callstream/sandbox.db"
  })
  const rows = Object.entries(sandbox.credentials).flatMap(([api, credentials]) => {
    const url = String(member(sandbox.baseUrls, api))
    const login = Object.entries(credentials)
    return [`${api.padEnd(14)} ${url}`, ...login.map(([name, value]) => `${"".padEnd(14)}   ${name}: ${String(value)}`)]
  })
  shell.stdout.write(
    `The four APIs are served until you stop this (Ctrl-C). The credentials are made up.\n\n${rows.join("\n")}\n\n` +
      `To read all of it, save this as sandbox.yaml and run: callstream run sandbox.yaml\n\n` +
      `${file.replace(/^(?=.)/gm, "  ")}\n`
  )
  yield* shell.stopped
  return ExitCode.done
}, Effect.scoped)
