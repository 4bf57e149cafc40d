import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { Json } from "@callstream/model"
import type { Sandbox, StoredObject } from "@callstream/sandbox"
import type { Source } from "@callstream/core"
import { everything, isRecord, now, run, walk, type WalkedRow } from "@callstream/testkit"
import { open, sandbox, settingsFor } from "./Harness.ts"

const region = "us-east"
const partition: Source.Partition = { name: region, uri: `8x8/storage/${region}` }

/** A sandbox with nothing in it but these many objects, `perSecond` of them in each second. */
const vendorWith = Effect.fnUntraced(function* (count: number, perSecond: number) {
  const vendor = yield* sandbox({ calls: 0 })
  for (let i = 0; i < count; i++) vendor.company.putObject(objectAt(i, start + Math.floor((i * 1000) / perSecond)))
  return vendor
})

const start = now - 3_600_000

const objectAt = (i: number, updatedAt: number): StoredObject => ({
  region,
  id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
  type: "callcenterrecording",
  mimeType: "audio/mpeg",
  objectName: `${i}.mp3`,
  checksumType: "MD5",
  checksum: "27b75edcb0305a6a6a87d60a1e01f1a4-1",
  customerId: "customer",
  userId: "user",
  storedBytes: 1,
  createdAt: updatedAt,
  updatedAt,
  objectState: "AVAILABLE",
  bucketId: "bucket",
  tags: [],
  shared: false,
  body: undefined
})

const idsOf = (rows: ReadonlyArray<WalkedRow>) => rows.filter(isRecord).map(({ subject }) => subject)
const queriesOf = (vendor: Sandbox) =>
  vendor
    .requests()
    .map(({ path }) => path)
    .filter((path) => path.includes("/objects?"))

describe("a page", () => {
  it.live("is asked for in these words, with the window in whole seconds", () =>
    Effect.gen(function* () {
      const vendor = yield* vendorWith(1, 1)
      const stream = yield* open({ ...settingsFor(vendor), types: ["callcenterrecording", "summary"] })
      yield* walk(stream, partition, { from: 1_725_148_800_543, to: 1_727_740_800_001 })
      assert.deepStrictEqual(queriesOf(vendor), [
        "/storage/us-east/v3/objects?filter=updatedTime%3Dge%3D1725148800000%3BupdatedTime%3Dlt%3D1727740801000%3B" +
          "%28objectState%3D%3DAVAILABLE%2CobjectState%3D%3DPENDING%2CobjectState%3D%3DARCHIVED%2C" +
          "objectState%3D%3DREVOKED%2CobjectState%3D%3DDELETED%2CobjectState%3D%3DFAILED%29%3B" +
          "%28type%3D%3Dcallcenterrecording%2Ctype%3D%3Dsummary%29" +
          "&sortField=updatedTime&sortDirection=ASC&pageKey=0&limit=100"
      ])
    }).pipe(run)
  )

  it.live("goes on from the last second seen, with the last object as overlap", () =>
    Effect.gen(function* () {
      const vendor = yield* vendorWith(245, 4)
      const { pages, rows } = yield* walk(yield* open(settingsFor(vendor)), partition)
      assert.deepStrictEqual([rows.length, new Set(idsOf(rows)).size, pages.length], [245, 245, 3])
      const asked = queriesOf(vendor).map((path) => {
        const query = new URLSearchParams(path.split("?")[1])
        return [/ge=(\d+)/.exec(query.get("filter") ?? "")?.[1], query.get("pageKey")]
      })
      // Rows 96 to 99 are of second 24, rows 196 to 198 of second 49.
      assert.deepStrictEqual(asked.slice(1), [
        [String(start + 24_000), "3"],
        [String(start + 49_000), "2"]
      ])
    }).pipe(run)
  )
})

describe("a walk", () => {
  it.live.each([0, 1, 100, 200])("over exactly %i objects ends", (count) =>
    Effect.gen(function* () {
      const vendor = yield* vendorWith(count, 10)
      const { rows } = yield* walk(yield* open(settingsFor(vendor)), partition)
      assert.lengthOf(rows, count)
    }).pipe(run)
  )

  it.live("reads a second that holds more objects than pages have rows", () =>
    Effect.gen(function* () {
      const vendor = yield* vendorWith(730, 365)
      const { rows } = yield* walk(yield* open(settingsFor(vendor)), partition)
      assert.deepStrictEqual([rows.length, new Set(idsOf(rows)).size], [730, 730])
    }).pipe(run)
  )

  it.live("misses none when objects that were read change meanwhile", () =>
    Effect.gen(function* () {
      const vendor = yield* vendorWith(500, 7)
      const stream = yield* open(settingsFor(vendor))
      const { rows } = yield* walk(stream, partition, everything, (page) => {
        for (let i = 0; i < 40; i++) vendor.company.touchObject(region, objectAt(page * 60 + i, 0).id)
      })
      assert.strictEqual(new Set(idsOf(rows)).size, 500)
    }).pipe(run)
  )

  it.live("reads a second again from its start when one of its objects left it", () =>
    Effect.gen(function* () {
      const vendor = yield* vendorWith(150, 30)
      const stream = yield* open(settingsFor(vendor))
      // Row 92 is in the last second of the first page.
      const { rows } = yield* walk(stream, partition, everything, () => {
        vendor.company.touchObject(region, objectAt(92, 0).id)
      })
      assert.strictEqual(new Set(idsOf(rows)).size, 150)
      assert.lengthOf(queriesOf(vendor), 3)
    }).pipe(run)
  )

  it.live("says that the set moved when that second is a crowded one", () =>
    Effect.gen(function* () {
      const vendor = yield* vendorWith(300, 300)
      const stream = yield* open(settingsFor(vendor))
      const walked = yield* Effect.result(
        walk(stream, partition, everything, () => vendor.company.touchObject(region, objectAt(5, 0).id))
      )
      assert.isTrue(Result.isFailure(walked))
      if (Result.isFailure(walked)) assert.include(walked.failure, { _tag: "SetMoved" })
    }).pipe(run)
  )

  it.live("may go on at any of its cursors", () =>
    Effect.gen(function* () {
      const vendor = yield* vendorWith(420, 150)
      const stream = yield* open(settingsFor(vendor))
      const whole = idsOf((yield* walk(stream, partition)).rows)
      let cursor: Json | undefined
      const found: Array<string> = []
      do {
        // Another process: only what was stored of the cursor is known.
        const again: Source.SourceStream = yield* open(settingsFor(vendor))
        const page: Source.Page = yield* again.page({
          partition,
          window: everything,
          purpose: "catch-up",
          ...(cursor === undefined ? {} : { cursor })
        })
        found.push(...idsOf(page.rows))
        cursor = page.next
      } while (cursor !== undefined)
      assert.deepStrictEqual(found, whole)
    }).pipe(run)
  )

  it.live("leaves out no object at the edge between two windows", () =>
    Effect.gen(function* () {
      const vendor = yield* vendorWith(40, 4)
      const stream = yield* open(settingsFor(vendor))
      const edge = start + 4_567
      const left = yield* walk(stream, partition, { from: start, to: edge })
      const right = yield* walk(stream, partition, { from: edge, to: now })
      assert.strictEqual(new Set([...idsOf(left.rows), ...idsOf(right.rows)]).size, 40)
    }).pipe(run)
  )
})

describe("a change of state", () => {
  it.live("is an upsert or a delete of the object, and content is fetched only when available", () =>
    Effect.gen(function* () {
      const vendor = yield* vendorWith(1, 1)
      const { id } = objectAt(0, 0)
      vendor.company.putObject({ ...objectAt(0, start), type: "summary", mimeType: "application/json" })
      const stream = yield* open(settingsFor(vendor))
      const seen: Array<unknown> = []
      for (const state of ["AVAILABLE", "ARCHIVED", "AVAILABLE", "FAILED", "PENDING", "REVOKED", "DELETED"] as const) {
        vendor.company.setObjectState(region, id, state)
        const { rows } = yield* walk(stream, partition)
        const ops = rows.filter(isRecord).map(({ op, type }) => `${op} ${type.short}`)
        seen.push([state, ...ops, rows.some((row) => isRecord(row) && row.pending !== undefined)])
      }
      assert.deepStrictEqual(seen, [
        ["AVAILABLE", "upsert object", true],
        ["ARCHIVED", "upsert object", false],
        ["AVAILABLE", "upsert object", true],
        ["FAILED", "upsert object", false],
        ["PENDING", "upsert object", false],
        ["REVOKED", "delete object", "delete summary", false],
        ["DELETED", "delete object", "delete summary", false]
      ])
    }).pipe(run)
  )

  it.live("asks for no content that is not wanted", () =>
    Effect.gen(function* () {
      const vendor = yield* vendorWith(0, 1)
      vendor.company.putObject({ ...objectAt(0, start), type: "summary", mimeType: "application/json" })
      const pendingWith = Effect.fnUntraced(function* (content: Json | undefined, wanted?: ReadonlySet<string>) {
        const settings = { ...settingsFor(vendor), ...(content === undefined ? {} : { content }) }
        const { rows } = yield* walk(yield* open(settings, wanted), partition)
        return rows.some((row) => isRecord(row) && row.pending !== undefined)
      })
      const all = [
        yield* pendingWith(undefined),
        yield* pendingWith(true),
        yield* pendingWith(["summary"]),
        yield* pendingWith(["transcription"]),
        yield* pendingWith(false),
        yield* pendingWith(undefined, new Set(["callstream.object.v1"]))
      ]
      assert.deepStrictEqual(all, [true, true, true, false, false, false])
    }).pipe(run)
  )
})
