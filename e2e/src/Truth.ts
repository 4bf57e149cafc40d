/**
 * What has to be delivered, from what the sandbox says exists: the entities of all four sources, each as the vendor has it
 * now. Written from the vendor's rows, not with the sources.
 */
import { eventTypes, Instant } from "@callstream/model"
import type { Sandbox, Truth } from "@callstream/sandbox"
import { type Expected, expectedOf, fieldsOf } from "@callstream/testkit"

/** Types of objects that are an event of their own; others are objects. */
const media: Readonly<Record<string, string>> = {
  callrecording: eventTypes.recording.type,
  callcenterrecording: eventTypes.recording.type,
  voicecommentrecording: eventTypes.recording.type,
  callcentervoicemail: eventTypes.voicemail.type,
  screenrecording: eventTypes.screenRecording.type
}

/** Types of objects whose content is an event. */
const contents: Readonly<Record<string, string>> = {
  chattranscription: eventTypes.transcript.type,
  transcription: eventTypes.transcript.type,
  summary: eventTypes.summary.type,
  sentimentScore: eventTypes.sentiment.type,
  postcallsurvey: eventTypes.survey.type,
  agentnotes: eventTypes.note.type
}

const tagOf = (tags: unknown, name: string): string | undefined => {
  const list: ReadonlyArray<unknown> = Array.isArray(tags) ? tags : []
  const tag = list.find((tag) => fieldOf(tag, "key") === name)
  const value = fieldOf(tag, "value")
  return typeof value === "string" ? value : undefined
}

const fieldOf = (value: unknown, name: string): unknown => Reflect.get(Object(value), name)

/** `2026-11-20T11:03:07`, in UTC. */
const naive = (text: unknown): string => Instant.fromMillis(Date.parse(`${String(text)}Z`))
const instant = (text: unknown): string => Instant.fromMillis(Date.parse(String(text)))

/** An object is one entity, its content another. */
const ofObject = (truth: Truth): ReadonlyArray<Expected> => {
  const row = fieldsOf(truth)
  const { checksum, createdTime, tags } = row
  const medium = media[String(row["type"])]
  const content = contents[String(row["type"])]
  const started = tagOf(tags, "startTime")
  const created = naive(createdTime)
  const time = started === undefined ? created : Instant.fromMillis(Number(started))
  const gone = truth.state === "REVOKED" || truth.state === "DELETED"
  const common = {
    source: `8x8/storage/${truth.partition}`,
    subject: truth.key,
    // Some objects say nothing of their call.
    ...(tagOf(tags, "callId") === undefined || truth.conversation === undefined
      ? {}
      : { conversation: truth.conversation })
  }
  const entity = (type: string, time: string, data: Readonly<Record<string, unknown>>): Expected =>
    gone ? { ...common, type, op: "delete" } : { ...common, type, time, data }
  return [
    entity(medium ?? eventTypes.object.type, medium === undefined ? created : time, { raw: row }),
    ...(content === undefined
      ? []
      : [entity(content, content === eventTypes.transcript.type ? time : created, { checksum })])
  ]
}

const ofFile = (truth: Truth): Expected => {
  const { duration, filename, startDate } = fieldsOf(truth)
  const [transaction, start, agent] = truth.key.split("|")
  return {
    type: eventTypes.recording.type,
    source: `8x8/recordings/${truth.partition}`,
    subject: `${transaction}/${instant(start)}/${agent}`,
    time: instant(startDate),
    data: { filename: filename === "" ? undefined : filename, durationMs: Number(duration) * 1000 }
  }
}

const ofChat = (truth: Truth): Expected => {
  const { duration, interactionGUID, startDate } = fieldsOf(truth)
  return {
    type: eventTypes.chat.type,
    source: `8x8/recordings/${truth.partition}`,
    subject: truth.key.replace("|", "/"),
    conversation: String(interactionGUID),
    time: instant(startDate),
    data: { durationMs: Number(duration) * 1000 }
  }
}

/** `11/20/2026 11:03:07`, in UTC. */
const ofRecentCall = (truth: Truth): Expected => {
  const [date = "", time = ""] = String(fieldsOf(truth)["callDate"]).split(" ")
  const [month, day, year] = date.split("/")
  return {
    type: eventTypes.call.type,
    source: `8x8/recentcalls/${truth.partition}`,
    subject: truth.key,
    conversation: truth.key,
    time: naive(`${year}-${month}-${day}T${time}`),
    data: { raw: truth.row }
  }
}

const ofWork = (truth: Truth): Expected => ({
  type: truth.stream === "workanalytics/call-legs" ? eventTypes.callLeg.type : eventTypes.call.type,
  source: `8x8/workanalytics/${truth.partition}`,
  subject: `${truth.partition}/${truth.key}`,
  ...(truth.conversation === undefined ? {} : { conversation: truth.conversation }),
  time: Instant.fromMillis(Number(fieldsOf(truth)["startTimeUTC"])),
  data: { raw: truth.row }
})

const entitiesOf = (truth: Truth): ReadonlyArray<Expected> => {
  switch (truth.stream) {
    case "storage/objects":
      return ofObject(truth)
    case "recordings/files":
      return [ofFile(truth)]
    case "recordings/transcripts":
      return [ofChat(truth)]
    case "recentcalls/calls":
      return [ofRecentCall(truth)]
    default:
      return [ofWork(truth)]
  }
}

/** All entities that exist now, by what identifies them. */
export const truthOf = (sandbox: Sandbox): ReadonlyMap<string, Expected> =>
  expectedOf(
    sandbox,
    [
      "storage/objects",
      "recordings/files",
      "recordings/transcripts",
      "recentcalls/calls",
      "workanalytics/call-records",
      "workanalytics/call-legs"
    ],
    (records) => records.flatMap(entitiesOf)
  )
