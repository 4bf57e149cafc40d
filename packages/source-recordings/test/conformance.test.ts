import { eventTypes, Instant } from "@callstream/model"
import { type Expected, fieldsOf, onSandbox, sourceConformance } from "@callstream/testkit"
import type { Sandbox, Truth } from "@callstream/sandbox"
import { plugin } from "@callstream/source-recordings"

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null

/** What is nested in a row: `{ message: [...] }`, or an empty text. */
const nested = (value: unknown, ...names: ReadonlyArray<string>): ReadonlyArray<Fields> => {
  const found = names.reduce<unknown>((inner, name) => (isFields(inner) ? inner[name] : undefined), value)
  return Array.isArray(found) ? found.filter(isFields) : []
}

const instant = (text: unknown): string => Instant.fromMillis(Date.parse(String(text)))

/** A text that is there, under a name. */
const present = (name: string, value: unknown): Fields => (value === "" ? {} : { [name]: value })

const fileOf = (truth: Truth): Expected => {
  const row = fieldsOf(truth)
  const [transaction, start, agent] = truth.key.split("|")
  const codes = nested(row["wrapUpCode"], "transactionCodes", "transactionCode")
  return {
    type: eventTypes.recording.type,
    source: `8x8/recordings/${truth.partition}`,
    subject: `${transaction}/${instant(start)}/${agent}`,
    time: instant(row["startDate"]),
    data: {
      filename: row["filename"] === "" ? undefined : row["filename"],
      durationMs: Number(row["duration"]) * 1000,
      wrapUpCodes: codes.length === 0 ? undefined : codes.map(({ listName, name }) => ({ list: listName, code: name }))
    }
  }
}

const chatOf = (truth: Truth): Expected => {
  const row = fieldsOf(truth)
  return {
    type: eventTypes.chat.type,
    source: `8x8/recordings/${truth.partition}`,
    subject: truth.key.replace("|", "/"),
    conversation: String(row["interactionGUID"]),
    time: instant(row["startDate"]),
    data: {
      durationMs: Number(row["duration"]) * 1000,
      messages: nested(row["messages"], "message").map((message) => ({
        ...present("text", message["originalMessage"]),
        ...present("language", message["originalLanguage"]),
        ...present("translatedText", message["translatedMessage"]),
        ...present("translatedLanguage", message["translatedLanguage"]),
        sentAt: instant(message["messageTime"]),
        speaker: message["messageFrom"] === "C" ? "customer" : "agent",
        from: message["messageFrom"]
      }))
    }
  }
}

/** The last recording of the history. */
const lastFile = ({ records }: Sandbox): string => records("recordings/files").at(-1)?.key ?? ""

sourceConformance(
  "recordings",
  onSandbox({
    plugin,
    api: "recordings",
    settings: ({ baseUrls, credentials }) => ({ baseUrl: baseUrls.recordings, ...credentials.recordings }),
    secrets: ({ credentials: { recordings } }) => [recordings.token],
    refused: {
      "a wrong token": { token: "a-token-that-nobody-has" },
      "a tenant that is another's": { tenant: "othercorp01" }
    },
    pages: "s.xml?",
    posts: [],
    streams: ["recordings/files", "recordings/transcripts"],
    expected: (records) =>
      records.map((truth) => (truth.stream === "recordings/files" ? fileOf(truth) : chatOf(truth))),
    changes: {
      "a recording that shows hours late": [
        ({ company }) => void company.addCall({ startedAt: Date.UTC(2026, 10, 20, 9) })
      ],
      "a chat that shows hours late": [({ company }) => void company.addChat({ startedAt: Date.UTC(2026, 10, 20, 9) })],
      "a name and codes that come later": [
        (sandbox) => void sandbox.company.changeFile(lastFile(sandbox), { row: { filename: "a/renamed.au" } }),
        (sandbox) =>
          void sandbox.company.changeFile(lastFile(sandbox), { wrapUpCodes: [{ listName: "Result", name: "Sold" }] })
      ],
      "calls that have just ended": [({ company }) => void company.addCalls(3)]
    },
    knobs: {
      "answers are malformed": { recordingsMalformed: 1 },
      "the latest row comes first": { recordingsOrder: "descending" },
      "the end of a range is part of it": { recordingsToInclusive: true },
      "the tenant is in another zone": { recordingsZone: "Asia/Kolkata" },
      "there are no wrap-up codes": { recordingsWrapUp: "empty" },
      "a chat has a transcript per transaction": { transcriptsPerTransaction: true },
      "transactions begin again at 1": { transactionModulus: 7 }
    },
    manyCalls: 500
  })
)
