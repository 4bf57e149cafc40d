import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const conditions = ["@repo/source", "module", "node", "development|production"]

const shared = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@repo/source", "node"] } },
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
    pool: "threads",
    isolate: false,
    // These end what hangs; on a busy machine, what is only slow must not end with it.
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
})

export default shared

/** The same, with servers that the whole test run shares: `inject("kafka")`, `inject("opensearch")`. */
export const withServers = (...servers: ReadonlyArray<"kafka" | "opensearch">) =>
  defineConfig({
    ...shared,
    test: {
      ...shared.test,
      // Vitest would resolve the name of the package without our condition, to what was built.
      globalSetup: servers.map((server) =>
        fileURLToPath(new URL(`packages/testkit/src/servers/vitest-${server}.ts`, import.meta.url))
      )
    }
  })
