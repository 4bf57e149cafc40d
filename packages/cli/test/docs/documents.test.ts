import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { stringify } from "yaml"
import { commands, globalFlags } from "../../src/CommandTable.ts"
import { callstream, inFolder } from "../command.ts"
import { beside } from "../sandbox.ts"

const root = fileURLToPath(new URL("../../../../", import.meta.url))
const documents = globSync(
  ["*.md", "docs/**/*.md", "examples/**/*.md", "packages/*/README.md", "packages/sandbox/data/README.md"],
  { cwd: root }
)
const textOf = (name: string): string => readFileSync(join(root, name), "utf8")

/** What stands between fences, by language. */
const blocks = (text: string, language: string): ReadonlyArray<string> =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, inside]) => inside ?? "")

/** The anchors GitHub gives to headings. */
const anchors = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-")
    )
  )

const manifest: unknown = JSON.parse(textOf("package.json"))
const scripts =
  typeof manifest === "object" && manifest !== null && "scripts" in manifest ? Object.keys(manifest.scripts ?? {}) : []

describe("every document", () => {
  it.each(documents)("%s links to files and headings that are there", (name) => {
    for (const [, target = ""] of textOf(name).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      const [path = "", anchor] = target.split("#")
      const file = path === "" ? name : join(dirname(name), path)
      assert.isTrue(existsSync(join(root, file)), `${name} links to ${target}`)
      if (anchor !== undefined) assert.isTrue(anchors(textOf(file)).has(anchor), `${name} links to ${target}`)
    }
  })

  it.each(documents)("%s names paths of this repository that are there", (name) => {
    for (const [, path = ""] of textOf(name).matchAll(/`((?:packages|docs|examples|bench)\/[\w./-]+)`/g)) {
      assert.isTrue(existsSync(join(root, path)), `${name} names ${path}`)
    }
  })

  it.each(documents)("%s names commands and options that are there", (name) => {
    const text = textOf(name)
    const code = [...blocks(text, "\\w*"), ...[...text.matchAll(/`([^`\n]+)`/g)].map(([, inside]) => inside ?? "")]
    for (const line of code.flatMap((block) => block.split("\n"))) {
      for (const [, rest = ""] of line.matchAll(/(?:^|\s|\/)callstream ((?:[a-z-][\w-]*)[^|#`]*)/g))
        checkCommand(rest, name)
      for (const [, script = ""] of line.matchAll(/(?:^|\s)\.\/run ([a-z][\w:-]*)/g)) {
        assert.include([...scripts, "install", "changeset"], script, `${name} names ./run ${script}`)
      }
    }
  })
})

/** `run --once acme.yaml`: a command of the table, with options of its own. */
const checkCommand = (typed: string, name: string): void => {
  const [first = "", second = ""] = typed.trim().split(/\s+/)
  if (first.startsWith("-")) return
  const table: Readonly<Record<string, { readonly flags: object }>> = commands
  const command = Object.hasOwn(table, first) ? table[first] : table[`${first} ${second}`]
  assert.isDefined(command, `${name} names callstream ${first}`)
  const known = [...Object.keys(command?.flags ?? {}), ...Object.keys(globalFlags)]
  for (const [, flag = ""] of typed.matchAll(/(?:^|\s)--([a-z][\w-]*)/g)) {
    assert.include(known, flag, `${name} names callstream ${first} --${flag}`)
  }
}

describe("the README", () => {
  it("has the two commands", () => {
    const [commands = ""] = blocks(textOf("README.md"), "sh")
    assert.include(commands, "./run demo")
    assert.include(commands, "./run test")
    assert.include(textOf(".ci/run"), "./run test")
  })

  it("has a pipeline file that is valid", () =>
    inFolder(async (cwd) => {
      const [file = ""] = blocks(textOf("README.md"), "yaml")
      writeFileSync(join(cwd, "password"), "secret\n")
      writeFileSync(join(cwd, "callstream.yaml"), file.replace("/run/secrets/8x8-password", "password"))
      const variables = { EIGHT_BY_EIGHT_API_KEY: "key", EIGHT_BY_EIGHT_SECRET: "secret" }
      const { code, stderr } = await callstream(["validate"], { cwd, variables })
      assert.strictEqual(code, 0, stderr)
    }))
})

describe("the page on running", () => {
  const text = textOf("docs/running.md")

  it("has every metric, and no other", () => {
    const source = textOf("packages/core/src/telemetry/Metrics.ts")
    const counted = new Set([...source.matchAll(/"(callstream_\w+)"/g)].map(([, name = ""]) => name))
    const named = new Set([...text.matchAll(/callstream_\w+/g)].map(([name]) => name))
    assert.deepStrictEqual([...named].toSorted(), [...counted].toSorted())
  })

  it("has every exit code", () => {
    const codes = [...textOf("packages/cli/src/ExitCode.ts").matchAll(/^ {2}\w+: (\d+),?$/gm)].map(([, code]) => code)
    const [, table = ""] = text.split("## Exit codes")
    const named = [...(table.split("\n## ")[0] ?? "").matchAll(/^\| (\d+) /gm)].map(([, code]) => code)
    assert.deepStrictEqual(named, codes)
  })
})

describe("the page on credentials", () => {
  const squeeze = (line: string): string => line.replaceAll(/\s+/g, " ").trim()
  const quoted = blocks(textOf("docs/credentials.md"), "text")
    .flatMap((block) => block.split("\n"))
    .map(squeeze)

  it("quotes what check says of what is wrong", () =>
    inFolder((cwd) =>
      beside({ calls: 20 }, async ({ baseUrls, credentials: { recentcalls, recordings, storage, workanalytics } }) => {
        const saying = async (sources: object) => {
          writeFileSync(
            join(cwd, "callstream.yaml"),
            stringify({ name: "a", sources, sinks: { files: { type: "local", path: "out" } } })
          )
          return (await callstream(["check"], { cwd })).stdout.split("\n").map(squeeze)
        }
        const rate = { perSecond: 100, concurrency: 4 }
        const objects = { type: "storage", baseUrl: baseUrls.storage, rate, ...storage }
        const calls = { type: "recentcalls", baseUrl: baseUrls.recentcalls, rate, ...recentcalls }
        const work = { type: "workanalytics", baseUrl: baseUrls.workanalytics, rate, ...workanalytics }
        const files = { type: "recordings", baseUrl: baseUrls.recordings, rate, ...recordings }
        const said = [
          ...(await saying({
            storage: { ...objects, clientSecret: "wrong" },
            recordings: { ...files, token: "wrong" },
            recentcalls: { ...calls, token: "wrong" },
            workanalytics: { ...work, password: "wrong" }
          })),
          ...(await saying({
            storage: { ...objects, regions: ["nowhere"] },
            workanalytics: { ...work, apiKey: "wrong" }
          })),
          ...(await saying({
            recentcalls: { ...calls, baseUrl: "http://localhost:1" },
            workanalytics: { ...work, pbxes: ["nosuchpbx"] }
          }))
        ]
        const failures = quoted.filter((line) => line.startsWith("FAILED"))
        const unsaid = failures.filter((line) => !said.includes(line))
        assert.deepStrictEqual(unsaid, [], `check says:\n${said.join("\n")}`)
        assert.isAbove(failures.length, 6)
      })
    ))
})
