import { eventTypes, Instant } from "@callstream/model"
import { type Expected, fieldsOf, onSandbox, sourceConformance } from "@callstream/testkit"
import type { Sandbox, Truth } from "@callstream/sandbox"
import { plugin } from "@callstream/source-recentcalls"

/** A row says when it began, in the zone it was asked for: `11/20/2026 11:03:07`. */
const timeOf = (truth: Truth): string => {
  const [date = "", time = ""] = String(fieldsOf(truth)["callDate"]).split(" ")
  const [month, day, year] = date.split("/")
  return Instant.fromMillis(Date.parse(`${year}-${month}-${day}T${time}Z`))
}

const entityOf = (truth: Truth): Expected => {
  const { conversation = "", key, partition, row } = truth
  const source = `8x8/recentcalls/${partition}`
  return { type: eventTypes.call.type, source, subject: key, conversation, time: timeOf(truth), data: { raw: row } }
}

/** The last call of the history. */
const lastCall = ({ records }: Sandbox): string => records("recentcalls/calls").at(-1)?.key ?? ""

sourceConformance(
  "recentcalls",
  onSandbox({
    plugin,
    api: "recentcalls",
    settings: ({ baseUrls, credentials }) => ({ baseUrl: baseUrls.recentcalls, ...credentials.recentcalls, rows: 5 }),
    secrets: ({ credentials: { recentcalls } }) => [recentcalls.apiKey, recentcalls.token],
    refused: {
      "a wrong key": { apiKey: "a-key-that-nobody-has" },
      "a wrong token": { token: "a-token-that-nobody-has" }
    },
    pages: "/recentCallData/",
    posts: ["/customerexperience/v1/recentCallData/us"],
    streams: ["recentcalls/calls"],
    expected: (records) => records.map(entityOf),
    changes: {
      "a call that shows hours late": [({ company }) => void company.addCall({ startedAt: Date.UTC(2026, 10, 20, 9) })],
      "a survey that comes with a call of some days ago": [
        (sandbox) => void sandbox.company.changeCall(lastCall(sandbox), { totalScore: "12" })
      ],
      "calls that have just ended": [({ company }) => void company.addCalls(3)]
    },
    knobs: {
      "windows are cut on the end of calls": { recentRange: "end" },
      "the ends of a window are not part of it": { recentEnds: "exclusive" },
      "the oldest call comes first": { recentOrder: "oldest" },
      "a length of time wins over a window": { recentBothSpans: "timeRange" },
      "filters are required": { recentFiltersRequired: true },
      "bodies are garbage": { bodies: "garbage" }
    }
  })
)
