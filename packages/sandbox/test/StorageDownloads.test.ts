import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { crc32 } from "node:zlib"
import { still, storage } from "./Client.ts"
import { object } from "./Objects.ts"

/** Names and contents of a zip, by its central directory; checks the checksums on the way. */
const unzip = (bytes: Buffer): Record<string, string> => {
  const end = bytes.lastIndexOf("PK\u0005\u0006")
  const files: Record<string, string> = {}
  let at = bytes.readUInt32LE(end + 16)
  for (let i = 0; i < bytes.readUInt16LE(end + 10); i++) {
    const [size, length, start] = [
      bytes.readUInt32LE(at + 24),
      bytes.readUInt16LE(at + 28),
      bytes.readUInt32LE(at + 42)
    ]
    const content = bytes.subarray(start + 30 + length, start + 30 + length + size)
    assert.strictEqual(crc32(content), bytes.readUInt32LE(at + 16))
    files[bytes.toString("utf8", at + 46, at + 46 + length)] = content.toString("utf8")
    at += 46 + length
  }
  return files
}

const bulk = "us-east/v3/bulk/download"

const begun = Effect.gen(function* () {
  const { sandbox } = yield* still({ calls: 0 })
  sandbox.company.putObject(object(1))
  sandbox.company.putObject(object(2, { objectName: "ipbx:acme:ü.json" }))
  sandbox.company.putObject(object(3, { objectName: "object-1.json" }))
  const get = yield* storage(sandbox)
  const start = get(`${bulk}/start`, { method: "POST", body: JSON.stringify([1, 2, 3].map((n) => object(n).id)) })
  return { sandbox, get, start }
})

describe("bulk downloads", () => {
  it.effect("are started, polled and fetched", () =>
    Effect.gen(function* () {
      const { get, start } = yield* begun
      const { body } = yield* start
      assert.strictEqual(body.status, "NOT_STARTED")
      assert.strictEqual((yield* get(`${bulk}/${body.zipName}`)).status, 500)
      assert.strictEqual((yield* get(`${bulk}/status/${body.zipName}`)).body.status, "IN_PROGRESS")
      const done = (yield* get(`${bulk}/status/${body.zipName}?presignUrl=true`)).body
      assert.strictEqual(done.status, "DONE")
      const zip = yield* Effect.promise(() => fetch(done.url).then((response) => response.arrayBuffer()))
      assert.deepStrictEqual(unzip(Buffer.from(zip)), {
        "object-1.json": '{"n":1}',
        "ipbx:acme:ü.json": '{"n":2}',
        "object-1-1.json": '{"n":3}'
      })
      assert.strictEqual((yield* get(`${bulk}/status`)).body.length, 1)
      assert.strictEqual((yield* get(`${bulk}/clear`, { method: "PUT" })).body.length, 1)
      assert.strictEqual((yield* get(`${bulk}/status/${body.zipName}`)).status, 404)
    })
  )

  it.effect("may end otherwise, or not at all", () =>
    Effect.gen(function* () {
      const { get, sandbox, start } = yield* begun
      for (const end of ["PARTIAL_DONE", "FAILED", "IN_PROGRESS"] as const) {
        sandbox.setKnobs({ bulkEnd: end, bulkReply: "list" })
        const [job] = (yield* start).body
        yield* get(`${bulk}/status/${job.zipName}`)
        assert.strictEqual((yield* get(`${bulk}/status/${job.zipName}`)).body[0].status, end)
        assert.strictEqual((yield* get(`${bulk}/${job.zipName}`)).status, end === "PARTIAL_DONE" ? 200 : 500)
        const cancelled = yield* get(`${bulk}/cancel/${job.zipName}`, { method: "POST" })
        assert.strictEqual(cancelled.body[0].status, "CANCELLED")
      }
    })
  )

  it.effect("of what is not there are refused, and so is bulk deletion", () =>
    Effect.gen(function* () {
      const { get, sandbox } = yield* begun
      assert.strictEqual((yield* get(`${bulk}/start`, { method: "POST", body: '["nobody"]' })).status, 404)
      assert.strictEqual((yield* get(`${bulk}/start`, { method: "POST", body: "{}" })).status, 400)
      assert.deepStrictEqual(sandbox.forbidden(), [])
      assert.strictEqual((yield* get("us-east/v3/bulk", { method: "DELETE", body: "[]" })).status, 403)
      assert.strictEqual(sandbox.forbidden().length, 1)
      assert.strictEqual(sandbox.records("storage/objects").length, 3)
    })
  )
})
