/** `dead replay` and `dead drop`, against the sandbox and the local sink: beside a running worker, and without one. */
import { copyFileSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { callstream, inFolder } from "../command.ts"
import { beside, callsFile } from "../sandbox.ts"

const plugin = fileURLToPath(new URL("../fixtures/plugins/moody.ts", import.meta.url))
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url))

/** A pipeline whose sink is in a bad mood until the file `better` is there. */
const moody = (folder: string, sandbox: Parameters<typeof callsFile>[1]) => {
  copyFileSync(plugin, join(folder, "moody.ts"))
  symlinkSync(modules, join(folder, "node_modules"))
  const file = callsFile(folder, sandbox)
  const step = `steps: [{ type: ./moody.ts, better: ${join(folder, "better")} }]`
  writeFileSync(file, readFileSync(file, "utf8").replace("path: out }", `path: out, ${step} }`))
}

const better = (folder: string) => writeFileSync(join(folder, "better"), "")

/** The ids in the event log of the local sink. */
const stored = (folder: string): ReadonlyArray<string> => {
  const log = join(folder, "out", "events")
  return readdirSync(log).flatMap((file) =>
    readFileSync(join(log, file), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => String(JSON.parse(line).id))
  )
}

describe("dead replay", { timeout: 120_000 }, () => {
  it("sends letters again without a worker, and without asking the source", () =>
    inFolder(async (cwd) => {
      const exists = await beside({ calls: 12 }, async (sandbox) => {
        moody(cwd, sandbox)
        const run = await callstream(["run", "--once", "--log-format", "human"], { cwd })
        assert.include(run.stdout, "4 dead letters: callstream dead list callstream.yaml shows them.")
        return sandbox.records("recentcalls/calls").length
      })
      // The sandbox is gone: whoever asks it fails.
      better(cwd)
      const one = await callstream(["dead", "replay", "1", "1"], { cwd })
      assert.deepStrictEqual([one.code, one.stdout], [0, "1 dead letter: 1 delivered.\n"], one.stderr)
      const all = await callstream(["dead", "replay", "callstream.yaml", "--all", "--json"], { cwd })
      assert.strictEqual(all.code, 0, all.stderr)
      assert.deepInclude(JSON.parse(all.stdout).counts, { delivered: 3, refused: 0 })
      const ids = stored(cwd)
      assert.deepStrictEqual([ids.length, new Set(ids).size], [exists, exists])
      const none = await callstream(["dead", "replay", "--all"], { cwd })
      assert.deepStrictEqual([none.code, none.stdout], [0, "No dead letters.\n"])
      const status = JSON.parse((await callstream(["status", "--json"], { cwd })).stdout)
      assert.strictEqual(status.deadLetters, 0)
      assert.deepInclude(status.partitions[0].books.sinks.files.replayed, { emitted: 4, stored: 4 })
    }))

  it("has a running worker do it, and says what is refused again", () =>
    inFolder((cwd) =>
      beside({ calls: 12 }, async (sandbox) => {
        moody(cwd, sandbox)
        let asked: Promise<void> | undefined
        const ended = await callstream(["run", "--log-format", "json"], {
          cwd,
          onStart: (kill) => {
            asked = (async () => {
              const waiting = async () => JSON.parse((await callstream(["status", "--json"], { cwd })).stdout || "{}")
              while ((await waiting()).deadLetters !== 4);
              const still = await callstream(["dead", "replay", "--all", "--sink", "files", "--fail-on-dead"], { cwd })
              assert.strictEqual(still.code, 5, still.stderr)
              assert.match(still.stdout, /^Dead letter \d is still refused: not in the mood\n/)
              better(cwd)
              const now = await callstream(["dead", "replay", "--all"], { cwd })
              assert.match(now.stdout, /^\d dead letters?: \d delivered\.\n$/)
            })().finally(() => kill("SIGTERM"))
          }
        })
        await asked
        assert.strictEqual(ended.code, 0, ended.stderr)
        const ids = stored(cwd)
        assert.strictEqual(new Set(ids).size, sandbox.records("recentcalls/calls").length)
        assert.strictEqual(new Set(ids).size, ids.length)
      })
    ))
})

describe("dead drop", { timeout: 120_000 }, () => {
  it("forgets letters, and the command line says what is wrong with it", () =>
    inFolder((cwd) =>
      beside({ calls: 12 }, async (sandbox) => {
        moody(cwd, sandbox)
        await callstream(["run", "--once"], { cwd })
        const one = await callstream(["dead", "drop", "2"], { cwd })
        assert.deepStrictEqual([one.code, one.stdout], [0, "1 dead letter dropped.\n"], one.stderr)
        const said = async (...args: ReadonlyArray<string>) => {
          const { code, stderr } = await callstream(["dead", ...args], { cwd })
          return `${code} ${stderr}`
        }
        const see = (command: string) => `See callstream dead ${command} --help.\n`
        const errors: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
          [
            `2 callstream: dead drop wants numbers of dead letters, as dead list prints them, or --all. ${see("drop")}`,
            ["drop"]
          ],
          [`2 callstream: dead replay wants numbers or --all, not both. ${see("replay")}`, ["replay", "1", "--all"]],
          [`2 callstream: --sink and --stage go with --all. ${see("drop")}`, ["drop", "1", "--stage", "read"]],
          [
            `2 callstream: --stage wants read, step, content or sink:NAME, not files. ${see("drop")}`,
            ["drop", "--all", "--stage", "files"]
          ],
          [
            `2 callstream: --sink NAME is --stage sink:NAME: give one. ${see("drop")}`,
            ["drop", "--all", "--stage", "read", "--sink", "files"]
          ],
          [
            `2 callstream: dead drop wants numbers of dead letters and at most one pipeline file, not a.yaml, b.yaml. ${see("drop")}`,
            ["drop", "a.yaml", "1", "b.yaml"]
          ],
          [
            "2 callstream: There is no dead letter 2: it may have been closed. See callstream dead list.\n",
            ["replay", "2"]
          ]
        ]
        const typed = "2 callstream: There is no sink fils. Did you mean files? There are files.\n"
        assert.strictEqual(await said("drop", "--all", "--sink", "fils"), typed)
        for (const [expected, args] of errors) assert.strictEqual(await said(...args), expected)
        const rest = await callstream(["dead", "drop", "--all"], { cwd })
        assert.deepStrictEqual([rest.code, rest.stdout], [0, "3 dead letters dropped.\n"])
      })
    ))
})
