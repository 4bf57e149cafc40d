/**
 * What `check` and `run --once` say of a broker or node that is not there, refuses the login, or was not set up: a sentence
 * with what to do, never a stack, never a secret, and the exit code that says who has to act.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Sandbox, start } from "@callstream/sandbox"
import { farSide } from "@callstream/testkit"
import { startKafka } from "@callstream/testkit/servers"
import { inject } from "vitest"
import { callstream, type Ended, folder } from "../src/Command.ts"
import { newName } from "../src/Names.ts"
import { type PipelineFileOptions, writePipeline } from "../src/PipelineFile.ts"

const shared = inject("kafka").brokers
const [{ url: node } = assert.fail("no node")] = inject("opensearch")

const password = "a-password-that-nobody-has"

/** Answers as OpenSearch's security plugin does (2.19) to a password that is wrong. */
const nodeThatRefuses = farSide((_, response) => {
  response.writeHead(401, { "www-authenticate": 'Basic realm="OpenSearch Security"' }).end("Unauthorized")
})

/** Lines without what differs from run to run: times, calls of the last day, the pipeline's name, how columns are set. */
const lines = (text: string, name: string): ReadonlyArray<string> =>
  text
    .replaceAll(name, "NAME")
    .replaceAll(/^\d\d:\d\d:\d\d /gm, "")
    .replaceAll(/\b\d{4}-\d\d-\d\d \d\d:\d\d UTC\b/g, "TIME")
    .replaceAll(/\bhas \d+ calls\b/g, "has NUMBER calls")
    .split("\n")
    .map((line) => line.replaceAll(/\s+/g, " ").trim())
    .filter((line) => line !== "")

const said = Effect.fnUntraced(function* (sandbox: Sandbox, options: Omit<PipelineFileOptions, "name" | "sources">) {
  const name = newName()
  const file = writePipeline(yield* folder, sandbox, { name, sources: ["recentcalls"], ...options })
  const run = ["run", "--once", "--patience", "10 s", "--drain", "1 s", "--log-format", "human", file]
  const [checked, ran] = yield* Effect.all([callstream("check", file), callstream(...run)], { concurrency: 2 })
  const clean = ({ code, stderr, stdout }: Ended) => {
    assert.notInclude(stdout + stderr, password)
    assert.notMatch(stdout + stderr, /^\s+at /m)
    return { code, stdout: lines(stdout, name), stderr: lines(stderr, name).toSorted() }
  }
  return { check: clean(checked), run: clean(ran) }
}, Effect.scoped)

const calls = "ok recentcalls/calls tenant acmecorp01 has NUMBER calls in the last 24 hours"
const nothingRead = "NAME: read 0 records in all: 0 new or changed, 0 unchanged."
const undelivered = "It was stopped before all was delivered; the rest is read again at the next start."

describe("a pipeline whose sinks cannot be used", { timeout: 240_000 }, () => {
  it.live("says that nobody answers, and that records are undelivered", () =>
    Effect.gen(function* () {
      const sandbox = yield* start({ calls: 10, days: 3, knobs: { delay: 0 } })
      const { check, run } = yield* said(sandbox, { brokers: ["127.0.0.1:1"], node: "http://127.0.0.1:2" })
      assert.deepStrictEqual(check, {
        code: 3,
        stdout: [
          calls,
          "FAILED bus/login describe topics: no connection to 127.0.0.1:1 (ECONNREFUSED)",
          "FAILED search/cluster GET /: no connection to 127.0.0.1:2 (ECONNREFUSED): nothing listens there"
        ],
        stderr: []
      })
      assert.deepStrictEqual(run, {
        code: 4,
        stdout: [
          nothingRead,
          "Sink bus cannot be written to since TIME: describe topics: no connection to 127.0.0.1:1 (ECONNREFUSED)",
          "Sink search cannot be written to since TIME: GET /: no connection to 127.0.0.1:2 (ECONNREFUSED): nothing listens there",
          undelivered
        ],
        stderr: [
          'WARN Sink bus cannot be written to at present: describe topics: no connection to 127.0.0.1:1 (ECONNREFUSED) pipeline="NAME"',
          'WARN Sink search cannot be written to at present: GET /: no connection to 127.0.0.1:2 (ECONNREFUSED): nothing listens there pipeline="NAME"'
        ]
      })
    })
  )

  it.live("says that the login was refused, which setting to look at, and what is parked", () =>
    Effect.gen(function* () {
      const sandbox = yield* start({ calls: 10, days: 3, knobs: { delay: 0 } })
      const { sasl } = yield* startKafka({ sasl: true })
      const { check, run } = yield* said(sandbox, {
        brokers: sasl?.brokers ?? [],
        kafka: { sasl: { mechanism: "SCRAM-SHA-256", username: "alice", password } },
        node: yield* nodeThatRefuses,
        opensearch: { auth: { type: "basic", username: "alice", password } }
      })
      const broker =
        "describe topics: the brokers refused our login (SASL_AUTHENTICATION_FAILED). Check `sasl`: mechanism, user and password"
      const node = "GET /: the credentials were refused (401). Check auth in the settings of this sink"
      assert.deepStrictEqual(check, {
        code: 3,
        stdout: [calls, `FAILED bus/login ${broker}`, `FAILED search/cluster ${node}`],
        stderr: []
      })
      assert.deepStrictEqual(run, {
        code: 3,
        stdout: [nothingRead, `Sink bus is parked: ${broker}`, `Sink search is parked: ${node}`, undelivered],
        stderr: [
          `ERROR Sink bus is parked: ${broker} pipeline="NAME"`,
          `ERROR Sink search is parked: ${node} pipeline="NAME"`
        ]
      })
    })
  )

  it.live("says that topics are missing, and which command makes them", () =>
    Effect.gen(function* () {
      const sandbox = yield* start({ calls: 10, days: 3, knobs: { delay: 0 } })
      const { check, run } = yield* said(sandbox, { brokers: shared, node: "http://127.0.0.1:2" })
      assert.strictEqual(check.code, 3)
      assert.include(
        check.stdout,
        "FAILED bus/topic NAME.call is not there. Run callstream setup, or set `createTopics: true`."
      )
      const missing =
        "Sink bus is parked: describe topics: there is no topic NAME.call. Run callstream setup, which makes them, or set `createTopics: true`"
      assert.strictEqual(run.code, 3)
      assert.include(run.stdout, missing)
      assert.include(run.stderr, `ERROR ${missing} pipeline="NAME"`)
    })
  )

  it.live("says that indices are missing, and which command makes them", () =>
    Effect.gen(function* () {
      const sandbox = yield* start({ calls: 10, days: 3, knobs: { delay: 0 } })
      const { check, run } = yield* said(sandbox, { brokers: ["127.0.0.1:1"], node })
      const missing =
        "look for the indices: the cluster has no NAME-call-v1-000001. Run `callstream setup`, or set `setup: auto`"
      assert.strictEqual(check.code, 3)
      assert.include(check.stdout, `FAILED search/setup ${missing}`)
      assert.strictEqual(run.code, 3)
      assert.include(run.stdout, `Sink search is parked: ${missing}`)
      assert.include(run.stderr, `ERROR Sink search is parked: ${missing} pipeline="NAME"`)
    })
  )
})
