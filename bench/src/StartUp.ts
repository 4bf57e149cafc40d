/** How long the built command takes to start, as a ratio to bare `node -e 0`. Runs alternate; medians. */
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { median } from "./Median.ts"

const command = fileURLToPath(new URL("../../packages/cli/bin/callstream.js", import.meta.url))
const built = fileURLToPath(new URL("../../packages/cli/dist/main.js", import.meta.url))

const file = `name: bench
sources:
  objects: { type: storage, clientId: key, clientSecret: secret, since: 2026-01-01 }
  calls: { type: recentcalls, region: us, tenantId: acmecorp01, apiKey: key, token: secret }
sinks:
  files: { type: local, path: files }
`

export const startUps = ["start-help", "start-validate"] as const
export type StartUpName = (typeof startUps)[number]

const seconds = (args: ReadonlyArray<string>): number => {
  const begun = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" })
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${String(status)}: ${stderr}`)
  return (performance.now() - begun) / 1000
}

/** Measures a start-up; the first run, which fills the compile cache, does not count. */
export const startUp = (name: StartUpName, rounds: number) => {
  if (!existsSync(built)) throw new Error("The command is not built: ./run build first")
  const folder = mkdtempSync(join(tmpdir(), "callstream-bench-"))
  try {
    const path = join(folder, "callstream.yaml")
    writeFileSync(path, file)
    const args = name === "start-help" ? [command, "--help"] : [command, "validate", path]
    seconds(args)
    const runs = Array.from({ length: rounds }, () => ({ bare: seconds(["-e", "0"]), ours: seconds(args) }))
    return {
      name,
      milliseconds: Math.round(median(runs.map(({ ours }) => ours)) * 1000),
      ratio: Number(median(runs.map(({ bare, ours }) => ours / bare)).toFixed(1))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
