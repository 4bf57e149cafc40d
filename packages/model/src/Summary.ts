/**
 * What a conversation was about, in a few sentences of a model's.
 *
 * Origin: storage, objects of type `summary`; the body as the vendor's Customer 360 API documents it.
 */
import { Schema } from "effect"
import { contentFields } from "./Content.ts"
import * as EventType from "./EventType.ts"
import * as Field from "./Field.ts"

export const Summary = Schema.Struct({
  ...contentFields,
  summaryId: Field.text("The summary's own id. Body: `id`."),
  text: Field.text("The summary. Body: `result`."),
  status: Field.text("How making it went, in the vendor's word, e.g. `success`. Body: `status`."),
  durationMs: Field.millis("How long the conversation lasted. Body: `duration`, in seconds with a fraction there."),
  ...Field.asRead
}).annotate({ title: "Summary", description: "What a conversation was about, in a few sentences." })
export type Summary = typeof Summary.Type

export const summaryType = EventType.make("callstream.summary.v1", Summary, {
  text: ({ text }) => (text === undefined ? [] : [{ text }]),
  flat: ["raw"]
})
