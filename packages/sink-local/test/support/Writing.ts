/** Starts the process that writes, and listens to it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"

const script = fileURLToPath(new URL("./writer.ts", import.meta.url))

export interface Writing {
  readonly process: ChildProcessWithoutNullStreams
  readonly said: Array<string>
  /** Waits until it said something; `false` when it ended before. */
  readonly until: (said: (line: string) => boolean) => Effect.Effect<boolean>
  /** Waits for its end, `kill -9` first if so asked. */
  readonly end: (kill: boolean) => Effect.Effect<void>
}

export interface Task {
  readonly batches: number
  /** Bytes added to each line. */
  readonly weight?: number
  /** Soft limit on the size of its files, KiB. */
  readonly limit?: number
}

export const startWriting = (directory: string, { batches, limit, weight = 0 }: Task) =>
  Effect.acquireRelease(
    Effect.sync((): Writing => {
      const node = [process.execPath, "--conditions=@repo/source", script, directory, String(batches), String(weight)]
      const shell = limit === undefined ? [] : ["bash", "-c", `ulimit -S -f ${limit}; exec "$0" "$@"`]
      const [command = "", ...rest] = [...shell, ...node]
      const child = spawn(command, rest)
      const said: Array<string> = []
      const listeners = new Set<() => void>()
      let ended = false
      const tell = () => {
        for (const listener of listeners) listener()
      }
      createInterface(child.stdout).on("line", (line) => {
        said.push(line)
        tell()
      })
      child.stderr.on("data", (data: Buffer) => said.push(`stderr ${data.toString()}`))
      child.on("close", () => {
        ended = true
        tell()
      })
      const when = (condition: () => boolean) =>
        Effect.callback<void>((resume) => {
          const look = () => {
            if (!condition()) return
            listeners.delete(look)
            resume(Effect.void)
          }
          listeners.add(look)
          look()
        })
      return {
        process: child,
        said,
        until: (wanted) =>
          Effect.map(
            when(() => ended || said.some(wanted)),
            () => said.some(wanted)
          ),
        end: (kill) => {
          if (kill) child.kill("SIGKILL")
          return when(() => ended)
        }
      }
    }),
    ({ end }) => end(true)
  )

/** Numbers of the batches it said were answered. */
export const acked = ({ said }: Writing): ReadonlyArray<number> =>
  said.filter((line) => line.startsWith("acked ")).map((line) => Number(line.split(" ")[1]))
