/**
 * Parks a source, a stream or a partition whose credentials or rights were refused: nobody asks again before it is time,
 * then one does, and the others wait for how that ends. Parks are kept in the state, so a restart does not log in again
 * sooner, unless settings or secrets have changed.
 */
import { Clock, Effect } from "effect"
import type { Denied } from "../contract/Failure.ts"
import type { Address, Park, StateFailed } from "../state/State.ts"
import * as Backoff from "./Backoff.ts"
import * as Signal from "./Signal.ts"

export interface Gate {
  /** Why it is closed, if it is. */
  readonly closed: () => Park | undefined
  /** It is closed, and nobody asks before it is time. */
  readonly waits: (now: number) => boolean
  /** The state has a park of it. */
  readonly kept: () => boolean
  /** Waits until one may ask. */
  readonly pass: Effect.Effect<void>
  /** Closes it. */
  readonly park: (failure: Denied) => Effect.Effect<void, StateFailed>
  /** Who passed has asked nothing that proves anything: the next one may ask. */
  readonly release: Effect.Effect<void>
  /** Something was answered: opens it if it was closed. */
  readonly open: Effect.Effect<void, StateFailed>
}

export interface GateOptions {
  readonly address: Address
  /** Fingerprint of settings and secrets. */
  readonly settings: string
  /** What the state says. */
  readonly parked: Park | undefined
  readonly save: (park: Park) => Effect.Effect<void, StateFailed>
  readonly clear: (address: Address) => Effect.Effect<void, StateFailed>
  /** Whether there are other credentials by now: then it is time at once. */
  readonly renewed?: Effect.Effect<boolean>
}

/** How often that is looked at while it is closed. */
const renewalMs = 30_000

/** How long the one who asks again has before the next may. */
const probeMs = 120_000

export const make = ({ address, clear, parked, renewed, save, settings }: GateOptions): Gate => {
  const changed = Signal.make()
  let park: Park | undefined = parked?.settings === settings ? parked : undefined
  let until = park?.nextTry ?? 0
  let attempt = park === undefined ? 0 : 1
  let probing = false
  /** The state has a park of other settings: it ends with the first answer to these. */
  let outdated = parked !== undefined && park === undefined
  const what = [address.source, address.stream, address.partition].filter((name) => name !== "").join("/")

  const pass = Effect.gen(function* () {
    while (true) {
      const more = changed.next()
      if (park === undefined) return
      const now = yield* Clock.currentTimeMillis
      if (now >= until) {
        until = now + probeMs
        probing = true
        return
      }
      if (renewed === undefined) yield* Effect.raceFirst(more, Effect.sleep(until - now))
      else {
        yield* Effect.raceFirst(more, Effect.sleep(Math.min(until - now, renewalMs)))
        if (park !== undefined && !probing && (yield* renewed)) until = 0
      }
    }
  })

  return {
    closed: () => park,
    waits: (now) => park !== undefined && !probing && now < until,
    kept: () => park !== undefined || outdated,
    pass,
    park: Effect.fnUntraced(function* (failure) {
      const now = yield* Clock.currentTimeMillis
      // Others may have asked before the gate closed: their refusals say nothing new.
      if (park !== undefined && !probing) return
      probing = false
      attempt += 1
      until = now + (yield* Backoff.delay(attempt, Backoff.parked))
      const since = park?.since ?? now
      const reason = `${failure.endpoint}: ${failure.reason}`
      if (park?.reason !== reason) yield* Effect.logError(`${what} is parked. ${failure.message}`)
      outdated = false
      park = { ...address, settings, reason, remedy: failure.remedy, since, nextTry: until }
      yield* save(park)
    }),
    release: Effect.suspend(() => {
      if (!probing) return Effect.void
      probing = false
      until = 0
      return Effect.sync(changed.notify)
    }),
    open: Effect.gen(function* () {
      if (park === undefined && !outdated) return
      park = undefined
      outdated = false
      attempt = 0
      probing = false
      changed.notify()
      yield* clear(address)
      yield* Effect.logInfo(`${what} is no longer parked`)
    })
  }
}
