/** How pages become batches: small ones of a keyset walk are put together, and what came before a failure is kept. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Failure } from "@callstream/core"
import { TestSink } from "../support/TestSink.ts"
import { streamOf, Vendor } from "../support/Vendor.ts"
import { database, epoch, pass, start } from "../support/World.ts"

const hour = 3_600_000

/** Reads 40 rows, 5 a page, in batches of 20; gives the batches that were offered, by their number of rows. */
const read = Effect.fnUntraced(function* (fault?: { readonly page: number; readonly failure: Failure.SourceFailure }) {
  yield* TestClock.setTime(epoch)
  const vendor = new Vendor({ walk: "keyset", pageSize: 5 })
  for (let i = 0; i < 40; i++) vendor.put({ key: `r${i}`, at: epoch - hour + i * 1000, visible: 0, value: i })
  const stream = { ...streamOf(vendor, { since: epoch - 2 * hour }, { largest: "1 day" }), batch: 20 }
  let asked = 0
  const page: typeof stream.page = (ask) => (asked++ === fault?.page ? Effect.fail(fault.failure) : stream.page(ask))
  const sink = new TestSink()
  sink.limits = { ...sink.limits, maxRecords: 1000 }
  const world = yield* start(yield* database, { streams: [{ ...stream, page }], sinks: { sink } })
  yield* pass("10 seconds")
  yield* world.stop
  return { sink, writes: sink.writes.map((write) => write.length) }
})

describe("small pages of a keyset walk", () => {
  it.effect("are put together into batches", () =>
    Effect.gen(function* () {
      const { sink, writes } = yield* read()
      assert.strictEqual(sink.held.size, 40)
      assert.deepStrictEqual(writes, [20, 20])
    })
  )

  it.effect("that came before a failure are kept", () =>
    Effect.gen(function* () {
      const failure = new Failure.Unavailable({ endpoint: "GET /rows", reason: "no connection" })
      const { sink, writes } = yield* read({ page: 2, failure })
      assert.strictEqual(sink.log.length, 40)
      assert.deepStrictEqual(writes, [10, 20, 10])
    })
  )
})
