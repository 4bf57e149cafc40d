/**
 * Where the servers of one cluster live: a temporary folder, their processes, and a guard. The guard is a small shell at
 * the other end of a pipe of ours. However we end, also by `kill -9`, the pipe closes, and the guard kills the processes
 * and removes the folder. It is how they end in good order, too.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

const guardScript = `
trap '' HUP INT TERM
cat >/dev/null
for file in "$1"/*.pid; do
  [ -f "$file" ] && kill -9 "$(cat "$file")" 2>/dev/null
done
tries=0
until rm -rf "$1" 2>/dev/null || [ "$tries" -ge 100 ]; do
  tries=$((tries + 1))
  sleep 0.1
done`

export interface Running {
  readonly pid: number
  /** Settles when the process is gone. */
  readonly gone: Promise<void>
  readonly isGone: () => boolean
  readonly signal: (signal: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT") => void
}

export interface Workplace {
  readonly folder: string
  /** Starts a process whose output goes to `<name>.log`; its input is a pipe of ours. */
  readonly start: (name: string, command: string, args: ReadonlyArray<string>) => Running
  /** The last lines of its output. */
  readonly log: (name: string) => string
  /** Kills what runs and removes the folder; ends when both are done. */
  readonly close: () => Promise<void>
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => void child.once("exit", () => resolve()))

export const openWorkplace = async (kind: string): Promise<Workplace> => {
  const folder = await mkdtemp(join(tmpdir(), `callstream-${kind}-`))
  // Each process leads a group of its own: Ctrl-C in a terminal reaches us alone, and we end them.
  const guard = spawn("/bin/sh", ["-c", guardScript, "callstream-guard", folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true
  })
  const guardGone = ended(guard)
  guard.unref()
  const logFile = (name: string) => join(folder, `${name}.log`)
  return {
    folder,
    start: (name, command, args) => {
      const out = openSync(logFile(name), "a")
      const child = spawn(command, [...args], { stdio: ["pipe", out, out], cwd: folder, detached: true })
      closeSync(out)
      const pidFile = join(folder, `${name}.pid`)
      if (child.pid !== undefined) writeFileSync(pidFile, String(child.pid))
      child.stdin?.on("error", () => {})
      let isGone = false
      const gone = new Promise<void>((resolve) => {
        const end = () => {
          isGone = true
          rmSync(pidFile, { force: true })
          resolve()
        }
        child.once("exit", end)
        child.once("error", end)
      })
      return { pid: child.pid ?? 0, gone, isGone: () => isGone, signal: (signal) => void child.kill(signal) }
    },
    log: (name) => {
      try {
        return readFileSync(logFile(name), "utf8").trimEnd().split("\n").slice(-30).join("\n")
      } catch {
        return ""
      }
    },
    close: async () => {
      guard.ref()
      guard.stdin.end()
      await guardGone
    }
  }
}
