/**
 * A place on this machine: a temporary folder, the processes that have it, and a guard. The guard is a small shell at
 * the other end of a pipe of ours. However we end, also by `kill -9`, the pipe closes, and the guard kills the processes
 * and removes the folder. It is how they end in good order, too.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs"
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Place } from "./Place.ts"

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

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once("exit", () => resolve())
    child.once("error", () => resolve())
  })

/** Waits until every thread of a suspended process stands still, where the system tells; a signal takes its time. */
const standsStill = async (pid: number): Promise<void> => {
  const states = async () => {
    const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
    return Promise.all(threads.map((id) => readFile(`/proc/${pid}/task/${id}/stat`, "utf8").catch(() => ") T ")))
  }
  while (!(await states()).every((state) => /\) [TtZX] /.test(state))) await sleep(1)
}

export const openWorkplace = async (kind: string): Promise<Place> => {
  const folder = await mkdtemp(join(tmpdir(), `callstream-${kind}-`))
  // Each process leads a group of its own: Ctrl-C in a terminal reaches us alone, and we end them.
  const guard = spawn("/bin/sh", ["-c", guardScript, "callstream-guard", folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true
  })
  const guardGone = ended(guard)
  guard.unref()
  const processes: Array<Promise<void>> = []
  const logFile = (name: string) => join(folder, `${name}.log`)
  return {
    folder,
    files: folder,
    bind: "127.0.0.1",
    put: async (path, text) => {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text, { mode: 0o600 })
    },
    start: async (name, command, args) => {
      const out = openSync(logFile(name), "a")
      const child = spawn(command, [...args], { stdio: ["pipe", out, out], cwd: folder, detached: true })
      closeSync(out)
      const pidFile = join(folder, `${name}.pid`)
      if (child.pid !== undefined) writeFileSync(pidFile, String(child.pid))
      child.stdin?.on("error", () => {})
      let isGone = false
      const end = async () => {
        await ended(child)
        isGone = true
        rmSync(pidFile, { force: true })
      }
      const gone = end()
      processes.push(gone)
      return {
        pid: child.pid ?? 0,
        isGone: async () => isGone,
        gone: () => gone,
        signal: async (signal) => {
          child.kill(`SIG${signal}`)
          if (signal === "STOP" && child.pid !== undefined) await standsStill(child.pid)
        }
      }
    },
    log: async (name) => {
      const text = await readFile(logFile(name), "utf8").catch(() => "")
      return text.trimEnd().split("\n").slice(-30).join("\n")
    },
    close: async () => {
      guard.ref()
      guard.stdin.end()
      await guardGone
      // It has killed them, and that takes its time.
      await Promise.all(processes)
    }
  }
}
