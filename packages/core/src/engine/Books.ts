/**
 * The books of a partition: what became of every record. They balance at every commit: read = unchanged + filtered +
 * unreadable + emitted, and for each sink emitted = unwanted + stored + superseded + refused + waiting.
 */
import { Schema } from "effect"

const Count = Schema.Int

/** A sink's side. `emitted` counts from when the sink joined the pipeline. */
export const SinkBooks = Schema.Struct({
  emitted: Count,
  unwanted: Count,
  stored: Count,
  superseded: Count,
  refused: Count
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

export const emptySink: SinkBooks = { emitted: 0, unwanted: 0, stored: 0, superseded: 0, refused: 0 }
export const empty: Books = { read: 0, unchanged: 0, filtered: 0, unreadable: 0, emitted: 0, sinks: {} }

/** Adds two books, sink by sink. */
export const add = (a: Books, b: Books): Books => {
  const sinks: Record<string, SinkBooks> = { ...a.sinks }
  for (const [name, more] of Object.entries(b.sinks)) {
    const have = sinks[name] ?? emptySink
    sinks[name] = {
      emitted: have.emitted + more.emitted,
      unwanted: have.unwanted + more.unwanted,
      stored: have.stored + more.stored,
      superseded: have.superseded + more.superseded,
      refused: have.refused + more.refused
    }
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
export const waiting = (sink: SinkBooks): number =>
  sink.emitted - sink.unwanted - sink.stored - sink.superseded - sink.refused

/** What is wrong with the books, as a sentence; `undefined` when they balance and nothing waits. */
export const imbalance = (books: Books): string | undefined => {
  const { emitted, filtered, read, sinks, unchanged, unreadable } = books
  if (read !== unchanged + filtered + unreadable + emitted) {
    return `read ${read}, but unchanged ${unchanged} + filtered ${filtered} + unreadable ${unreadable} + emitted ${emitted}`
  }
  const owing = Object.entries(sinks).find(([, sink]) => waiting(sink) !== 0)
  return owing === undefined ? undefined : `sink ${owing[0]} owes answers to ${waiting(owing[1])} events`
}
