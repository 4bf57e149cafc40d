import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { EventLog } from "../src/EventLog.ts"

const day = "2026-02-03.jsonl"

/** A log in a folder of its own, with one committed line. */
const inFolder = async (test: (log: EventLog, path: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "callstream-log-"))
  const log = new EventLog(folder, new Map())
  try {
    const first = log.append(line("committed"))
    await first.synced
    first.commit()
    await test(log, join(folder, day))
  } finally {
    log.close()
    rmSync(folder, { recursive: true })
  }
}

const line = (text: string) => new Map([[day, Buffer.from(`${text}\n`)]])

describe("EventLog", () => {
  it("gives back the space of lines that are not to be", () =>
    inFolder(async (log, path) => {
      const failed = log.append(line("never answered"))
      assert.isAbove(statSync(path).size, 10)
      await failed.synced
      failed.undo()
      assert.strictEqual(readFileSync(path, "utf8"), "committed\n")
    }))

  it("writes after what is committed, whatever stands there", () =>
    inFolder(async (log, path) => {
      appendFileSync(path, "a long line that nobody knows of, and a ha")
      const next = log.append(line("next"))
      await next.synced
      next.commit()
      assert.strictEqual(readFileSync(path, "utf8"), "committed\nnext\n")
      assert.deepStrictEqual([...next.lengths], [[day, 15]])
    }))

  it("cuts nothing where the lengths are of another log", () =>
    inFolder(async (log, path) => {
      const bytes = Buffer.alloc(257 * 1024 * 1024, "x")
      const other = log.append(new Map([[day, bytes]]))
      await other.synced
      assert.throws(() => log.repair(), "search.db knows nothing of 269484032 bytes of the event log beside it")
      assert.strictEqual(statSync(path).size, bytes.length + 10)
    }))

  it("keeps a bounded number of files open, and finds the others again", () =>
    inFolder(async (log, path) => {
      const days = Array.from({ length: 80 }, (_, i) => `${1970 + i}-01-01.jsonl`)
      for (const word of ["one", "two"]) {
        const all = log.append(new Map(days.map((name) => [name, Buffer.from(`${word}\n`)])))
        await all.synced
        all.commit()
      }
      for (const name of days) assert.strictEqual(readFileSync(join(path, "..", name), "utf8"), "one\ntwo\n")
    }))
})
