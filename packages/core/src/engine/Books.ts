/**
 * The books of a partition: what became of every record. They balance at every commit: read = unchanged + filtered +
 * unreadable + emitted, and for each sink emitted = unwanted + stored + superseded + refused + waiting. What is sent to a
 * sink once more is counted apart, in books of its own that balance in the same way.
 */
import { Schema } from "effect"

const Count = Schema.Int

const counts = { emitted: Count, unwanted: Count, stored: Count, superseded: Count, refused: Count }

/** What became of the events a sink was sent. */
export const Counts = Schema.Struct(counts)
export type Counts = typeof Counts.Type

/** A sink's side. `emitted` counts from when the sink joined the pipeline. */
export const SinkBooks = Schema.Struct({
  ...counts,
  /** Dead letters that were sent again. */
  replayed: Schema.optionalKey(Counts),
  /** What a backfill of this sink sent again. */
  refilled: Schema.optionalKey(Counts),
  /** Contents that a backfill of this sink could not send again, because the vendor has them no more. */
  gone: Schema.optionalKey(Count)
})
export type SinkBooks = typeof SinkBooks.Type

export const Books = Schema.Struct({
  read: Count,
  unchanged: Count,
  filtered: Count,
  unreadable: Count,
  emitted: Count,
  sinks: Schema.Record(Schema.String, SinkBooks)
})
export type Books = typeof Books.Type

export const emptySink: Counts = { emitted: 0, unwanted: 0, stored: 0, superseded: 0, refused: 0 }
export const empty: Books = { read: 0, unchanged: 0, filtered: 0, unreadable: 0, emitted: 0, sinks: {} }

const addCounts = (a: Counts, b: Counts): Counts => ({
  emitted: a.emitted + b.emitted,
  unwanted: a.unwanted + b.unwanted,
  stored: a.stored + b.stored,
  superseded: a.superseded + b.superseded,
  refused: a.refused + b.refused
})

const addSinks = (a: SinkBooks, b: SinkBooks): SinkBooks => {
  const gone = (a.gone ?? 0) + (b.gone ?? 0)
  const replayed = addOptional(a.replayed, b.replayed)
  const refilled = addOptional(a.refilled, b.refilled)
  return {
    ...addCounts(a, b),
    ...(replayed === undefined ? {} : { replayed }),
    ...(refilled === undefined ? {} : { refilled }),
    ...(gone === 0 ? {} : { gone })
  }
}

const addOptional = (a: Counts | undefined, b: Counts | undefined): Counts | undefined =>
  a === undefined || b === undefined ? (a ?? b) : addCounts(a, b)

/** Adds two books, sink by sink. */
export const add = (a: Books, b: Books): Books => {
  const sinks: Record<string, SinkBooks> = { ...a.sinks }
  for (const [name, more] of Object.entries(b.sinks)) {
    const have = sinks[name]
    sinks[name] = have === undefined ? more : addSinks(have, more)
  }
  return {
    read: a.read + b.read,
    unchanged: a.unchanged + b.unchanged,
    filtered: a.filtered + b.filtered,
    unreadable: a.unreadable + b.unreadable,
    emitted: a.emitted + b.emitted,
    sinks
  }
}

/** Events a sink has not answered yet. */
export const waiting = (sink: Counts): number =>
  sink.emitted - sink.unwanted - sink.stored - sink.superseded - sink.refused

/** What is wrong with the books, as a sentence; `undefined` when they balance and nothing waits. */
export const imbalance = (books: Books): string | undefined => {
  const { emitted, filtered, read, sinks, unchanged, unreadable } = books
  if (read !== unchanged + filtered + unreadable + emitted) {
    return `read ${read}, but unchanged ${unchanged} + filtered ${filtered} + unreadable ${unreadable} + emitted ${emitted}`
  }
  for (const [name, sink] of Object.entries(sinks)) {
    const owed = [sink, sink.replayed ?? emptySink, sink.refilled ?? emptySink].map(waiting).find((n) => n !== 0)
    if (owed !== undefined) return `sink ${name} owes answers to ${owed} events`
  }
  return undefined
}
