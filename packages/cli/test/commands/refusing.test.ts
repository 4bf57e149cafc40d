/** What `setup` and `search` say of a sink that fails: which one, what happened, what to do. */
import { copyFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { callstream, inFolder } from "../command.ts"

const plugin = (name: string) => fileURLToPath(new URL(`../fixtures/plugins/${name}.ts`, import.meta.url))
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url))

/** A folder with a pipeline into a local sink, and one that refuses. */
const withSink = (folder: string, how: string) => {
  for (const name of ["scripted", "refusing"]) copyFileSync(plugin(name), join(folder, `${name}.ts`))
  symlinkSync(modules, join(folder, "node_modules"))
  writeFileSync(
    join(folder, "callstream.yaml"),
    `name: own
sources:
  notes: { type: ./scripted.ts, greeting: hello }
sinks:
  files: { type: local, path: out }
  search: { type: ./refusing.ts, how: ${how} }
`
  )
}

describe("a sink that fails", () => {
  it.each([
    ["Unavailable", 3, "Sink search: GET /: no connection to search.acme.example:9200"],
    ["Denied", 3, "Sink search: GET /: refused (401). Check auth"],
    ["Fatal", 1, "Sink search: there is no such folder. Make it"]
  ])("is named by setup and search: %s", (how, code, message) =>
    inFolder(async (cwd) => {
      withSink(cwd, how)
      for (const args of [["setup"], ["search", "hello", "--sink", "search"]]) {
        const ended = await callstream(args, { cwd })
        assert.deepStrictEqual([ended.code, ended.stderr], [code, `callstream: ${message}\n`])
      }
    })
  )
})
