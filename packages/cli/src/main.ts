/**
 * The process: parses, answers help at once, loads the command that is meant, and turns its end into an exit code. Kept
 * free of imports that cost time; `Execute.ts` has the rest.
 */
import { readFileSync } from "node:fs"
import process from "node:process"
import { parse } from "./Arguments.ts"
import { ExitCode } from "./ExitCode.ts"
import * as Help from "./Help.ts"

/** The version of this package. */
const version = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown"
}

/** Runs the command line of this process and ends it. */
export const main = async (): Promise<void> => {
  // A reader that has seen enough (`… | head`) is no error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(ExitCode.done)
    })
  }
  const parsed = parse(process.argv.slice(2))
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
      const { execute } = await import("./Execute.ts")
      await execute(parsed, version())
    }
  }
}
