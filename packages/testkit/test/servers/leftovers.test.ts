/** Nothing is left behind, also by a test process that dies at once. */
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { startKafka } from "@callstream/testkit/servers"

const folder = mkdtempSync(join(tmpdir(), "leftovers-"))

afterAll(() => rmSync(folder, { recursive: true }))

/** A dead process that nobody has fetched yet counts as gone. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !existsSync("/proc/self/stat") || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

describe.concurrent("servers", () => {
  it("are gone with their folders when their test process is killed", { timeout: 120_000 }, async () => {
    const program = fileURLToPath(new URL("fixtures/orphans.ts", import.meta.url))
    const child = spawn(process.execPath, ["--conditions=@repo/source", program], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TMPDIR: folder }
    })
    const said = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (data: Buffer) => resolve(data.toString()))
      child.once("exit", (code) => reject(new Error(`the child ended with ${code}`)))
    })
    const pids = said.trim().split(" ").map(Number)
    assert.lengthOf(pids, 2)
    assert.deepStrictEqual(pids.filter(isAlive), pids)
    assert.lengthOf(readdirSync(folder), 2)

    child.kill("SIGKILL")
    while (pids.some(isAlive) || readdirSync(folder).length > 0) await sleep(50)
  })

  it.live("are gone with their folders at the end of the scope", () =>
    Effect.gen(function* () {
      const scoped = Effect.gen(function* () {
        const { nodes, tls } = yield* startKafka({ tls: true })
        return { pids: nodes.map(({ pid }) => pid), ca: tls?.ca ?? "" }
      })
      const { ca, pids } = yield* Effect.scoped(scoped)
      assert.isNotEmpty(ca)
      assert.isFalse(existsSync(ca))
      assert.isEmpty(pids.filter(isAlive))
    })
  )
})
