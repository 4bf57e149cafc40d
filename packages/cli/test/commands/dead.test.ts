import { copyFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { callstream, inFolder } from "../command.ts"

const plugin = fileURLToPath(new URL("../fixtures/plugins/scripted.ts", import.meta.url))
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url))

/** A folder with a plugin of its own, which finds what it shares with us where it would be installed. */
const withPlugin = (folder: string, name = "own") => {
  copyFileSync(plugin, join(folder, "scripted.ts"))
  if (!existsSync(join(folder, "node_modules"))) symlinkSync(modules, join(folder, "node_modules"))
  writeFileSync(
    join(folder, "callstream.yaml"),
    `name: ${name}\nsources:\n  notes: { type: ./scripted.ts, greeting: hello }\nsinks:\n  files: { type: local, path: out }\n`
  )
}

describe("dead letters", () => {
  it("are named in the summary, listed and shown, and end with 5 when asked to", () =>
    inFolder(async (cwd) => {
      withPlugin(cwd)
      const run = await callstream(["run", "--once", "--log-format", "human"], { cwd })
      assert.deepStrictEqual(
        [run.code, run.stdout],
        [
          0,
          "own: read 3 records in all: 2 new or changed, 0 unchanged, 1 unreadable.\n  1 dead letters: callstream dead list callstream.yaml shows them.\n"
        ]
      )
      const again = await callstream(["run", "--once", "--fail-on-dead"], { cwd })
      assert.strictEqual(again.code, 5, again.stderr)

      const list = await callstream(["dead", "list"], { cwd })
      assert.match(
        list.stdout,
        /^ +1 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}notes\/notes {2}read {2}\n {8}has no text\n1 dead letters\.\n$/
      )
      const json = JSON.parse((await callstream(["dead", "list", "--json"], { cwd })).stdout)
      assert.strictEqual(json.total, 1)
      const shown = await callstream(["dead", "show", "1"], { cwd })
      assert.strictEqual(shown.code, 0)
      assert.include(shown.stdout, "reason   has no text\n")
      assert.include(shown.stdout, '"id": "c"')
      const none = await callstream(["dead", "show", "99"], { cwd })
      assert.deepStrictEqual(
        [none.code, none.stderr],
        [2, "callstream: There is no dead letter 99: it may have been closed. See callstream dead list.\n"]
      )
    }))

  it("need a state to be looked at", () =>
    inFolder(async (cwd) => {
      withPlugin(cwd)
      const { code, stderr } = await callstream(["dead", "list"], { cwd })
      assert.strictEqual(code, 1)
      assert.match(stderr, /^callstream: The state .*own\.db /)
    }))
})

describe("a defect", () => {
  it("is a sentence and 70, and a trace only when asked for", () =>
    inFolder(async (cwd) => {
      withPlugin(cwd)
      const file = join(cwd, "callstream.yaml")
      writeFileSync(file, readFileSync(file, "utf8").replace("hello", "oops"))
      const { code, stderr } = await callstream(["check"], { cwd })
      assert.deepStrictEqual(
        [code, stderr.replace(/version [\d.]+/, "version X")],
        [
          70,
          "callstream: This is a mistake of callstream's own, in check of version X: the plugin fell over its own feet. Please report it, with what --log-level debug shows.\n"
        ]
      )
      const debug = await callstream(["check", "--log-level", "debug"], { cwd })
      assert.strictEqual(debug.code, 70)
      assert.match(debug.stderr, /\n {4}at /)
    }))
})

describe("a defect of one pipeline of several", () => {
  it("is told at once, with the pipeline's name, and ends with 70", () =>
    inFolder(async (cwd) => {
      withPlugin(cwd)
      const file = readFileSync(join(cwd, "callstream.yaml"), "utf8")
      const other = file.replace("own", "other").replace("hello", "oops").replace("path: out", "path: out2")
      writeFileSync(join(cwd, "other.yaml"), other)
      const { code, stderr } = await callstream(["run", "--once", "callstream.yaml", "other.yaml"], { cwd })
      assert.match(
        stderr,
        /"level":"ERROR","message":"A mistake of callstream's own has ended this pipeline: .*feet\. [^"]*","pipeline":"other"/
      )
      assert.match(stderr, /own: read 3 records in all/)
      assert.strictEqual(code, 70)
    }))
})

describe("a plugin of one's own", () => {
  it("can be checked, previewed and searched", () =>
    inFolder(async (cwd) => {
      withPlugin(cwd)
      const check = await callstream(["check"], { cwd })
      assert.match(check.stdout, /^ok {6}notes\/notes +says hello$/m)
      const preview = await callstream(["preview", "--json", "--limit", "1"], { cwd })
      assert.strictEqual(preview.code, 0, preview.stderr)
      assert.deepStrictEqual(JSON.parse(preview.stdout).data, { text: "hello from a" })
      assert.isFalse(existsSync(join(cwd, "out")))
      await callstream(["run", "--once"], { cwd })
      const search = await callstream(["search", "hello"], { cwd })
      assert.match(search.stdout, /hello from [ab]/)
      const other = await callstream(["search", "hello", "--sink", "file"], { cwd })
      assert.deepStrictEqual(
        [other.code, other.stderr],
        [2, "callstream: There is no sink file. Did you mean files? There are files.\n"]
      )
    }))
})
