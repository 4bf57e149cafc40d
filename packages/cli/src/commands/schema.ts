/** `callstream schema`: the JSON Schema of pipeline files. */
import { Effect } from "effect"
import type { CommandRun } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { write } from "../file/JsonSchema.ts"

export const command: CommandRun<"schema"> = Effect.fn("schema")(function* (_, shell) {
  const schema = yield* Effect.promise(write)
  shell.stdout.write(`${JSON.stringify(schema, null, 2)}\n`)
  return ExitCode.done
})
