/** A state's file: made for its owner's eyes only, opened with the right pragmas, and synced without blocking. */
import { chmodSync, closeSync, existsSync, fdatasync, fsyncSync, mkdirSync, openSync, statSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import type { Durable } from "./Database.ts"
import { StateFailed, StateRefused } from "./State.ts"
import * as Tables from "./Tables.ts"

/** How long a transaction waits for another process's, milliseconds. */
const busyMs = 5_000
/** Most memory SQLite keeps pages in, KiB. */
const cacheKiB = 4 * 1024

/** Makes the folder of a path. Throws what the file system says. */
export const makeFolder = (path: string): void => {
  mkdirSync(dirname(resolve(path)), { recursive: true, mode: 0o700 })
}

/** Refuses a folder, a device and the like: nothing of them may be touched. */
export const mustBeFile = (path: string): void => {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== false) return
  throw new StateRefused({ path, reason: "is not a file", remedy: "Name a file of its own for the state" })
}

/** Opens or makes the file, which stays as it is unless it is a state. Throws what SQLite or the file system says. */
export const openToWrite = (path: string): DatabaseSync => {
  // Made before SQLite makes it, for its mode; "wx" never opens a file that is there, whose locks closing would free.
  if (!existsSync(path)) {
    try {
      closeSync(openSync(path, "wx", 0o600))
    } catch (cause) {
      if (!existsSync(path)) throw cause
    }
  }
  const sql = new DatabaseSync(path, { timeout: busyMs })
  try {
    Tables.checkOurs(path, sql)
    chmodSync(path, 0o600)
    sql.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${cacheKiB}`)
    return sql
  } catch (cause) {
    sql.close()
    throw cause
  }
}

/** Opens a file that is there, to read, or to put requests. */
export const openExisting = (path: string, options: { readonly readOnly: boolean }): DatabaseSync =>
  new DatabaseSync(path, { timeout: busyMs, readOnly: options.readOnly })

/**
 * Syncs the write-ahead log without blocking: `durable` begins at once, and its effect waits. What several ask for at a
 * time is one sync: who comes while one runs waits for the next, which covers what was written since.
 */
export const syncing = (path: string): { readonly durable: Durable; readonly close: () => void } => {
  const log = openSync(`${path}-wal`, "r+")
  const folder = openSync(dirname(resolve(path)), "r")
  fsyncSync(folder)
  closeSync(folder)
  let running = false
  let closed = false
  let waiting: Array<(result: Effect.Effect<void, StateFailed>) => void> = []
  const start = () => {
    const covered = waiting
    waiting = []
    running = true
    fdatasync(log, (error) => {
      running = false
      if (closed) closeSync(log)
      else if (waiting.length > 0) start()
      const result = error === null ? Effect.void : Effect.fail(unsafe(path, error))
      for (const resume of covered) resume(result)
    })
  }
  return {
    durable: () => {
      let result: Effect.Effect<void, StateFailed> | undefined
      let resume: ((result: Effect.Effect<void, StateFailed>) => void) | undefined
      waiting.push((outcome) => {
        result = outcome
        resume?.(outcome)
      })
      if (!running) start()
      return Effect.callback((wake) => {
        if (result === undefined) resume = wake
        else wake(result)
      })
    },
    close: () => {
      closed = true
      if (!running) closeSync(log)
    }
  }
}

const unsafe = (path: string, error: NodeJS.ErrnoException): StateFailed =>
  new StateFailed({
    path,
    reason: `cannot be written safely: ${error.code ?? error.name}`,
    remedy: "Look at the disk and the system's log"
  })
