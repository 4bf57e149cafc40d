/** What a command is to the process that runs it. */
import type { Effect } from "effect"
import type { Arguments, CommandName } from "./CommandTable.ts"
import type { ExitCode } from "./ExitCode.ts"
import type { Shell } from "./Shell.ts"

/** Says in a sentence why a command cannot do what it was asked for, with its exit code. */
export interface CommandFailure {
  readonly _tag: string
  readonly message: string
}

/** A command: what it was given, where it runs; its exit code. */
export type CommandRun<Name extends CommandName> = (
  given: Arguments<Name>,
  shell: Shell
) => Effect.Effect<ExitCode, CommandFailure>
