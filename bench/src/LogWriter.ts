/** Appends to `NAME.jsonl` in a folder; synced about as often as sink-local does it, every 2,500 records. */
import { closeSync, fdatasync, mkdirSync, openSync, writeSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { CloudEvent } from "@callstream/model"
import type { Passed, Writer } from "./Writer.ts"

const sync = promisify(fdatasync)

/** The lines of a page by file. */
const textsOf = (page: Passed): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>()
  if ("rows" in page) return texts.set("rows", page.rows.map(({ row }) => `${JSON.stringify(row)}\n`).join(""))
  for (const event of page.events) {
    const day = event.time?.slice(0, 10) ?? "undated"
    texts.set(day, `${texts.get(day) ?? ""}${CloudEvent.toJson(event)}\n`)
  }
  return texts
}

export const openLog = (folder: string): Writer => {
  mkdirSync(folder)
  const files = new Map<string, number>()
  const dirty = new Set<number>()
  let unsynced = 0
  const flush = async () => {
    await Promise.all([...dirty].map((fd) => sync(fd)))
    dirty.clear()
    unsynced = 0
  }
  return {
    write: async (page) => {
      for (const [name, text] of textsOf(page)) {
        const fd = files.get(name) ?? openSync(join(folder, `${name}.jsonl`), "a")
        files.set(name, fd)
        writeSync(fd, text)
        dirty.add(fd)
      }
      unsynced += "rows" in page ? page.rows.length : page.events.length
      if (unsynced >= 2500) await flush()
    },
    close: async () => {
      await flush()
      for (const fd of files.values()) closeSync(fd)
    }
  }
}
