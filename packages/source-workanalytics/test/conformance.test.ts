import { eventTypes, Instant } from "@callstream/model"
import { type Expected, fieldsOf, onSandbox, sourceConformance } from "@callstream/testkit"
import type { Sandbox, Truth } from "@callstream/sandbox"
import { plugin } from "@callstream/source-workanalytics"

const entityOf = (truth: Truth): Expected => {
  const { conversation = "", key, partition, row, stream } = truth
  return {
    type: stream === "workanalytics/call-legs" ? eventTypes.callLeg.type : eventTypes.call.type,
    source: `8x8/workanalytics/${partition}`,
    subject: `${partition}/${key}`,
    conversation,
    time: Instant.fromMillis(Number(fieldsOf(truth)["startTimeUTC"])),
    data: { raw: row }
  }
}

/** The last call of the history. */
const lastCall = ({ records }: Sandbox): readonly [pbx: string, callId: string] => {
  const last = records("workanalytics/call-records").at(-1)
  return [last?.partition ?? "", last?.key ?? ""]
}

sourceConformance(
  "workanalytics",
  onSandbox({
    plugin,
    api: "workanalytics",
    settings: ({ baseUrls, credentials }) => ({
      baseUrl: baseUrls.workanalytics,
      ...credentials.workanalytics,
      pageSize: 5
    }),
    secrets: ({ credentials: { workanalytics } }) => [workanalytics.apiKey, workanalytics.password],
    refused: {
      "a wrong key": { apiKey: "a-key-that-nobody-has" },
      "a wrong password": { password: "a-password-that-nobody-has" },
      "a PBX that is another's": { pbxes: ["othercorp"] }
    },
    manyCalls: 150,
    pages: "/v2/call-",
    posts: ["/analytics/work/v1/oauth/token"],
    streams: ["workanalytics/call-records", "workanalytics/call-legs"],
    expected: (records) => records.map(entityOf),
    changes: {
      "a call that shows hours late": [
        ({ company }) => void company.addWorkCall({ startedAt: Date.UTC(2026, 10, 20, 9), pbx: "acme_corp_uk" })
      ],
      "a call record that changes": [
        (sandbox) => void sandbox.company.changeCallRecord(...lastCall(sandbox), { lastLegDisposition: "Transferred" })
      ],
      "another leg of a call": [(sandbox) => void sandbox.company.addCallLeg(...lastCall(sandbox))],
      "calls that have just ended": [({ company }) => void company.addCalls(3)]
    },
    knobs: {
      "windows are cut on the start of calls": { workWindow: "start" },
      "the ends of a window are not part of it": { workEnds: "exclusive" },
      "the last page has no place behind it": { workLastScrollId: false },
      "parameters must not change while scrolling": { workScrollChanged: "reject" },
      "legs are counted in numbers": { workLegCount: "number" }
    }
  })
)
