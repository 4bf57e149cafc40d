/** What stands beside the partitions: parks, and the sinks' identities, in the tables of a state. */
import type { Columns, Row } from "./Column.ts"
import type { Database } from "./Database.ts"
import type { SinkRecord, State } from "./State.ts"

const sinkOf = (column: Columns, row: Row): SinkRecord => {
  const completeSince = column.optionalNumber(row[2])
  return {
    name: column.text(row[0]),
    identity: column.text(row[1]),
    ...(completeSince === undefined ? {} : { completeSince })
  }
}

export const make = (
  database: Database,
  column: Columns
): Pick<State["Service"], "parks" | "park" | "unpark" | "sinks" | "saveSink" | "forgetSink"> => ({
  parks: database.read(() =>
    database
      .statement("SELECT source, stream, partition, settings, reason, remedy, since, next_try FROM park ORDER BY since")
      .all()
      .map((row) => ({
        source: column.text(row[0]),
        stream: column.text(row[1]),
        partition: column.text(row[2]),
        settings: column.text(row[3]),
        reason: column.text(row[4]),
        remedy: column.text(row[5]),
        since: column.number(row[6]),
        nextTry: column.number(row[7])
      }))
  ),
  park: ({ nextTry, partition, reason, remedy, settings, since, source, stream }) =>
    database.write(() => {
      database
        .statement("INSERT OR REPLACE INTO park VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .run(source, stream, partition, settings, reason, remedy, since, nextTry)
    }),
  unpark: ({ partition, source, stream }) =>
    database.write(() => {
      database
        .statement("DELETE FROM park WHERE source = ? AND stream = ? AND partition = ?")
        .run(source, stream, partition)
    }),
  sinks: database.read(() =>
    database
      .statement("SELECT name, identity, complete_since FROM sink ORDER BY name")
      .all()
      .map((row) => sinkOf(column, row))
  ),
  saveSink: ({ completeSince, identity, name }) =>
    database.write(() => {
      database.statement("INSERT OR REPLACE INTO sink VALUES (?, ?, ?)").run(name, identity, completeSince ?? null)
    }),
  forgetSink: (name) =>
    database.write(() => {
      database.statement("DELETE FROM sink WHERE name = ?").run(name)
    })
})
