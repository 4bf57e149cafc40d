/** Waiting for what other processes do, on the real clock. */
import { setTimeout as sleep } from "node:timers/promises"
import { Effect } from "effect"

/** Machines may be slow, and servers take their time. */
const patienceMs = 240_000

/** Waits until something is so; fails with what was waited for. */
export const until = (isSo: () => boolean | Promise<boolean>, what: () => string, everyMs = 20): Effect.Effect<void> =>
  Effect.promise(async () => {
    const deadline = performance.now() + patienceMs
    while (!(await isSo())) {
      if (performance.now() > deadline) throw new Error(`Waited in vain for ${what()}`)
      await sleep(everyMs)
    }
  })
