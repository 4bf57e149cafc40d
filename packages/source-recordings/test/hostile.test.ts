/** Answers that nobody should give: they end in a typed error or a dead letter, in little time and memory. */
import type { ServerResponse } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { isRecord, walkOnly } from "@callstream/testkit"
import { open } from "./Harness.ts"
import { baseOf, heldFiles, rigOf, services, settingsAt } from "./TrapWorld.ts"

const window = { from: Date.UTC(2026, 10, 18), to: Date.UTC(2026, 10, 19) }
const megabyte = 1024 * 1024

type Format = "xml" | "csv" | "json"

/** What a walk over the recordings of a far side ends with, and what it cost. */
const walked = (format: Format, answer: (response: ServerResponse, n: number, path: string) => void) =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const baseUrl = yield* baseOf(({ url = "" }, response) => {
      asked.push(url)
      answer(response, Number(new URL(url, "http://x").searchParams.get("n")), url)
    })
    const stream = yield* open({ ...settingsAt(baseUrl), format }, "files")
    const begun = performance.now()
    const heap = process.memoryUsage().heapUsed
    const result = yield* Effect.result(walkOnly(stream, window))
    return {
      asked,
      result,
      seconds: (performance.now() - begun) / 1000,
      megabytes: (process.memoryUsage().heapUsed - heap) / megabyte
    }
  }).pipe(Effect.provide(services))

const failureOf = ({ result }: Effect.Success<ReturnType<typeof walked>>) =>
  result._tag === "Failure" ? `${result.failure._tag}: ${result.failure.message}` : "no failure"

const live = (title: string, test: Effect.Effect<void, unknown, Scope.Scope>) => it.live(title, () => test)

const row = "<startDate>2026-11-18T09:00:00Z</startDate><transactionID>1</transactionID>"
const list = (...rows: ReadonlyArray<string>) =>
  `<recordings>${rows.map((inner) => `<file>${inner}</file>`).join("")}</recordings>`

/** Many levels of entities, each ten of the one before. */
const bomb = (() => {
  const levels = Array.from({ length: 12 }, (_, i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`)
  return `<?xml version="1.0"?><!DOCTYPE recordings [<!ENTITY e0 "lol">${levels.join("")}]>`
})()

describe("an answer", () => {
  live(
    "with an entity bomb is read without it",
    Effect.gen(function* () {
      const body = bomb + list(`${row}<agentID>&e12;</agentID>`)
      const done = yield* walked("xml", (response) => response.end(body))
      assert.isBelow(done.seconds, 5)
      const rows = done.result._tag === "Success" ? done.result.success.rows.filter(isRecord) : []
      assert.deepInclude(rows[0]?.content, { agentID: "&e12;" })
    })
  )

  live(
    "with an external entity reads no file and asks nobody",
    Effect.gen(function* () {
      const head = '<!DOCTYPE recordings [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
      const done = yield* walked("xml", (response) => response.end(head + list(`${row}<agentID>&x;</agentID>`)))
      assert.notInclude(JSON.stringify(done.result), "root:")
      assert.lengthOf(done.asked, 1)
    })
  )

  for (const announced of [true, false]) {
    live(
      `of 200 MB, its length ${announced ? "told" : "not told"}, is not read`,
      Effect.gen(function* () {
        const chunk = Buffer.alloc(megabyte, " ")
        const done = yield* walked("xml", (response) => {
          if (announced) response.setHeader("content-length", 200 * megabyte)
          const more = () => {
            while (!response.destroyed && response.write(chunk));
          }
          response.on("drain", more)
          response.on("error", () => undefined)
          more()
        })
        assert.match(failureOf(done), /^BadAnswer: GET \/files: answered with more than \d+ bytes$/)
        assert.isBelow(done.seconds, 20)
        assert.isBelow(done.megabytes, 100)
      })
    )
  }

  const deep = 100_000
  for (const [what, format, body] of [
    ["elements within each other", "xml", list(`${row}<a>${"<a>".repeat(deep)}${"</a>".repeat(deep)}</a>`, row)],
    [
      "lists within each other",
      "json",
      `[{"startDate":"2026-11-18T09:00:00Z","transactionID":"1","a":${"[".repeat(deep)}${"]".repeat(deep)}},{"startDate":"2026-11-18T09:00:00Z","transactionID":"2"}]`
    ]
  ] as const) {
    live(
      `with ${what}, very deep, costs that row alone`,
      Effect.gen(function* () {
        const done = yield* walked(format, (response) => response.end(body))
        const rows = done.result._tag === "Success" ? done.result.success.rows : []
        assert.deepStrictEqual(rows.map(isRecord), [false, true])
        assert.isBelow(done.seconds, 5)
      })
    )
  }

  for (const [what, format, body] of [
    ["elements and nothing else", "xml", list(`${row}${"<a/>".repeat(900_000)}`)],
    ["comments that never end", "xml", `<recordings><file>${"<!--".repeat(900_000)}</file></recordings>`],
    ["instructions that never end", "xml", `<recordings><file>${"<?".repeat(1_800_000)}</file></recordings>`],
    ["angle brackets", "xml", `<recordings><file>${"<".repeat(3_600_000)}</file></recordings>`],
    ["a name without an end", "xml", `<recordings><file><${"a".repeat(1_800_000)}</>`],
    ["broken rows", "xml", `<recordings>${"<file>".repeat(600_000)}</Recordings>`],
    ["quotes", "csv", `startDate,transactionID\n${'"\n'.repeat(1_800_000)}`],
    ["empty objects", "json", `[${"{},".repeat(1_200_000)}{}]`]
  ] as const) {
    live(
      `of ${what} ends soon`,
      Effect.gen(function* () {
        const done = yield* walked(format, (response) => response.end(body))
        assert.match(failureOf(done), /^BadAnswer: GET \/files: answered with /)
        assert.isBelow(done.seconds, 20)
      })
    )
  }

  live(
    "with names that mean something to JavaScript changes nothing there",
    Effect.gen(function* () {
      const names = "<__proto__><polluted>yes</polluted></__proto__><constructor>c</constructor><toString>t</toString>"
      const object =
        '{"startDate":"2026-11-18T09:00:00Z","transactionID":"1","__proto__":{"polluted":"yes"},"constructor":"c","toString":"t"}'
      for (const [format, body] of [
        ["xml", list(row + names)],
        ["json", `[${object}]`]
      ] as const) {
        const done = yield* walked(format, (response) => response.end(body))
        const rows = done.result._tag === "Success" ? done.result.success.rows.filter(isRecord) : []
        assert.deepInclude(JSON.parse(JSON.stringify(rows[0]?.content)), { constructor: "c", toString: "t" })
        assert.notInclude(JSON.stringify(rows[0]?.content), "polluted")
        assert.isDefined(rows[0]?.normalize().data)
      }
      assert.notProperty({}, "polluted")
    })
  )

  live(
    "with control characters is read",
    Effect.gen(function* () {
      const object = '[{"startDate":"2026-11-18T09:00:00Z","transactionID":"1","agentID":"a\u0000\u0007b\u2028"}]'
      for (const [format, body] of [
        ["xml", list(`${row}<agentID>a\u0000\u0007b</agentID>`)],
        ["json", object],
        ["csv", "startDate,transactionID,agentID\r\n2026-11-18T09:00:00Z,1,a\u0000\u0007b\r\n"]
      ] as const) {
        const done = yield* walked(format, (response) => response.end(body))
        const rows = done.result._tag === "Success" ? done.result.success.rows.filter(isRecord) : []
        assert.lengthOf(rows, 1, format)
        assert.isDefined(rows[0]?.normalize().data)
      }
    })
  )

  live(
    "with a flood of headers is no answer",
    Effect.gen(function* () {
      const done = yield* walked("xml", ({ socket }) => {
        const lines = Array.from({ length: 20_000 }, (_, i) => `x-${i}: ${"y".repeat(100)}\r\n`)
        socket?.on("error", () => undefined)
        socket?.end(`HTTP/1.1 200 OK\r\n${lines.join("")}\r\n`)
      })
      assert.match(failureOf(done), /^Unavailable: GET \/files: no connection to 127\.0\.0\.1/)
    })
  )

  // As the command asks: with undici, which leaves redirects to us.
  for (const to of ["/api/recordings/files/S20071220/R200712200316361000.wav", "/api/elsewhere", "//evil.example/x"]) {
    live(
      `that leads to ${to} is not followed`,
      Effect.gen(function* () {
        const asked = new Set<string>()
        const baseUrl = yield* baseOf(({ url = "" }, response) => {
          asked.add(url.replace(/\?.*/, ""))
          response.writeHead(302, { location: to }).end()
        })
        const rig = yield* rigOf({}, { baseUrl, since: "2026-11-20T11:58:00Z" })
        const { status } = yield* rig.run()
        assert.deepStrictEqual([...asked].toSorted(), ["/api/recordings/files.xml", "/api/recordings/transcripts.xml"])
        for (const { gaps } of status.partitions) assert.match(gaps[0]?.lastError ?? "", /redirects to a place/)
      })
    )
  }

  live(
    "that leads to another spelling of what was asked for is followed",
    Effect.gen(function* () {
      const baseUrl = yield* baseOf(({ url = "" }, response) =>
        url.includes(".xml?")
          ? response.writeHead(302, { location: url.replace(".xml?", ".xml/?") }).end()
          : response.end(list(url.includes("/files") ? row : ""))
      )
      const rig = yield* rigOf({}, { baseUrl, lookback: [], poll: "1 h" })
      yield* rig.run()
      assert.lengthOf(heldFiles(rig), 1)
    })
  )
})

describe("CSV without an end to its last line", () => {
  const columns =
    "startDate,agentID,phoneNumber,channel,caseID,duration,filename,queueID,queueName,accountNumber,transactionID,extVar1,extVar2,outDialCode,wrapUpCode"
  const rows = (count: number) =>
    Array.from({ length: count }, (_, i) => `2026-11-18T09:00:00Z,,,,,,,,,,${i + 1},,,,`).join("\n")
  const walkedTwice = (body: string) =>
    Effect.gen(function* () {
      const baseUrl = yield* baseOf((_, response) => response.end(body))
      const stream = yield* open({ ...settingsAt(baseUrl), format: "csv" }, "files")
      const walk = Effect.map(Effect.result(walkOnly(stream, window)), ({ _tag }) => _tag)
      return [yield* walk, yield* walk]
    }).pipe(Effect.provide(services))

  live(
    "is believed the second time, and at once where it has no rows but all columns",
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* walkedTwice(`${columns}\n${rows(3)}`), ["Failure", "Success"])
      assert.deepStrictEqual(yield* walkedTwice(`${columns}\n${rows(3)}\n`), ["Success", "Success"])
      assert.deepStrictEqual(yield* walkedTwice(columns), ["Success", "Success"])
      assert.deepStrictEqual(yield* walkedTwice(columns.slice(0, -5)), ["Failure", "Failure"])
      assert.deepStrictEqual(yield* walkedTwice(""), ["Failure", "Success"])
    })
  )
})

describe("pages without an end", () => {
  /** Rows of a page; numbered, each a second after the one before. */
  const page = (n: number, second: (i: number) => number) =>
    JSON.stringify(
      Array.from({ length: 50 }, (_, i) => ({
        startDate: new Date(window.from + second(n + i) * 1000).toISOString(),
        transactionID: String(n + i)
      }))
    )

  live(
    "in order end the window where it is read for certain",
    Effect.gen(function* () {
      const done = yield* walked("json", (response, n) => response.end(page(n, (i) => i)))
      const last = done.result._tag === "Success" ? done.result.success.pages.at(-1) : undefined
      assert.lengthOf(done.asked, 103)
      assert.strictEqual(last?.upTo, window.from + Math.floor(5048 / 60) * 60_000)
    })
  )

  live(
    "in no order split it",
    Effect.gen(function* () {
      const done = yield* walked("json", (response, n) => response.end(page(n, (i) => (i * 7919) % 80_000)))
      assert.match(failureOf(done), /^WindowTooBig: GET \/files: has more than 20\d{3} rows in this window$/)
      assert.isBelow(done.asked.length, 420)
      assert.isBelow(done.megabytes, 200)
    })
  )
})
