/** The command, as its users run it: processes of their own, on the sources of this repository. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, type Scope } from "effect"

const bin = fileURLToPath(new URL("../../packages/cli/bin/callstream.js", import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A worker that runs until it is stopped, or the scope ends. */
export interface Worker {
  /** SIGKILL; ends when the process is gone. */
  readonly kill: Effect.Effect<void>
  /** SIGTERM; gives how it ended. */
  readonly stop: Effect.Effect<Ended>
  readonly isRunning: () => boolean
  /** Resident memory, bytes. */
  readonly memory: () => number
  /** All that it has written so far. */
  readonly output: () => string
}

interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  readonly output: () => string
}

const launch = (words: ReadonlyArray<string>): Started => {
  const { CALLSTREAM_COMMAND: _, CALLSTREAM_DIRECTORY: __, NODE_OPTIONS: ___, ...variables } = process.env
  const child = spawn(process.execPath, ["--conditions=@repo/source", bin, ...words], {
    cwd: tmpdir(),
    env: variables,
    stdio: ["ignore", "pipe", "pipe"]
  })
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })
  return { child, ended, output: () => stdout + stderr }
}

const signalled = ({ child, ended }: Started, signal: NodeJS.Signals): Effect.Effect<Ended> =>
  Effect.promise(() => {
    child.kill(signal)
    return ended
  })

const running = (words: ReadonlyArray<string>): Effect.Effect<Started, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => launch(words)),
    (started) => signalled(started, "SIGKILL")
  )

/** Runs `callstream …words` to its end. */
export const callstream = (...words: ReadonlyArray<string>): Effect.Effect<Ended> =>
  Effect.scoped(Effect.flatMap(running(words), ({ ended }) => Effect.promise(() => ended)))

const memoryOf = (pid: number): number => {
  const status = `/proc/${pid}/status`
  const kilobytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, "utf8"))?.[1]
    : execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })
  return Number(kilobytes) * 1024
}

/** Starts `callstream run`. */
export const startWorker = (file: string): Effect.Effect<Worker, never, Scope.Scope> =>
  Effect.map(running(["run", file, "--log-format", "json"]), (started) => ({
    kill: Effect.asVoid(signalled(started, "SIGKILL")),
    stop: signalled(started, "SIGTERM"),
    isRunning: () => started.child.exitCode === null && started.child.signalCode === null,
    memory: () => memoryOf(started.child.pid ?? 0),
    output: started.output
  }))

/** A folder that is gone with the scope. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "callstream-e2e-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)
