/**
 * What each type of object is to us.
 *
 * A medium (recording, voicemail, screen recording) is one entity with a record of its own: metadata, state and tags; its
 * bytes are not read. An object with words in it is two: the object, and its content, which is an entity of the same
 * subject and another type, made only when it was fetched. Any other object, also of a type the vendor adds tomorrow, is
 * an object.
 *
 * Source: "Cloud Storage Service Objects" (read 2026-11-20); `meeting` and `voicemail` are named there, without a sample.
 */
import { eventTypes, type EventType } from "@callstream/model"

/** The kinds of medium. */
export type Medium = "call" | "meeting" | "voice-comment" | "voicemail" | "screen"

const media: Readonly<Record<string, Medium>> = {
  callrecording: "call",
  callcenterrecording: "call",
  meeting: "meeting",
  voicecommentrecording: "voice-comment",
  voicemail: "voicemail",
  callcentervoicemail: "voicemail",
  screenrecording: "screen"
}

/** The kinds of content. */
export type ContentKind = "transcript" | "summary" | "sentiment" | "survey" | "note"

const contents: Readonly<Record<string, ContentKind>> = {
  transcription: "transcript",
  chattranscription: "transcript",
  summary: "summary",
  sentimentScore: "sentiment",
  postcallsurvey: "survey",
  agentnotes: "note"
}

export const mediumOf = (type: string): Medium | undefined => (Object.hasOwn(media, type) ? media[type] : undefined)

export const contentKindOf = (type: string): ContentKind | undefined =>
  Object.hasOwn(contents, type) ? contents[type] : undefined

/** The unit of the tags `duration` and `holdDuration`, by type of object, where it is not the usual one. */
export type DurationUnits = Readonly<Record<string, "s" | "ms">>

/** Milliseconds in that unit: usually seconds for what was made from speech, milliseconds for what was recorded. */
export const durationUnitOf = (type: string, units: DurationUnits): number => {
  const unit = Object.hasOwn(units, type) ? units[type] : undefined
  return (unit ?? (contentKindOf(type) === "transcript" ? "s" : "ms")) === "s" ? 1000 : 1
}

/** The types whose content is read, as the vendor names them. */
export const contentTypes: ReadonlyArray<string> = Object.keys(contents)

/** The types of media there are, as the vendor names them. */
export const mediaTypes: ReadonlyArray<string> = Object.keys(media)

/** The type of a medium's record. */
export const mediumType = (medium: Medium): EventType.EventType =>
  medium === "voicemail"
    ? eventTypes.voicemail
    : medium === "screen"
      ? eventTypes.screenRecording
      : eventTypes.recording

/** The type of a content's record. */
export const contentType = (kind: ContentKind): EventType.EventType => eventTypes[kind]

/** Every type that this source emits. */
export const emitted: ReadonlyArray<EventType.EventType> = [
  eventTypes.object,
  eventTypes.recording,
  eventTypes.voicemail,
  eventTypes.screenRecording,
  eventTypes.transcript,
  eventTypes.summary,
  eventTypes.sentiment,
  eventTypes.survey,
  eventTypes.note
]

/** Types whose calls are Work's: their `callId` is a counter of their PBX. */
const work: ReadonlySet<string> = new Set(["callrecording", "voicemail", "callrecordingchannel"])

/** Whether an object, or what it was made from, belongs to a Work call. */
export const isWork = (type: string, sourceType: string | undefined): boolean =>
  work.has(type) || (sourceType !== undefined && work.has(sourceType))
