/** A sink that remembers every event it was sent, in order, and the newest version of each entity. */
import { Deferred, Duration, Effect } from "effect"
import type { Event } from "@callstream/model"
import { Sink } from "@callstream/core"

/** What identifies an entity. */
export const entityOf = ({ source, subject, type }: Pick<Event, "source" | "subject" | "type">): string =>
  `${type} ${source} ${subject}`

export class RememberingSink {
  readonly log: Array<Event> = []
  /** Newest version of each entity, by `entityOf`. */
  readonly held = new Map<string, Event>()
  readonly #reached = Deferred.makeUnsafe<void>()
  #free = Effect.void
  #release = Effect.void

  /** Each `open` gives the same sink: what was stored survives. */
  readonly open: Effect.Effect<Sink.Sink> = Effect.sync(() => ({
    identity: "remembering",
    limits: { maxRecords: 50, maxBytes: 1_000_000, linger: Duration.zero, concurrency: 2 },
    versioned: false,
    write: (events) =>
      Effect.andThen(
        Effect.suspend(() => this.#free),
        Effect.sync(() => events.map((event) => this.#store(event)))
      )
  }))

  /** Writes end no more until `release`. */
  hold(): void {
    const freed = Deferred.makeUnsafe<void>()
    this.#free = Effect.andThen(Deferred.succeed(this.#reached, undefined), Deferred.await(freed))
    this.#release = Effect.asVoid(Deferred.succeed(freed, undefined))
  }

  /** Waits for a write that is held. */
  readonly reached = Deferred.await(this.#reached)

  readonly release: Effect.Effect<void> = Effect.suspend(() => {
    this.#free = Effect.void
    return this.#release
  })

  #store(event: Event): Sink.Answer {
    const held = this.held.get(entityOf(event))
    this.log.push(event)
    if (held !== undefined && Number(held.asof) > Number(event.asof)) return { _tag: "superseded", asof: held.asof }
    this.held.set(entityOf(event), event)
    return Sink.stored
  }
}
