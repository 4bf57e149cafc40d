/**
 * What an agent wrote down about a call.
 *
 * Origin: storage, objects of type `agentnotes`: plain text, which may be empty.
 */
import { Schema } from "effect"
import { contentFields } from "./Content.ts"
import * as EventType from "./EventType.ts"
import * as Field from "./Field.ts"

export const AgentNote = Schema.Struct({
  ...contentFields,
  text: Field.text("The note; absent when it is empty. Body: all of it."),
  ...Field.asRead
}).annotate({ title: "Note", description: "What an agent wrote down about a call." })
export type AgentNote = typeof AgentNote.Type

export const noteType = EventType.make("callstream.note.v1", AgentNote, {
  text: ({ text }) => (text === undefined ? [] : [{ text, speaker: "agent" }]),
  flat: ["raw"]
})
