import { assert, describe, it } from "@effect/vitest"
import { Books, type PartitionStatus, type PipelineStatus } from "@callstream/core"
import { duration, lines } from "../../src/terminal/StatusLines.ts"

const partition = (more: Partial<PartitionStatus>, read = 0): PartitionStatus => ({
  source: "storage",
  stream: "objects",
  partition: "us-east",
  activity: "following",
  gaps: [],
  books: { ...Books.empty, read, emitted: read },
  pending: 0,
  deadLetters: 0,
  ...more
})

const status = (partitions: ReadonlyArray<PartitionStatus>, sinks: PipelineStatus["sinks"] = []): PipelineStatus => ({
  pipeline: "acme",
  partitions,
  sinks,
  deadLetters: 0
})

const options = { columns: 120, colors: false, elapsedMs: 2000 }

describe("status lines", () => {
  it("have one line per stream, its partitions together", () => {
    const before = status([
      partition({}, 1000),
      partition({ partition: "uk" }, 200),
      partition({ source: "work", stream: "call-legs" })
    ])
    const now = status([
      partition({ lagMs: 65_000 }, 12_000),
      partition({ partition: "uk", activity: "catching up", lagMs: 90_000_000, pending: 12, deadLetters: 3 }, 345),
      partition({ source: "work", stream: "call-legs", lagMs: 0, budget: { perSecond: 2.5, inFlight: 1, waiting: 3 } }),
      partition({ source: "chats", lagMs: 1, budget: { perSecond: 8, inFlight: 0, waiting: 1, pausedUntil: 5 } })
    ])
    assert.deepStrictEqual(lines(now, { ...options, before }), [
      "storage/objects  catching up  12,345 read  5,573/s  lag 1d 1h  12 to fetch  3 dead",
      "work/call-legs   following         0 read      0/s  lag 0s     2.5 req/s",
      "chats/objects    following         0 read      0/s  lag 0s     paused"
    ])
  })

  it("say why a stream waits, and cut what is too long", () => {
    const gap = { from: 0, to: 1, attempts: 1, nextTry: 2, lastError: "x" }
    const parked = status(
      [partition({ activity: "parked", reason: "POST /oauth/v2/token: refused our credentials (4…", gaps: [gap] })],
      [
        { name: "files", activity: "backing off", reason: "disk full", buffered: { records: 1200, bytes: 1 } },
        { name: "other", activity: "running", buffered: { records: 0, bytes: 0 } }
      ]
    )
    assert.deepStrictEqual(lines(parked, { ...options, columns: 94 }), [
      "storage/objects  parked  0 read  0/s  1 gap  POST /oauth/v2/token: refused our credentials (4…",
      "→ files          backing off  1,200 waiting  disk full"
    ])
    assert.isTrue(lines(parked, { ...options, colors: true })[0]?.startsWith("\u001b[31mstorage"))
  })
})

describe("durations", () => {
  it("have their two largest units", () => {
    assert.deepStrictEqual([0, 999, 61_000, 3_600_000, 93_600_000, 86_405_000].map(duration), [
      "0s",
      "1s",
      "1min 1s",
      "1h",
      "1d 2h",
      "1d"
    ])
  })
})
