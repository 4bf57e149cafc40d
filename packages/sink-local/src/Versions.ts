/**
 * Which versions of which entities are there: tells an event that comes again from a new one, and a late older one from
 * the newest. Runs in the writer thread.
 *
 * Entities are hashes, so their rows are all over the table: inserting a few thousand at a time would write most pages of
 * a large table every time. So new rows are appended to `recent`, held in memory too, and sorted into the table when
 * there are many of them.
 */
import { hash } from "node:crypto"
import type { DatabaseSync, StatementSync } from "node:sqlite"

/** The newest version of an entity. */
interface Version {
  readonly asof: number
  readonly id: string
  /** Its row in `documents`; `null` where nothing is to be found. */
  readonly document: number | null
}

/** A version of the transaction that is open; its document is the event's at this place, or stays as it is at -1. */
interface Staged extends Version {
  readonly place: number
}

/** What becomes of an event. */
export interface Fate {
  /** It is not in the log yet. */
  readonly log: boolean
  /** It is the newest version of its entity. */
  readonly newest: boolean
  /** The newest version there is now. */
  readonly asof: number
}

/** Rows held in memory, some 15 MB, before they are sorted into the table. */
const mostRecent = 65_536

/** The key of an entity: 96 bits of SHA-256 of its source, type and subject. Kept by the thousand: not as a part of all. */
export const entityOf = (text: string): string => {
  const all = hash("sha256", text, "base64url")
  return [all.slice(0, 8), all.slice(8, 16)].join("")
}

export class Versions {
  private readonly recent = new Map<string, Version>()
  /** Of the transaction that is open: what it decided, what the table had before, and what was written. */
  private readonly staged = new Map<string, Staged>()
  private readonly looked = new Map<string, Version>()
  private readonly written: Array<readonly [entity: string, version: Version]> = []
  private sorted = false
  private readonly database: DatabaseSync
  private readonly select: StatementSync
  private readonly append: StatementSync
  private readonly hasOlder: StatementSync
  private readonly putOlder: StatementSync

  constructor(database: DatabaseSync) {
    this.database = database
    this.select = database.prepare(
      "SELECT v.entity, v.asof, v.id, v.document FROM json_each(?) AS wanted JOIN versions AS v ON v.entity = wanted.value"
    )
    this.append = database.prepare("INSERT INTO recent (entity, asof, id, document) VALUES (?, ?, ?, ?)")
    this.hasOlder = database.prepare("SELECT 1 FROM older WHERE entity = ? AND id = ?")
    this.putOlder = database.prepare("INSERT OR IGNORE INTO older (entity, id) VALUES (?, ?)")
    for (const row of database.prepare("SELECT entity, asof, id, document FROM recent ORDER BY number").iterate()) {
      this.recent.set(String(row["entity"]), versionOf(row))
    }
  }

  /**
   * Decides over an event, at its place in the write. The same id twice is the same event, and the later `asof` wins; of
   * two with one `asof` the larger id, so that the order of arrival never matters. An older version belongs in the log.
   * An id that comes back after another version is newest again: it is logged again, or a reader of the log would take
   * the version between for the newest.
   */
  judge(entity: string, id: string, asof: number, place: number): Fate {
    const known = this.newest(entity)
    if (known === undefined) {
      this.staged.set(entity, { asof, id, document: null, place })
      return { log: true, newest: true, asof }
    }
    if (id === known.id) {
      if (asof <= known.asof) return { log: false, newest: true, asof: known.asof }
      this.staged.set(entity, { place: -1, ...known, asof })
      return { log: false, newest: true, asof }
    }
    if (asof > known.asof || (asof === known.asof && id > known.id)) {
      this.staged.set(entity, { asof, id, document: known.document, place })
      this.putOlder.run(entity, known.id)
      return { log: true, newest: true, asof }
    }
    const log = this.hasOlder.get(entity, id) === undefined
    if (log) this.putOlder.run(entity, id)
    return { log, newest: false, asof: known.asof }
  }

  /** Writes what was decided; `index` puts the document of the event at a place where another was, and gives its row. */
  write(index: (place: number, before: number | null) => number | null): void {
    for (const [entity, { asof, document, id, place }] of this.staged) {
      const row = place === -1 ? document : index(place, document)
      this.append.run(entity, asof, id, row)
      this.written.push([entity, { asof, id, document: row }])
    }
  }

  /** First thing in a transaction: looks up, all at once, the entities that will be judged. */
  begin(entities: ReadonlyArray<string>): void {
    if (this.recent.size >= mostRecent) {
      this.database.exec(
        `INSERT OR REPLACE INTO versions SELECT entity, asof, id, document FROM recent ORDER BY entity, number;
         DELETE FROM recent`
      )
      this.sorted = true
    }
    const wanted = this.sorted ? entities : entities.filter((entity) => !this.recent.has(entity))
    for (const row of this.select.iterate(JSON.stringify(wanted.toSorted()))) {
      this.looked.set(String(row["entity"]), versionOf(row))
    }
  }

  /** After the commit. */
  committed(): void {
    if (this.sorted) this.recent.clear()
    for (const [entity, version] of this.written) this.recent.set(entity, version)
    this.undo()
  }

  /** After a rollback. */
  undo(): void {
    this.staged.clear()
    this.written.length = 0
    this.looked.clear()
    this.sorted = false
  }

  private newest(entity: string): Version | undefined {
    return this.staged.get(entity) ?? (this.sorted ? undefined : this.recent.get(entity)) ?? this.looked.get(entity)
  }
}

const versionOf = (row: Readonly<Record<string, unknown>>): Version => ({
  asof: Number(row["asof"]),
  id: String(row["id"]),
  document: typeof row["document"] === "number" ? row["document"] : null
})
