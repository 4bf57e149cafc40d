/** Breaks and mends one server process: what stands behind a `ServerNode`. */
import { setTimeout as sleep } from "node:timers/promises"
import { Effect } from "effect"
import type { ServerNode } from "./ServerNode.ts"
import type { Running } from "./Workplace.ts"

const patienceMs = 15_000

export interface NodeControl {
  /** For tests. */
  readonly node: ServerNode
  /** Starts the process, without waiting. */
  readonly launch: () => void
  readonly isGone: () => boolean
  /** Whether it could answer: it runs and is not suspended. */
  readonly isUp: () => boolean
  readonly shutdown: () => Promise<void>
}

export const nodeControl = (start: () => Running, ready: () => Promise<void>): NodeControl => {
  let running: Running | undefined
  let suspended = false
  const isGone = () => running === undefined || running.isGone()
  const launch = () => {
    suspended = false
    running = start()
  }
  const resume = () => {
    running?.signal("SIGCONT")
    suspended = false
  }
  const kill = async () => {
    if (running === undefined || running.isGone()) return
    running.signal("SIGKILL")
    await running.gone
  }
  const shutdown = async () => {
    if (running === undefined || running.isGone()) return
    running.signal("SIGTERM")
    resume()
    const patience = new AbortController()
    await Promise.race([running.gone, sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => {})])
    patience.abort()
    await kill()
  }
  return {
    launch,
    isGone,
    isUp: () => !isGone() && !suspended,
    shutdown,
    node: {
      get pid() {
        return running?.pid ?? 0
      },
      kill: Effect.promise(kill),
      shutdown: Effect.promise(shutdown),
      restart: Effect.promise(async () => {
        await shutdown()
        launch()
        await ready()
      }),
      suspend: Effect.sync(() => {
        running?.signal("SIGSTOP")
        suspended = true
      }),
      resume: Effect.sync(resume)
    }
  }
}
