/**
 * A pipeline file in TypeScript: the same settings, checked while you write them. Run it like any other:
 * `callstream run examples/typed.ts`. Node runs it as it is; the folder needs `callstream` installed.
 */
import { pipeline } from "callstream"

const regions = ["us-east", "uk"] as const

export default pipeline({
  name: "typed",
  sources: {
    objects: {
      type: "storage",
      clientId: "${EIGHT_BY_EIGHT_API_KEY}",
      clientSecret: "${EIGHT_BY_EIGHT_SECRET}",
      regions,
      content: ["transcription", "summary"],
      since: "2026-01-01"
    }
  },
  steps: [{ type: "fields", drop: ["raw"] }],
  sinks: {
    files: { type: "local", path: ".callstream/typed", from: ["objects"] }
  }
})
