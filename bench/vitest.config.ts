import { withServers } from "../vitest.shared.ts"

export default withServers("kafka", "opensearch")
