import { defineConfig, mergeConfig } from "vitest/config"
import shared from "./vitest.shared.ts"

/** What has to do with times of day is tested where days begin elsewhere, too, and where clocks are put back. */
const zones = ["America/Los_Angeles", "Asia/Kolkata", "UTC"]
const withTimes = [
  "packages/model/test/{CloudEvent,Conversation,Instant,zone}.test.ts",
  "packages/core/test/{contract,steps}/*.test.ts",
  "packages/core/test/engine/Planner.test.ts",
  "packages/core/test/net/Http.test.ts",
  "packages/sandbox/test/{Company,RecordingsApi,RecentCallsApi,StorageApi,WorkAnalyticsApi}.test.ts",
  "packages/source-*/test/{Calls,CallsNormalize,Config,Content,golden,Rows,tolerance}.test.ts",
  "packages/source-recordings/test/sandbox.test.ts",
  "packages/sink-local/test/EventLog.test.ts"
]

/** The zone of a process is read once, at its start: these run in processes of their own. */
const inZone = (zone: string) => {
  const { test, ...rest } = shared
  return mergeConfig(rest, {
    test: { ...test, name: zone, include: withTimes, pool: "forks" as const, env: { TZ: zone } }
  })
}

export default defineConfig({
  test: {
    projects: ["packages/*", "bench", "e2e", "examples/plugin", ...zones.map(inZone)],
    pool: "threads",
    isolate: false
  }
})
