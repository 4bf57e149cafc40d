/**
 * What a customer answered after a call. Spoken comments are recordings of their own.
 *
 * Origin: storage, objects of type `postcallsurvey`; the body is not documented and is read tolerantly.
 */
import { Schema } from "effect"
import { contentFields } from "./Content.ts"
import * as EventType from "./EventType.ts"
import * as Field from "./Field.ts"

export const Answer = Schema.Struct({
  question: Field.text("The question's id or number, e.g. `Q1`."),
  label: Field.text("The question as asked. Body: `questionLabel.Q1` …"),
  text: Field.text("The answer in words. Body: `Q1` … where it is not a number."),
  score: Field.number("The answer in points. Body: `Q1` … where it is a number.")
}).annotate({ description: "The answer to one question." })
export type Answer = typeof Answer.Type

export const Survey = Schema.Struct({
  ...contentFields,
  surveyId: Field.text("The survey: the interaction GUID of its call. storage: tag `pcsId`."),
  score: Field.number("Total score. Body: `totalScore`."),
  answers: Schema.optionalKey(
    Schema.Array(Answer).annotate({ description: "The answers, in order of the questions." })
  ),
  comments: Field.texts("What the customer wrote beside the answers."),
  voiceCommentFilenames: Field.texts("Files of the spoken comments. Body: `voiceCommentFileNames`, split at commas."),
  callerNumber: Field.text("Number of the customer. Body: `callerNumber`."),
  callKind: Field.text("Kind of the call, in the vendor's word. Body: `callType`."),
  offerKind: Field.text("How the survey was offered, in the vendor's word. Body: `offerType`."),
  queueIds: Field.texts("Queues of the call. Body: `queueList`."),
  groupIds: Field.texts("Groups of the call. Body: `groupList`."),
  callStartedAt: Field.instant("When the call was, as the survey has it. Body: `callDate`."),
  ...Field.asRead
}).annotate({ title: "Survey", description: "What a customer answered after a call." })
export type Survey = typeof Survey.Type

export const surveyType = EventType.make("callstream.survey.v1", Survey, {
  text: ({ answers, comments }) =>
    [...(answers ?? []).map(({ text }) => text), ...(comments ?? [])]
      .filter((text) => text !== undefined)
      .map((text) => ({ text, speaker: "customer" })),
  flat: ["raw"]
})
