import { execFileSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Plugin } from "@callstream/core"
import { eventTypes } from "@callstream/model"
import { farSide } from "@callstream/testkit"
import { OpenSearchConfig, plugin } from "../src/index.ts"
import { note, notes } from "./support/Notes.ts"
import {
  ask,
  documentsAt,
  type Given,
  newPrefix,
  nodes,
  open,
  place,
  prefixAt,
  provided,
  settings
} from "./support/Place.ts"

const check = (given: Given) => provided(plugin.check?.(settings(given), place()) ?? Effect.succeed([]))

describe("The opensearch plugin", () => {
  it("is a sink that the command can load", () => {
    assert.strictEqual(plugin.kind, "sink")
    assert.strictEqual(plugin.api, Plugin.api)
  })

  it("loads nothing of the client before it is opened", () => {
    const script = `
      import { createRequire } from "node:module"
      await import("@callstream/sink-opensearch")
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes("opensearch-project"))
      const before = loaded().length
      await import(${JSON.stringify(new URL("../src/Library.ts", import.meta.url).href)})
      console.log(before, loaded().length > 0)
    `
    const args = ["--conditions=@repo/source", "--input-type=module", "--eval", script]
    const out = execFileSync(process.execPath, args, { cwd: new URL("..", import.meta.url), encoding: "utf8" })
    assert.strictEqual(out, "0 true\n")
  })

  it.each([
    [{}, "node (one address) or nodes (several)"],
    [{ node: "http://localhost:1", nodes: ["http://localhost:2"] }, "node (one address) or nodes (several)"],
    [{ node: "localhost:9200" }, "an address such as https://"],
    [{ node: "https://me:swordfish@localhost:9200" }, "no user in the address"],
    [{ node: "http://localhost:1", indexPrefix: "Acme-" }, "lower-case letters"],
    [{ node: "http://localhost:1", indexPrefix: "_acme" }, "lower-case letters"],
    [{ node: "http://localhost:1", auth: { type: "aws", region: "x", accessKeyId: "y" } }, "together, or neither"]
  ])("refuses settings that cannot be: %j", (given, words) => {
    const decoded = Schema.decodeUnknownResult(OpenSearchConfig)(given, { onExcessProperty: "error", errors: "all" })
    assert.strictEqual(decoded._tag, "Failure")
    if (decoded._tag === "Failure") {
      assert.include(String(decoded.failure), words)
      assert.notInclude(String(decoded.failure), "swordfish")
    }
  })

  it.effect("refuses what is not OpenSearch", () =>
    Effect.gen(function* () {
      const elastic = {
        cluster_name: "c",
        cluster_uuid: "u",
        version: { number: "8.1.0" },
        tagline: "You Know, for Search"
      }
      const answering = (body: unknown) =>
        farSide((_, response) =>
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body))
        )
      const other = yield* Effect.flip(open({ node: yield* answering(elastic) }))
      assert.strictEqual(other._tag, "Fatal")
      assert.match(other.message, /not OpenSearch/)
      const starting = yield* Effect.flip(open({ node: yield* answering({ ...elastic, cluster_uuid: "_na_" }) }))
      assert.strictEqual(starting._tag, "Unavailable")
      const page = yield* farSide((_, response) => response.end("<html>"))
      assert.strictEqual((yield* Effect.flip(open({ node: page })))._tag, "Unavailable")
    })
  )
})

describe.each(nodes)("On the $line line, the sink", ({ url }) => {
  it.effect("refuses to open where nothing is set up, and says which command does", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(open({ node: url, indexPrefix: newPrefix(), setup: "manual" }))
      assert.strictEqual(failure._tag, "Denied")
      assert.match(failure.message, /note-v1-000001.*callstream setup/)
    })
  )

  it.effect("opens after setup, and sets up by itself when told so", () =>
    Effect.gen(function* () {
      const indexPrefix = yield* prefixAt(url)
      const config = settings({ node: url, indexPrefix, setup: "manual" })
      yield* provided(plugin.setup?.(config, place(), { dryRun: false }) ?? Effect.succeed([]))
      const sink = yield* open({ node: url, indexPrefix, setup: "manual" })
      assert.deepStrictEqual(yield* sink.write([note("a", 1)]), [{ _tag: "stored" }])
      const auto = yield* open({ node: url, indexPrefix }, [eventTypes.note, eventTypes.call])
      assert.strictEqual(auto.identity, sink.identity)
    })
  )

  it.effect("is another sink after its indices were emptied and set up anew", () =>
    Effect.gen(function* () {
      const indexPrefix = yield* prefixAt(url)
      const { identity } = yield* open({ node: url, indexPrefix })
      yield* Effect.promise(() => ask(url, "DELETE", `/${indexPrefix}note-v1-000001`))
      assert.notStrictEqual((yield* open({ node: url, indexPrefix })).identity, identity)
    })
  )

  it.effect("cuts a write into requests of its size, and stores all of it", () =>
    Effect.gen(function* () {
      const indexPrefix = yield* prefixAt(url)
      const sink = yield* open({ node: url, indexPrefix, maxBytes: 65_536, compression: true })
      const events = [...notes(300, 1000), note("large", 1, { raw: "x".repeat(200_000) })]
      const answers = yield* sink.write(events)
      assert.deepStrictEqual(new Set(answers.map(({ _tag }) => _tag)), new Set(["stored"]))
      assert.strictEqual((yield* Effect.promise(() => documentsAt(url, indexPrefix))).length, 301)
    })
  )

  it.effect("tells in a check who answers, whether it is set up, and whether it may write; and writes nothing", () =>
    Effect.gen(function* () {
      const indexPrefix = yield* prefixAt(url)
      const before = yield* check({ node: url, indexPrefix })
      assert.deepStrictEqual(
        before.map(({ ok, subject }) => [subject, ok]),
        [
          ["cluster", true],
          ["setup", false]
        ]
      )
      yield* open({ node: url, indexPrefix })
      const [cluster, ...rest] = yield* check({ node: url, indexPrefix })
      assert.match(cluster?.detail ?? "", /^OpenSearch \d+\.\d+\.\d+, cluster /)
      assert.deepStrictEqual(rest, [
        { subject: "setup", ok: true, detail: "templates, indices and aliases are there" },
        { subject: "note", ok: true, detail: "may be written to" }
      ])
      yield* Effect.promise(() =>
        ask(url, "PUT", `/${indexPrefix}note-v1-000001/_settings`, { "index.blocks.write": true })
      )
      const blocked = (yield* check({ node: url, indexPrefix })).at(-1)
      assert.isFalse(blocked?.ok)
      assert.match(blocked?.detail ?? "", /writing is blocked/)
      assert.deepStrictEqual(yield* Effect.promise(() => documentsAt(url, indexPrefix)), [])
    })
  )

  it.effect("says in a check that nothing answers", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* check({ node: "http://127.0.0.1:1" }), [
        {
          subject: "cluster",
          ok: false,
          detail: "GET /: no connection to 127.0.0.1:1 (ECONNREFUSED): nothing listens there"
        }
      ])
    })
  )
})
