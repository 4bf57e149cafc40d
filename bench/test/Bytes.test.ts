/** The same-work loop is a fair measure only while it writes what we write: every line, but for the clock's reading. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { start } from "@callstream/sandbox"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import type { Job, SourceName } from "../src/Job.ts"
import * as Loops from "../src/Loops.ts"
import * as Ours from "../src/Ours.ts"
import { vendorOf } from "../src/Vendor.ts"

const records = 250

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callstream-bench-test-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Lines by file, in no order, without `asof`. */
const linesOf = (events: string) =>
  Object.fromEntries(
    readdirSync(events).map((name) => [
      name,
      readFileSync(join(events, name), "utf8")
        .split("\n")
        .map((line) => line.replace(/"asof":"\d+"/u, ""))
        .toSorted()
    ])
  )

/** What both loops wrote. */
const written = (source: SourceName) =>
  Effect.gen(function* () {
    const { options, vendor } = vendorOf(source, records)
    const sandbox = yield* start(options)
    const job = (loop: Job["loop"]): Job => {
      const own = join(folder, loop)
      mkdirSync(own)
      return { loop, source, sink: "log", records, vendor: vendor(sandbox), folder: own }
    }
    const ours = yield* Effect.promise(() => Ours.run(job("ours"), () => undefined))
    const loop = yield* Effect.promise(() => Loops.run(job("same-work")))
    assert.strictEqual(ours, records)
    assert.strictEqual(loop, records)
    return {
      ours: linesOf(join(folder, "ours", "log", "events")),
      loop: linesOf(join(folder, "same-work", "events"))
    }
  }).pipe(Effect.scoped, Effect.runPromise)

describe("the same-work loop", () => {
  it("writes the bytes that we write, of calls", async () => {
    const { loop, ours } = await written("recentcalls")
    assert.deepStrictEqual(loop, ours)
  })

  it("writes the bytes that we write, of stored objects", async () => {
    const { loop, ours } = await written("storage")
    assert.deepStrictEqual(loop, ours)
  })
})
