import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { HttpClient, type HttpClientRequest, HttpClientResponse } from "effect/http"
import type { Sandbox } from "@callstream/sandbox"
import { Credentials, RateBudget } from "@callstream/core"
import { eventTypes } from "@callstream/model"
import { plugin } from "@callstream/source-recordings"
import {
  day,
  decodeSettings,
  fetchPending,
  fieldsOf,
  isRecord,
  openStreams,
  run,
  validated,
  walkOnly
} from "@callstream/testkit"
import * as Api from "../src/Api.ts"
import { check, fetchAll, open, sandbox, settingsFor } from "./Harness.ts"

const pathsOf = (vendor: Sandbox) => vendor.requests().map(({ method, path }) => `${method} ${path}`)

describe("a list", () => {
  it("is asked for in whole minutes of UTC, not fewer than were wanted", () => {
    const window = { from: Date.UTC(2007, 7, 5, 13, 15, 59), to: Date.UTC(2007, 7, 7, 14, 30, 0, 1) }
    assert.strictEqual(Api.rangeOf(window), "20070805T1315Z,20070807T1431Z")
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

describe("check and streams", () => {
  it.live("say for each list what is wrong with it, and who mends it", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs: { recordingsFamily: "older" } })
      const [files, transcripts] = yield* check(settingsFor(vendor))
      assert.deepStrictEqual([files?.ok, transcripts?.ok], [true, false])
      assert.match(transcripts?.detail ?? "", /is not there \(404\)\. Check baseUrl .* may have no transcripts$/)
      const refused = yield* check({ ...settingsFor(vendor), token: "of-yesterday" })
      for (const { detail, ok } of refused) {
        assert.isFalse(ok)
        assert.match(detail, /Configuration Manager under Integration, API Token/)
      }
    }).pipe(run)
  )

  it.live("are only of lists that somebody takes", () =>
    Effect.gen(function* () {
      const names = (...types: ReadonlyArray<{ readonly type: string }>) =>
        Effect.map(openStreams(plugin, settings, new Set(types.map(({ type }) => type))), (streams) =>
          streams.map(({ name }) => name)
        )
      assert.deepStrictEqual(yield* names(eventTypes.recording), ["files"])
      assert.deepStrictEqual(yield* names(eventTypes.chat), ["transcripts"])
      assert.deepStrictEqual(yield* names(eventTypes.chat, eventTypes.recording), ["files", "transcripts"])
    }).pipe(run)
  )

  it.live("ask for what the filters say, in the vendor's own words", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const filters = { files: { channel: "#virtual_outbound#" }, transcripts: { metaData_fieldName: "opi" } }
      const files = yield* walkOnly(yield* open({ ...settingsFor(vendor), filters }, "files"))
      const outbound = vendor
        .records("recordings/files", { rows: true })
        .filter((truth) => fieldsOf(truth)["channel"] === "#virtual_outbound#")
      assert.isAbove(outbound.length, 5)
      assert.lengthOf(files.rows, outbound.length)
      yield* walkOnly(yield* open({ ...settingsFor(vendor), filters }, "transcripts"))
      assert.match(pathsOf(vendor)[0] ?? "", /&tz=UTC&channel=%23virtual_outbound%23&n=1$/)
      assert.match(pathsOf(vendor).at(-1) ?? "", /&tz=UTC&metaData_fieldName=opi&n=1$/)
      const unknown = yield* Effect.exit(
        open({ ...settingsFor(vendor), filters: { files: { AgentID: "bill" } } }, "files")
      )
      assert.strictEqual(unknown._tag, "Failure")
    }).pipe(run)
  )

  it.live("read a token again that was exchanged in its file, and go on with that", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const config = yield* decodeSettings(plugin.Config, settingsFor(vendor))
      const file = { token: vendor.credentials.recordings.token }
      Credentials.from(config, "token", () => file.token)
      const api = yield* Api.make(config, "recordings")
      const ask = api.list("file", { from: 0, to: 60_000 }, 1)
      yield* ask
      vendor.setKnobs({ recordingsToken: "of-tomorrow" })
      const refused = yield* Effect.flip(ask)
      assert.include(refused, { _tag: "Denied" })
      file.token = "of-tomorrow"
      vendor.clearRequests()
      yield* ask
      yield* ask
      assert.deepStrictEqual(
        vendor.requests().map(({ status }) => status),
        [401, 200, 200]
      )
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
      // Long after the last of them ended.
      const vendor = yield* sandbox({ calls: 20, clock: () => Date.UTC(2026, 10, 20, 14) })
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

describe("a chat's messages", () => {
  const pendingOf = Effect.fnUntraced(function* (vendor: Sandbox) {
    const stream = yield* open(settingsFor(vendor), "transcripts")
    return yield* fetchPending(stream, yield* walkOnly(stream))
  })

  it.live("that are not there yet are waited for", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 0, knobs: { delay: 0 } })
      vendor.company.addChat()
      vendor.faults.add({ kind: "status", status: 404, match: { pathIncludes: "/transcripts/" } })
      assert.deepStrictEqual(yield* pendingOf(vendor), [
        { later: "the chat has just ended, and its messages are not there yet" }
      ])
    }).pipe(run)
  )

  it.live("that make no sense are kept as they came, and the chat goes without", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 0, knobs: { delay: 0 } })
      vendor.company.addChat()
      const body = "<transcript><startDate>x</other></transcript>"
      vendor.faults.add({ kind: "status", status: 200, body, match: { pathIncludes: "/transcripts/" } })
      const [fetched] = yield* pendingOf(vendor)
      const [chat, broken] = fetched !== undefined && "records" in fetched ? fetched.records : []
      assert.include(broken, { unreadable: "the row is XML that cannot be read", raw: body })
      assert.isTrue(chat !== undefined && isRecord(chat))
    }).pipe(run)
  )

  it.live("are those of its own transaction, where a chat was passed on", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 0, knobs: { delay: 0 } })
      vendor.company.addChat()
      const [truth] = vendor.records("recordings/transcripts", { rows: true })
      const transaction = truth?.key.split("|")[1]
      const one = (id: string | undefined, text: string) =>
        `<transcript><interactionGUID>g</interactionGUID><transactionID>${id}</transactionID>` +
        `<messages><message><originalMessage>${text}</originalMessage></message></messages></transcript>`
      const body = `<recordings>${one("other", "no")}${one(transaction, "yes")}</recordings>`
      vendor.faults.add({ kind: "status", status: 200, body, match: { pathIncludes: "/transcripts/" } })
      const [record] = yield* fetchAll(yield* open(settingsFor(vendor), "transcripts"))
      assert.deepStrictEqual(record && validated(record)["messages"], [{ text: "yes" }])
    }).pipe(run)
  )
})

describe("this source", () => {
  it.effect("has a closed list of requests, which are all it needs and change nothing", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        Api.requests.map((request) =>
          request.replace(/^(GET) \/(files|transcripts)(\/\{interactionGUID\})?\.(xml|csv|json)$/, "")
        ),
        Api.requests.map(() => "")
      )
      for (const path of ["/files/S20071220/R200712200316361000.wav", "/files/x", "/transcripts", "/transcripts/a/b"]) {
        assert.notInclude(Api.requests, `GET ${path}`)
      }
    })
  )

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
