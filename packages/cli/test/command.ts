/** Runs the command as its users do: a process of its own, on the sources of this repository. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const bin = fileURLToPath(new URL("../bin/callstream.js", import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly variables?: Readonly<Record<string, string>>
  /** Called with all that was written so far; may send a signal. */
  readonly onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void
  /** Takes nothing more from it after its first words. */
  readonly deaf?: boolean
  /** Called once it is started, with what sends it a signal. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void
}

/** Runs `callstream …args` to its end. */
export const callstream = (args: ReadonlyArray<string>, options: CommandOptions = {}): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const { CALLSTREAM_DIRECTORY: _, CALLSTREAM_COMMAND: __, NODE_OPTIONS: ___, ...variables } = process.env
    const child = spawn(process.execPath, ["--conditions=@repo/source", bin, ...args], {
      cwd: options.cwd ?? tmpdir(),
      env: { ...variables, ...options.variables },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let stdout = ""
    let stderr = ""
    const kill = (signal: NodeJS.Signals): void => void child.kill(signal)
    const told = () => {
      options.onOutput?.(stdout + stderr, kill)
      if (options.deaf === true) for (const stream of [child.stdout, child.stderr]) stream.destroy()
    }
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      told()
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
      told()
    })
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
    options.onStart?.(kill)
  })

/** A folder that is gone after `use`. */
export const inFolder = async <A>(use: (folder: string) => Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "callstream-"))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
