/** A pipeline with a source from a package, and a step of its own: `callstream run pipeline.ts`. */
import { maskDigits } from "@acme/callstream-source-desk"
import { pipeline, use } from "callstream"

export default pipeline({
  name: "desk",
  sources: {
    desk: { type: "@acme/callstream-source-desk", token: "${DESK_TOKEN}", baseUrl: "${DESK_URL}" }
  },
  steps: [use(maskDigits, { least: 8 })],
  sinks: {
    files: { type: "local", path: ".callstream/desk" }
  }
})
