/**
 * The state in SQLite (`node:sqlite`): a file per pipeline, or memory for tests; one implementation of the logic.
 *
 * What is safe from what: everything committed survives the death of the process. From a power cut, `offer` waits for
 * the write-ahead log to be on the disk before events reach a sink, or content that a sink has would be offered again
 * with another `asof`. All other transactions may be lost then, newest first, which costs reading again: an order that
 * the log keeps by itself. So SQLite runs with `synchronous = NORMAL`, and `offer` adds an fdatasync that does not block
 * the process and that batches of all partitions share.
 */
import { Clock, Effect, Layer } from "effect"
import { existsSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import * as Column from "./Column.ts"
import * as Database from "./Database.ts"
import * as DeadLetters from "./DeadLetters.ts"
import { refused } from "./Fault.ts"
import * as File from "./File.ts"
import * as Lock from "./Lock.ts"
import * as Partition from "./Partition.ts"
import * as Requests from "./Requests.ts"
import * as Standing from "./Standing.ts"
import { State, type StateFailed, StateRefused } from "./State.ts"
import * as Tables from "./Tables.ts"

const service = (database: Database.Database): State["Service"] => {
  const column = Column.make(database.path)
  return State.of({
    path: database.path,
    partition: Partition.make(database, column),
    overview: Partition.overview(database, column),
    deadLetters: DeadLetters.make(database, column),
    ...Standing.make(database, column),
    requests: Requests.make(database, column)
  })
}

/** Errors of opening, as sentences. */
const opening = <A>(path: string, open: () => A): Effect.Effect<A, StateRefused> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(open())
    } catch (cause) {
      const refusal = refused(path, cause)
      return refusal === undefined ? Effect.die(cause) : Effect.fail(refusal)
    }
  })

/**
 * The state in a database that is open already, and stays open: making it again is what a restart of the worker is.
 * For tests; it takes no lock.
 */
export const make = (
  sql: DatabaseSync,
  options: { readonly pipeline: string }
): Effect.Effect<State["Service"], StateRefused | StateFailed> =>
  Effect.gen(function* () {
    const path = ":memory:"
    yield* opening(path, () => Tables.prepare(path, sql, options.pipeline))
    return yield* worker(Database.make({ path, sql, access: "worker", durable: () => Effect.void }))
  })

/** The service of a worker that starts. */
const worker = (database: Database.Database) => Effect.as(Requests.askAgain(database), service(database))

/** In memory, gone with the scope. */
export const layerMemory = (options: { readonly pipeline: string }) =>
  Layer.effect(
    State,
    Effect.gen(function* () {
      const sql = yield* closedAfter(Effect.sync(() => new DatabaseSync(":memory:")))
      return yield* make(sql, options)
    })
  )

/** In a file, as the worker: makes it where there is none, and holds its lock as long as the scope. */
export const layer = (options: { readonly path: string; readonly pipeline: string }) =>
  Layer.effect(
    State,
    Effect.gen(function* () {
      const { path, pipeline } = options
      yield* closedAfter(
        opening(path, () => {
          File.mustBeFile(path)
          File.makeFolder(path)
          return Lock.take(path) ?? refuseSecond(path)
        })
      )
      const sql = yield* closedAfter(opening(path, () => File.openToWrite(path)))
      const started = new Date(yield* Clock.currentTimeMillis).toISOString()
      yield* opening(path, () => {
        Tables.prepare(path, sql, pipeline)
        Tables.setMeta(sql, "worker", `pid ${process.pid}, started ${started}`)
      })
      const { durable } = yield* closedAfter(opening(path, () => File.syncing(path)))
      return yield* worker(Database.make({ path, sql, access: "worker", durable }))
    })
  )

/** To look at, beside a running worker too; without the lock. */
export const layerReadOnly = (options: { readonly path: string }) => existing(options.path, "reader")

/** To look at, and to ask the worker for something, beside it; without the lock. Other writes fail. */
export const layerRequests = (options: { readonly path: string }) => existing(options.path, "asker")

const existing = (path: string, access: "reader" | "asker") =>
  Layer.effect(
    State,
    Effect.gen(function* () {
      const sql = yield* closedAfter(
        opening(path, () => {
          if (!existsSync(path)) throw Tables.notYet(path)
          File.mustBeFile(path)
          return File.openExisting(path, { readOnly: access === "reader" })
        })
      )
      yield* opening(path, () => {
        Tables.checkReadable(path, sql)
      })
      return service(Database.make({ path, sql, access, durable: () => Effect.void }))
    })
  )

const closedAfter = <A extends { readonly close: () => void }, E>(open: Effect.Effect<A, E>) =>
  Effect.acquireRelease(open, (opened) => Effect.sync(() => opened.close()))

const refuseSecond = (path: string): never => {
  throw new StateRefused({
    path,
    reason: `is in use by another worker (${holder(path) ?? "just started"})`,
    remedy: "Stop that worker first, or give this pipeline a state file of its own",
    inUse: true
  })
}

/** Which process has the state, as it said itself. */
const holder = (path: string): string | undefined => {
  try {
    const sql = File.openExisting(path, { readOnly: true })
    try {
      return Tables.getMeta(sql, "worker")
    } finally {
      sql.close()
    }
  } catch {
    return undefined
  }
}
