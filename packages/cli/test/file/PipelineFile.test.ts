import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { inFolder } from "../command.ts"
import { isSelfContained, load } from "../../src/file/PipelineFile.ts"

const fixtures = fileURLToPath(new URL("../fixtures/", import.meta.url))

/** Files that are wrong, each with what is said of it beside it. `UPDATE_GOLDEN=1` writes that anew. */
const bad = readdirSync(`${fixtures}bad`).filter((name) => name.endsWith(".yaml"))

const refusal = (files: ReadonlyArray<string>, cwd: string, variables: Readonly<Record<string, string>> = {}) =>
  Effect.map(Effect.flip(load(files, { cwd, variables })), ({ message }) => `${message}\n`.replaceAll(cwd, "FOLDER"))

describe("a bad file", () => {
  for (const name of bad) {
    it.effect(`is told all that is wrong with it: ${basename(name, ".yaml")}`, () =>
      Effect.gen(function* () {
        const message = yield* refusal([name], `${fixtures}bad`)
        const golden = `${fixtures}bad/${basename(name, ".yaml")}.txt`
        if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(golden, message)
        assert.strictEqual(message, readFileSync(golden, "utf8"))
      })
    )
  }

  it.effect("is reported with all the others", () =>
    Effect.gen(function* () {
      const message = yield* refusal(["tags.yaml", "none.yaml", "duplicate-name.yaml"], `${fixtures}bad`)
      assert.deepStrictEqual(message.split("\n"), [
        "tags.yaml:1:7: Tags (!name) are not read: write the value plainly.",
        "none.yaml: There is no such file. Name another one, or write one with callstream new.",
        "duplicate-name.yaml:4:3: This name stands here twice: names are unique within their section.",
        "3 problems in 3 files.",
        ""
      ])
    })
  )

  it.effect("never shows a value", () =>
    Effect.gen(function* () {
      const secret = "hunter2hunter2"
      const variables = { CALLSTREAM_TEST_NO_SUCH_KEY: secret, TYPE: secret }
      for (const name of bad) assert.notInclude(yield* refusal([name], `${fixtures}bad`, variables), secret)
    })
  )
})

describe("pipelines of one process", () => {
  it.effect("have names, states and sink paths of their own", () =>
    Effect.gen(function* () {
      const message = yield* refusal(["good/one.yaml", "good/same.yaml"], fixtures)
      assert.deepStrictEqual(message.split("\n"), [
        "good/same.yaml:1:7 name: This pipeline name is taken already, see good/one.yaml:1. Choose another one.",
        "good/same.yaml:2:16 state.path: This state file is taken already, see good/one.yaml:3. Choose another one.",
        "good/same.yaml:6:31 sinks.files.path: This path is taken already, see good/one.yaml:18. Choose another one.",
        "3 problems in 1 file.",
        ""
      ])
    })
  )
})

describe("a good file", () => {
  it.effect("becomes a pipeline with decoded settings", () =>
    Effect.gen(function* () {
      const variables = { API_KEY: "the key", ROWS: "500", HTTP: "true" }
      const [pipeline] = yield* load(["good/one.yaml"], { cwd: fixtures, variables })
      assert.isDefined(pipeline)
      if (pipeline === undefined) return
      const { file, secrets, spec, statePath } = pipeline
      assert.strictEqual(file, "good/one.yaml")
      assert.strictEqual(statePath, `${fixtures}good/.callstream/one.db`)
      assert.deepStrictEqual(secrets, ["the key", "literal ${token}"])
      assert.strictEqual(spec.name, "acme")
      assert.strictEqual(spec.directory, `${fixtures}good`)
      const [calls] = spec.sources
      const config = calls?.config as Readonly<Record<string, unknown>>
      assert.strictEqual(config["rows"], 500)
      assert.strictEqual(config["allowHttp"], true)
      assert.strictEqual(config["since"], Date.parse("2026-01-01"))
      assert.isTrue(Redacted.isRedacted(config["apiKey"]))
      assert.strictEqual(spec.steps.length, 1)
      assert.deepStrictEqual(
        spec.sinks.map(({ buffer, from, name, steps, types }) => ({ name, from, types, steps: steps.length, buffer })),
        [
          {
            name: "files",
            from: ["calls"],
            types: ["callstream.call.v1"],
            steps: 1,
            buffer: { records: 500, bytes: 67_108_864 }
          }
        ]
      )
    })
  )

  it.effect("has another fingerprint when a secret is another", () =>
    Effect.gen(function* () {
      const fingerprint = (key: string) =>
        Effect.map(
          load(["good/one.yaml"], { cwd: fixtures, variables: { API_KEY: key, ROWS: "1", HTTP: "false" } }),
          (all) => all.flatMap(({ spec }) => spec.sources.map((source) => source.fingerprint)).join()
        )
      assert.strictEqual(yield* fingerprint("a"), yield* fingerprint("a"))
      assert.notStrictEqual(yield* fingerprint("a"), yield* fingerprint("b"))
    })
  )

  it.effect("may be written in TypeScript", () =>
    Effect.gen(function* () {
      const [pipeline] = yield* load(["good/typed.ts"], { cwd: fixtures, variables: { API_KEY: "k" } })
      assert.strictEqual(pipeline?.spec.name, "typed")
      assert.deepStrictEqual(pipeline?.secrets, ["k", "t"])
    })
  )
})

describe("files that bring in nobody else's code", () => {
  const selfContained = (type: string, rest = "") =>
    inFolder((folder) => {
      const text = `sources: { one: { <<: *base, ${type} } }\n${rest}`
      writeFileSync(`${folder}/a.yaml`, `x-base: &base { a: &plugin "./plugin.ts" }\n${text}`)
      writeFileSync(`${folder}/b.yaml`, "sources: { one: { type: storage } }\n")
      return Promise.resolve(isSelfContained(["b.yaml", "a.yaml"], folder))
    })

  it("have built-in types, misspelt ones, and paths that are no type", async () => {
    for (const type of ["type: storage", "type: storag", "path: ./out", "a: 1", "type: [./a.ts]", "type: 5"]) {
      assert.isTrue(await selfContained(type), type)
    }
    assert.isTrue(isSelfContained(["bad/syntax.yaml", "none.yaml"], fixtures))
  })

  it("have no type that is a package or a file, however it is written, and none that is filled in", async () => {
    const types = [
      '"@acme/x"',
      "callstream-x",
      "./x.ts",
      '"\\u002e/x.ts"',
      "../x.ts",
      '"${TYPE}"',
      "*plugin",
      '"a${B}"'
    ]
    for (const type of types) assert.isFalse(await selfContained(`type: ${type}`), type)
    assert.isFalse(await selfContained('"typ\\u0065": ./x.ts'))
    assert.isFalse(await selfContained("type: storage", "sinks: { a: { steps: [{ type: ./x.ts }] } }\n"))
  })

  it("are neither TypeScript nor what cannot be read twice", () => {
    assert.isFalse(isSelfContained(["good/typed.ts"], fixtures))
    assert.isFalse(isSelfContained(["/dev/null"], fixtures))
    assert.isFalse(isSelfContained(["a".repeat(5000)], fixtures))
  })
})
