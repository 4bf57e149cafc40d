/**
 * The process: parses, answers help at once, loads the command that is meant, and turns its end into an exit code. Kept
 * free of imports that cost time; `Execute.ts` has the rest.
 */
import { existsSync, readFileSync } from "node:fs"
import process from "node:process"
import { parse } from "./Arguments.ts"
import type { CommandName } from "./CommandTable.ts"
import { ExitCode } from "./ExitCode.ts"
import * as Help from "./Help.ts"
import { keepSmall } from "./Memory.ts"
import type * as Standalone from "./Standalone.ts"

/** The version of this package. */
const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown"
}

/** Where the built package has `Standalone.ts` and all it needs in one file. From source there is none. */
const bundle = new URL("./bundle/standalone.js", import.meta.url)

/** The commands that it has; which files they can be run on, it says itself. */
const bundled = new Set<CommandName>(["validate", "schema"])

const loadBundle = async (): Promise<typeof Standalone | undefined> =>
  existsSync(bundle) ? import(bundle.href) : undefined

/** Runs the command line of this process and ends it. */
export const main = async (): Promise<void> => {
  // Node 24 calls its SQLite experimental at every start: nothing that a user of this command could act on.
  process.removeAllListeners("warning")
  process.on("warning", ({ message, name }) => {
    if (name !== "ExperimentalWarning") process.stderr.write(`${name}: ${message}\n`)
  })
  const parsed = parse(process.argv.slice(2))
  // A reader that has seen enough (`… | head`) is no error; but a worker whose log is not taken any more is not done.
  const unheard = parsed._tag === "command" && parsed.command === "run" ? ExitCode.unfinished : ExitCode.done
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(unheard)
    })
  }
  switch (parsed._tag) {
    case "help":
      process.stdout.write(parsed.command === undefined ? Help.general(version()) : Help.ofCommand(parsed.command))
      return
    case "version":
      process.stdout.write(`${version()}\n`)
      return
    case "wrong":
      process.stderr.write(`callstream: ${parsed.message}\n`)
      process.exitCode = ExitCode.badUsage
      return
    case "command": {
      if (parsed.command === "run") keepSmall()
      const standalone = bundled.has(parsed.command) ? await loadBundle() : undefined
      if (standalone?.serves(parsed) === true) return standalone.execute(parsed, version())
      const [{ commands }, { execute }] = await Promise.all([import("./Commands.ts"), import("./Execute.ts")])
      return execute(parsed, version(), commands[parsed.command])
    }
  }
}
