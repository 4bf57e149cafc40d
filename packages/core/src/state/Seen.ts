/**
 * The seen-index of a partition: a table in the order of its keys. Keys of one time are neighbours (`entityKey`), so what
 * a page needs is one range of it, and what a page writes touches few pages of the file. Keys without a time are looked
 * up one by one.
 */
import type { Columns, Doubts } from "./Column.ts"
import type { Database } from "./Database.ts"
import type { SeenRow } from "./State.ts"

export const dayMs = 86_400_000

export const inDoubt = (doubts: Doubts, batch: number): boolean => {
  const last = doubts.at(-1)
  if (last === undefined || batch > last[1]) return false
  return doubts.some(([after, through]) => batch > after && batch <= through)
}

export interface Seen {
  /** Rows by key; there may be some that were not asked for. */
  readonly get: (keys: ReadonlyArray<string>, doubts: Doubts) => ReadonlyMap<string, SeenRow>
  /** Within a transaction: writes rows, and on which day others were read. */
  readonly put: (changed: ReadonlyArray<SeenRow>, readAgain: ReadonlyArray<string>, now: number) => void
  /**
   * Within a transaction: forgets rows of some keys after this one, last read before a day, unless their batch is still
   * of use. Gives how many, and the last key it looked at; `undefined` when there are no more.
   */
  readonly evict: (
    after: string,
    before: number,
    useful: (batch: number) => boolean
  ) => { readonly last: string; readonly count: number } | undefined
}

const columns = "key, content, id, asof, version, revision, batch, token, day"

/** From so many keys of a time on, their range is read. */
const worthRange = 8
/** Rows of a range that may be read for each key that is asked for; more of them, and each key is looked up. */
const density = 4
const evictAtOnce = 5_000
/** Rows that are written by one statement. */
const putAtOnce = 50

/** Keys of entities that have no time begin with this: their neighbours are strangers. */
const timeless = "-".repeat(6)
const isTimed = (key: string): boolean => !key.startsWith(timeless)

export const make = (database: Database, column: Columns, partition: () => number): Seen => {
  /** On which day the rows of the last look-up were read before, so that only those of another day are written. */
  let days = new Map<string, number>()

  const rowOf = (row: Readonly<Record<number, Parameters<Columns["text"]>[0]>>, doubts: Doubts): SeenRow => {
    const content = column.text(row[1])
    const version = column.optionalNumber(row[4])
    const token = column.optionalText(row[7])
    const batch = column.number(row[6])
    const key = column.text(row[0])
    days.set(key, column.number(row[8]))
    return {
      key,
      content,
      id: column.optionalText(row[2]) ?? content,
      asof: column.number(row[3]),
      ...(version === undefined ? {} : { version }),
      revision: column.number(row[5]),
      batch,
      doubt: inDoubt(doubts, batch),
      ...(token === undefined ? {} : { token })
    }
  }

  /** The rows between the least and the largest of some keys; `undefined` when there are too many. */
  const range = (keys: ReadonlyArray<string>, doubts: Doubts, found: Map<string, SeenRow>): boolean => {
    let least = keys[0] ?? ""
    let largest = least
    for (const key of keys) {
      if (key < least) least = key
      else if (key > largest) largest = key
    }
    const most = keys.length * density
    const rows = database
      .statement(`SELECT ${columns} FROM seen WHERE partition = ? AND key BETWEEN ? AND ? LIMIT ?`)
      .all(partition(), least, largest, most)
    if (rows.length === most) return false
    for (const row of rows) {
      const seen = rowOf(row, doubts)
      found.set(seen.key, seen)
    }
    return true
  }

  return {
    get: (keys, doubts) => {
      days = new Map()
      const found = new Map<string, SeenRow>()
      const timed = keys.filter(isTimed)
      const ranged = timed.length >= worthRange && range(timed, doubts, found)
      if (ranged && timed.length === keys.length) return found
      const get = database.statement(`SELECT ${columns} FROM seen WHERE partition = ? AND key = ?`)
      for (const key of keys) {
        if (ranged && isTimed(key)) continue
        const row = get.get(partition(), key)
        if (row !== undefined) found.set(key, rowOf(row, doubts))
      }
      return found
    },
    put: (changed, readAgain, now) => {
      const day = Math.floor(now / dayMs)
      const put = database.statement("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      const putOne = ({ asof, batch, content, id, key, revision, token, version }: SeenRow): void => {
        const own = id === content ? null : id
        put.run(partition(), key, content, own, asof, version ?? null, revision, batch, token ?? null, day)
      }
      const putAlike = database.statement(insertAlike)
      for (let at = 0; at < changed.length;) {
        const values = alike(changed, at)
        if (values === undefined) {
          const row = changed[at]
          if (row !== undefined) putOne(row)
          at += 1
        } else {
          putAlike.run(partition(), day, ...values)
          at += putAtOnce
        }
      }
      const touch = database.statement("UPDATE seen SET day = ? WHERE partition = ? AND key = ?")
      for (const key of readAgain) if ((days.get(key) ?? 0) < day) touch.run(day, partition(), key)
    },
    evict: (after, before, useful) => {
      const rows = database
        .statement("SELECT key, batch, day FROM seen WHERE partition = ? AND key > ? ORDER BY key LIMIT ?")
        .all(partition(), after, evictAtOnce)
      const last = rows.at(-1)
      if (last === undefined) return undefined
      const drop = database.statement("DELETE FROM seen WHERE partition = ? AND key = ?")
      const old = rows.filter((row) => column.number(row[2]) < before && !useful(column.number(row[1])))
      for (const row of old) drop.run(partition(), column.text(row[0]))
      return { last: column.text(last[0]), count: old.length }
    }
  }
}

/**
 * Most rows of a batch are of new entities, and differ by key, content and version only: a statement for many of them
 * binds little, and takes half the time.
 */
const insertAlike = `
WITH same(partition, day, asof, revision, batch) AS (VALUES (?, ?, ?, ?, ?))
INSERT OR REPLACE INTO seen
SELECT partition, column1, column2, NULL, asof, column3, revision, batch, NULL, day
FROM same, (VALUES ${Array.from({ length: putAtOnce }, () => "(?, ?, ?)").join(", ")})`

/** What `insertAlike` takes after partition and day, if the rows from here on are alike. */
const alike = (rows: ReadonlyArray<SeenRow>, from: number): Array<string | number | null> | undefined => {
  const first = rows[from]
  if (first === undefined || from + putAtOnce > rows.length) return undefined
  const { asof, batch, revision } = first
  const values: Array<string | number | null> = [asof, revision, batch]
  for (let i = from; i < from + putAtOnce; i++) {
    const row = rows[i]
    if (row === undefined || row.id !== row.content || row.token !== undefined) return undefined
    if (row.asof !== asof || row.batch !== batch || row.revision !== revision) return undefined
    values.push(row.key, row.content, row.version ?? null)
  }
  return values
}
