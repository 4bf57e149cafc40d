/**
 * The command as its users get it: every package packed, installed with plain npm into an empty folder, and the demo run
 * there, on the Node of this repository and on the lowest one that is supported.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const lowest = "24.6.0"

const folder = mkdtempSync(join(tmpdir(), "callstream-package-"))
const app = join(folder, "app")
const oldNode = join(folder, "node")

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
  run(root, "tsc", "-b", "packages/cli/tsconfig.src.json")
  const packed = globSync("packages/*/package.json", { cwd: root })
    .filter((file) => !("private" in JSON.parse(readFileSync(join(root, file), "utf8"))))
    .map((file) => {
      const target = join(folder, `${dirname(file).replaceAll(/\W/g, "-")}.tgz`)
      run(join(root, dirname(file)), "pnpm", "pack", "--out", target)
      return target
    })
  assert.isAtLeast(packed.length, 9)
  install(app, ...packed)
  const platform = `${process.platform}-${process.arch}`
  install(oldNode, `${platform === "darwin-arm64" ? "node-bin" : "node"}-${platform}@${lowest}`)
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("the packed command", () => {
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
})
