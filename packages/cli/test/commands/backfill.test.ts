/** `backfill`, against the sandbox and local sinks: without a worker, and beside one. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import type { Sandbox } from "@callstream/sandbox"
import * as SandboxPipeline from "../../src/SandboxPipeline.ts"
import { callstream, inFolder } from "../command.ts"
import { beside } from "../sandbox.ts"

const file = "acme.yaml"

/** A pipeline of all four sources; with a second sink, once it is there. */
const write = (folder: string, sandbox: Pick<Sandbox, "baseUrls" | "credentials">, second: boolean) => {
  const yaml = SandboxPipeline.write(sandbox, {
    name: "acme",
    since: Date.now() - 40 * 86_400_000,
    path: "first",
    state: "acme.db"
  })
  writeFileSync(join(folder, file), second ? `${yaml}  more: { type: local, path: second }\n` : yaml)
}

/** Id and version of every event in the log of a local sink. */
const events = (folder: string, sink: string): ReadonlyArray<string> => {
  const log = join(folder, sink, "events")
  return readdirSync(log)
    .flatMap((file) => readFileSync(join(log, file), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line): { readonly id: string; readonly asof: string } => JSON.parse(line))
    .map(({ asof, id }) => `${id} ${asof}`)
    .toSorted()
}

const notice =
  /has what came since .* UTC\. callstream backfill acme\.yaml --sink more sends it what was delivered before/

describe("backfill --sink", { timeout: 180_000 }, () => {
  it("fills a new sink without a worker, and one that was emptied beside one; run and status say so", () =>
    inFolder((cwd) =>
      beside({ calls: 30 }, async (sandbox) => {
        write(cwd, sandbox, false)
        const first = await callstream(["run", "--once", file], { cwd })
        assert.strictEqual(first.code, 0, first.stderr)
        const had = events(cwd, "first")
        write(cwd, sandbox, true)
        const second = await callstream(["run", "--once", file], { cwd })
        assert.strictEqual(second.code, 0, second.stderr)
        assert.match(second.stderr, new RegExp(`Sink more is new to this pipeline: it ${notice.source}`))
        assert.match((await callstream(["status", file], { cwd })).stdout, notice)

        const alone = await callstream(["backfill", file, "--sink", "more"], { cwd })
        assert.strictEqual(alone.code, 0, alone.stderr)
        assert.strictEqual(
          alone.stdout,
          `${had.length} events were sent again to more. Sink more is complete now.\n`,
          alone.stderr
        )
        assert.deepStrictEqual(events(cwd, "second"), had)
        assert.deepStrictEqual(events(cwd, "first"), had)
        assert.notMatch((await callstream(["status", file], { cwd })).stdout, notice)

        rmSync(join(cwd, "second"), { recursive: true })
        let asked: Promise<void> | undefined
        const ended = await callstream(["run", file], {
          cwd,
          onOutput: (text, kill) => {
            if (!notice.test(text)) return
            asked ??= (async () => {
              const filled = await callstream(["backfill", file, "--sink", "more", "--json"], { cwd })
              assert.strictEqual(filled.code, 0, filled.stderr)
              const { counts, state } = JSON.parse(filled.stdout)
              assert.strictEqual(state, "done")
              assert.deepInclude(counts, { delivered: had.length, refused: 0, gaps: 0, complete: 1 })
            })().finally(() => kill("SIGTERM"))
          }
        })
        await asked
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.match(
          ended.stderr,
          /Sink more is another than before: it was emptied, or points elsewhere\. It has what/
        )
        assert.deepStrictEqual(events(cwd, "second"), had)
        assert.deepStrictEqual(events(cwd, "first"), had)
      })
    ))
})

describe("backfill", { timeout: 180_000 }, () => {
  it("reads a range again, and says what is wrong with its options", () =>
    inFolder((cwd) =>
      beside({ calls: 10 }, async (sandbox) => {
        write(cwd, sandbox, false)
        const missing = await callstream(["backfill", file, "--sink", "files"], { cwd })
        assert.strictEqual(missing.code, 1)
        assert.match(missing.stderr, /does not exist: the pipeline has not run yet/)
        await callstream(["run", "--once", file], { cwd })
        const had = events(cwd, "first")
        const again = await callstream(["backfill", file, "--from", "2020-01-01", "--source", "recentcalls"], { cwd })
        assert.deepStrictEqual(
          [again.code, again.stdout],
          [0, "The range was read again; what was new or changed went to the sinks.\n"],
          again.stderr
        )
        assert.deepStrictEqual(events(cwd, "first"), had)
        const errors: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
          ["backfill wants --from, where the range begins, or --sink. See callstream backfill --help.", []],
          ["There is no sink file. Did you mean files? There are files.", ["--sink", "file"]],
          [
            "There is no source recent. There are storage, recordings, recentcalls, workanalytics.",
            ["--source", "recent", "--sink", "files"]
          ],
          ["--from wants a time such as 2026-01-01 or 2026-01-01T12:00:00Z, not yesterday.", ["--from", "yesterday"]],
          [
            "--from lies ahead of now: there is nothing to read again. What comes then is read as it comes.",
            ["--from", "2126-01-01"]
          ],
          ["--from must be before --to.", ["--from", "2026-02-01", "--to", "2026-01-01"]]
        ]
        for (const [expected, args] of errors) {
          const { code, stderr } = await callstream(["backfill", file, ...args], { cwd })
          assert.deepStrictEqual([code, stderr], [2, `callstream: ${expected}\n`])
        }
      })
    ))
})
