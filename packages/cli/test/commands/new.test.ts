import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { callstream, inFolder } from "../command.ts"

describe("new", () => {
  it("writes a commented file that validates once its variables are set", () =>
    inFolder(async (cwd) => {
      const sources = "storage,recordings,recentcalls,workanalytics"
      const made = await callstream(["new", "--name", "acme", "--source", sources, "--sink", "local"], { cwd })
      assert.strictEqual(made.code, 0, made.stderr)
      assert.match(made.stdout, /^Wrote callstream\.yaml\. Set the variables it names, then:\n/)
      const text = readFileSync(join(cwd, "callstream.yaml"), "utf8")
      assert.include(text, "# Where records come from.")
      const names = [...text.matchAll(/\$\{([A-Z_0-9]+)\}/g)].map(([, name]) => [String(name), "x"] as const)
      const valid = await callstream(["validate"], { cwd, variables: Object.fromEntries(names) })
      assert.strictEqual(valid.code, 0, valid.stderr + text)

      const again = await callstream(["new", "--name", "b", "--source", "storage", "--sink", "local"], { cwd })
      assert.deepStrictEqual(
        [again.code, again.stderr],
        [2, "callstream: callstream.yaml exists already. Name another file, or overwrite it with --force.\n"]
      )
    }))

  it("says what it cannot write", () =>
    inFolder(async (cwd) => {
      const stderr = async (...args: ReadonlyArray<string>) => (await callstream(["new", ...args], { cwd })).stderr
      assert.match(await stderr(), /^callstream: new asks its questions on a terminal\. Elsewhere name all of --name/)
      assert.match(await stderr("--name", "a", "--source", "storge", "--sink", "local"), /Did you mean storage\?/)
      assert.match(await stderr("--name", "A!", "--source", "storage", "--sink", "local"), /A name is made of/)
      const named = ["--name", "a", "--sink", "local", "--source"]
      assert.match(await stderr(...named, ","), /new wants at least one source\./)
      assert.match(await stderr(...named, "storage, storage"), /new wants each source once: storage is named twice\./)
      assert.match(
        await stderr(...named, "storage", "a.ts"),
        /^callstream: new writes YAML: name a file such as a\.yaml\./
      )
    }))
})
