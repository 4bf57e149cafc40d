/** What other processes ask of the worker, in the tables of a state. */
import { Effect } from "effect"
import type { Columns, Row } from "./Column.ts"
import type { Database } from "./Database.ts"
import type { State, WorkRequest } from "./State.ts"

const columns = "number, kind, payload, state, report"

/** At the start of a worker: what a dead one had taken is asked for again. */
export const askAgain = (database: Database) =>
  database.write(() => {
    database.statement("UPDATE request SET state = 'asked' WHERE state = 'taken'").run()
  })

export const make = (database: Database, column: Columns): State["Service"]["requests"] => {
  const requestOf = (row: Row): WorkRequest => {
    const state = column.text(row[3])
    return {
      number: column.number(row[0]),
      kind: column.text(row[1]),
      payload: column.json(row[2]),
      state: state === "taken" || state === "done" || state === "failed" ? state : "asked",
      ...(row[4] === null ? {} : { report: column.json(row[4]) })
    }
  }
  /** Of the file, when nothing was asked for; another number when another process has written since. */
  let quiet: number | undefined
  const dataVersion = Effect.sync(() => {
    try {
      return column.number(database.statement("PRAGMA data_version").get()?.[0])
    } catch {
      // The look that follows fails in the same way, and says so.
      return undefined
    }
  })

  return {
    ask: (kind, payload) =>
      database.ask(() => {
        quiet = undefined
        const text = JSON.stringify(payload)
        const asked = database.statement("INSERT INTO request (kind, payload, state) VALUES (?, ?, 'asked')")
        return { number: Number(asked.run(kind, text).lastInsertRowid), kind, payload, state: "asked" }
      }),
    get: (number) =>
      database.read(() => {
        const row = database.statement(`SELECT ${columns} FROM request WHERE number = ?`).get(number)
        return row === undefined ? undefined : requestOf(row)
      }),
    take: Effect.gen(function* () {
      const version = yield* dataVersion
      if (version !== undefined && version === quiet) return undefined
      const oldest = `SELECT number FROM request WHERE state = 'asked' ORDER BY number LIMIT 1`
      if ((yield* database.read(() => database.statement(oldest).get())) === undefined) {
        quiet = version
        return undefined
      }
      return yield* database.write(() => {
        const row = database
          .statement(`UPDATE request SET state = 'taken' WHERE number = (${oldest}) RETURNING ${columns}`)
          .get()
        return row === undefined ? undefined : requestOf(row)
      })
    }),
    report: (number, state, report) =>
      database.write(() => {
        database
          .statement("UPDATE request SET state = ?, report = ? WHERE number = ?")
          .run(state, JSON.stringify(report), number)
      })
  }
}
