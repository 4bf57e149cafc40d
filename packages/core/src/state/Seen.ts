/** The seen-index of a partition, in the tables of a state. */
import type { Database } from "./Database.ts"
import type { Columns, Doubts } from "./Column.ts"
import type { SeenRow } from "./State.ts"

export const dayMs = 86_400_000

export const inDoubt = (doubts: Doubts, batch: number): boolean => {
  const last = doubts.at(-1)
  if (last === undefined || batch > last[1]) return false
  return doubts.some(([after, through]) => batch > after && batch <= through)
}

export const make = (database: Database, column: Columns, partition: () => number) => ({
  get: (keys: ReadonlyArray<string>, doubts: Doubts): ReadonlyArray<SeenRow | undefined> => {
    const get = database.statement(
      "SELECT content, id, asof, version, revision, batch, token FROM seen WHERE partition = ? AND key = ?"
    )
    return keys.map((key) => {
      const row = get.get(partition(), key)
      if (row === undefined) return undefined
      const content = column.text(row[0])
      const version = column.optionalNumber(row[3])
      const token = column.optionalText(row[6])
      const batch = column.number(row[5])
      return {
        key,
        content,
        id: column.optionalText(row[1]) ?? content,
        asof: column.number(row[2]),
        ...(version === undefined ? {} : { version }),
        revision: column.number(row[4]),
        batch,
        doubt: inDoubt(doubts, batch),
        ...(token === undefined ? {} : { token })
      }
    })
  },
  /** Within a transaction. */
  put: (changed: ReadonlyArray<SeenRow>, readAgain: ReadonlyArray<string>, now: number) => {
    const day = Math.floor(now / dayMs)
    const put = database.statement("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    for (const { asof, batch, content, id, key, revision, token, version } of changed) {
      const own = id === content ? null : id
      put.run(partition(), key, content, own, asof, version ?? null, revision, batch, token ?? null, day)
    }
    const touch = database.statement("UPDATE seen SET day = ?1 WHERE partition = ?2 AND key = ?3 AND day < ?1")
    for (const key of readAgain) touch.run(day, partition(), key)
  },
  /** Within a transaction: forgets the rows of some keys after this one; gives how many, and the last key looked at. */
  evict: (after: string, before: number, committed: number, doubts: Doubts) => {
    const last = database
      .statement("SELECT max(key) FROM (SELECT key FROM seen WHERE partition = ? AND key > ? ORDER BY key LIMIT 5000)")
      .get(partition(), after)?.[0]
    if (last === null || last === undefined) return undefined
    const rows = database
      .statement("SELECT key, batch FROM seen WHERE partition = ? AND key > ? AND key <= ? AND day < ? AND batch <= ?")
      .all(partition(), after, last, Math.floor(before / dayMs), committed)
    const drop = database.statement("DELETE FROM seen WHERE partition = ? AND key = ?")
    const old = rows.filter((row) => !inDoubt(doubts, column.number(row[1])))
    for (const row of old) drop.run(partition(), column.text(row[0]))
    return { last: column.text(last), count: old.length }
  }
})
