import { defineConfig } from "vitest/config"

const conditions = ["@repo/source", "module", "node", "development|production"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@repo/source", "node"] } },
  test: { include: ["test/**/*.test.ts"], environment: "node", pool: "threads", isolate: false }
})
