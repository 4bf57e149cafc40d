/** Contents still to fetch, in the tables of a state. */
import type { Database } from "./Database.ts"
import type { Columns, Row } from "./Column.ts"
import type { Commit, PartitionState, PendingRow } from "./State.ts"

const columns = "key, type, subject, token, request, attempts, due, refill"

export const make = (database: Database, column: Columns, partition: () => number) => {
  const rowOf = (row: Row): PendingRow => {
    const refill = column.names(row[7])
    return { ...contentOf(row), ...(refill === undefined ? {} : { refill }) }
  }

  const contentOf = (row: Row): PendingRow => ({
    key: column.text(row[0]),
    type: column.text(row[1]),
    subject: column.text(row[2]),
    token: column.text(row[3]),
    request: column.json(row[4]),
    attempts: column.number(row[5]),
    due: column.number(row[6])
  })

  /** Within a transaction: what a commit says of contents. */
  const commit = ({ fetched, pending }: Pick<Commit, "fetched" | "pending">): void => {
    const remove = database.statement(
      "DELETE FROM pending WHERE partition = ? AND key = ? AND token = coalesce(?, token)"
    )
    const put = database.statement("INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
    for (const { key, token } of fetched) remove.run(partition(), key, token ?? null)
    for (const row of pending) {
      const { attempts, due, key, refill, request, subject, token, type } = row
      const sinks = refill === undefined ? null : JSON.stringify(refill)
      put.run(partition(), key, type, subject, token, JSON.stringify(request), attempts, due, sinks)
    }
  }

  const effects: Pick<PartitionState, "due" | "pending" | "nextDue" | "postpone" | "refilling"> = {
    due: (now, limit) =>
      database.read(() =>
        database
          .statement(
            `SELECT ${columns} FROM pending WHERE partition = ? AND due <= ? ORDER BY refill IS NOT NULL, due LIMIT ?`
          )
          .all(partition(), now, limit)
          .map(rowOf)
      ),
    pending: (keys) =>
      database.read(() => {
        const get = database.statement(`SELECT ${columns} FROM pending WHERE partition = ? AND key = ?`)
        return keys.map((key) => {
          const row = get.get(partition(), key)
          return row === undefined ? undefined : rowOf(row)
        })
      }),
    refilling: (sink) =>
      database.read(() =>
        database
          .statement("SELECT refill FROM pending WHERE partition = ? AND refill IS NOT NULL")
          .all(partition())
          .reduce((sum, row) => sum + (column.names(row[0])?.includes(sink) === true ? 1 : 0), 0)
      ),
    nextDue: database.read(() =>
      column.optionalNumber(
        database.statement("SELECT min(due) FROM pending WHERE partition = ?").get(partition())?.[0]
      )
    ),
    postpone: (rows) =>
      database.write(() => {
        const update = database.statement(
          "UPDATE pending SET attempts = ?, due = ? WHERE partition = ? AND key = ? AND token = ?"
        )
        for (const { attempts, due, key, token } of rows) update.run(attempts, due, partition(), key, token)
      })
  }
  return { commit, effects }
}
