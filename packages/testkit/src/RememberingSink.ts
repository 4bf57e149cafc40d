/** A sink that remembers every event it was sent, in order, and the newest version of each entity. */
import { Duration, Effect } from "effect"
import type { Event } from "@callstream/model"
import { Sink } from "@callstream/core"

/** What identifies an entity. */
export const entityOf = ({ source, subject, type }: Pick<Event, "source" | "subject" | "type">): string =>
  `${type} ${source} ${subject}`

export class RememberingSink {
  readonly log: Array<Event> = []
  /** Newest version of each entity, by `entityOf`. */
  readonly held = new Map<string, Event>()
  /** Runs before each write is stored. */
  before: Effect.Effect<void> = Effect.void

  /** Each `open` gives the same sink: what was stored survives. */
  readonly open: Effect.Effect<Sink.Sink> = Effect.sync(() => ({
    identity: "remembering",
    limits: { maxRecords: 50, maxBytes: 1_000_000, linger: Duration.zero, concurrency: 2 },
    versioned: false,
    write: (events) =>
      Effect.andThen(
        this.before,
        Effect.sync(() => events.map((event) => this.#store(event)))
      )
  }))

  #store(event: Event): Sink.Answer {
    const held = this.held.get(entityOf(event))
    this.log.push(event)
    if (held !== undefined && Number(held.asof) > Number(event.asof)) return { _tag: "superseded", asof: held.asof }
    this.held.set(entityOf(event), event)
    return Sink.stored
  }
}
