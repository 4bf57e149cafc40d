/** Answers that were made to hurt: time and memory stay bounded, and what cannot be read is a dead letter or an error. */
import type { RequestListener } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { allTypes, farSide, isRecord, run, walk } from "@callstream/testkit"
import { readBody } from "../src/Bodies.ts"
import { readObject } from "../src/ObjectRecords.ts"
import { open } from "./Harness.ts"

/** The source at a far side that gives tokens, and answers all else like this. */
const openAt = Effect.fnUntraced(function* (answer: RequestListener) {
  const baseUrl = yield* farSide((request, response) => {
    if (request.method !== "POST") return answer(request, response)
    response.setHeader("content-type", "application/json")
    return response.end('{"access_token":"t","expires_in":"1799"}')
  })
  const settings = {
    clientId: "k",
    clientSecret: "s",
    baseUrl,
    rate: { perSecond: 1e4, concurrency: 8 }
  }
  return yield* open(settings)
})

const partition = { name: "us-east", uri: "8x8/storage/us-east" }
const outcome = (answer: RequestListener) =>
  openAt(answer).pipe(
    Effect.flatMap((stream) => walk(stream, partition)),
    Effect.match({ onFailure: ({ _tag: kind }) => kind, onSuccess: ({ rows }) => rows.length })
  )

const deep = (levels: number) => `${'{"a":['.repeat(levels)}1${"]}".repeat(levels)}`
const object = (n: number, more = "") =>
  `{"id":"${n}","type":"waveform","objectState":"AVAILABLE","updatedTime":"2026-11-20T10:00:00"${more}}`

describe("a hostile answer", () => {
  it.live("of 200 MB is given up when it is too large, said or not", () =>
    Effect.gen(function* () {
      const chunk = Buffer.alloc(1024 * 1024, 32)
      let sent = 0
      const endless: RequestListener = (_, response) => {
        const more = () => {
          while (sent++ < 200) if (!response.write(chunk)) return void response.once("drain", more)
          return void response.end()
        }
        more()
      }
      assert.strictEqual(yield* outcome(endless), "BadAnswer")
      assert.isBelow(sent, 120)
      const said: RequestListener = (_, response) => {
        response.writeHead(200, { "content-length": 200 * 1024 * 1024 })
        response.write(chunk)
      }
      assert.strictEqual(yield* outcome(said), "BadAnswer")
    }).pipe(run)
  )

  it.live("whose next place is no number goes on at the row after the last", () =>
    Effect.gen(function* () {
      const odd: RequestListener = (_, response) =>
        void response.end(`{"content":[${object(1)}],"lastPage":true,"pageKey":{"valueOf":1,"toString":1}}`)
      assert.strictEqual(yield* outcome(odd), 1)
    }).pipe(run)
  )

  it.live("with a flood of headers is no answer", () =>
    Effect.gen(function* () {
      const flood: RequestListener = (_, response) => {
        for (let i = 0; i < 2000; i++) response.setHeader(`x-flood-${i}`, "x".repeat(100))
        response.end("{}")
      }
      assert.strictEqual(yield* outcome(flood), "Unavailable")
    }).pipe(run)
  )

  it.live("that is the same page without end is noticed", () =>
    Effect.gen(function* () {
      const rows = Array.from({ length: 100 }, (_, n) => object(n)).join()
      const same: RequestListener = (_, response) => void response.end(`{"content":[${rows}],"lastPage":false}`)
      assert.strictEqual(yield* outcome(same), "SetMoved")
    }).pipe(run)
  )

  it.live("with rows nested without end costs these rows, and their neighbours arrive", () =>
    Effect.gen(function* () {
      const rows = [
        object(1),
        object(2, `,"odd":${deep(100_000)}`),
        object(3, `,"tags":[{"key":"k","value":${deep(100_000)}}]`),
        `{"type":"waveform","odd":${deep(100_000)}}`,
        deep(100_000),
        object(4)
      ]
      const page: RequestListener = (_, response) => void response.end(`{"content":[${rows.join()}],"lastPage":true}`)
      const stream = yield* openAt(page)
      const walked = yield* walk(stream, partition)
      assert.deepStrictEqual(
        walked.rows.map((row) => (isRecord(row) ? row.subject : row.unreadable)),
        [
          "1",
          "is nested too deep",
          "3",
          "id is missing or not as documented",
          "id is missing or not as documented",
          "4"
        ]
      )
      // All of it can be written down.
      for (const row of walked.rows) if (!isRecord(row)) JSON.stringify(row)
    }).pipe(run)
  )
})

describe("a hostile row", () => {
  it("with keys such as __proto__ and constructor changes nothing but itself", () => {
    const row: unknown = JSON.parse(
      `{"id":"1","type":"__proto__","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"objectState":"constructor",
        "tags":[{"key":"__proto__","value":"x"},{"key":"constructor","value":"y"},{"key":"toString","value":"z"}]}`
    )
    const [record] = readObject(row, () => true, allTypes, {}).records
    assert.isTrue(record !== undefined && isRecord(record))
    if (record === undefined || !isRecord(record)) return
    const { data } = record.normalize()
    assert.strictEqual(record.type.short, "object")
    assert.deepInclude(data, { objectType: "__proto__", tags: { constructor: "y", toString: "z" } })
    assert.notProperty({}, "polluted")
  })

  it("with control characters keeps them in its texts", () => {
    const row = { id: "a\u0000b\u001b[31m", type: "summary", objectName: "\u0007\ud800" }
    const [record] = readObject(row, () => true, allTypes, {}).records
    assert.isTrue(record !== undefined && isRecord(record) && record.subject === "a\u0000b\u001b[31m")
  })
})

describe("a hostile content", () => {
  it("that is nested without end stays a text", () => {
    const { json, warnings } = readBody(Buffer.from(deep(100_000)), "summary", undefined)
    assert.deepStrictEqual([json, warnings], [undefined, ["is nested too deep"]])
  })
})
