import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { HttpClient, type HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { Http, RateBudget } from "@callstream/core"

/** A far side that gives these answers in turn, and remembers what it was asked. */
const farSide = (...answers: ReadonlyArray<() => Response>) => {
  const asked: Array<HttpClientRequest.HttpClientRequest> = []
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      const answer = answers[Math.min(asked.length, answers.length - 1)]
      asked.push(request)
      return HttpClientResponse.fromWeb(request, answer?.() ?? new Response(null, { status: 500 }))
    })
  )
  return { asked, layer: Layer.succeed(HttpClient.HttpClient, client) }
}

const budget = () => RateBudget.make({ perSecond: 100, concurrency: 4 })

const make = (options: Partial<Http.HttpOptions> = {}) =>
  Http.make({ source: "test", baseUrl: new URL("https://api.example.com/base/"), budget: budget(), ...options })

const rows: Http.HttpRequest = { path: "/rows", endpoint: "GET /rows", headers: { authorization: "Bearer secret" } }

describe("Http", () => {
  it.effect("asks below the base URL, and tells the vendor's clock", () => {
    const far = farSide(() => new Response("[]", { headers: { date: "Thu, 01 Jan 2026 00:00:00 GMT" } }))
    return Effect.gen(function* () {
      const http = yield* make()
      const answer = yield* http.ask({ ...rows, query: [["filter", "a==+1;b=ge=2"]] })
      assert.deepStrictEqual([Http.text(answer), answer.vendorNow], ["[]", Date.UTC(2026, 0, 1)])
      assert.strictEqual(far.asked[0]?.url, "https://api.example.com/base/rows")
    }).pipe(Effect.provide(far.layer))
  })

  const waits = [
    ["429 with seconds", 429, { "retry-after": "7" }, 7000],
    ["503 with a date", 503, { "retry-after": "Thu, 01 Jan 1970 00:00:09 GMT" }, 9000],
    ["429 with x-ratelimit-reset", 429, { "x-ratelimit-reset": "1800000000" }, 3_600_000],
    ["429 that says nothing", 429, {}, undefined]
  ] as const
  it.effect.each(waits)("reads how long to wait from a %s", ([, status, headers, waitMs]) => {
    const far = farSide(() => new Response("slow down", { status, headers }))
    return Effect.gen(function* () {
      const spent = budget()
      const http = yield* make({ budget: spent })
      const failure = yield* Effect.flip(http.ask(rows))
      assert.strictEqual(failure._tag === "Unavailable" ? failure.retryAfterMs : "no", waitMs)
      assert.strictEqual((yield* spent.status).pausedUntil, waitMs ?? 1000)
      assert.strictEqual((yield* spent.status).perSecond, 50)
    }).pipe(Effect.provide(far.layer))
  })

  it.effect("sends nothing while the far side asked for a pause", () => {
    const far = farSide(
      () => new Response("", { status: 429, headers: { "retry-after": "60" } }),
      () => new Response("[]")
    )
    return Effect.gen(function* () {
      const http = yield* make()
      yield* Effect.flip(http.ask(rows))
      yield* Effect.forkChild(http.ask(rows))
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(far.asked.length, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(far.asked.length, 2)
    }).pipe(Effect.provide(far.layer))
  })

  it.effect("never carries our headers to another host", () => {
    const elsewhere = () =>
      new Response(null, { status: 302, headers: { location: "https://bucket.example.net/x?X-Amz-Signature=1" } })
    const far = farSide(elsewhere, elsewhere, () => new Response("bytes"))
    return Effect.gen(function* () {
      const http = yield* make()
      const refused = yield* Effect.flip(http.ask(rows))
      assert.strictEqual(refused.message, "GET /rows: redirects to a place that credentials must not go to")
      const answer = yield* Effect.provide(http.ask({ ...rows, follow: true }), far.layer)
      assert.strictEqual(Http.text(answer), "bytes")
      assert.isUndefined(far.asked.at(-1)?.headers["authorization"])
    }).pipe(Effect.provide(far.layer))
  })

  it.effect("has no way to POST but to the paths that were announced", () => {
    const far = farSide(() => new Response("{}"))
    return Effect.gen(function* () {
      const http = yield* make({ posts: ["/token"] })
      yield* http.ask({ path: "/token", endpoint: "POST /token", body: { form: { a: "b" } } })
      const exit = yield* Effect.exit(http.ask({ path: "/bulk", endpoint: "POST /bulk", body: { json: [] } }))
      assert.strictEqual(exit._tag, "Failure")
      assert.deepStrictEqual(
        far.asked.map(({ method }) => method),
        ["POST"]
      )
    }).pipe(Effect.provide(far.layer))
  })

  const large = [
    ["says so", () => new Response("x".repeat(100), { headers: { "content-length": "100" } })],
    ["does not say so", () => new Response("x".repeat(100))]
  ] as const
  it.effect.each(large)("reads no more than was asked for when a large answer %s", ([, answer]) =>
    Effect.gen(function* () {
      const http = yield* make()
      const failure = yield* Effect.flip(http.ask({ ...rows, maxBytes: 50 }))
      assert.strictEqual(failure.message, "GET /rows: answered with more than 50 bytes")
    }).pipe(Effect.provide(farSide(answer).layer))
  )

  it.effect("says what came instead of JSON", () =>
    Effect.gen(function* () {
      const answer = yield* (yield* make()).ask(rows)
      const failure = yield* Effect.flip(Http.json(answer, "GET /rows"))
      assert.strictEqual(failure.message, "GET /rows: answered with something that is not JSON (text/html, 13 bytes)")
    }).pipe(
      Effect.provide(farSide(() => new Response("<html></html>", { headers: { "content-type": "text/html" } })).layer)
    )
  )

  it.effect("reads JSON behind a byte order mark", () =>
    Effect.gen(function* () {
      const answer = { status: 200, headers: {}, body: Buffer.from('\uFEFF{"rows":[]}') }
      assert.deepStrictEqual(yield* Http.json(answer, "GET /rows"), { rows: [] })
    })
  )

  const types = [
    [undefined, "no content type"],
    ["text/html; charset=utf-8", "text/html"],
    [`text/html; from="https://example.com/?token=${"x".repeat(9000)}"`, "text/html"],
    ["x".repeat(9000), "an odd content type"]
  ] as const
  it.effect.each(types)("tells no more of the content type %.20s than its name", ([given, told]) =>
    Effect.gen(function* () {
      const headers = given === undefined ? {} : { "content-type": given }
      const failure = yield* Effect.flip(Http.json({ status: 200, headers, body: Buffer.from("<") }, "GET /rows"))
      assert.strictEqual(failure.message, `GET /rows: answered with something that is not JSON (${told}, 1 bytes)`)
    })
  )

  it.effect("keeps our credentials out of a refusal that repeats them", () => {
    const far = farSide(
      () => new Response("\u{1F512} you sent Bearer secret and key-1234 as text/plain", { status: 418 })
    )
    return Effect.gen(function* () {
      const http = yield* make()
      const headers = { authorization: "Bearer secret", "8x8-apikey": "key-1234", accept: "text/plain" }
      const answer = yield* http.ask({ ...rows, headers })
      const failure = Http.unexpected(answer, rows.endpoint, { remedy: "None", scope: "source" })
      assert.strictEqual(
        failure._tag === "BadAnswer" && failure.raw,
        "\u{1F512} you sent Bearer *** and *** as text/plain"
      )
    }).pipe(Effect.provide(far.layer))
  })

  it.effect("gives up on an answer that takes too long", () =>
    Effect.gen(function* () {
      const http = yield* make()
      const fiber = yield* Effect.forkChild(Effect.flip(http.ask(rows)))
      yield* TestClock.adjust("60 seconds")
      const failure = yield* Fiber.join(fiber)
      assert.strictEqual(failure.message, "GET /rows: gave no answer within 1m")
    }).pipe(
      Effect.provide(
        Layer.succeed(
          HttpClient.HttpClient,
          HttpClient.make(() => Effect.never)
        )
      )
    )
  )
})

describe("baseUrl", () => {
  it.effect("is https, or on this machine, or allowed by name", () =>
    Effect.gen(function* () {
      for (const fine of ["https://api.8x8.com", "http://127.0.0.1:8080", "http://localhost/x", "http://[::1]:1"]) {
        assert.strictEqual((yield* Http.baseUrl(fine, false)).href.startsWith(fine), true)
      }
      assert.strictEqual((yield* Http.baseUrl("http://proxy.example", true)).host, "proxy.example")
      const clear = yield* Effect.flip(Http.baseUrl("http://api.8x8.com", false))
      assert.include(clear.message, "credentials would travel in clear text")
      const none = yield* Effect.flip(Http.baseUrl("ftp://api.8x8.com", false))
      assert.include(none.message, "no http(s) URL")
    })
  )

  it.effect("sends what is on its closed list, and nothing else", () => {
    const far = farSide(() => new Response("[]"))
    const requests = ["GET /objects", "GET /objects/{id}/content", "POST /zip/start", "POST /zip/cancel/{name}"]
    return Effect.gen(function* () {
      const http = yield* make({ requests })
      const sent = (path: string, body?: Http.HttpRequest["body"]) =>
        http.ask({ path, endpoint: path, ...(body === undefined ? {} : { body }) }).pipe(
          Effect.as(true),
          Effect.catchDefect(() => Effect.succeed(false)),
          Effect.orDie
        )
      const json = { json: [] }
      const may = [
        yield* sent("/objects"),
        yield* sent("/objects/a%2Fb/content"),
        yield* sent("/zip/start", json),
        yield* sent("/zip/cancel/mine", json)
      ]
      assert.deepStrictEqual(may, [true, true, true, true])
      const mayNot = [
        yield* sent("/objects/a"),
        yield* sent("/objects/../content"),
        yield* sent("/objects/%2e%2E/content"),
        yield* sent("/objects/a/content/more"),
        yield* sent("/objects/a/content", json),
        yield* sent("/objects", json),
        yield* sent("/zip/start"),
        yield* sent("/zip/clear", json)
      ]
      assert.notInclude(mayNot, true)
      assert.lengthOf(far.asked, 4)
    }).pipe(Effect.provide(far.layer))
  })

  it.effect("hands a body on as it comes, from where it is asked for, and keeps our headers to ourselves", () => {
    const far = farSide(() => new Response("cdef", { status: 206 }))
    return Effect.gen(function* () {
      const spent = budget()
      const http = yield* make({ budget: spent })
      const link = new URL("https://bucket.example.net/x?X-Amz-Signature=1")
      let pieces = 0
      const moving = () => void (pieces += 1)
      const receiving = http.receive({ ...rows, link, fromByte: 2 }, ({ status }, body) =>
        Effect.gen(function* () {
          // A long body takes nothing from the requests of others.
          assert.strictEqual((yield* spent.status).inFlight, 0)
          return [status, yield* Stream.mkString(Stream.decodeText(body))]
        })
      )
      assert.deepStrictEqual(yield* Effect.provideService(receiving, Http.Moving, moving), [206, "cdef"])
      assert.isAbove(pieces, 0)
      const [asked] = far.asked
      assert.deepStrictEqual(
        [asked?.url, asked?.headers["range"], asked?.headers["authorization"]],
        [link.href, "bytes=2-", undefined]
      )
    }).pipe(Effect.provide(far.layer))
  })
})
