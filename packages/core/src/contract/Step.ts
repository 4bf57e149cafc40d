/**
 * What goes on an event's way: a step gives at most one event for each one in, by position, and may change only `data`
 * and `time`.
 */
import type { Event } from "@callstream/model"

/** What a step makes of an event: another version of it to go on, `drop`, or a refusal (a dead letter). */
export type Stepped = Event | "drop" | { readonly refused: string }

/** An opened step: pure, over a whole batch. */
export interface Step {
  readonly apply: (events: ReadonlyArray<Event>) => ReadonlyArray<Stepped>
}
