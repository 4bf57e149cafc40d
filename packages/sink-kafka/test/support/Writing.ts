/** Writes as the runner does: in order, two at a time, and what failed again until it is answered for. */
import { Effect } from "effect"
import type { Failure, Sink } from "@callstream/core"
import { events } from "./Place.ts"

export interface Written {
  /** Ids of what was answered as stored. */
  readonly stored: ReadonlyArray<string>
  /** What writes failed with, meanwhile. */
  readonly failures: ReadonlyArray<Failure.SinkFailure>
}

export interface Pace {
  /** Events a write. */
  readonly each: number
  /** Writes go on until this says so. */
  readonly until: (written: number) => boolean
}

/** Writes events from 0 on. */
export const writeOn = (sink: Sink.Sink, { each, until }: Pace): Effect.Effect<Written> =>
  Effect.gen(function* () {
    const stored: Array<string> = []
    const failures: Array<Failure.SinkFailure> = []
    let next = 0
    const writer = Effect.gen(function* () {
      while (!until(stored.length)) {
        const write = events(next, each)
        next += each
        while (true) {
          const result = yield* Effect.result(sink.write(write))
          if (result._tag === "Success") {
            for (const [i, { _tag }] of result.success.entries()) {
              const id = write[i]?.id
              if (_tag === "stored" && id !== undefined) stored.push(id)
            }
            break
          }
          failures.push(result.failure)
          yield* Effect.sleep("100 millis")
        }
      }
    })
    yield* Effect.all([writer, writer], { concurrency: "unbounded" })
    return { stored, failures }
  })
