/** The types of event that model defines, each made in the file of its record. */
import { noteType } from "./AgentNote.ts"
import { callType } from "./Call.ts"
import { callLegType } from "./CallLeg.ts"
import { chatType } from "./Chat.ts"
import { recordingType } from "./Recording.ts"
import { screenRecordingType } from "./ScreenRecording.ts"
import { sentimentType } from "./Sentiment.ts"
import { storedObjectType } from "./StoredObject.ts"
import { summaryType } from "./Summary.ts"
import { surveyType } from "./Survey.ts"
import { transcriptType } from "./Transcript.ts"
import { voicemailType } from "./Voicemail.ts"

/** A source names those it emits: `eventTypes.call`, `eventTypes.callLeg` … */
export const eventTypes = {
  call: callType,
  callLeg: callLegType,
  recording: recordingType,
  transcript: transcriptType,
  chat: chatType,
  voicemail: voicemailType,
  survey: surveyType,
  note: noteType,
  sentiment: sentimentType,
  summary: summaryType,
  screenRecording: screenRecordingType,
  object: storedObjectType
} as const
