/** Wakes whoever waits. Take `next` before looking at the condition, and no change is missed. */
import { Deferred, Effect } from "effect"

export interface Signal {
  /** Ends at the next `notify` after it was taken. */
  readonly next: () => Effect.Effect<void>
  readonly notify: () => void
}

export const make = (): Signal => {
  let deferred = Deferred.makeUnsafe<void>()
  return {
    next: () => Deferred.await(deferred),
    notify: () => {
      const before = deferred
      deferred = Deferred.makeUnsafe<void>()
      Deferred.doneUnsafe(before, Effect.void)
    }
  }
}
