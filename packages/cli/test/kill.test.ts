/**
 * The worker is killed with SIGKILL at arbitrary instants, over and over, while the company goes on talking. Afterwards
 * the sink holds exactly what the vendor says exists, and nothing has two identities.
 */
import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Random, Result } from "effect"
import { CloudEvent } from "@callstream/model"
import { type Sandbox, start } from "@callstream/sandbox"
import * as SandboxPipeline from "../src/SandboxPipeline.ts"
import { bin } from "./command.ts"

const kills = process.env["CALLSTREAM_LONG"] === undefined ? 4 : 30

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "callstream-kill-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A worker over the pipeline file; killed when `until` says so, else waited for. Gives its exit code. */
const worker = (file: string, words: ReadonlyArray<string>, until: () => boolean) =>
  Effect.callback<number | null>((resume) => {
    const child = spawn(process.execPath, ["--conditions=@repo/source", bin, "run", file, ...words], {
      stdio: ["ignore", "pipe", "pipe"]
    })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)))
    const watch = setInterval(() => {
      if (until()) child.kill("SIGKILL")
    }, 5)
    child.on("exit", (code) => {
      clearInterval(watch)
      if (code !== null && code !== 0) output.split("\n").forEach((line) => console.error(line))
      resume(Effect.succeed(code))
    })
    return Effect.sync(() => {
      clearInterval(watch)
      child.kill("SIGKILL")
    })
  })

interface Held {
  readonly entities: ReadonlyMap<string, { readonly id: string; readonly asof: number; readonly op: string }>
  readonly lines: number
  readonly ids: number
  readonly identities: number
}

/** What the event log holds. */
const held = (path: string): Held => {
  const entities = new Map<string, { readonly id: string; readonly asof: number; readonly op: string }>()
  const ids = new Set<string>()
  const identities = new Set<string>()
  let lines = 0
  for (const name of readdirSync(join(path, "events"))) {
    for (const line of readFileSync(join(path, "events", name), "utf8")
      .split("\n")
      .filter((text) => text !== "")) {
      lines += 1
      const { asof, id, op, source, subject, type } = Result.getOrThrow(CloudEvent.fromJson(line))
      const entity = `${source}\n${type}\n${subject}`
      ids.add(`${entity}\n${id}`)
      identities.add(`${entity}\n${id}\n${asof}`)
      const known = entities.get(entity)
      if (known === undefined || known.asof < Number(asof)) entities.set(entity, { id, asof: Number(asof), op })
    }
  }
  return { entities, lines, ids: ids.size, identities: identities.size }
}

/** How many entities each stream of the company should have led to, by what makes them countable from outside. */
const compare = (sandbox: Sandbox, { entities }: Held) => {
  const subjects = (source: string, type: (short: string) => boolean) =>
    [...entities.keys()]
      .map((entity) => entity.split("\n"))
      .filter(([uri = "", name = ""]) => uri.startsWith(source) && type(name.split(".")[1] ?? ""))
      .map(([, , subject]) => subject ?? "")
      .sort()
  const keys = (stream: Parameters<Sandbox["records"]>[0], partition: string) =>
    sandbox
      .records(stream)
      .filter((truth) => truth.partition === partition)
      .map(({ key }) => key)
      .sort()
  const partitions = (stream: Parameters<Sandbox["records"]>[0]) => [
    ...new Set(sandbox.records(stream).map(({ partition }) => partition))
  ]
  const objects = new Set(["object", "recording", "voicemail", "screen-recording"])
  for (const region of partitions("storage/objects")) {
    assert.deepStrictEqual(
      subjects(`8x8/storage/${region}`, (short) => objects.has(short)),
      keys("storage/objects", region)
    )
  }
  const contents = ["transcription", "summary", "sentimentScore", "postcallsurvey", "agentnotes"]
  const wanted = sandbox
    .records("storage/objects", { rows: true })
    .filter(({ row }) => contents.some((type) => JSON.stringify(row).includes(`"type":"${type}"`)))
  assert.isAbove(wanted.length, 50)
  const bodies = new Set(
    subjects("8x8/storage/", (short) => ["transcript", "summary", "sentiment", "survey", "note"].includes(short))
  )
  assert.deepStrictEqual(
    wanted.filter(({ key }) => !bodies.has(key)).map(({ key }) => key),
    []
  )
  for (const tenant of partitions("recentcalls/calls")) {
    assert.deepStrictEqual(
      subjects("8x8/recentcalls/", (short) => short === "call"),
      keys("recentcalls/calls", tenant)
    )
  }
  for (const pbx of partitions("workanalytics/call-legs")) {
    const within = (key: string) => `${pbx}/${key}`
    assert.deepStrictEqual(
      subjects(`8x8/workanalytics/${pbx}`, (short) => short === "call"),
      keys("workanalytics/call-records", pbx).map(within).sort()
    )
    assert.deepStrictEqual(
      subjects(`8x8/workanalytics/${pbx}`, (short) => short === "call-leg"),
      keys("workanalytics/call-legs", pbx).map(within).sort()
    )
  }
  assert.strictEqual(
    subjects("8x8/recordings/", (short) => short === "recording").length,
    sandbox.records("recordings/files").length
  )
  assert.strictEqual(
    subjects("8x8/recordings/", (short) => short === "chat").length,
    sandbox.records("recordings/transcripts").length
  )
}

describe("a worker that is killed at any instant", () => {
  it.live(
    `loses no record in ${kills} kills, and gives none a second identity`,
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const sandbox = yield* start({ calls: 60, days: 3, knobs: { delay: 0 } })
        const file = join(path, "callstream.yaml")
        const since = Date.now() - 4 * 86_400_000
        // Calls are added with times that are some seconds and minutes past: each run has to look back.
        const text = SandboxPipeline.write(sandbox, { name: "kill", path: "files", state: "state.db", since })
        writeFileSync(file, text.replaceAll("every: 10 s", "every: 1 ms"))
        for (let kill = 0; kill < kills; kill++) {
          const before = sandbox.requests().length
          const requests = yield* Random.nextIntBetween(1, 120)
          const code = yield* worker(file, [], () => sandbox.requests().length - before >= requests)
          assert.isNull(code)
          sandbox.company.addCalls(3)
          sandbox.clearRequests()
        }
        assert.strictEqual(yield* worker(file, ["--once"], () => false), 0)
        const { ids, identities, lines } = held(join(path, "files"))
        compare(sandbox, held(join(path, "files")))
        assert.deepStrictEqual([lines, identities], [ids, ids])
        assert.deepStrictEqual(sandbox.forbidden(), [])
      }),
    { timeout: 600_000 }
  )
})
