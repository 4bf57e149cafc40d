/** Events that tests write. */
import type { Event } from "@callstream/model"

/** A version of a note. Same arguments, same event. */
export const note = (subject: string, asof: number, data: Readonly<Record<string, unknown>> = {}): Event => ({
  id: `note-${subject}-${asof}`,
  type: "callstream.note.v1",
  source: "8x8/storage/us-east",
  subject,
  time: "2026-02-03T14:27:27.493Z",
  op: "upsert",
  asof: String(asof),
  dataschema: "urn:callstream:schema:note.v1",
  data: { text: `version ${asof}`, ...data }
})

export const survey = (subject: string, asof: number): Event => ({
  ...note(subject, asof),
  type: "callstream.survey.v1",
  data: {}
})

/** Many notes of about that many bytes each. */
export const notes = (count: number, bytes = 100, asof = 1): ReadonlyArray<Event> =>
  Array.from({ length: count }, (_, i) => note(`n${i}`, asof, { raw: { filler: "x".repeat(bytes) } }))
