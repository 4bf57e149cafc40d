/** `callstream new`: writes a first pipeline file. What the options leave open it asks, on a terminal. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { createInterface } from "node:readline/promises"
import { Effect } from "effect"
import { BadUsage } from "../BadUsage.ts"
import type { CommandRun } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { nameForm } from "../file/Assemble.ts"
import { defaultFile, moduleForm } from "../file/PipelineFile.ts"
import { builtInNames } from "../file/PluginLookup.ts"
import * as NewFile from "../NewFile.ts"
import type { Shell } from "../Shell.ts"

export const command: CommandRun<"new"> = Effect.fn("new")(function* ({ flags, positional }, shell) {
  const shown = positional[0] ?? defaultFile
  const path = resolve(shell.cwd, shown)
  if (moduleForm.test(shown)) {
    const yaml = shown.replace(moduleForm, ".yaml")
    return yield* new BadUsage({ reason: `new writes YAML: name a file such as ${yaml}.` })
  }
  if (existsSync(path) && !flags.force) {
    return yield* new BadUsage({ reason: `${shown} exists already. Name another file, or overwrite it with --force.` })
  }
  const open = [flags.name, flags.source, flags.sink].includes(undefined)
  if (open && !shell.stdin.isTTY) {
    return yield* new BadUsage({
      reason:
        "new asks its questions on a terminal. Elsewhere name all of --name, --source and --sink, " +
        `such as --name acme --source ${builtInNames("source").join(",")} --sink local.`
    })
  }
  const answers = open
    ? yield* Effect.tryPromise({
        try: () => ask(flags, shell),
        catch: () => new BadUsage({ reason: "Stopped: nothing was written." })
      })
    : { name: flags.name ?? "", source: flags.source ?? "", sink: flags.sink ?? "" }
  if (!nameForm.test(answers.name)) {
    return yield* new BadUsage({ reason: "A name is made of a–z, 0–9, - and _, and begins with a letter or a digit." })
  }
  const written = yield* Effect.promise(() =>
    NewFile.write({ name: answers.name, sources: list(answers.source), sinks: list(answers.sink) })
  )
  if ("wrong" in written) return yield* new BadUsage({ reason: written.wrong })
  yield* Effect.try({
    try: () => {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, written.text)
    },
    catch: (error) =>
      new BadUsage({ reason: `${shown} cannot be written: ${error instanceof Error ? error.message : ""}.` })
  })
  const file = shown === defaultFile ? "" : ` ${shown}`
  shell.stdout.write(
    `Wrote ${shown}. Set the variables it names, then:\n` +
      `  callstream validate${file}\n  callstream check${file}\n  callstream run${file}\n`
  )
  return ExitCode.done
})

const list = (text: string): ReadonlyArray<string> =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")

interface Answers {
  readonly name: string
  readonly source: string
  readonly sink: string
}

const ask = async (
  given: { readonly name: string | undefined; readonly source: string | undefined; readonly sink: string | undefined },
  shell: Shell
): Promise<Answers> => {
  const terminal = createInterface({ input: shell.stdin, output: process.stdout })
  const question = async (text: string, usual: string) => {
    const answer = (await terminal.question(`${text} [${usual}] `)).trim()
    return answer === "" ? usual : answer
  }
  try {
    const sources = builtInNames("source").join(",")
    return {
      name: given.name ?? (await question("Name of the pipeline?", "calls")),
      source: given.source ?? (await question(`Sources? Some of ${sources}`, sources)),
      sink: given.sink ?? (await question(`Sinks? Some of ${builtInNames("sink").join(",")}`, "local"))
    }
  } finally {
    terminal.close()
  }
}
