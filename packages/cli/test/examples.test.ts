import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Ajv } from "ajv"
import { parse, stringify } from "yaml"
import type { Sandbox } from "@callstream/sandbox"
import { write as writeSchema } from "../src/file/JsonSchema.ts"
import { callstream, inFolder } from "./command.ts"
import { beside } from "./sandbox.ts"

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url))
const own = fileURLToPath(new URL("..", import.meta.url))
const yamls = readdirSync(examples).filter((name) => name.endsWith(".yaml"))

/** Every variable an example names. */
const variables = {
  EIGHT_BY_EIGHT_API_KEY: "key",
  EIGHT_BY_EIGHT_SECRET: "secret",
  EIGHT_BY_EIGHT_PASSWORD: "password",
  EIGHT_BY_EIGHT_RECENT_CALLS_TOKEN: "token",
  EIGHT_BY_EIGHT_RECORDINGS_TOKEN: "token",
  KAFKA_PASSWORD: "password",
  OPENSEARCH_PASSWORD: "password"
}

type Api = keyof Sandbox["credentials"]
type File = {
  readonly sources: Readonly<Record<string, { readonly type: Api }>>
  readonly sinks: Readonly<Record<string, { readonly type: string }>>
}

const read = (name: string): File => parse(readFileSync(join(examples, name), "utf8"), { merge: true })

/** Those that need no server but the sandbox. */
const alone = yamls.filter((name) => Object.values(read(name).sinks).every(({ type }) => type === "local"))

/** An example as its user would fill it in, were the sandbox the vendor: base URLs, credentials, no pauses. */
const pointAt = (sandbox: Sandbox, file: File) => ({
  ...file,
  sources: Object.fromEntries(
    Object.entries(file.sources).map(([name, source]) => [
      name,
      {
        ...source,
        ...sandbox.credentials[source.type],
        baseUrl: sandbox.baseUrls[source.type],
        since: new Date(Date.now() - 32 * 86_400_000).toISOString(),
        lag: "0 s",
        rate: { perSecond: 200, concurrency: 4 }
      }
    ])
  )
})

describe("an example", { timeout: 120_000 }, () => {
  it("is valid, each of them", () =>
    inFolder(async (cwd) => {
      cpSync(examples, cwd, { recursive: true })
      mkdirSync(join(cwd, "node_modules"))
      symlinkSync(own, join(cwd, "node_modules/callstream"))
      const secret = join(cwd, "password")
      writeFileSync(secret, "password\n")
      for (const name of yamls) {
        const text = readFileSync(join(cwd, name), "utf8")
        writeFileSync(join(cwd, name), text.replace("/run/secrets/8x8-password", secret))
      }
      const { code, stderr, stdout } = await callstream(["validate", ...yamls, "typed.ts"], { cwd, variables })
      assert.strictEqual(code, 0, stderr)
      assert.include(stdout, "four-apis.yaml: pipeline acme is fine: objects, recordings, calls, work to files.\n")
      assert.include(stdout, "typed.ts: pipeline typed is fine: objects to files.\n")
    }))

  for (const name of alone) {
    it(`runs against the sandbox: ${name}`, () =>
      inFolder((cwd) =>
        beside({ calls: 15 }, async (sandbox) => {
          const file = pointAt(sandbox, read(name))
          writeFileSync(join(cwd, "callstream.yaml"), stringify(file))
          const { code, stderr } = await callstream(["run", "--once"], { cwd, variables })
          assert.strictEqual(code, 0, stderr)
          const { stdout } = await callstream(["status", "--json"], { cwd, variables })
          const { deadLetters, partitions } = JSON.parse(stdout)
          assert.strictEqual(deadLetters, 0)
          assert.isAbove(
            partitions.reduce((sum: number, { books }: { books: { emitted: number } }) => sum + books.emitted, 0),
            5
          )
        })
      ))
  }
})

describe("the JSON Schema", () => {
  it("takes every example, and refuses what validate refuses", async () => {
    const schema = await writeSchema()
    const ajv = new Ajv({ allErrors: true, strict: false })
    const validate = ajv.compile(schema)
    for (const name of yamls) {
      const file: unknown = parse(readFileSync(join(examples, name), "utf8"), { merge: true })
      assert.isTrue(validate(file), `${name}: ${ajv.errorsText(validate.errors)}`)
    }
    const good = {
      name: "a",
      sources: {
        c: { type: "recentcalls", region: "us", tenantId: "t", apiKey: "k", token: "${T}", rows: "${ROWS:-5}" }
      },
      sinks: { f: { type: "local", path: "x" } },
      "x-note": 1
    }
    assert.isTrue(validate(good), ajv.errorsText(validate.errors))
    const { c } = good.sources
    const wrong: ReadonlyArray<unknown> = [
      { ...good, nam: 1 },
      { ...good, name: "A b" },
      { ...good, sources: {} },
      { ...good, sources: { c: { ...c, rows: "five" } } },
      { ...good, sources: { c: { ...c, sinse: "2026-01-01" } } },
      { ...good, sources: { c: { ...c, region: "mars" } } },
      { ...good, sources: { c: { ...c, apiKey: undefined } } },
      { ...good, sinks: { f: { type: "local", path: "x", from: 5 } } },
      { ...good, sinks: { f: { type: "storage" } } },
      { ...good, steps: [{ type: "fields", drop: "raw" }] }
    ]
    for (const file of wrong) assert.isFalse(validate(JSON.parse(JSON.stringify(file))), JSON.stringify(file))
  })

  it("describes every setting, and gives defaults", async () => {
    const text = JSON.stringify(await writeSchema())
    assert.include(text, '"description":"How often new records are asked for."')
    assert.include(text, '"default":"1 min"')
    assert.notInclude(text, '$ref":"#/$defs')
  })
})
