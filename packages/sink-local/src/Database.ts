/**
 * `search.db`: what of the event log is committed, which versions are known, and the documents that are searched.
 * The one writer opens it here, in the writer thread; readers open it in `Search.ts`.
 */
import { closeSync, openSync } from "node:fs"
import { join } from "node:path"
import { randomUUID } from "node:crypto"
import { DatabaseSync } from "node:sqlite"
import { Refusal } from "./Trouble.ts"

/** Raised when the tables change; a newer one is refused. */
export const version = 1

/**
 * - `files`: committed length of each day file.
 * - `versions`: the newest version of each entity and its row in `documents`; `recent` is what is not yet sorted into
 *   it; `older` are the versions before the newest that are in the log too. An entity is a hash, see `Versions.ts`.
 * - `documents`: what is searched, a row per entity. `found` is its full-text index.
 */
const tables = `
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (name TEXT PRIMARY KEY, length INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE versions (
  entity TEXT PRIMARY KEY, asof INTEGER NOT NULL, id TEXT NOT NULL, document INTEGER
) WITHOUT ROWID;
CREATE TABLE recent (
  number INTEGER PRIMARY KEY, entity TEXT NOT NULL, asof INTEGER NOT NULL, id TEXT NOT NULL, document INTEGER
);
CREATE TABLE older (entity TEXT, id TEXT, PRIMARY KEY (entity, id)) WITHOUT ROWID;
CREATE TABLE documents (
  number INTEGER PRIMARY KEY, grouped TEXT NOT NULL, conversation TEXT NOT NULL, type TEXT NOT NULL,
  subject TEXT NOT NULL, time TEXT, text TEXT NOT NULL, fields TEXT NOT NULL, digits TEXT NOT NULL
);
CREATE VIRTUAL TABLE found USING fts5(
  text, fields, digits, content='documents', content_rowid='number', tokenize='unicode61 remove_diacritics 2'
);
`

/** Pages of the write-ahead log after which it is worked into the file: 32 MiB, so that a page is not written often. */
const checkpointPages = 8192

/** Opens `search.db`, and makes it where the folder is new. A commit is durable before it returns. */
export const openDatabase = (folder: string): DatabaseSync => {
  const path = join(folder, "search.db")
  createPrivate(path)
  const database = new DatabaseSync(path)
  try {
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;
       PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 67108864`
    )
    const found = database.prepare("PRAGMA user_version").get()?.["user_version"]
    if (found === 0) {
      database.exec(`BEGIN IMMEDIATE; ${tables}; PRAGMA user_version = ${version}`)
      database.prepare("INSERT INTO about (name, value) VALUES ('id', ?)").run(randomUUID())
      database.exec("COMMIT")
    } else if (found !== version) {
      throw new Refusal("foreign", `search.db has format ${String(found)}, and this release knows up to ${version}`)
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** What was made up at the first start. */
export const idOf = (database: DatabaseSync): string =>
  String(database.prepare("SELECT value FROM about WHERE name = 'id'").get()?.["value"])

/**
 * Takes the lock of a folder: an exclusive transaction on a file of its own, so that readers of `search.db` are not kept
 * out, and the system frees it however the process ends.
 */
export const lock = (folder: string): DatabaseSync => {
  const path = join(folder, "writer.lock")
  createPrivate(path)
  const held = new DatabaseSync(path)
  try {
    held.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE")
    return held
  } catch (error) {
    held.close()
    throw busy(error) ? new Refusal("locked", "another process holds writer.lock") : error
  }
}

const busy = (error: unknown): boolean => error instanceof Error && "errcode" in error && error.errcode === 5

/**
 * Makes an empty file for its owner only, unless it is there. One that is there is not opened: closing a file takes away
 * the locks that SQLite holds on it in this process.
 */
const createPrivate = (path: string): void => {
  try {
    closeSync(openSync(path, "wx", 0o600))
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
  }
}
