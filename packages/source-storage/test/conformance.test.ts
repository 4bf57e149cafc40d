import { eventTypes, Instant } from "@callstream/model"
import { type Expected, fieldsOf, onSandbox, sourceConformance } from "@callstream/testkit"
import type { ObjectState, Sandbox, Truth } from "@callstream/sandbox"
import { plugin } from "@callstream/source-storage"

/** What each type of object is; others are objects. */
const media: Readonly<Record<string, string>> = {
  callrecording: eventTypes.recording.type,
  callcenterrecording: eventTypes.recording.type,
  voicecommentrecording: eventTypes.recording.type,
  callcentervoicemail: eventTypes.voicemail.type,
  screenrecording: eventTypes.screenRecording.type
}

/** The content of each type of object that has one. */
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
  const values = list.flatMap((tag) =>
    typeof tag === "object" && tag !== null && "key" in tag && "value" in tag && tag.key === name ? [tag.value] : []
  )
  return typeof values[0] === "string" ? values[0] : undefined
}

const instant = (text: unknown): string => Instant.fromMillis(Date.parse(`${String(text)}Z`))

/** An object is an entity, its content another. */
const entitiesOf = (truth: Truth): ReadonlyArray<Expected> => {
  const { key: subject, partition, state } = truth
  const row = fieldsOf(truth)
  const { checksum, createdTime, tags } = row
  const type = String(row["type"])
  // Some objects say nothing of their call.
  const conversation = tagOf(tags, "callId") === undefined ? undefined : truth.conversation
  const started = tagOf(tags, "startTime")
  const common = {
    source: `8x8/storage/${partition}`,
    subject,
    ...(conversation === undefined ? {} : { conversation })
  }
  const medium = media[type]
  const content = contents[type]
  const gone = state === "REVOKED" || state === "DELETED"
  const time = started === undefined ? instant(createdTime) : Instant.fromMillis(Number(started))
  const object: Expected = {
    ...common,
    type: medium ?? eventTypes.object.type,
    ...(gone ? { op: "delete" } : { time: medium === undefined ? instant(createdTime) : time, data: { raw: row } })
  }
  if (content === undefined) return [object]
  const timeOfContent = content === eventTypes.transcript.type ? time : instant(createdTime)
  return [
    object,
    { ...common, type: content, ...(gone ? { op: "delete" } : { time: timeOfContent, data: { checksum } }) }
  ]
}

/** An object of a type. */
const one = (sandbox: Sandbox, type: string): readonly [region: string, id: string] => {
  const found = sandbox.records("storage/objects", { rows: true }).find((truth) => fieldsOf(truth)["type"] === type)
  return [found?.partition ?? "", found?.key ?? ""]
}

const becomes = (type: string, state: ObjectState) => (sandbox: Sandbox) =>
  void sandbox.company.setObjectState(...one(sandbox, type), state)

sourceConformance(
  "storage",
  onSandbox({
    plugin,
    api: "storage",
    settings: ({ baseUrls, credentials }) => ({ baseUrl: baseUrls.storage, ...credentials.storage }),
    secrets: ({ credentials: { storage } }) => [storage.clientSecret],
    refused: {
      "a wrong key": { clientId: "a-key-that-nobody-has" },
      "a wrong secret": { clientSecret: "a-secret-that-nobody-has" },
      "a region without objects": { regions: ["mars-north"] }
    },
    pages: "/objects?",
    posts: ["/oauth/v2/token"],
    streams: ["storage/objects"],
    expected: (records) => records.flatMap(entitiesOf),
    changes: {
      "what is stored about an old call": [
        ({ company }) => void company.addCall({ startedAt: Date.UTC(2026, 10, 17, 9) })
      ],
      "what is stored about calls that have just ended": [({ company }) => void company.addCalls(3)],
      "tags that change": [
        (sandbox) => void sandbox.company.touchObject(...one(sandbox, "transcription"), { language: "de" }),
        (sandbox) => void sandbox.company.touchObject(...one(sandbox, "callcenterrecording"), { reviewed: "yes" })
      ],
      "a content that is replaced": [
        (sandbox) => void sandbox.company.replaceContent(...one(sandbox, "summary"), '{"summary":"all is well"}')
      ],
      "a recording that is revoked and restored": [
        becomes("callcenterrecording", "REVOKED"),
        becomes("callcenterrecording", "AVAILABLE")
      ],
      "a transcript that is revoked and restored, with its text": [
        becomes("transcription", "REVOKED"),
        becomes("transcription", "AVAILABLE")
      ],
      "a summary that is deleted, with its text": [becomes("summary", "DELETED")],
      "that a transcript is archived and restored, and keeps its text": [
        becomes("transcription", "ARCHIVED"),
        becomes("transcription", "AVAILABLE")
      ]
    },
    knobs: {
      "a gateway answers in the API's stead": { storageErrors: "fault" },
      "errors are web pages": { storageErrors: "html" },
      "errors are empty": { storageErrors: "empty" },
      "pages have a total": { storageTotal: true },
      "times are whole seconds": { fractionalTimes: false },
      "tags are compared as texts": { tagComparison: "text" },
      "each object has a bucket": { oneBucketPerCall: false },
      "bodies have one shape": { bodies: "plain" },
      "bodies are garbage": { bodies: "garbage" },
      "sizes are texts": { storedBytes: "string" }
    },
    manyCalls: 100
  })
)
