/**
 * What becomes of each field of a vendor's record: a name in the event, or nothing but its place in `raw`. A source exports
 * these with its plugin (`SourcePlugin.fields`); the reference prints them, and a test holds the names against the schemas.
 */
import type { EventType } from "@callstream/model"

/**
 * The fields of the event's data that a vendor's field goes to, `durationMs` or `callId, conversation`; the attributes
 * `subject`, `conversation`, `time` and `op` may be named too. `raw`: it stays in `raw` and nowhere else. A second text says
 * what a reader has to know: the vendor's unit, a rule, another spelling.
 */
export type Use = string | readonly [goesTo: string, note: string]

export interface FieldTable {
  /** The vendor's record: `a call record`, `a tag of a callrecording`. */
  readonly record: string
  /** The types of events it becomes. */
  readonly types: ReadonlyArray<EventType.EventType>
  /** By the vendor's name; nested ones with dots. */
  readonly fields: Readonly<Record<string, Use>>
}

/** Attributes of an event that a field may go to. */
export const attributes: ReadonlyArray<string> = ["subject", "conversation", "time", "op"]

/** Where a field goes to; none for one that stays in `raw`. */
export const goesTo = (use: Use): ReadonlyArray<string> => {
  const names = typeof use === "string" ? use : use[0]
  return names === "raw" ? [] : names.split(", ")
}

/** What a reader has to know of it. */
export const noteOf = (use: Use): string => (typeof use === "string" ? "" : use[1])
