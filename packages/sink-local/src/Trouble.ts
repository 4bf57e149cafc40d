/** What the file system and SQLite complain about, by what is to be done. Runs in the writer thread. */
import type { Trouble } from "./Messages.ts"

/** The thread itself says what is wrong. */
export class Refusal extends Error {
  readonly kind: Trouble["kind"]

  constructor(kind: Trouble["kind"], reason: string) {
    super(reason)
    this.kind = kind
  }
}

/** Primary result codes of SQLite: https://www.sqlite.org/rescode.html (read 2026-11-21). */
const sqlite: Readonly<Record<number, Trouble["kind"]>> = {
  8: "forbidden",
  11: "damaged",
  13: "full",
  14: "forbidden",
  26: "damaged"
}

const files: Readonly<Record<string, Trouble["kind"]>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EFBIG: "full",
  EACCES: "forbidden",
  EPERM: "forbidden",
  EROFS: "forbidden",
  EEXIST: "misplaced",
  ENOTDIR: "misplaced"
}

/** SQLite's code for a write that failed for any reason but ENOSPC: mostly a quota, or a limit on the size of files. */
const failedWrite = 778

/** Sorts an error of the file system or of SQLite. */
export const troubleOf = (error: unknown): Trouble => {
  if (error instanceof Refusal) return { kind: error.kind, reason: error.message }
  const code = field(error, "code")
  if (typeof code === "string" && files[code] !== undefined) return { kind: files[code], reason: code }
  const result = field(error, "errcode")
  if (typeof result === "number") {
    const kind = result === failedWrite ? "full" : (sqlite[result % 256] ?? "other")
    const text = field(error, "errstr")
    return { kind, reason: `SQLite error ${result}${typeof text === "string" ? `: ${text}` : ""}` }
  }
  return { kind: "other", reason: typeof code === "string" ? code : error instanceof Error ? error.message : "unknown" }
}

const field = (error: unknown, name: string): unknown =>
  typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined
