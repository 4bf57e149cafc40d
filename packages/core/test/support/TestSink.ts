/**
 * A sink that remembers everything it was sent, and can be told to misbehave. What it holds follows the contract of a
 * sink: the newest `asof` of an entity wins.
 */
import { Duration, Effect } from "effect"
import type { Event } from "@callstream/model"
import { type Failure, Sink } from "@callstream/core"

export class TestSink {
  /** Every event that was answered `stored` or `superseded`, in order. */
  readonly log: Array<Event> = []
  /** The newest version of each entity. */
  readonly held = new Map<string, Event>()
  readonly writes: Array<ReadonlyArray<Event>> = []
  /** Answers to give instead, by event; `undefined` stores it. */
  answer: (event: Event) => Sink.Answer | undefined = () => undefined
  /** Failures of whole writes, one each. */
  readonly failures: Array<Failure.SinkFailure> = []
  /** Held while set: writes do not end. */
  blocked: Effect.Effect<void> = Effect.void
  inFlight = 0
  mostInFlight = 0
  limits: Sink.WriteLimits = { maxRecords: 3, maxBytes: 1_000_000, linger: Duration.zero, concurrency: 2 }
  versioned = false
  identity = "test-1"

  readonly open: Effect.Effect<Sink.Sink> = Effect.sync(() => ({
    identity: this.identity,
    limits: this.limits,
    versioned: this.versioned,
    write: (events) => this.write(events)
  }))

  private write(events: ReadonlyArray<Event>) {
    return Effect.gen({ self: this }, function* () {
      this.writes.push(events)
      this.inFlight += 1
      this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
      yield* Effect.ensuring(
        this.blocked,
        Effect.sync(() => {
          this.inFlight -= 1
        })
      )
      const failure = this.failures.shift()
      if (failure !== undefined) return yield* failure
      return events.map((event) => this.answer(event) ?? this.store(event))
    })
  }

  private store(event: Event): Sink.Answer {
    const entity = `${event.source}\n${event.type}\n${event.subject}`
    const held = this.held.get(entity)
    this.log.push(event)
    if (held !== undefined && Number(held.asof) > Number(event.asof)) return { _tag: "superseded", asof: held.asof }
    this.held.set(entity, event)
    return Sink.stored
  }
}
