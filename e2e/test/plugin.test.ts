/** The example of a third party's plugin, installed beside a pipeline file: a type, a topic and a mapping of its own. */
import { cpSync, globSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { inject } from "vitest"
import { stringify } from "yaml"
import { startDesk, token } from "../../examples/plugin/test/Desk.ts"
import { callstream, folder } from "../src/Command.ts"
import { newName } from "../src/Names.ts"
import { readTopics } from "../src/Topics.ts"

const example = fileURLToPath(new URL("../../examples/plugin/", import.meta.url))
const [node] = inject("opensearch")
const { brokers } = inject("kafka")

/** Installs the example as a package manager does: itself built, what it shares with the command beside it. */
const install = (into: string): void => {
  const modules = join(into, "node_modules")
  const own = join(modules, "@acme/callstream-source-desk")
  mkdirSync(join(own, "dist"), { recursive: true })
  cpSync(join(example, "package.json"), join(own, "package.json"))
  for (const file of globSync("*.ts", { cwd: join(example, "src") })) {
    const text = stripTypeScriptTypes(readFileSync(join(example, "src", file), "utf8"))
    writeFileSync(join(own, "dist", file.replace(/ts$/, "js")), text.replaceAll(/(from "\.\/\w+)\.ts"/g, '$1.js"'))
  }
  for (const peer of ["effect", "@callstream/core", "@callstream/model"]) {
    mkdirSync(dirname(join(modules, peer)), { recursive: true })
    symlinkSync(realpathSync(join(example, "node_modules", peer)), join(modules, peer))
  }
  symlinkSync(fileURLToPath(new URL("../../packages/cli", import.meta.url)), join(modules, "callstream"))
  writeFileSync(join(into, "package.json"), `{ "type": "module" }`)
}

const succeeds = Effect.fnUntraced(function* (...words: ReadonlyArray<string>) {
  const ended = yield* callstream(...words)
  assert.strictEqual(ended.code, 0, ended.stdout + ended.stderr)
  return ended.stdout
})

const ask = (path: string) =>
  Effect.promise(async (): Promise<unknown> => (await fetch(`${node?.url ?? ""}/${path}`)).json())

/** A member of a member of a value, and so on. */
const at = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (inner, name) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, name) : undefined),
    value
  )

describe("a plugin of a package", () => {
  it.live(
    "has its own topic and mapping, and is found by search on every sink",
    () =>
      Effect.gen(function* () {
        const desk = yield* startDesk({ now: Date.now(), clock: Date.now, size: "usual" })
        desk.put({ id: "T-7", deleted: true })
        const name = newName()
        const place = yield* folder
        install(place)
        const file = join(place, "callstream.yaml")
        const source = {
          type: "@acme/callstream-source-desk",
          baseUrl: desk.url,
          token,
          lag: "0 s",
          rate: { perSecond: 200, concurrency: 2 }
        }
        writeFileSync(
          file,
          stringify({
            name,
            sources: { desk: source },
            sinks: {
              bus: { type: "kafka", brokers, topicPrefix: `${name}.`, partitions: 1 },
              search: { type: "opensearch", node: node?.url, indexPrefix: `${name}-`, replicas: 0 },
              files: { type: "local", path: "out" }
            }
          })
        )

        const planned = yield* succeeds("setup", "--dry-run", file)
        assert.include(planned, `${name}.ticket`)
        assert.include(planned, `${name}-ticket`)
        assert.isUndefined(at(yield* ask(`${name}-ticket/_mapping`), `${name}-ticket-v1-000001`))
        yield* succeeds("setup", file)
        yield* succeeds("check", file)
        yield* succeeds("run", "--once", file)

        const index = yield* ask(`${name}-ticket-v1-000001/_mapping`)
        const data = ["mappings", "properties", "data", "properties"]
        assert.strictEqual(
          at(index, `${name}-ticket-v1-000001`, ...data, "labels", "type"),
          "flat_object",
          JSON.stringify(index)
        )
        const messages = yield* Effect.promise(() => readTopics("kafkajs", brokers, `${name}.`))
        assert.deepStrictEqual([...new Set(messages.map(({ topic }) => topic))], [`${name}.ticket`])
        assert.strictEqual(messages.length, desk.tickets().length)

        // OpenSearch finds what was just written a second later, or when it is asked to.
        yield* ask(`${name}-*/_refresh`)
        for (const sink of ["search", "files"]) {
          const found = yield* succeeds("search", "--json", "printer 12", "--sink", sink, "--file", file)
          assert.include(found, "T-12", sink)
        }
      }),
    300_000
  )

  it.live(
    "stands in a TypeScript file, with a step of its own",
    () =>
      Effect.gen(function* () {
        const desk = yield* startDesk({ now: Date.now(), clock: Date.now, size: "few" })
        const place = yield* folder
        install(place)
        const text = readFileSync(join(example, "pipeline.ts"), "utf8")
        writeFileSync(join(place, "pipeline.ts"), text.replace("${DESK_TOKEN}", token).replace("${DESK_URL}", desk.url))
        yield* succeeds("run", "--once", join(place, "pipeline.ts"))
        const bodies = globSync(".callstream/desk/events/*.jsonl", { cwd: place }).flatMap((log) =>
          readFileSync(join(place, log), "utf8")
            .trim()
            .split("\n")
            .map((line) => String(at(JSON.parse(line), "data", "body")))
        )
        assert.strictEqual(bodies.length, desk.tickets().length)
        for (const body of bodies) assert.strictEqual(body, "Call me at •••••••••••.")
      }),
    120_000
  )
})
