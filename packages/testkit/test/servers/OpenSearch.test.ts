/** OpenSearch nodes of a test's own. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { NodeFileSystem } from "@effect/platform-node"
import { openSearchLines, startOpenSearch } from "@callstream/testkit/servers"
import { ask } from "../../src/servers/OpenSearchProbe.ts"

const store = (url: string) =>
  Effect.promise(async () => {
    const { status } = await fetch(`${url}/calls/_doc/1?refresh=true`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: "hello" })
    })
    return status
  })

const get = (url: string) => Effect.promise(() => ask(url))

describe.concurrent("an OpenSearch of one node", () => {
  it.effect(
    "keeps its data over kill and restart, and in a folder that outlives it",
    () =>
      Effect.gen(function* () {
        const data = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
        const settings = { "thread_pool.write.queue_size": 7 }
        const first = Effect.gen(function* () {
          const { line, nodes, url } = yield* startOpenSearch({ line: 2, heap: "256m", data, settings })
          assert.strictEqual(line, 2)
          assert.strictEqual(yield* store(url), 201)
          assert.include((yield* get(`${url}/_nodes/settings`)).text, `"queue_size":"7"`)
          for (const { kill, restart } of nodes) {
            yield* kill
            assert.strictEqual((yield* get(url)).status, 0)
            yield* restart
          }
          assert.include((yield* get(`${url}/calls/_doc/1`)).text, "hello")
        })
        yield* Effect.scoped(first)
        const { url } = yield* startOpenSearch({ line: 2, heap: "256m", data })
        assert.include((yield* get(`${url}/calls/_doc/1`)).text, "hello")
      }).pipe(Effect.provide(NodeFileSystem.layer)),
    240_000
  )

  it.effect(
    "asks for a password over TLS, with the security plugin",
    () =>
      Effect.gen(function* () {
        const { ca, line, password, url, username } = yield* startOpenSearch({ security: true })
        assert.strictEqual(line, 2)
        const answer = (access: Parameters<typeof ask>[1]) => Effect.promise(() => ask(url, access))
        assert.strictEqual((yield* answer({ ca, username, password })).status, 200)
        assert.strictEqual((yield* answer({ ca })).status, 401)
        assert.strictEqual((yield* answer({ ca, username, password: "wrong" })).status, 401)
        assert.include((yield* answer({ username, password })).text, "unable to verify")
      }),
    240_000
  )
})

describe.concurrent("an OpenSearch of two nodes", () => {
  it.effect(
    "is one cluster, of the newest line",
    () =>
      Effect.gen(function* () {
        const { line, nodes, urls } = yield* startOpenSearch({ nodes: 2, heap: "256m" })
        assert.strictEqual(line, (yield* openSearchLines).at(-1))
        assert.lengthOf(nodes, 2)
        for (const url of urls) {
          assert.include((yield* get(`${url}/_cluster/health`)).text, `"number_of_nodes":2`)
        }
      }),
    240_000
  )
})
