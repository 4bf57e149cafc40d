/**
 * The open SQLite database behind a state: effects that read and write it, with typed failures. Every write is one
 * transaction that is there as a whole or not at all; all of it is synchronous, so that transactions never interleave.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite"
import { Effect } from "effect"
import { failed } from "./Fault.ts"
import { StateFailed } from "./State.ts"

/** What a process may do: everything; put requests; look. */
export type Access = "worker" | "asker" | "reader"

export interface Database {
  readonly path: string
  readonly sql: DatabaseSync
  /** A prepared statement whose rows are arrays; prepared once. */
  readonly statement: (sql: string) => StatementSync
  /** Reads, all of it of one moment. */
  readonly read: <A>(work: () => A) => Effect.Effect<A, StateFailed>
  /** Writes, as the worker. `after` is called with the result at once when it is committed, before anybody reads. */
  readonly write: <A>(work: () => A, after?: (result: A) => void) => Effect.Effect<A, StateFailed>
  /** Writes what other processes may write too. */
  readonly ask: <A>(work: () => A) => Effect.Effect<A, StateFailed>
  readonly durable: Durable
}

/** Begins to make all that is written by now safe from a power cut; the effect waits for it. */
export type Durable = () => Effect.Effect<void, StateFailed>

/** The effects over an open database; `durable` is the file's affair. */
export const make = (options: {
  readonly path: string
  readonly sql: DatabaseSync
  readonly access: Access
  readonly durable: Durable
}): Database => {
  const { access, durable, path, sql } = options
  const statements = new Map<string, StatementSync>()
  const statement = (text: string): StatementSync => {
    const known = statements.get(text)
    if (known !== undefined) return known
    const made = sql.prepare(text)
    made.setReturnArrays(true)
    statements.set(text, made)
    return made
  }
  const attempt = <A>(work: () => A): Effect.Effect<A, StateFailed> => {
    try {
      return Effect.succeed(work())
    } catch (cause) {
      if (sql.isTransaction) {
        try {
          sql.exec("ROLLBACK")
        } catch {
          // The transaction is gone with the connection; what failed first is what is told.
        }
      }
      const failure = failed(path, cause)
      return failure === undefined ? Effect.die(cause) : Effect.fail(failure)
    }
  }
  const transaction = <A>(kind: string, work: () => A, after?: (result: A) => void): Effect.Effect<A, StateFailed> =>
    Effect.suspend(() =>
      attempt(() => {
        statement(kind).run()
        const result = work()
        statement("COMMIT").run()
        after?.(result)
        return result
      })
    )
  const refused = Effect.fail(
    new StateFailed({
      path,
      reason: "is open for looking only",
      remedy: "Writing is the worker's affair: put a request to it"
    })
  )
  return {
    path,
    sql,
    statement,
    read: (work) => transaction("BEGIN", work),
    write: (work, after) => (access === "worker" ? transaction("BEGIN IMMEDIATE", work, after) : refused),
    ask: (work) => (access === "reader" ? refused : transaction("BEGIN IMMEDIATE", work)),
    durable
  }
}
