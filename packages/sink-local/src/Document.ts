/**
 * The row of an event in the index. What can be found of an event is core's; only the stream's thread knows the types.
 */
import { Findable } from "@callstream/core"
import type { Event, EventType } from "@callstream/model"
import type { Document } from "./Messages.ts"

/** The document of an event. `type` absent: one that was not announced, of which no text is known. */
export const documentOf = (event: Event, type: EventType.EventType | undefined): Document => {
  const { group, names, numbers, text } = Findable.of(event, type)
  return {
    grouped: group,
    conversation: event.conversation ?? event.subject,
    type: event.type,
    subject: event.subject,
    time: event.time ?? null,
    text: text.join("\n"),
    fields: names.join("\n"),
    digits: numbers.join(" ")
  }
}
