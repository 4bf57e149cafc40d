/**
 * What can go wrong on the way to a far side, typed by what the runner does about it. A plugin raises nothing else; a
 * bug is a defect, not one of these. Messages are sentences for an operator: they never carry secrets, tokens, presigned
 * URLs or phone numbers.
 */
import { Schema, Struct } from "effect"

/**
 * Wait, then ask again: no connection, a time-out, 429, 5xx. Transient.
 *
 * With a `status` the far side did answer: when one range of time gets nothing but such answers (429 and 503 apart), it
 * becomes a gap and the rest goes on.
 */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", {
  /** What was asked, e.g. `GET /v2/call-records`: no query, no host. */
  endpoint: Schema.String,
  reason: Schema.String,
  status: Schema.optionalKey(Schema.Int),
  /** No answer came in time: it may be too much that was asked for. */
  late: Schema.optionalKey(Schema.Boolean),
  /** How long the far side asked us to wait, in milliseconds. */
  retryAfterMs: Schema.optionalKey(Schema.Finite)
}) {
  override get message(): string {
    return `${this.endpoint}: ${this.reason}`
  }
}

/** Credentials or rights were refused, or the API is gone: the source, stream or partition parks. Needs a person. */
export class Denied extends Schema.TaggedError<Denied>()("Denied", {
  endpoint: Schema.String,
  reason: Schema.String,
  /** What a person has to do, as a sentence. */
  remedy: Schema.String,
  /** How much of the source this concerns. */
  scope: Schema.Literals(["source", "stream", "partition"])
}) {
  override get message(): string {
    return `${this.endpoint}: ${this.reason}. ${this.remedy}`
  }
}

/**
 * This range cannot be read: an answer that is no page, or a request that is refused as such. After a few tries it is
 * asked for in smaller windows, and the smallest one that fails becomes a gap.
 */
export class BadAnswer extends Schema.TaggedError<BadAnswer>()("BadAnswer", {
  endpoint: Schema.String,
  reason: Schema.String,
  /** The answer's beginning, for the dead letter; already free of secrets. */
  raw: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return `${this.endpoint}: ${this.reason}`
  }
}

/** The set moved under an offset walk: this window is started over, then split. The stream never starts over. */
export class SetMoved extends Schema.TaggedError<SetMoved>()("SetMoved", {
  endpoint: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.endpoint}: ${this.reason}`
  }
}

/** The window holds more than one walk can read: it is split. */
export class WindowTooBig extends Schema.TaggedError<WindowTooBig>()("WindowTooBig", {
  endpoint: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.endpoint}: ${this.reason}`
  }
}

/** The pipeline cannot go on at all: a setting that only now proves impossible. Fatal. */
export class Fatal extends Schema.TaggedError<Fatal>()("Fatal", {
  reason: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.reason}. ${this.remedy}`
  }
}

/** What asking a source may end with. */
export type SourceFailure = Unavailable | Denied | BadAnswer | SetMoved | WindowTooBig | Fatal

/** What writing to a sink may end with: nothing of the write is known to be stored, all of it goes again. */
export type SinkFailure = Unavailable | Denied | Fatal

/** The same failure, named after its sink: of several, a person has to know which. */
export function ofSink(name: string, failure: Fatal): Fatal
export function ofSink(name: string, failure: SinkFailure): SinkFailure
export function ofSink(name: string, failure: SinkFailure): SinkFailure {
  if (failure._tag === "Fatal") {
    const { reason, remedy } = failure
    return new Fatal({ reason: `Sink ${name}: ${reason}`, remedy })
  }
  const endpoint = `Sink ${name}: ${failure.endpoint}`
  if (failure._tag === "Denied") {
    const { reason, remedy, scope } = failure
    return new Denied({ endpoint, reason, remedy, scope })
  }
  return new Unavailable({ endpoint, ...Struct.pick(failure, ["reason", "status", "late", "retryAfterMs"]) })
}
