import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { HttpClient, type HttpClientRequest, HttpClientResponse } from "effect/http"
import type { Sandbox } from "@callstream/sandbox"
import { RateBudget } from "@callstream/core"
import { day, isRecord, run, validated, walkOnly } from "@callstream/testkit"
import { rangeOf } from "../src/Api.ts"
import { check, fetchAll, open, sandbox, settingsFor } from "./Harness.ts"

const pathsOf = (vendor: Sandbox) => vendor.requests().map(({ method, path }) => `${method} ${path}`)

describe("a list", () => {
  it("is asked for in whole minutes of UTC, not fewer than were wanted", () => {
    const window = { from: Date.UTC(2007, 7, 5, 13, 15, 59), to: Date.UTC(2007, 7, 7, 14, 30, 0, 1) }
    assert.strictEqual(rangeOf(window), "20070805T1315Z,20070807T1431Z")
  })

  it.live("is asked for in these words, each page from the last row of the one before", () =>
    Effect.gen(function* () {
      const now = Date.UTC(2026, 10, 1)
      const vendor = yield* sandbox({ now, clock: () => now })
      const window = { from: now - 3 * day, to: now }
      yield* walkOnly(yield* open({ ...settingsFor(vendor), format: "json" }, "files"), window)
      const range = "d=20261029T0000Z%2C20261101T0000Z&tz=UTC"
      assert.deepStrictEqual(pathsOf(vendor).slice(0, 3), [
        `GET /api/recordings/files.json?${range}&n=1`,
        `GET /api/recordings/files.json?${range}&n=50`,
        `GET /api/recordings/files.json?${range}&n=99`
      ])
    }).pipe(run)
  )

  it.live.each(["insert", "remove"] as const)("that moves between two pages (%s) is noticed", (shift) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const stream = yield* open(settingsFor(vendor), "files")
      vendor.faults.add({ kind: "shift-page", shift, match: { api: "recordings" }, skip: 1, times: 1 })
      assert.include(yield* Effect.flip(walkOnly(stream)), { _tag: "SetMoved" })
    }).pipe(run)
  )

  it.live("whose pages are all the same one is a bad answer", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs: { recordingsIgnoresN: true } })
      const failure = yield* Effect.flip(walkOnly(yield* open(settingsFor(vendor), "files")))
      assert.include(failure, { _tag: "BadAnswer" })
      assert.strictEqual(failure.message, "GET /files: gave the same page again for n=50")
    }).pipe(run)
  )
})

/** A far side with so many rows, in pages of 50. */
const farSide = (count: number) => {
  const asked: Array<HttpClientRequest.HttpClientRequest> = []
  const all = Array.from({ length: count }, (_, i) => ({ startDate: "2026-01-01T00:00:00Z", transactionID: String(i) }))
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      asked.push(request)
      const n = Number(url.searchParams.get("n"))
      const page = { recordings: { file: all.slice(n - 1, n + 49) } }
      return HttpClientResponse.fromWeb(request, Response.json(page))
    })
  )
  const services = Layer.merge(Layer.succeed(HttpClient.HttpClient, client), RateBudget.RateBudgets.layer)
  return { asked, provide: Effect.provide(services) }
}

const settings = { baseUrl: "https://vcc-na4.example.com/api/recordings", tenant: "acme", token: "secret" }

describe("a walk", () => {
  it.effect.each([
    [0, 1],
    [1, 1],
    [49, 1],
    [50, 2],
    [51, 2],
    [98, 2],
    [99, 3],
    [100, 3],
    [148, 4]
  ] as const)("over %i rows takes %i requests and gives each row once", ([count, requests]) =>
    Effect.gen(function* () {
      const far = farSide(count)
      const { rows } = yield* open(
        { ...settings, format: "json", rate: { perSecond: 100, concurrency: 1 } },
        "files"
      ).pipe(
        Effect.flatMap((stream) => walkOnly(stream)),
        Effect.scoped,
        far.provide
      )
      assert.deepStrictEqual(
        [rows.length, new Set(rows.map((row) => isRecord(row) && row.subject)).size],
        [count, count]
      )
      assert.lengthOf(far.asked, requests)
    })
  )
})

describe("a refusal", () => {
  it.live.each([401, 403] as const)(
    "of our credentials (%i) parks the source, and tells no secret",
    (recordingsLogin) =>
      Effect.gen(function* () {
        const vendor = yield* sandbox({ knobs: { recordingsLogin } })
        const stream = yield* open({ ...settingsFor(vendor), token: "of-yesterday" }, "files")
        const failure = yield* Effect.flip(walkOnly(stream))
        assert.include(failure, { _tag: "Denied", scope: "source" })
        assert.include(failure.message, `refused our credentials (${recordingsLogin}). Check tenant, token and baseUrl`)
        assert.notInclude(JSON.stringify(failure), "of-yesterday")
      }).pipe(run)
  )

  it.live("by a login page with status 200 parks the source", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      vendor.faults.add({ kind: "html" })
      for (const format of ["xml", "csv", "json"]) {
        const failure = yield* Effect.flip(walkOnly(yield* open({ ...settingsFor(vendor), format }, "files")))
        assert.include(failure, { _tag: "Denied", scope: "source" })
        assert.include(failure.message, "answered with a web page instead of data")
      }
    }).pipe(run)
  )

  it.live("of a path says that baseUrl is wrong", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const baseUrl = `${vendor.baseUrls.recordings}/nowhere`
      const failure = yield* Effect.flip(walkOnly(yield* open({ ...settingsFor(vendor), baseUrl }, "files")))
      assert.include(failure.message, "is not there (404). Check baseUrl of this source: it ends in /api/recordings")
    }).pipe(run)
  )

  it.live("by an overloaded server is waited out", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      vendor.faults.add({ kind: "503", retryAfter: 7 })
      const failure = yield* Effect.flip(walkOnly(yield* open(settingsFor(vendor), "files")))
      assert.include(failure, { _tag: "Unavailable", retryAfterMs: 7000 })
    }).pipe(run)
  )

  it.live.each(["xml", "json"])("that was cut off in the middle is none, as %s", (format) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      vendor.faults.add({ kind: "truncate" })
      const failure = yield* Effect.flip(walkOnly(yield* open({ ...settingsFor(vendor), format }, "files")))
      assert.include(failure, { _tag: "BadAnswer" })
    }).pipe(run)
  )
})

describe("check", () => {
  it.live("proves both streams in one request each", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const lines = yield* check(settingsFor(vendor))
      assert.deepStrictEqual(
        lines.map(({ ok, subject }) => [subject, ok]),
        [
          ["files", true],
          ["transcripts", true]
        ]
      )
      assert.match(lines[0]?.detail ?? "", /^tenant acmecorp01 has (\d+|50 or more) files in the last 24 hours$/)
      assert.lengthOf(vendor.requests(), 2)
    }).pipe(run)
  )
})

describe("a chat", () => {
  it.live("is announced again only when its row has changed", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 20 })
      const stream = yield* open(settingsFor(vendor), "transcripts")
      const tokens = Effect.map(walkOnly(stream), ({ rows }) =>
        rows.map((row) => (isRecord(row) && row.announces === true ? row.pending?.token : undefined))
      )
      const first = yield* tokens
      assert.isTrue(first.length > 0 && first.every((token) => token !== undefined))
      assert.deepStrictEqual(yield* tokens, first)
    }).pipe(run)
  )

  it.live("whose messages are gone is still one, with a warning", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 20 })
      vendor.faults.add({ kind: "status", status: 404, match: { pathIncludes: "/transcripts/" } })
      const records = yield* fetchAll(yield* open(settingsFor(vendor), "transcripts"))
      assert.isNotEmpty(records)
      for (const record of records) {
        const data = validated(record)
        assert.deepStrictEqual(data["warnings"], ["messages are not there any more"])
        assert.notProperty(data, "messages")
      }
    }).pipe(run)
  )
})

describe("this source", () => {
  it.live("never asks for what could delete, whatever it reads", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 20, knobs: { transcriptsPerTransaction: true } })
      yield* walkOnly(yield* open(settingsFor(vendor), "files"))
      yield* fetchAll(yield* open(settingsFor(vendor), "transcripts"))
      assert.deepStrictEqual(vendor.forbidden(), [])
      assert.isTrue(vendor.requests().every(({ method }) => method === "GET"))
    }).pipe(run)
  )

  const guids = Schema.Union([
    Schema.String.check(Schema.isPattern(/\S/)),
    Schema.Literals([
      ".",
      "..",
      "../files/S1/R1.wav",
      "..%2ffiles%2fS1%2fR1",
      "%2e%2e/files/a/b",
      "\\..\\files\\a\\b",
      "a?b#c"
    ])
  ])

  it.effect.prop("asks for one transcript and nothing else, whatever a GUID may be", [guids], ([guid]) => {
    const asked: Array<string> = []
    const client = HttpClient.make((request, url) =>
      Effect.sync(() => {
        asked.push(`${request.method} ${url.pathname}`)
        const transcript = { startDate: "2026-01-01T00:00:00Z", transactionID: "1", interactionGUID: guid }
        return HttpClientResponse.fromWeb(request, Response.json({ recordings: { transcript } }))
      })
    )
    const services = Layer.merge(Layer.succeed(HttpClient.HttpClient, client), RateBudget.RateBudgets.layer)
    return Effect.gen(function* () {
      yield* fetchAll(
        yield* open({ ...settings, format: "json", rate: { perSecond: 100, concurrency: 1 } }, "transcripts")
      )
      assert.lengthOf(asked, 2)
      assert.strictEqual(asked[0], "GET /api/recordings/transcripts.json")
      assert.match(asked[1] ?? "", /^GET \/api\/recordings\/transcripts\/[^/]+\.json$/)
    }).pipe(Effect.scoped, Effect.provide(services))
  })
})
