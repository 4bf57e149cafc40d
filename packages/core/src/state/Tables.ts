/**
 * The tables of a state, their format number, and whose state it is. A change of format is a new step at the end of
 * `steps`: an older file is brought up step by step, each step in one transaction; a newer one is refused.
 */
import { randomUUID } from "node:crypto"
import type { DatabaseSync } from "node:sqlite"
import { StateRefused } from "./State.ts"

/** Keys and fingerprints are bound as they are; blobs are packed rows. All times are epoch milliseconds. */
const format1 = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE partition (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  stream TEXT NOT NULL,
  name TEXT NOT NULL,
  progress TEXT,
  books TEXT,
  committed INTEGER NOT NULL DEFAULT 0,
  offered INTEGER NOT NULL DEFAULT 0,
  doubts TEXT NOT NULL DEFAULT '[]',
  UNIQUE (source, stream, name)
);
CREATE TABLE seen (
  partition INTEGER NOT NULL,
  key TEXT NOT NULL,
  content TEXT NOT NULL,
  id TEXT,
  asof INTEGER NOT NULL,
  version INTEGER,
  revision INTEGER NOT NULL,
  batch INTEGER NOT NULL,
  token TEXT,
  day INTEGER NOT NULL,
  PRIMARY KEY (partition, key)
) WITHOUT ROWID;
CREATE TABLE pending (
  partition INTEGER NOT NULL,
  key TEXT NOT NULL,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  token TEXT NOT NULL,
  request TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  due INTEGER NOT NULL,
  PRIMARY KEY (partition, key)
) WITHOUT ROWID;
CREATE INDEX pending_due ON pending (partition, due);
CREATE TABLE dead_letter (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  partition INTEGER NOT NULL,
  key TEXT NOT NULL,
  stage TEXT NOT NULL,
  type TEXT,
  subject TEXT,
  reason TEXT NOT NULL,
  payload TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (partition, key, stage)
);
CREATE TABLE park (
  source TEXT NOT NULL,
  stream TEXT NOT NULL,
  partition TEXT NOT NULL,
  settings TEXT NOT NULL,
  reason TEXT NOT NULL,
  remedy TEXT NOT NULL,
  since INTEGER NOT NULL,
  next_try INTEGER NOT NULL,
  PRIMARY KEY (source, stream, partition)
) WITHOUT ROWID;
CREATE TABLE sink (name TEXT PRIMARY KEY, identity TEXT NOT NULL, complete_since INTEGER) WITHOUT ROWID;
CREATE TABLE request (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  report TEXT
);
`

/** What another try of a dead letter needs, and which sinks a content is fetched for once more: JSON. */
const format2 = `
ALTER TABLE dead_letter ADD COLUMN again TEXT;
ALTER TABLE pending ADD COLUMN refill TEXT;
`

/** What brings a database from each format to the next; the first from an empty file to format 1. */
export const steps: ReadonlyArray<string> = [format1, format2]

const formatOf = (sql: DatabaseSync): number => Number(sql.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0)

/** Brings the tables up to this version's format. Refuses a newer one, and a database that is something else. */
export const migrate = (path: string, sql: DatabaseSync, upgrades: ReadonlyArray<string> = steps): void => {
  checkFormat(path, sql, upgrades.length)
  for (let format = formatOf(sql); format < upgrades.length; format += 1) {
    sql.exec("BEGIN IMMEDIATE")
    try {
      sql.exec(`${upgrades[format] ?? ""}; PRAGMA user_version = ${format + 1}; COMMIT`)
    } catch (cause) {
      if (sql.isTransaction) sql.exec("ROLLBACK")
      throw cause
    }
  }
}

const checkFormat = (path: string, sql: DatabaseSync, newest: number): void => {
  const format = formatOf(sql)
  if (format > newest) {
    throw new StateRefused({
      path,
      reason: `has format ${format}, and this version knows formats up to ${newest}`,
      remedy: "A newer version has written it: use that one, or another state file"
    })
  }
  if (format === 0 && sql.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined) {
    throw new StateRefused({
      path,
      reason: "is a database of something else",
      remedy: "Name a file of its own for the state"
    })
  }
}

/** For those who write: refuses a newer format, and a database that is something else. */
export const checkOurs = (path: string, sql: DatabaseSync): void => checkFormat(path, sql, steps.length)

/** For those who only look: refuses whatever is not in this version's format. */
export const checkReadable = (path: string, sql: DatabaseSync): void => {
  checkFormat(path, sql, steps.length)
  const format = formatOf(sql)
  if (format === 0) throw notYet(path)
  if (format < steps.length) {
    throw new StateRefused({
      path,
      reason: `has format ${format}, of an older version`,
      remedy: "Start the worker of this version once: it brings the state up to date"
    })
  }
}

export const notYet = (path: string): StateRefused =>
  new StateRefused({
    path,
    reason: "does not exist: the pipeline has not run yet",
    remedy: "Start it with callstream run"
  })

/** Makes a database ready for the worker of a pipeline. */
export const prepare = (path: string, sql: DatabaseSync, pipeline: string): void => {
  migrate(path, sql)
  claim(path, sql, pipeline)
}

/** Enters whose state it is, or refuses another pipeline's. Gives the state's own id. */
const claim = (path: string, sql: DatabaseSync, pipeline: string): string => {
  const owner = getMeta(sql, "pipeline")
  if (owner === undefined) {
    setMeta(sql, "pipeline", pipeline)
    setMeta(sql, "id", randomUUID())
  } else if (owner !== pipeline) {
    throw new StateRefused({
      path,
      reason: `is the state of pipeline ${owner}, not of ${pipeline}`,
      remedy: "Give each pipeline a state file of its own"
    })
  }
  return getMeta(sql, "id") ?? ""
}

export const getMeta = (sql: DatabaseSync, name: string): string | undefined => {
  const value = sql.prepare("SELECT value FROM meta WHERE name = ?").get(name)?.["value"]
  return typeof value === "string" ? value : undefined
}

export const setMeta = (sql: DatabaseSync, name: string, value: string): void => {
  sql.prepare("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value").run(name, value)
}
