import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { callstream, inFolder } from "../command.ts"

describe("demo", { timeout: 120_000 }, () => {
  it("ends by itself with everything, shows what was said, and finds nothing new the second time", () =>
    inFolder(async (cwd) => {
      const first = await callstream(["demo", "--calls", "40"], { cwd })
      assert.strictEqual(first.code, 0, first.stdout + first.stderr)
      assert.match(first.stdout, /new or changed records arrived in/)
      for (const type of ["call", "call-leg", "recording", "transcript", "chat", "survey"]) {
        assert.match(first.stdout, new RegExp(`^ {2}callstream\\.${type}\\.v1 +[1-9]`, "m"))
      }
      for (const api of ["storage", "recordings", "recentcalls", "workanalytics"]) {
        assert.match(first.stdout, new RegExp(`^${api}: all [\\d,]+ records that exist have arrived\\.$`, "m"))
      }
      const next = /^ {2}callstream (search .*)$/m.exec(first.stdout)?.[1] ?? ""
      const args = [...next.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "")
      const search = await callstream(args, { cwd })
      assert.strictEqual(search.code, 0, search.stderr)
      assert.match(search.stdout, /conversations?(, \d+ shown.*)?\.\n$/)

      const second = await callstream(["demo", "--calls", "40"], { cwd })
      assert.strictEqual(second.code, 0, second.stdout + second.stderr)
      assert.match(second.stdout, /^Nothing new: all of it had arrived before/m)

      const other = await callstream(["demo", "--calls", "41"], { cwd })
      assert.strictEqual(other.code, 2)
      assert.match(other.stderr, /is of another company \(--seed 1 --calls 40\)/)
    }))

  it("goes on with --live until it is stopped", () =>
    inFolder(async (cwd) => {
      const log = join(cwd, ".callstream/demo/data/events")
      let waiting: ReturnType<typeof setInterval> | undefined
      const { code, stderr, stdout } = await callstream(["demo", "--live", "--calls", "5"], {
        cwd,
        onOutput: (text, kill) => {
          if (waiting !== undefined || !text.includes("four APIs at")) return
          waiting = setInterval(() => {
            if (!existsSync(log) || readdirSync(log).length === 0) return
            clearInterval(waiting)
            kill("SIGINT")
          }, 50)
        }
      })
      assert.strictEqual(code, 0, stderr)
      assert.match(stdout, /new or changed records arrived in/)
    }))
})
