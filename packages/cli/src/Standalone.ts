/**
 * The commands that need nothing but what comes with this package, to start fast: `scripts/bundle.ts` makes one file of
 * this module and of all it imports, Effect included, and `main.ts` prefers that file. Code of somebody else never meets
 * it: that has to share Effect and the core with whoever loads it, so `serves` leaves such files to the usual commands.
 */
import { command as schema } from "./commands/schema.ts"
import { command as validate } from "./commands/validate.ts"
import { callerFolder, execute as executeAny, type ParsedCommand } from "./Execute.ts"
import { isSelfContained } from "./file/PipelineFile.ts"

/** Whether the command can be run from here. */
export const serves = ({ command, positional }: ParsedCommand): boolean =>
  command === "schema" || (command === "validate" && isSelfContained(positional, callerFolder()))

/** Runs a command that is served, and ends the process. */
export const execute = (parsed: ParsedCommand, version: string): Promise<void> =>
  executeAny(parsed, version, () => Promise.resolve({ command: parsed.command === "schema" ? schema : validate }))
