import { assert, describe, it } from "@effect/vitest"
import { Books, type PartitionStatus, type Pipeline, type SinkStatus } from "@callstream/core"
import { summary } from "../src/Running.ts"

const since = Date.UTC(2026, 10, 3, 14, 27, 31)

const partition = (more: Partial<PartitionStatus>): PartitionStatus => ({
  source: "storage",
  stream: "objects",
  partition: "us-east",
  activity: "following",
  gaps: [],
  books: { ...Books.empty, read: 2, emitted: 2 },
  pending: 0,
  deadLetters: 0,
  ...more
})

const sink = (more: Partial<SinkStatus>): SinkStatus => ({
  name: "bus",
  activity: "running",
  buffered: { records: 0, bytes: 0 },
  ...more
})

const outcome = (
  partitions: ReadonlyArray<PartitionStatus>,
  sinks: ReadonlyArray<SinkStatus>,
  complete = false
): Pipeline.Outcome => ({
  pipeline: "acme",
  drained: true,
  complete,
  status: { pipeline: "acme", partitions, sinks, deadLetters: 0 }
})

const read = "acme: read 2 records in all: 2 new or changed, 0 unchanged."
const goesOn = "It goes on from here at the next start."

describe("a summary", () => {
  it("names what waits for a far side, with why and since when: a source, a stream, a partition, a sink", () => {
    const waits = { activity: "backing off", since } as const
    const books = Books.empty
    const partitions = [
      partition({}),
      partition({ ...waits, partition: "uk", reason: "GET /objects: answered 503", books }),
      partition({ ...waits, source: "work", stream: "call-legs", partition: "", reason: "GET /pbxes: late", books }),
      partition({ ...waits, source: "recordings", stream: "", partition: "", reason: "no connection", books })
    ]
    const text = summary(outcome(partitions, [sink({ ...waits, reason: "no connection to b:9092" })]), "acme.yaml")
    assert.deepStrictEqual(text.split("\n  "), [
      read,
      "storage/objects/uk cannot be read since 2026-11-03 14:27 UTC: GET /objects: answered 503",
      "work/call-legs cannot be read since 2026-11-03 14:27 UTC: GET /pbxes: late",
      "recordings cannot be read since 2026-11-03 14:27 UTC: no connection",
      "Sink bus cannot be written to since 2026-11-03 14:27 UTC: no connection to b:9092",
      goesOn
    ])
  })

  it("names what waits for a person", () => {
    const parked = { activity: "parked", since } as const
    const text = summary(
      outcome([partition({ ...parked, reason: "refused (401). Log in" })], [sink({ ...parked, reason: "full" })]),
      "acme.yaml"
    )
    assert.deepStrictEqual(text.split("\n  "), [
      read,
      "storage/objects/us-east is parked: refused (401). Log in",
      "Sink bus is parked: full",
      goesOn
    ])
  })

  it("is silent about what waits when everything is done", () => {
    const waits = { activity: "backing off", reason: "answered 503", since } as const
    assert.strictEqual(summary(outcome([partition(waits)], [sink(waits)], true), "acme.yaml"), read)
  })
})
