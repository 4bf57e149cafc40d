/** What SQLite's and the file system's errors mean to an operator: a reason and a remedy. */
import { StateFailed, StateRefused } from "./State.ts"

/** A result code of SQLite, https://sqlite.org/rescode.html. */
export const BUSY = 5

interface Fault {
  readonly reason: string
  readonly remedy: string
}

const faults: Readonly<Record<number, Fault>> = {
  5: { reason: "is being written by another process", remedy: "It is tried again" },
  6: { reason: "is being written by another process", remedy: "It is tried again" },
  7: { reason: "cannot be handled for want of memory", remedy: "Give the process more memory" },
  8: {
    reason: "may not be written",
    remedy: "Give the user that runs the worker write access to the file and its folder"
  },
  10: {
    reason: "cannot be read or written: the disk reports an error",
    remedy: "Look at the disk and the system's log"
  },
  11: { reason: "is damaged", remedy: "Restore it from a backup, or move it away to read everything again" },
  13: { reason: "cannot grow: the disk is full", remedy: "Make room; it goes on by itself" },
  14: { reason: "cannot be opened", remedy: "See that its folder exists, and that you may read and write it" },
  23: {
    reason: "may not be read or written",
    remedy: "Give the user that runs the worker access to the file and its folder"
  },
  26: {
    reason: "is not a state: the file is no SQLite database, or it is damaged",
    remedy: "See that the path is right"
  }
}

/** SQLite's primary result code, where an error is SQLite's. */
export const codeOf = (cause: unknown): number | undefined =>
  cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number" ? cause.errcode & 0xff : undefined

const faultOf = (cause: unknown): Fault | undefined => {
  const code = codeOf(cause)
  if (code === undefined || !(cause instanceof Error)) return undefined
  return faults[code] ?? { reason: `failed: ${cause.message}`, remedy: "This is a defect: please report it" }
}

/** The failure of a running state; `undefined` for what is a defect of ours. */
export const failed = (path: string, cause: unknown): StateFailed | undefined => {
  if (cause instanceof StateFailed) return cause
  const fault = faultOf(cause)
  return fault === undefined ? undefined : new StateFailed({ path, ...fault })
}

/** Why a state cannot be opened; `undefined` for what is a defect of ours. */
export const refused = (path: string, cause: unknown): StateRefused | undefined => {
  if (cause instanceof StateRefused) return cause
  const fault = faultOf(cause) ?? fileFault(cause)
  return fault === undefined ? undefined : new StateRefused({ path, ...fault })
}

const fileFault = (cause: unknown): Fault | undefined => {
  if (!(cause instanceof Error) || !("code" in cause) || typeof cause.code !== "string") return undefined
  switch (cause.code) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return { reason: "may not be written", remedy: "Give the user that runs the worker write access to its folder" }
    case "ENOSPC":
    case "EDQUOT":
      return { reason: "cannot be made: the disk is full", remedy: "Make room" }
    case "ENOTDIR":
    case "EEXIST":
      return { reason: "cannot be made: a part of its path is a file", remedy: "See that the path is right" }
    case "ENOENT":
      return { reason: "cannot be made: its folder is missing", remedy: "See that the path is right" }
    default:
      return { reason: `cannot be made: ${cause.code}`, remedy: "See that the path is right, and the disk in order" }
  }
}

/** For a saved text that its schema does not know. */
export const damaged = (path: string, what: string): StateFailed =>
  new StateFailed({
    path,
    reason: `is damaged: ${what} cannot be read`,
    remedy: "Restore it from a backup, or move it away to read everything again"
  })
