/** Breaks and mends one server process: what stands behind a `ServerNode`. */
import { setTimeout as sleep } from "node:timers/promises"
import { Effect } from "effect"
import type { Running } from "./Place.ts"
import type { ServerNode } from "./ServerNode.ts"

const patienceMs = 15_000

export interface NodeControl {
  /** For tests. */
  readonly node: ServerNode
  /** Starts the process, without waiting for an answer. */
  readonly launch: () => Promise<void>
  readonly isGone: () => Promise<boolean>
  /** Whether it could answer: it runs and is not suspended. */
  readonly isUp: () => Promise<boolean>
  readonly shutdown: () => Promise<void>
}

export const nodeControl = (start: () => Promise<Running>, ready: () => Promise<void>): NodeControl => {
  let running: Running | undefined
  let suspended = false
  const isGone = async () => running === undefined || (await running.isGone())
  const launch = async () => {
    suspended = false
    running = await start()
  }
  const kill = async () => {
    if (await isGone()) return
    await running?.signal("KILL")
    await running?.gone()
  }
  const resume = async () => {
    await running?.signal("CONT")
    suspended = false
  }
  const shutdown = async () => {
    if (running === undefined || (await isGone())) return
    await running.signal("TERM")
    await resume()
    const patience = new AbortController()
    await Promise.race([running.gone(), sleep(patienceMs, undefined, { signal: patience.signal }).catch(() => {})])
    patience.abort()
    await kill()
  }
  return {
    launch,
    isGone,
    isUp: async () => !suspended && !(await isGone()),
    shutdown,
    node: {
      get pid() {
        return running?.pid ?? 0
      },
      kill: Effect.promise(kill),
      shutdown: Effect.promise(shutdown),
      restart: Effect.promise(async () => {
        await shutdown()
        await launch()
        await ready()
      }),
      suspend: Effect.promise(async () => {
        await running?.signal("STOP")
        suspended = true
      }),
      resume: Effect.promise(resume)
    }
  }
}

/** Those that could answer. */
export const thoseUp = async <A extends NodeControl>(controls: ReadonlyArray<A>): Promise<ReadonlyArray<A>> => {
  const up = await Promise.all(controls.map(({ isUp }) => isUp()))
  return controls.filter((_, index) => up[index])
}
