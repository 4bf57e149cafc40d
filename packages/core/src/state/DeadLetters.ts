/** Dead letters, in the tables of a state. One of the same partition, key and stage replaces what was there. */
import type { Json } from "@callstream/model"
import type { Columns, Row } from "./Column.ts"
import type { Database } from "./Database.ts"
import type { Commit, State, StoredDeadLetter } from "./State.ts"

/** Longest payload that is kept whole, in characters of its JSON text. */
const payloadLimit = 1024 * 1024

/** The JSON text of a payload. One that is too long is cut, and says so: it can be looked at, not sent again. */
const payloadText = (payload: Json): string => {
  const text = JSON.stringify(payload)
  return text.length <= payloadLimit
    ? text
    : JSON.stringify({ cut: true, characters: text.length, beginning: text.slice(0, payloadLimit).toWellFormed() })
}

/** Within a transaction: what a commit of a partition says of dead letters. */
export const commit = (
  database: Database,
  partition: number,
  { closed, deadLetters }: Pick<Commit, "closed" | "deadLetters">
): void => {
  const close = database.statement(
    "DELETE FROM dead_letter WHERE partition = ? AND key = ? AND stage = ? AND number = coalesce(?, number)"
  )
  const renew = database.statement("UPDATE dead_letter SET reason = ?, at = ? WHERE number = ?")
  const put = database.statement(
    `INSERT OR REPLACE INTO dead_letter (partition, key, stage, type, subject, reason, payload, at, again)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
  )
  for (const { key, number, stage } of closed) close.run(partition, key, stage, number ?? null)
  for (const { again, at, key, number, payload, reason, stage, subject, type } of deadLetters) {
    if (number !== undefined && renew.run(reason, at, number).changes > 0) continue
    const retry = again === undefined ? null : JSON.stringify(again)
    put.run(partition, key, stage, type ?? null, subject ?? null, reason, payloadText(payload), at, retry)
  }
}

const stored = `
SELECT number, source, stream, name, key, stage, type, subject, reason, payload, at, again
FROM dead_letter JOIN partition ON partition.id = dead_letter.partition`

export const make = (database: Database, column: Columns): State["Service"]["deadLetters"] => {
  const letterOf = (row: Row): StoredDeadLetter => {
    const type = column.optionalText(row[6])
    const subject = column.optionalText(row[7])
    const again = column.again(row[11])
    return {
      number: column.number(row[0]),
      source: column.text(row[1]),
      stream: column.text(row[2]),
      partition: column.text(row[3]),
      key: column.text(row[4]),
      stage: column.text(row[5]),
      ...(type === undefined ? {} : { type }),
      ...(subject === undefined ? {} : { subject }),
      reason: column.text(row[8]),
      payload: column.json(row[9]),
      at: column.number(row[10]),
      ...(again === undefined ? {} : { again })
    }
  }
  return {
    list: ({ before, limit, stage }) =>
      database.read(() =>
        database
          .statement(`${stored} WHERE number < ? AND stage = coalesce(?, stage) ORDER BY number DESC LIMIT ?`)
          .all(before ?? Number.MAX_SAFE_INTEGER, stage ?? null, limit)
          .map(letterOf)
      ),
    show: (number) =>
      database.read(() => {
        const row = database.statement(`${stored} WHERE number = ?`).get(number)
        return row === undefined ? undefined : letterOf(row)
      }),
    drop: (numbers) =>
      database.write(() => {
        const drop = database.statement("DELETE FROM dead_letter WHERE number = ?")
        return numbers.reduce((sum, number) => sum + Number(drop.run(number).changes), 0)
      }),
    count: database.read(() => column.number(database.statement("SELECT count(*) FROM dead_letter").get()?.[0]))
  }
}
