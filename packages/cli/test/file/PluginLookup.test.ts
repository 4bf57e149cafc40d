import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { callstream, inFolder } from "../command.ts"

const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url))

/** Puts a package into a folder's node_modules; `shared` is what it finds as its peers. */
const install = (
  folder: string,
  name: string,
  text: string,
  shared: ReadonlyArray<string> = ["effect", "@callstream/core"]
) => {
  const place = join(folder, "node_modules", name)
  mkdirSync(place, { recursive: true })
  writeFileSync(
    join(place, "package.json"),
    JSON.stringify({ name, type: "module", exports: { import: "./index.js" } })
  )
  writeFileSync(join(place, "index.js"), text)
  for (const peer of shared) {
    const link = join(place, "node_modules", peer)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(modules, peer), link)
  }
}

const source = (api: number) => `
import { Schema } from "effect"
export const plugin = {
  kind: "source", api: ${api}, name: "x", summary: "X.", Config: Schema.Struct({ size: Schema.Finite }), example: "",
  events: [], open: () => { throw new Error("not opened") }
}`

const file = (type: string, more = "size: 5") =>
  `name: p\nsources:\n  one: { type: "${type}", ${more} }\nsinks:\n  files: { type: local, path: out }\n`

const validate = (text: string, prepare: (folder: string) => void) =>
  inFolder(async (cwd) => {
    prepare(cwd)
    writeFileSync(join(cwd, "callstream.yaml"), text)
    const { stderr, stdout } = await callstream(["validate"], { cwd })
    return (stdout + stderr)
      .split("\n")[0]
      ?.replaceAll(cwd, "FOLDER")
      .replaceAll(/\(\/[^)]*\)/g, "(PATH)")
  })

describe("a plugin of a package", () => {
  it("is found from the folder of the file, and decodes its settings", async () => {
    const name = "@acme/callstream-source-x"
    assert.deepStrictEqual(
      [
        await validate(file(name), (folder) => install(folder, name, source(1))),
        await validate(file(name, 'size: "5"'), (folder) => install(folder, name, source(1))),
        await validate(file(name, "sice: 5"), (folder) => install(folder, name, source(1)))
      ],
      [
        "callstream.yaml: pipeline p is fine: one to files.",
        "callstream.yaml: pipeline p is fine: one to files.",
        "callstream.yaml:3:8 sources.one.size: is missing."
      ]
    )
  })

  it("is refused in a sentence when it cannot be used", async () => {
    const name = "callstream-source-x"
    assert.deepStrictEqual(
      [
        await validate(file(name), (folder) => install(folder, name, source(2))),
        await validate(file(name), (folder) => install(folder, name, "export const plug = 1")),
        await validate(file(name), (folder) =>
          install(folder, name, "export const plugin = { api: 1, kind: 'source' }")
        ),
        await validate(file(name), (folder) => install(folder, name, "import 'nowhere'")),
        await validate(file(name), (folder) => install(folder, name, "throw new Error('of its own')")),
        await validate(file(name), (folder) => install(folder, name, source(1).replace('"source"', '"sink"'))),
        await validate(file(name), (folder) => {
          install(folder, name, source(1), ["@callstream/core"])
          const copy = join(folder, "node_modules", name, "node_modules/effect")
          mkdirSync(copy, { recursive: true })
          writeFileSync(join(copy, "package.json"), JSON.stringify({ name: "effect", version: "4.0.0" }))
        }),
        await validate(file("./none.ts"), () => undefined)
      ],
      [
        "callstream.yaml:3:16 sources.one.type: It is made for version 2 of the plugin contract, this is version 1.",
        "callstream.yaml:3:16 sources.one.type: callstream-source-x has no export called plugin.",
        "callstream.yaml:3:16 sources.one.type: The export plugin of callstream-source-x is no source, sink or step.",
        "callstream.yaml:3:16 sources.one.type: It cannot be loaded: Cannot find package 'nowhere' imported from FOLDER/node_modules/callstream-source-x/index.js.",
        "callstream.yaml:3:16 sources.one.type: It cannot be loaded: of its own.",
        "callstream.yaml:3:16 sources.one.type: callstream-source-x is a sink: it belongs under sinks.",
        "callstream.yaml:3:16 sources.one.type: It brings its own copy of effect (FOLDER/node_modules/callstream-source-x/node_modules/effect); it has to share ours (PATH). Make effect a peer dependency of it, of the same version, and install again.",
        "callstream.yaml:3:16 sources.one.type: There is no such file in FOLDER."
      ]
    )
  })

  it("may stand in a TypeScript file itself, made there or imported, with its settings", () =>
    inFolder(async (cwd) => {
      mkdirSync(join(cwd, "node_modules/@callstream"), { recursive: true })
      for (const peer of ["effect", "@callstream/core"])
        symlinkSync(join(modules, peer), join(cwd, "node_modules", peer))
      symlinkSync(fileURLToPath(new URL("../..", import.meta.url)), join(cwd, "node_modules/callstream"))
      writeFileSync(join(cwd, "package.json"), '{ "type": "module" }')
      const say = async (step: string) => {
        const text = `import { Effect, Schema } from "effect"
import { Plugin } from "@callstream/core"
import { pipeline, use } from "callstream"
const Config = Schema.Struct({ size: Schema.Int })
const open = () => Effect.succeed({ apply: (events) => events })
const own = Plugin.step({ name: "own", summary: "Its own.", Config, example: "", open })
export default pipeline({
  name: "p",
  sources: { calls: { type: "recentcalls", region: "us", tenantId: "a", apiKey: "k", token: "t" } },
  steps: [${step}],
  sinks: { files: { type: "local", path: "out" } }
})
`
        writeFileSync(join(cwd, "callstream.ts"), text)
        const { stderr, stdout } = await callstream(["validate", "callstream.ts"], { cwd })
        return (stdout + stderr).split("\n")[0]?.replaceAll(/\(\/[^)]*\)/g, "(PATH)")
      }
      assert.deepStrictEqual(
        [
          await say("use(own, { size: 5 })"),
          await say("use(own, { sice: 5 })"),
          await say("use({ ...own, api: 2 }, { size: 5 })"),
          await say('use({ ...own, kind: "source", events: [] }, { size: 5 })'),
          await say("{ type: () => 5 }")
        ],
        [
          "callstream.ts: pipeline p is fine: calls to files.",
          "callstream.ts steps[0].sice: There is no such setting. Did you mean size?",
          "callstream.ts steps[0].type: It is made for version 2 of the plugin contract, this is version 1.",
          "callstream.ts steps[0].type: own is a source: it belongs under sources.",
          "callstream.ts steps[0].type: is a function, not a plain value"
        ]
      )
      const copy = join(cwd, "node_modules/effect")
      rmSync(copy)
      mkdirSync(copy)
      writeFileSync(join(copy, "package.json"), '{ "name": "effect", "type": "module", "exports": "./index.js" }')
      writeFileSync(join(copy, "index.js"), `export * from ${JSON.stringify(import.meta.resolve("effect"))}`)
      assert.match((await say("use(own, { size: 5 })")) ?? "", /steps\[0\]\.type: It brings its own copy of effect/)
    }))
})
