/** What other processes may ask of the worker, and what it answers: kinds and payloads of the state's requests. */
import { Schema } from "effect"

/** Dead letters: some numbers, or all of a stage, or all, up to a number. */
export const Letters = Schema.Struct({
  numbers: Schema.optionalKey(Schema.Array(Schema.Int)),
  stage: Schema.optionalKey(Schema.String),
  through: Schema.Int
})
export type Letters = typeof Letters.Type

/** Reading a past range again; without an edge as far as was read. */
export const Backfill = Schema.Struct({
  from: Schema.optionalKey(Schema.Finite),
  to: Schema.optionalKey(Schema.Finite),
  source: Schema.optionalKey(Schema.String),
  /** The sink that gets everything once more; without one, all sinks get what is new or changed. */
  sink: Schema.optionalKey(Schema.String)
})
export type Backfill = typeof Backfill.Type

/** The kinds of request. */
export const kinds = { replay: "dead replay", drop: "dead drop", backfill: "backfill" } as const

/** How a request is getting on, and what it came to. */
export const Report = Schema.Struct({
  /** What is waited for. */
  waits: Schema.optionalKey(Schema.String),
  /** How much of it is done, from 0 to 1. */
  fraction: Schema.optionalKey(Schema.Finite),
  counts: Schema.Record(Schema.String, Schema.Int),
  /** Sentences about single things, the first of them. */
  said: Schema.Array(Schema.String),
  /** Dead letters with this number and above are done. */
  before: Schema.optionalKey(Schema.Int),
  /** Since when the sink was complete when its backfill began. */
  since: Schema.optionalKey(Schema.Finite),
  /** The books of the sink when its backfill began. */
  begun: Schema.optionalKey(Schema.Record(Schema.String, Schema.Int))
})
export type Report = typeof Report.Type

export const emptyReport: Report = { counts: {}, said: [] }
