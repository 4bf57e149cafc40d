/**
 * The words of a recording, a voicemail, a spoken survey comment or a chat. Where the vendor stores a transcript per
 * channel, each channel is a record of its own.
 *
 * Origin: storage, objects of type `transcription`; the body is not documented and is read tolerantly.
 */
import { Schema } from "effect"
import { contentFields } from "./Content.ts"
import * as EventType from "./EventType.ts"
import * as Field from "./Field.ts"
import { joinFields, partyFields } from "./Parties.ts"
import { passageOf, speakers, turnFields } from "./Speaker.ts"

export const Utterance = Schema.Struct({
  ...turnFields,
  channel: Field.count("Channel of the recording: 0 is the called side, 1 the caller's. Body: `channel`."),
  confidence: Field.number("How sure the recogniser is, 0 to 1. Body: `confidence`, in percent there."),
  emotion: Field.text("Emotion heard, in the vendor's word, e.g. `Positive`. Body: `emotion`."),
  gender: Field.text("Gender heard, in the vendor's word. Body: `gender`.")
}).annotate({ description: "What one speaker said without a break." })
export type Utterance = typeof Utterance.Type

export const Transcript = Schema.Struct({
  ...contentFields,
  ...partyFields,
  queueIds: joinFields.queueIds,
  queueName: joinFields.queueName,
  originalCallId: Field.text("The call that left the voicemail. storage: tag `originalCallId`."),
  surveyId: Field.text("The survey of a spoken comment: an interaction GUID. storage: tag `pcsId`."),
  questionNumber: Field.count("The question of a spoken comment, from 1. storage: tag `pcsQuestionNumber`."),
  speaker: Field.oneOf(
    speakers,
    "Whose words all of these are. storage: tag `speaker` (owner is agent, external customer)."
  ),
  startedAt: Field.instant("When the recording began. storage: tag `startTime`."),
  durationMs: Field.millis("How long it lasts. storage: tag `duration`, in seconds there."),
  utterances: Schema.optionalKey(
    Schema.Array(Utterance).annotate({
      description: "What was said, in order; absent when the body could not be read."
    })
  ),
  ...Field.asRead
}).annotate({ title: "Transcript", description: "The words of a recording." })
export type Transcript = typeof Transcript.Type

export const transcriptType = EventType.make("callstream.transcript.v1", Transcript, {
  text: ({ speaker, utterances }) => (utterances ?? []).map((utterance) => passageOf({ speaker, ...utterance })),
  flat: ["raw"]
})
