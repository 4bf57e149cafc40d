/**
 * The command as its users get it: every package packed, installed with plain npm into an empty folder, and the demo run
 * there, on the Node of this repository and on the lowest one that is supported.
 */
import { execFileSync, spawnSync } from "node:child_process"
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Sources from "./command.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const lowest = "24.6.0"

const folder = mkdtempSync(join(tmpdir(), "callstream-package-"))
const app = join(folder, "app")
const oldNode = join(folder, "node")
const archives = join(folder, "packages")
const image = join(folder, "image")

const run = (cwd: string, command: string, ...words: ReadonlyArray<string>) =>
  execFileSync(command, words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })

const install = (cwd: string, ...what: ReadonlyArray<string>) => {
  mkdirSync(cwd, { recursive: true })
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ private: true }))
  run(cwd, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", ...what)
}

/** Runs the installed command through npx, as a user does, with this `node` first on the path. */
const callstream = (node: string, ...words: ReadonlyArray<string>) => {
  const { CALLSTREAM_DIRECTORY: _, NODE_OPTIONS: __, ...variables } = process.env
  const { status, stderr, stdout } = spawnSync("npx", ["--no-install", "callstream", ...words], {
    cwd: app,
    encoding: "utf8",
    env: { ...variables, PATH: `${node}${delimiter}${process.env["PATH"] ?? ""}` }
  })
  return { status, output: `${stdout}${stderr}` }
}

beforeAll(() => {
  // The lines of the Dockerfile, with folders of this test.
  const dockerfile = readFileSync(join(root, "deploy/Dockerfile"), "utf8")
  const [build = "", globally = ""] = (dockerfile.match(/(?<=^RUN ).*$/gmu) ?? []).map((line) =>
    line.replace("/packages", archives)
  )
  run(root, "sh", "-c", build)
  const packed = globSync("*.tgz", { cwd: archives }).map((file) => join(archives, file))
  assert.isAtLeast(packed.length, 9)
  install(app, ...packed)
  run(folder, "sh", "-c", `npm_config_prefix=${image} npm_config_prefer_offline=true ${globally}`)
  const platform = `${process.platform}-${process.arch}`
  install(oldNode, `${platform === "darwin-arm64" ? "node-bin" : "node"}-${platform}@${lowest}`)
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("the packed command", () => {
  it("stands in the image under its name", () => {
    assert.match(run(folder, join(image, "bin/callstream"), "--version"), /^\d+\.\d+\.\d+/)
  })

  const nodes = [
    ["this repository's Node", () => dirname(process.execPath)],
    [`Node ${lowest}`, () => dirname(join(oldNode, globSync("node_modules/*/bin/node", { cwd: oldNode })[0] ?? ""))]
  ] as const
  it.each(nodes)(
    "runs the demo on %s, twice, and finds nothing new the second time",
    (_, node) => {
      rmSync(join(app, ".callstream"), { recursive: true, force: true })
      assert.isTrue(existsSync(join(node(), "node")))
      const first = callstream(node(), "demo", "--calls", "30")
      assert.strictEqual(first.status, 0, first.output)
      assert.match(first.output, /storage: all [\d,]+ records that exist have arrived/)
      const second = callstream(node(), "demo", "--calls", "30")
      assert.strictEqual(second.status, 0, second.output)
      assert.match(second.output, /nothing new/i)
    },
    120_000
  )

  const fixtures = fileURLToPath(new URL("fixtures/", import.meta.url))
  const validated = globSync(["bad/*.yaml", "good/*"], { cwd: fixtures }).toSorted()

  /** The installed command without npx, in the folder of the fixtures. */
  const installed = (node: string, ...words: ReadonlyArray<string>) => {
    const { CALLSTREAM_DIRECTORY: _, NODE_OPTIONS: __, ...variables } = process.env
    const bin = realpathSync(join(app, "node_modules/.bin/callstream"))
    const options = { cwd: fixtures, encoding: "utf8", env: { ...variables, API_KEY: "k" } } as const
    // The lowest Node warns of its SQLite, whatever the command.
    const all = ["--disable-warning=ExperimentalWarning", bin, ...words]
    const { status, stderr, stdout } = spawnSync(join(node, "node"), all, options)
    return { code: status, stdout, stderr }
  }
  /** What the sources say; asked once, whatever the Node that it is compared with. */
  const said = new Map<string, Promise<Sources.Ended>>()
  const fromSource = (...words: ReadonlyArray<string>): Promise<Sources.Ended> => {
    const told = said.get(words.join(" ")) ?? Sources.callstream(words, { cwd: fixtures, variables: { API_KEY: "k" } })
    said.set(words.join(" "), told)
    return told
  }

  it.each(nodes)(
    "says of every pipeline file what the sources say, on %s",
    async (_, node) => {
      for (const words of [...validated.map((file) => ["validate", file]), ["validate", ...validated], ["schema"]]) {
        assert.deepStrictEqual(installed(node(), ...words), await fromSource(...words), words.join(" "))
      }
    },
    120_000
  )

  it("validates in one file, without Effect, what names only what comes with it", () => {
    const node = dirname(process.execPath)
    copyFileSync(join(fixtures, "plugins/scripted.ts"), join(app, "scripted.mts"))
    const foreign = join(app, "foreign.yaml")
    const source = "{ type: ./scripted.mts, greeting: hello }"
    writeFileSync(foreign, `name: a\nsources: { notes: ${source} }\nsinks: { files: { type: local, path: out } }\n`)
    const shared = installed(node, "validate", foreign)
    assert.deepStrictEqual(shared, { code: 0, stdout: `${foreign}: pipeline a is fine: notes to files.\n`, stderr: "" })

    const effect = join(app, "node_modules/effect")
    renameSync(effect, `${effect}-away`)
    try {
      const own = installed(node, "validate", "good/one.yaml")
      const stdout = "good/one.yaml: pipeline acme is fine: calls to files.\n"
      assert.deepStrictEqual(own, { code: 0, stdout, stderr: "" })
      assert.match(installed(node, "validate", foreign).stderr, /Cannot find package 'effect'/)
    } finally {
      renameSync(`${effect}-away`, effect)
    }
  })

  it("finds a plugin that is packed and installed beside it", () => {
    const archive = join(folder, "desk.tgz")
    run(join(root, "examples/plugin"), "pnpm", "pack", "--out", archive)
    run(app, "npm", "install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", archive)
    const file = join(app, "desk.yaml")
    const source = '{ type: "@acme/callstream-source-desk", token: t, baseUrl: "http://127.0.0.1:1" }'
    writeFileSync(file, `name: desk\nsources: { desk: ${source} }\nsinks: { files: { type: local, path: desk } }\n`)
    const node = dirname(process.execPath)
    const stdout = `${file}: pipeline desk is fine: desk to files.\n`
    assert.deepStrictEqual(installed(node, "validate", file), { code: 0, stdout, stderr: "" })
    const check = installed(node, "check", file)
    assert.strictEqual(check.code, 3, check.stderr)
    assert.match(check.stdout, /^FAILED +desk\/tickets +GET \/tickets/m)

    // An older copy of its own, as a plain dependency would bring it.
    const copy = join(app, "node_modules/@acme/callstream-source-desk/node_modules/effect")
    mkdirSync(copy, { recursive: true })
    writeFileSync(join(copy, "package.json"), JSON.stringify({ name: "effect", version: "4.0.0" }))
    const refused = installed(node, "validate", file)
    assert.strictEqual(refused.code, 1)
    assert.match(refused.stderr + refused.stdout, /It brings its own copy of effect .* Make effect a peer dependency/)
    rmSync(copy, { recursive: true })
  }, 120_000)
})
