import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { HttpClient, type HttpClientRequest, HttpClientResponse } from "effect/http"
import { RateBudget, type Source } from "@callstream/core"
import { run, walk, walkAll } from "@callstream/testkit"
import { check, open, sandbox, settingsFor } from "./Harness.ts"

const east: Source.Partition = { name: "us-east", uri: "8x8/storage/us-east" }
const west: Source.Partition = { name: "us-west", uri: "8x8/storage/us-west" }

describe("the login", () => {
  it.live("is one for all requests, and asks as documented", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const stream = yield* open(settingsFor(vendor))
      yield* Effect.all([walkAll(stream), walkAll(stream)], { concurrency: 2 })
      const logins = vendor.requests().filter(({ method }) => method === "POST")
      assert.deepStrictEqual(
        logins.map(({ body, path }) => [path, body]),
        [["/oauth/v2/token", "grant_type=client_credentials"]]
      )
    }).pipe(run)
  )

  it.live("is renewed once for a token that expired in the middle of a walk", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      vendor.faults.add({ kind: "expire-token", match: { pathIncludes: "/objects" }, skip: 1, times: 1 })
      const { rows } = yield* walk(yield* open(settingsFor(vendor)), east)
      const objects = vendor.records("storage/objects").filter(({ partition }) => partition === "us-east")
      assert.isAtLeast(rows.length, objects.length)
      assert.lengthOf(
        vendor.requests().filter(({ method }) => method === "POST"),
        2
      )
    }).pipe(run)
  )

  it.live("that stays refused parks the source, and tells no secret", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      vendor.faults.add({ kind: "expire-token", match: { pathIncludes: "/objects" } })
      const failure = yield* Effect.flip(walk(yield* open(settingsFor(vendor)), east))
      assert.include(failure, { _tag: "Denied", scope: "source" })
      const wrong = { ...settingsFor(vendor), clientSecret: "of-yesterday" }
      const refused = yield* Effect.flip(walkAll(yield* open(wrong)))
      assert.include(refused, { _tag: "Denied", scope: "source" })
      assert.include(refused.message, "refused our credentials (401). Check clientId and clientSecret")
      assert.notInclude(JSON.stringify(refused), "of-yesterday")
    }).pipe(run)
  )
})

/** A far side that gives tokens, and these answers to all else, in turn. */
const farSide = (expiresIn: unknown, ...answers: ReadonlyArray<unknown>) => {
  const asked: Array<HttpClientRequest.HttpClientRequest> = []
  let logins = 0
  const client = HttpClient.make((request) =>
    Effect.sync(() => {
      const login = request.url.endsWith("/oauth/v2/token")
      const issued = { access_token: `token-${++logins}`, expires_in: expiresIn, issued_at: "1793491200000" }
      if (login) return HttpClientResponse.fromWeb(request, Response.json(issued))
      logins -= 1
      const answer = answers[Math.min(asked.length, answers.length - 1)]
      asked.push(request)
      return HttpClientResponse.fromWeb(request, answer instanceof Response ? answer : Response.json(answer))
    })
  )
  const services = Layer.merge(Layer.succeed(HttpClient.HttpClient, client), RateBudget.RateBudgets.layer)
  return { asked, provide: Effect.provide(services) }
}

const settings = { clientId: "key", clientSecret: "secret", baseUrl: "https://api.example.com", since: "2020-01-01" }

const object = (id: string, updatedTime: unknown) => ({ id, type: "waveform", objectState: "AVAILABLE", updatedTime })

const outcomeOf = (...answers: ReadonlyArray<unknown>) => {
  const far = farSide("1799", ...answers)
  return open(settings).pipe(
    Effect.flatMap((stream) => walk(stream, east)),
    Effect.match({
      onFailure: ({ _tag: kind, message }) => ({ failure: `${kind}: ${message}`, asked: far.asked.length }),
      onSuccess: ({ rows }) => ({ rows: rows.length, asked: far.asked.length })
    }),
    Effect.scoped,
    far.provide
  )
}

describe("an answer", () => {
  const page = { content: [object("a", "2026-01-01T00:00:00")], lastPage: true, pageKey: 100, pageSize: 1 }

  it.effect("ends the walk by lastPage, or by being empty, and by nothing else", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* outcomeOf(page), { rows: 1, asked: 1 })
      const more = { ...page, lastPage: false }
      const other = { ...page, content: [object("b", "2026-01-01T00:00:05")] }
      assert.deepStrictEqual(yield* outcomeOf(more, other), { rows: 2, asked: 2 })
      assert.deepStrictEqual(yield* outcomeOf(more, { content: [] }), { rows: 1, asked: 2 })
      assert.deepStrictEqual(yield* outcomeOf(more, { content: null }), { rows: 1, asked: 2 })
    })
  )

  it.effect("whose objects are not in order, or not those asked for, cannot be walked", () =>
    Effect.gen(function* () {
      const mixed = [object("a", "2026-01-01T00:00:05"), object("b", "2026-01-01T00:00:00")]
      const reason =
        "BadAnswer: GET /storage/{region}/v3/objects: does not give objects from the time that was asked for, in the " +
        "order of updatedTime"
      assert.deepStrictEqual(yield* outcomeOf({ ...page, content: mixed }), { failure: reason, asked: 1 })
      const early = { ...page, content: [object("a", "2019-01-01T00:00:00")] }
      assert.deepStrictEqual(yield* outcomeOf(early), { failure: reason, asked: 1 })
    })
  )

  it.effect("that is no page is bad, also where its status is 200", () =>
    Effect.gen(function* () {
      const endpoint = "BadAnswer: GET /storage/{region}/v3/objects"
      assert.deepStrictEqual(yield* outcomeOf(new Response("<html>", { headers: { "content-type": "text/html" } })), {
        failure: `${endpoint}: answered with something that is not JSON (text/html, 6 bytes)`,
        asked: 1
      })
      assert.deepStrictEqual(yield* outcomeOf({ content: "none" }), {
        failure: `${endpoint}: answered with JSON that is no page of objects`,
        asked: 1
      })
      assert.deepStrictEqual(yield* outcomeOf(Response.json({ message: "Invalid filter" }, { status: 400 })), {
        failure: `${endpoint}: answered with status 400`,
        asked: 1
      })
    })
  )

  it.effect("with rows that are none gives the others, and a dead letter for each", () =>
    Effect.gen(function* () {
      const far = farSide("1799", { ...page, content: [{ type: "x" }, ...page.content, null, object("c", 7)] })
      const { rows } = yield* open(settings).pipe(
        Effect.flatMap((stream) => walk(stream, east)),
        Effect.scoped,
        far.provide
      )
      assert.deepStrictEqual(
        rows.map((row) => ("unreadable" in row ? row.unreadable : row.subject)),
        ["id is missing or not as documented", "a", "the row is not an object", "c"]
      )
    })
  )

  it.effect.each(["1799", 1799, undefined])("with a token for %s seconds is used again", (expiresIn) =>
    Effect.gen(function* () {
      const far = farSide(expiresIn, page)
      yield* Effect.gen(function* () {
        const stream = yield* open(settings)
        const fibers = yield* Effect.forEach([east, west, east], (partition) =>
          Effect.forkChild(walk(stream, partition))
        )
        yield* Effect.forEach(fibers, Fiber.join)
      }).pipe(Effect.scoped, far.provide)
      assert.deepStrictEqual(
        far.asked.map(({ headers }) => headers["authorization"]),
        ["Bearer token-1", "Bearer token-1", "Bearer token-1"]
      )
    })
  )
})

describe("regions", () => {
  it.live("are found by asking, and one that fails does not concern the others", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const stream = yield* open(settingsFor(vendor))
      const partitions = yield* stream.partitions
      assert.deepStrictEqual(partitions, [
        { name: "us-east", uri: "8x8/storage/us-east" },
        { name: "uk", uri: "8x8/storage/uk" }
      ])
      vendor.faults.add({ kind: "500", match: { pathIncludes: "/us-east/" } })
      const [failed, read] = yield* Effect.forEach(partitions, (partition) =>
        Effect.match(walk(stream, partition), {
          onFailure: ({ _tag: kind }): unknown => kind,
          onSuccess: ({ rows }) => rows.length > 0
        })
      )
      assert.deepStrictEqual([failed, read], ["Unavailable", true])
    }).pipe(run)
  )

  it.live.each([403, 404] as const)("that the account does not have (%i) park alone", (regionError) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs: { regionError } })
      const failure = yield* Effect.flip(walk(yield* open(settingsFor(vendor)), west))
      assert.include(failure, { _tag: "Denied", scope: "partition" })
      assert.include(failure.message, "Check that us-west is a region of the account")
    }).pipe(run)
  )
})

describe("check", () => {
  it.live("proves the key in one request per region, and two for its contents", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const lines = yield* check({ ...settingsFor(vendor), regions: ["us-east", "us-west"] })
      assert.deepStrictEqual(
        lines.map(({ ok, subject }) => [subject, ok]),
        [
          ["objects in us-east", true],
          ["contents in us-east", true],
          ["objects in us-west", false]
        ]
      )
      assert.include(lines[2]?.detail, "is not there (404). Check that us-west is a region of the account")
      assert.lengthOf(
        vendor.requests().filter(({ method }) => method === "GET"),
        4
      )
    }).pipe(run)
  )

  it.live("says what is missing when the key is refused", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const lines = yield* check({ ...settingsFor(vendor), clientSecret: "wrong" })
      assert.lengthOf(lines, 1)
      assert.include(lines[0], { subject: "objects", ok: false })
      assert.include(lines[0]?.detail, "an API key with the Cloud Storage API, made in 8x8 Admin Console")
    }).pipe(run)
  )
})
