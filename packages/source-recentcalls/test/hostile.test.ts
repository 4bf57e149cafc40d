/** Answers that mean harm: bounded time and memory, a dead letter or a typed failure, never a crash. */
import type { Writable } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { heldData, run, walkOnly } from "@callstream/testkit"
import { open } from "./Harness.ts"
import { baseOf, callOf, guidOf, putCalls, readAll, rigOf } from "./TrapWorld.ts"

const noon = Date.UTC(2026, 10, 18, 12)
const second = { from: noon, to: noon + 1000 }
const settings = { region: "us", tenantId: "acmecorp01", apiKey: "k", token: "t", rows: 5 }
const mebibyte = 1024 * 1024

/** Writes so many bytes, as fast as they are taken. */
const pour = (to: Writable, bytes: number): void => {
  const chunk = Buffer.alloc(mebibyte, " ")
  let left = bytes
  const more = () => {
    while (left > 0 && !to.destroyed) {
      left -= chunk.length
      if (!to.write(chunk)) return void to.once("drain", more)
    }
    if (!to.destroyed) to.end()
  }
  more()
}

const failureAt = Effect.fnUntraced(function* (baseUrl: string, window = second) {
  return yield* Effect.flip(
    walkOnly(yield* open({ ...settings, baseUrl, rate: { perSecond: 10_000, concurrency: 1 } }), window)
  )
})

describe("a body of 200 MB", () => {
  it.live.each([true, false])("is given up early, and never in memory (announced: %s)", (announced) =>
    Effect.gen(function* () {
      const baseUrl = yield* baseOf((_, response) => {
        response.writeHead(200, {
          "content-type": "application/json",
          ...(announced ? { "content-length": 200 * mebibyte } : {})
        })
        pour(response, 200 * mebibyte)
      })
      const before = process.memoryUsage().rss
      const failure = yield* failureAt(baseUrl)
      assert.include(failure, { _tag: "BadAnswer", reason: "answered with more than 67108864 bytes" })
      assert.isBelow(process.memoryUsage().rss - before, 180 * mebibyte)
    }).pipe(run)
  )
})

describe("a flood of headers", () => {
  it.live("is no answer", () =>
    Effect.gen(function* () {
      const baseUrl = yield* baseOf((_, response) => {
        response.writeHead(
          200,
          Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`x-${i}`, "y".repeat(1000)]))
        )
        response.end(`{"hits":0,"data":[]}`)
      })
      assert.include(yield* failureAt(baseUrl), { _tag: "Unavailable" })
    }).pipe(run)
  )
})

describe("pages without end", () => {
  it.live("end as a range that cannot be read", () =>
    Effect.gen(function* () {
      let asked = 0
      const baseUrl = yield* baseOf((_, response) => {
        asked += 1
        const data = Array.from({ length: 5 }, (_, i) => ({ callId: guidOf(noon, asked * 5 + i) }))
        response.writeHead(200, { "content-type": "application/json" })
        response.end(JSON.stringify({ hits: 1, data }))
      })
      const failure = yield* failureAt(baseUrl)
      assert.include(failure, { _tag: "BadAnswer", reason: "has no end after 200 pages" })
      assert.strictEqual(asked, 200)
    }).pipe(run)
  )
})

describe("a row", () => {
  it.live("that is nested without measure is a dead letter, and its neighbours arrive", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
      const rows = [
        `{"callId":"${guidOf(noon, 1)}","agentId":${deep}}`,
        `{"callId":{"a":${deep}}}`,
        `{"callId":"${guidOf(noon, 2)}","callDate":"11/18/2026 12:00:00","postCallSurvey":"${deep}"}`,
        `{"callId":"${guidOf(noon, 3)}"}`
      ]
      rig.sandbox.faults.add({ kind: "status", status: 200, body: `{"hits":4,"data":[${rows.join(",")}]}`, times: 1 })
      const { complete, status } = yield* readAll(rig)
      assert.isTrue(complete)
      assert.sameMembers([...heldData(rig).keys()], [guidOf(noon, 2), guidOf(noon, 3)])
      assert.deepStrictEqual(heldData(rig).get(guidOf(noon, 2))?.["warnings"], ["postCallSurvey is nested too deep"])
      assert.strictEqual(status.deadLetters, 2)
    })
  )

  it.live("with keys of every object's and with control characters arrives as it is", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      const name = "\u0000\u001b[2J\u2028\ud800"
      const row = `{"callId":"${guidOf(noon)}","callerName":${JSON.stringify(name)},"__proto__":{"polluted":1},"constructor":7}`
      rig.sandbox.faults.add({ kind: "status", status: 200, body: `{"hits":1,"data":[${row}]}`, times: 1 })
      assert.isTrue((yield* readAll(rig)).complete)
      assert.include(heldData(rig).get(guidOf(noon)), { callerName: name })
      assert.strictEqual(JSON.stringify(heldData(rig).get(guidOf(noon))?.["raw"]), JSON.stringify(JSON.parse(row)))
      assert.notProperty({}, "polluted")
    })
  )

  it.live("with a GUID that is no time, or one beyond all time, arrives", () =>
    Effect.gen(function* () {
      const rig = yield* rigOf()
      for (const [i, callId] of ["int-zzzzzzzzzzz-x", "int-fffffffffff-x", "7", "a/b?c#d"].entries()) {
        rig.sandbox.company.putCall({ ...callOf(noon + i, { callId }), callId })
      }
      putCalls(rig, 2)
      assert.isTrue((yield* readAll(rig)).complete)
      assert.strictEqual(rig.sink.held.size, 6)
    })
  )
})
