/**
 * The worker's lock on a state: an exclusive lock of SQLite's on a companion file. The system frees it when the process
 * ends, however it ends, so that no stale process number can block.
 */
import { chmodSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { BUSY, codeOf } from "./Fault.ts"

const lockPath = (path: string): string => `${path}.lock`

/** Takes the lock; `undefined` when somebody else has it. Closing frees it. */
export const take = (path: string): DatabaseSync | undefined => {
  const lock = new DatabaseSync(lockPath(path), { timeout: 0 })
  try {
    // Never open the file otherwise: closing any descriptor of it would free the locks of the whole process.
    chmodSync(lockPath(path), 0o600)
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE")
    return lock
  } catch (cause) {
    lock.close()
    if (codeOf(cause) === BUSY) return undefined
    throw cause
  }
}
