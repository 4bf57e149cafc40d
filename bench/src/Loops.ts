/**
 * The two loops that Callstream is measured by, written as one would by hand: pages with undici's `request` and
 * `JSON.parse`, one after another; one send at a time; a checkpoint a page (a small file, written and renamed); no
 * retries, schemas, seen-index or metrics.
 *
 * The same-work loop makes our events, and what it writes is byte for byte what ours does. The bare loop passes the
 * vendor's rows on as they are.
 */
import { renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { callEvent, objectEvent } from "./Events.ts"
import { openIndices } from "./IndexWriter.ts"
import type { Job } from "./Job.ts"
import { openLog } from "./LogWriter.ts"
import { recentcalls, storage } from "./Pages.ts"
import { openTopics } from "./TopicWriter.ts"
import type { Passed, Writer } from "./Writer.ts"

const open = ({ folder, place, sink }: Job): Writer => {
  switch (sink) {
    case "count":
      return { write: () => Promise.resolve(), close: () => Promise.resolve() }
    case "log":
      return openLog(join(folder, "events"))
    default: {
      if (place === undefined) throw new Error(`There is no place to write to for ${sink}`)
      return sink === "kafka" ? openTopics(place) : openIndices(place)
    }
  }
}

/** Runs a loop; gives how many records it passed on. */
export const run = async (job: Job): Promise<number> => {
  const { folder, loop, source, vendor } = job
  const writer = open(job)
  const checkpoint = join(folder, "checkpoint.json")
  let count = 0
  const pass = async (page: Passed, length: number) => {
    await writer.write(page)
    count += length
    writeFileSync(`${checkpoint}.new`, JSON.stringify({ read: count }))
    renameSync(`${checkpoint}.new`, checkpoint)
  }
  if (source === "recentcalls") {
    for await (const rows of recentcalls(vendor)) {
      const asof = String(Date.now())
      const page =
        loop === "bare"
          ? { rows: rows.map((row) => ({ id: row.callId, row })) }
          : { events: rows.map((row) => callEvent(row, asof)) }
      await pass(page, rows.length)
    }
  } else {
    for await (const rows of storage(vendor)) {
      const asof = String(Date.now())
      const page =
        loop === "bare"
          ? { rows: rows.map((row) => ({ id: row.id, row })) }
          : { events: rows.map((row) => objectEvent(row, asof)) }
      await pass(page, rows.length)
    }
  }
  await writer.close()
  return count
}
