import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { bin } from "./command.ts"

/** The Nodes of this machine that are older than the command wants. */
const oldNodes = [...new Set((process.env["PATH"] ?? "").split(delimiter)), "/usr/bin", "/usr/local/bin"]
  .map((folder) => join(folder, "node"))
  .flatMap((node) => {
    const { status, stdout } = spawnSync(node, ["--version"], { encoding: "utf8" })
    const [major = 99, minor = 0] = status === 0 ? stdout.slice(1).split(".").map(Number) : []
    return major < 24 || (major === 24 && minor < 6) ? [{ node, version: stdout.slice(1).trim() }] : []
  })

const sentence = (version: string) => `Callstream needs Node 24.6 or newer, this is ${version}\n`

describe("callstream.js", () => {
  it("says which Node it needs before it imports anything", () => {
    let written = ""
    const process = {
      versions: { node: "20.20.2" },
      stderr: { write: (text: string) => (written += text) },
      exitCode: 0
    }
    runInNewContext(readFileSync(bin, "utf8"), { process })
    assert.strictEqual(written, sentence("20.20.2"))
    assert.strictEqual(process.exitCode, 2)
  })

  it("is not run by a Node that is just too old, and is by the lowest one", () => {
    const refused = (node: string) => {
      const process = { versions: { node }, stderr: { write: () => true }, exitCode: 0 }
      const text = readFileSync(bin, "utf8").replaceAll("import(", "imported(")
      runInNewContext(text, {
        process,
        imported: () => Promise.resolve({ enableCompileCache: () => 0, main: () => 0 })
      })
      return process.exitCode === 2
    }
    assert.deepStrictEqual(["22.22.0", "24.5.0", "24.6.0", "24.10.1", "26.0.0"].map(refused), [
      true,
      true,
      false,
      false,
      false
    ])
  })

  it("is parsed and answered by the old Nodes of this machine", () => {
    for (const { node, version } of oldNodes) {
      const { status, stderr, stdout } = spawnSync(node, [bin, "run"], { encoding: "utf8" })
      assert.deepStrictEqual({ status, stderr, stdout }, { status: 2, stderr: sentence(version), stdout: "" })
    }
  })
})
