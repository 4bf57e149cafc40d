/** Each case that needs a server runs, with few records; and the same-work loop leaves there what we leave. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { start } from "@callstream/sandbox"
import { afterEach, assert, beforeEach, describe, inject, it } from "vitest"
import type { Job, LoopName, ServerName, SinkJob, Vendor } from "../src/Job.ts"
import * as Loops from "../src/Loops.ts"
import * as Ours from "../src/Ours.ts"
import { typesFor, withPlace } from "../src/Places.ts"
import * as SinkAlone from "../src/SinkAlone.ts"
import { vendorOf } from "../src/Vendor.ts"
import { readIndices, readTopics } from "./support/ReadBack.ts"

const addresses = { kafka: inject("kafka").brokers[0] ?? "", opensearch: inject("opensearch")[0]?.url ?? "" }
const readers = { kafka: readTopics, opensearch: readIndices }

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callstream-bench-test-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const withSandbox = <A>(source: Job["source"], records: number, use: (vendor: Vendor) => Promise<A>): Promise<A> =>
  Effect.gen(function* () {
    const { options, vendor } = vendorOf(source, records)
    const sandbox = yield* start(options)
    return yield* Effect.promise(() => use(vendor(sandbox)))
  }).pipe(Effect.scoped, Effect.runPromise)

/** Runs a loop into a place of its own; gives what it left there. */
const left = (loop: LoopName, sink: ServerName, source: Job["source"], vendor: Vendor, records: number) =>
  withPlace(sink, addresses[sink], typesFor(loop, source), async (place) => {
    const own = join(folder, loop)
    mkdirSync(own)
    const job: Job = { loop, source, sink, records, vendor, folder: own, place }
    assert.strictEqual(await (loop === "ours" ? Ours.run(job, () => undefined) : Loops.run(job)), records)
    return readers[sink](place)
  })

describe.each([
  ["recentcalls", "kafka"],
  ["storage", "kafka"],
  ["recentcalls", "opensearch"],
  ["storage", "opensearch"]
] as const)("from %s to %s", (source, sink) => {
  it("the same-work loop leaves what we leave, and the bare one all rows", { timeout: 120_000 }, async () => {
    const records = 250
    await withSandbox(source, records, async (vendor) => {
      const ours = await left("ours", sink, source, vendor, records)
      assert.lengthOf(ours, records)
      assert.deepStrictEqual(await left("same-work", sink, source, vendor, records), ours)
      assert.lengthOf(await left("bare", sink, source, vendor, records), records)
    })
  })
})

describe.each(["kafka", "kafkajs", "opensearch"] as const)("the sink alone, %s", (sink) => {
  it("leaves what the client below it leaves", { timeout: 120_000 }, async () => {
    const records = 2000
    const server = sink === "opensearch" ? "opensearch" : "kafka"
    await withSandbox("recentcalls", records, async (vendor) => {
      const run = (form: SinkJob["form"]) =>
        withPlace(server, addresses[server], typesFor("ours", "recentcalls"), async (place) => {
          const measured = await SinkAlone.run({ sink, form, records, warmUp: 1, vendor, place })
          assert.isTrue(measured.records === 500 && measured.bytes > 500 * 1000 && measured.seconds > 0)
          return readers[server](place)
        })
      const ours = await run("ours")
      assert.lengthOf(ours, records)
      assert.isTrue(ours.every((text, i) => text !== ours[i - 1]))
      const alone = await run("alone")
      // Not deepStrictEqual: the difference of so many would be printed.
      assert.isTrue(JSON.stringify(alone) === JSON.stringify(ours), "the client alone leaves something else")
    })
  })
})
