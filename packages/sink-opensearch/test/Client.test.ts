/** Connections that fail, and answers that no node gives. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { eventTypes } from "@callstream/model"
import { farSide } from "@callstream/testkit"
import { makeWrite } from "../src/bulk/Bulk.ts"
import { targetsOf } from "../src/bulk/Encoder.ts"
import { make } from "../src/Client.ts"
import { note } from "./support/Notes.ts"
import { type Given, nodes, prefixAt, open, settings } from "./support/Place.ts"
import { bodyOf, forward } from "./support/Server.ts"

const client = (given: Given) => make(settings(given), "/")

/** Writes to a node that is assumed to be set up. */
const writer = (given: Given) =>
  Effect.map(client(given), (asked) =>
    makeWrite(asked, targetsOf("", [eventTypes.note]), { maxBytes: 1e6, gzip: false, shardTimeoutMs: 1000 })
  )

const json = { "content-type": "application/json" }

describe("A client", () => {
  it.effect("gives any status as a value, and JSON as it is", () =>
    Effect.gen(function* () {
      const body = { a: { __proto__x: 1, constructor: { prototype: 2 } }, error: "no" }
      const url = yield* farSide((_, response) => response.writeHead(418, json).end(JSON.stringify(body)))
      const { request } = yield* client({ node: url })
      assert.deepStrictEqual(yield* request("GET", "/x"), { status: 418, body })
    })
  )

  it.effect("says that nothing listens, and comes back by itself", () =>
    Effect.gen(function* () {
      const { request } = yield* client({ node: "http://127.0.0.1:1" })
      const failure = yield* Effect.flip(request("GET", "/_bulk"))
      assert.strictEqual(failure._tag, "Unavailable")
      assert.strictEqual(
        failure.message,
        "GET /_bulk: no connection to 127.0.0.1:1 (ECONNREFUSED): nothing listens there"
      )
    })
  )

  it.effect("names every node that it may ask, with its port, and nothing else of its address", () =>
    Effect.gen(function* () {
      const nodes = ["http://127.0.0.1:1/behind/a/path", "http://localhost:2"] as const
      const auth = { type: "basic", username: "anna", password: "a-secret" } as const
      const { request } = yield* client({ nodes, auth })
      const { message } = yield* Effect.flip(request("GET", "/"))
      assert.strictEqual(
        message,
        "GET /: no connection to 127.0.0.1:1, localhost:2 (ECONNREFUSED): nothing listens there"
      )
      const unknown = yield* client({ node: "https://nowhere.invalid" })
      const failure = yield* Effect.flip(unknown.request("GET", "/"))
      assert.match(failure.message, /^GET \/: no connection to nowhere\.invalid:443 \((?:ENOTFOUND|EAI_AGAIN)\)/)
    })
  )

  it.live("bounds an answer that never begins, and one that never ends", () =>
    Effect.gen(function* () {
      const silent = yield* farSide(() => {})
      const endless = yield* farSide((_, response) => {
        response.writeHead(200, json).write("[")
        const trickle = setInterval(() => response.write(" "), 20)
        response.on("close", () => clearInterval(trickle))
      })
      for (const [url, words] of [
        [silent, /127\.0\.0\.1:\d+ .*(?:in time|no whole answer)/],
        [endless, /127\.0\.0\.1:\d+ gave no whole answer within/]
      ] as const) {
        const { request } = yield* client({ node: url, timeout: "200 ms" })
        const failure = yield* Effect.flip(request("GET", "/x"))
        assert.strictEqual(failure._tag, "Unavailable")
        assert.match(failure.message, words)
      }
    })
  )

  it.live("lets go of the request when it is interrupted", () =>
    Effect.gen(function* () {
      let closed = () => {}
      let arrived = () => {}
      const gone = new Promise<void>((resolve) => (closed = resolve))
      const there = new Promise<void>((resolve) => (arrived = resolve))
      const url = yield* farSide((request) => {
        arrived()
        request.on("close", closed)
      })
      const { request } = yield* client({ node: url })
      const fiber = yield* Effect.forkChild(request("GET", "/x"))
      yield* Effect.promise(() => there)
      yield* Fiber.interrupt(fiber)
      yield* Effect.promise(() => gone)
    })
  )

  it.live("asks another node when one is down, hangs or is overloaded", () =>
    Effect.gen(function* () {
      let asked = 0
      const good = yield* farSide((_, response) => {
        asked += 1
        response.writeHead(200, json).end("{}")
      })
      const hanging = yield* farSide(() => {})
      const overloaded = yield* farSide((_, response) => response.writeHead(503, json).end("{}"))
      for (const bad of ["http://127.0.0.1:1", hanging, overloaded]) {
        const { request } = yield* client({ nodes: [bad, good], timeout: "1 s" })
        asked = 0
        for (let i = 0; i < 6; i++) assert.strictEqual((yield* request("GET", "/x")).status, 200)
        assert.strictEqual(asked, 6)
      }
    })
  )

  it.effect("refuses http that leaves this machine, and a file of TLS that is not there", () =>
    Effect.gen(function* () {
      const http = yield* Effect.flip(client({ node: "http://search.acme.example:9200" }))
      assert.match(http.message, /not https/)
      const file = yield* Effect.flip(client({ node: "https://localhost:1", tls: { ca: "no-such.pem" } }))
      assert.strictEqual(
        file.message,
        "tls.ca no-such.pem cannot be read (ENOENT). Name a PEM file that this user may read"
      )
      // A file that is there and is no PEM.
      const certificate = import.meta.filename
      const odd = yield* Effect.flip(client({ node: "https://localhost:1", tls: { certificate, key: certificate } }))
      assert.strictEqual(
        odd.message,
        "tls.certificate and tls.key cannot be used (ERR_OSSL_PEM_NO_START_LINE). " +
          "Name PEM files that belong together, the key without a passphrase"
      )
    })
  )

  it.effect("says that TLS is not spoken where it is expected", () =>
    Effect.gen(function* () {
      const url = yield* farSide((_, response) => response.end())
      const { request } = yield* client({ node: url.replace("http:", "https:") })
      const failure = yield* Effect.flip(request("GET", "/"))
      assert.strictEqual(failure._tag, "Denied")
      assert.match(failure.message, /no connection to 127\.0\.0\.1:\d+: it does not speak TLS there\. Check the port/)
    })
  )
})

describe("A write that no node would answer so", () => {
  it.effect.each([
    ["HTML of 200", 200, "text/html", "<html>Welcome</html>", /200 without items/],
    ["HTML of 404", 404, "text/html", "<html>", /no answer of OpenSearch \(status 404\)/],
    ["a redirect", 302, "text/html", "", /no answer of OpenSearch \(status 302\)/],
    ["HTML of a gateway", 502, "text/html", "<html>", /answered 502: no words/],
    ["fewer items", 200, "application/json", '{"errors":false,"items":[{"index":{"status":201}}]}', /1 items for 2/],
    [
      "items of another action",
      200,
      "application/json",
      '{"items":[{"create":{"status":201}},{}]}',
      /without a result/
    ],
    [
      "items without a status",
      200,
      "application/json",
      '{"errors":false,"items":[{"index":{}},{}]}',
      /without a result/
    ],
    ["JSON cut off", 200, "application/json", '{"errors":false,"items":[{"index":{"sta', /200 without items/],
    ["nothing", 200, "application/json", "", /200 without items/]
  ] as const)("is not stored: %s", ([, status, type, body, words]) =>
    Effect.gen(function* () {
      const url = yield* farSide((_, response) => response.writeHead(status, { "content-type": type }).end(body))
      const failure = yield* Effect.flip((yield* writer({ node: url }))([note("a", 1), note("b", 1)]))
      assert.strictEqual(failure._tag, "Unavailable")
      assert.match(failure.message, words)
    })
  )

  it.effect.each([
    [401, "Unauthorized", /credentials were refused \(401\).*Check auth/],
    [
      403,
      '{"error":{"type":"security_exception","reason":"no permissions for [indices:data/write/bulk]"}}',
      /Give the user/
    ]
  ] as const)("parks: %s", ([status, body, words]) =>
    Effect.gen(function* () {
      const url = yield* farSide((_, response) => response.writeHead(status, json).end(body))
      const failure = yield* Effect.flip((yield* writer({ node: url }))([note("a", 1)]))
      assert.strictEqual(failure._tag, "Denied")
      assert.match(failure.message, words)
    })
  )

  it.effect("keeps what was stored before the node went away, and sends the rest again", () =>
    Effect.gen(function* () {
      let requests = 0
      const url = yield* farSide((request, response) => {
        requests += 1
        if (requests > 1) request.socket.destroy()
        else response.writeHead(200, json).end('{"errors":false,"items":[{"index":{"status":201}}]}')
      })
      const write = yield* writer({ node: url })
      const answers = yield* write([
        note("a", 1, { raw: "x".repeat(900_000) }),
        note("b", 1, { raw: "x".repeat(900_000) })
      ])
      assert.deepStrictEqual(
        answers.map(({ _tag }) => _tag),
        ["stored", "later"]
      )
    })
  )
})

describe("Several real nodes behind one address after another", () => {
  it.live.each(nodes)("are written to while one of them drops every answer (line $line)", ({ url }) =>
    Effect.gen(function* () {
      // Takes the request, has the node carry it out, and cuts the connection: what became of it is unknown.
      const dropping = yield* farSide((request, response) => {
        void bodyOf(request)
          .then((body) => forward(url, request, body, Object.assign(response, { end: () => request.socket.destroy() })))
          .catch(() => request.socket.destroy())
      })
      const indexPrefix = yield* prefixAt(url)
      yield* open({ node: url, indexPrefix })
      const sink = yield* open({ nodes: [dropping, url], indexPrefix, setup: "manual" })
      for (let asof = 1; asof <= 6; asof++) {
        assert.deepStrictEqual(yield* sink.write([note("a", asof)]), [{ _tag: "stored" }])
      }
    })
  )
})
