import { mergeConfig } from "vitest/config"
import { withServers } from "../../vitest.shared.ts"

export default mergeConfig(withServers("opensearch"), { test: { testTimeout: 60_000 } })
