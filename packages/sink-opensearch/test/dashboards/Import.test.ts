import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, type Scope } from "effect"
import { eventTypes } from "@callstream/model"
import { farSide } from "@callstream/testkit"
import { bringObjects } from "../../src/dashboards/Import.ts"
import { settings } from "../support/Place.ts"
import { complaintsAbout } from "./Validator.ts"

interface Answer {
  readonly status: number
  readonly body: string
}

const json = (status: number, body: unknown): Answer => ({ status, body: JSON.stringify(body) })

/**
 * The import of OpenSearch Dashboards, as its source has it (read at 3.6.0): what is refused, and with which answer. `fault`
 * stands for what else it may answer to a good request.
 */
const importing = (url: URL, headers: NodeJS.Dict<string | ReadonlyArray<string>>, body: string): Answer => {
  if (url.pathname !== "/base/api/saved_objects/_import") return json(404, { statusCode: 404, message: "Not Found" })
  if (headers["osd-xsrf"] === undefined) return json(400, { message: "Request must contain a osd-xsrf header." })
  const [, boundary] = /^multipart\/form-data; boundary=(.+)$/u.exec(String(headers["content-type"])) ?? []
  const parts = body.split(`--${boundary}`)
  const [head = "", file = ""] = (parts[1] ?? "").split("\r\n\r\n")
  if (parts.length !== 3 || parts[2] !== "--\r\n") return json(400, { message: "Unexpected end of multipart data" })
  if (!/ name="file"; filename="[^"]+\.ndjson"/u.test(head)) return json(400, { message: "Invalid file extension" })
  const complaints = complaintsAbout(file.replace(/\r\n$/u, ""))
  if (complaints.length > 0) return json(400, { message: complaints[0] })
  if (url.searchParams.get("overwrite") !== "true")
    return json(200, { success: false, errors: [{ error: { type: "conflict" } }] })
  return json(200, { success: true, successCount: file.split("\n").length - 1 })
}

/** A Dashboards; `fault` answers instead of it. */
const dashboards = (fault?: Answer): Effect.Effect<{ url: string; asked: Array<string> }, never, Scope.Scope> => {
  const asked: Array<string> = []
  const url = farSide((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? "nobody"}`)
      const body = Buffer.concat(chunks).toString("utf8")
      const answer = fault ?? importing(new URL(request.url ?? "", "http://localhost"), request.headers, body)
      const type = answer.body.startsWith("<") ? "text/html" : "application/json"
      response.writeHead(answer.status, { "content-type": type }).end(answer.body)
    })
  })
  return Effect.map(url, (url) => ({ url: `${url}/base`, asked }))
}

const bring = (url: string, dryRun = false) =>
  Effect.scoped(
    bringObjects(
      {
        ...settings({ node: "http://127.0.0.1:9", dashboards: { url } }),
        auth: { type: "basic", username: "anna", password: Redacted.make("secret") }
      },
      { directory: "/", types: [eventTypes.note] },
      { dryRun }
    )
  )

describe("the import into OpenSearch Dashboards", () => {
  it.live("sends a file that Dashboards takes, once, over objects of the same ids", () =>
    Effect.gen(function* () {
      const { asked, url } = yield* dashboards()
      assert.deepStrictEqual(yield* bring(url), ["Imported 4 saved objects into OpenSearch Dashboards."])
      const basic = `Basic ${Buffer.from("anna:secret").toString("base64")}`
      assert.deepStrictEqual(asked, [`POST /base/api/saved_objects/_import?overwrite=true ${basic}`])
    })
  )

  it.live("only says what it would do", () =>
    Effect.gen(function* () {
      const { asked, url } = yield* dashboards()
      assert.deepStrictEqual(yield* bring(url, true), [
        "Would import 4 saved objects into OpenSearch Dashboards, over those of the same ids."
      ])
      assert.deepStrictEqual(asked, [])
    })
  )

  const failures: ReadonlyArray<readonly [string, Answer, string, RegExp]> = [
    [
      "nothing was written, though the status is 200",
      json(200, {
        success: false,
        successCount: 0,
        errors: [{ id: "callstream-note", type: "search", error: { type: "missing_references", references: [] } }]
      }),
      "Fatal",
      /refused the saved objects: search callstream-note: missing_references\. /
    ],
    [
      "a type is unknown there, and the rest was written",
      json(200, {
        success: false,
        successCount: 2,
        errors: [{ id: "a", type: "search", error: { type: "unsupported_type" } }]
      }),
      "Fatal",
      /search a: unsupported_type/
    ],
    [
      "the file is refused",
      json(400, { statusCode: 400, message: "Invalid file extension .txt" }),
      "Fatal",
      /Invalid file extension/
    ],
    [
      "a migration is too new",
      json(422, { message: "belongs to a more recent version" }),
      "Fatal",
      /more recent version/
    ],
    [
      "it asks who we are",
      json(401, { statusCode: 401, message: "Unauthorized" }),
      "Denied",
      /does not let us in \(401\)\. .*leave dashboards\.url out/
    ],
    ["it does not allow it", json(403, { message: "Forbidden" }), "Denied", /does not let us in \(403\)/],
    [
      "it is not ready yet",
      json(503, { message: "server is not ready yet" }),
      "Unavailable",
      /answered 503: server is not ready yet/
    ],
    ["a login page comes", { status: 200, body: "<html>Log in</html>" }, "Fatal", /is not OpenSearch Dashboards/],
    [
      "something else answers",
      json(200, { tagline: "The OpenSearch Project" }),
      "Fatal",
      /is not OpenSearch Dashboards/
    ],
    [
      "there is no such path",
      json(404, { statusCode: 404, message: "Not Found" }),
      "Fatal",
      /refused the saved objects: Not Found/
    ]
  ]

  it.live.each(failures)("fails with a sentence when %s", ([, answer, tag, sentence]) =>
    Effect.gen(function* () {
      const { url } = yield* dashboards(answer)
      const failure = yield* Effect.flip(bring(url))
      assert.strictEqual(failure._tag, tag)
      assert.match(failure.message, sentence)
      assert.notInclude(failure.message, "secret")
    })
  )

  it.live("is unavailable where nothing listens", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(bring("http://127.0.0.1:9"))
      assert.strictEqual(failure._tag, "Unavailable")
      assert.match(failure.message, /no connection to 127\.0\.0\.1:9 \(ECONNREFUSED\)/)
    })
  )
})
