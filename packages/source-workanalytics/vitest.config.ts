import { mergeConfig } from "vitest/config"
import shared from "../../vitest.shared.ts"

// The real runner over real sockets, at many times the speed of the wall clock: far less than this, on an idle machine.
export default mergeConfig(shared, { test: { testTimeout: 60_000 } })
