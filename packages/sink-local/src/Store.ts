/**
 * What the sink holds, as one: day files and `search.db` of a folder, changed together. Lines are durable before the
 * transaction that knows their length is committed. Runs in the writer thread; blocks.
 */
import { mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import type { DatabaseSync, StatementSync } from "node:sqlite"
import { idOf, lock, openDatabase } from "./Database.ts"
import { Documents } from "./Documents.ts"
import { type Appended, EventLog, syncFolder } from "./EventLog.ts"
import type { Batch, Opened, Written } from "./Messages.ts"
import { Refusal } from "./Trouble.ts"
import { entityOf, Versions } from "./Versions.ts"

export class Store {
  readonly opened: Opened
  private readonly held: DatabaseSync
  private readonly database: DatabaseSync
  private readonly log: EventLog
  private readonly versions: Versions
  private readonly documents: Documents
  private readonly setLength: StatementSync

  private constructor(held: DatabaseSync, folder: string) {
    const database = openDatabase(folder)
    const lengths = database.prepare("SELECT name, length FROM files").all()
    this.held = held
    this.database = database
    this.log = new EventLog(
      join(folder, "events"),
      new Map(lengths.map(({ length, name }) => [String(name), Number(length)]))
    )
    this.opened = { id: idOf(database), repair: this.log.repair() }
    this.versions = new Versions(database)
    this.documents = new Documents(database)
    this.setLength = database.prepare("INSERT OR REPLACE INTO files (name, length) VALUES (?, ?)")
  }

  /** Makes the folder where there is none, takes its lock, and cuts what a killed process left. */
  static open(folder: string): Store {
    mkdirSync(join(folder, "events"), { recursive: true, mode: 0o700 })
    const held = lock(folder)
    try {
      refuseOrphans(folder)
      const store = new Store(held, folder)
      syncFolder(folder)
      return store
    } catch (error) {
      held.close()
      throw error
    }
  }

  /** Writes a batch; when it answers, all of it is durable. When it throws, nothing of it is there. */
  async write(batch: Batch): Promise<Written> {
    const { database, documents, log, setLength, versions } = this
    let appended: Appended | undefined
    let written: Written
    try {
      database.exec("BEGIN IMMEDIATE")
      const judged = judge(versions, batch)
      written = judged.written
      appended = log.append(judged.texts)
      for (const [name, length] of appended.lengths) setLength.run(name, length)
      const { documents: found } = batch
      versions.write((place, before) =>
        found === undefined ? before : documents.replace(before, found[place] ?? null)
      )
      await appended.synced
    } catch (error) {
      await appended?.synced.catch(() => undefined)
      appended?.undo()
      this.abandon()
      throw error
    }
    try {
      database.exec("COMMIT")
    } catch (error) {
      // Whether the commit is on the disk is not known: the lines stay until the next write or start says so.
      this.abandon()
      throw error
    }
    appended.commit()
    versions.committed()
    return written
  }

  close(): void {
    this.log.close()
    this.database.close()
    this.held.close()
  }

  private abandon(): void {
    this.versions.undo()
    if (this.database.isTransaction) this.database.exec("ROLLBACK")
  }
}

/** Decides over each event of a batch: the answers, and what is to be appended to which file. */
const judge = (versions: Versions, batch: Batch) => {
  const { asofs, ids, parts, sizes, text } = batch
  const entities = batch.entities.map(entityOf)
  versions.begin(entities)
  const written: Written = { newest: new Float64Array(ids.length), isNewest: new Uint8Array(ids.length) }
  const texts = new Map<string, Uint8Array>()
  let place = 0
  let at = 0
  for (const { count, name } of parts) {
    const start = at
    let end = at
    for (const last = place + count; place < last; place++) {
      const size = sizes[place] ?? 0
      const fate = versions.judge(entities[place] ?? "", ids[place] ?? "", asofs[place] ?? 0, place)
      if (fate.log) {
        // What is in the log already leaves a hole, into which the next lines move.
        if (end < at) text.copyWithin(end, at, at + size)
        end += size
      }
      written.newest[place] = fate.asof
      written.isNewest[place] = fate.newest ? 1 : 0
      at += size
    }
    if (end > start) texts.set(name, text.subarray(start, end))
  }
  return { written, texts }
}

/** Without its `search.db` every line of a log would look uncommitted, and be cut. */
const refuseOrphans = (folder: string): void => {
  if (readdirSync(folder).includes("search.db") || readdirSync(join(folder, "events")).length === 0) return
  throw new Refusal("foreign", "there is an event log, but not the search.db that belongs to it")
}
