/** The state of one partition: its progress and books, and what goes with them in one transaction. */
import { Effect } from "effect"
import * as Books from "../engine/Books.ts"
import { type Columns, type Doubts, encodeBooks, encodeProgress } from "./Column.ts"
import type { Database } from "./Database.ts"
import * as DeadLetters from "./DeadLetters.ts"
import * as Pending from "./Pending.ts"
import * as Seen from "./Seen.ts"
import type { Address, PartitionOverview, PartitionState, StateFailed } from "./State.ts"
import * as Tables from "./Tables.ts"

/** The partitions of a state; each is one, however often it is asked for. */
export const make = (database: Database, column: Columns): ((address: Address) => PartitionState) => {
  const partitions = new Map<string, PartitionState>()
  return (address) => {
    const name = JSON.stringify([address.source, address.stream, address.partition])
    const known = partitions.get(name)
    if (known !== undefined) return known
    const made = makeOne(database, column, address)
    partitions.set(name, made)
    return made
  }
}

const makeOne = (database: Database, column: Columns, address: Address): PartitionState => {
  let known: number | undefined
  let doubts: Doubts = []
  let committed = 0
  const { partition: name, source, stream } = address

  const find = (): number | undefined => {
    const row = database
      .statement("SELECT id FROM partition WHERE source = ? AND stream = ? AND name = ?")
      .get(source, stream, name)
    return row === undefined ? undefined : column.number(row[0])
  }
  /** A partition that nothing was saved of has no number; none is 0, so that nothing is found. */
  const id = (): number => (known ??= find()) ?? 0

  const pending = Pending.make(database, column, id)
  const seen = Seen.make(database, column, id)

  const letters = (partition: number) =>
    database
      .statement("SELECT key, stage FROM dead_letter WHERE partition = ? ORDER BY number")
      .all(partition)
      .map((letter) => ({ key: column.text(letter[0]), stage: column.text(letter[1]) }))

  const open: PartitionState["open"] = Effect.gen(function* () {
    const opened = yield* database.write(() => {
      database
        .statement("INSERT INTO partition (source, stream, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .run(source, stream, name)
      const partition = find() ?? 0
      const row = database
        .statement("SELECT progress, books, committed, offered, doubts FROM partition WHERE id = ?")
        .get(partition)
      const committed = column.number(row?.[2])
      const offered = column.number(row?.[3])
      const before = column.doubts(row?.[4])
      const doubts = offered > committed ? withDoubt(before, committed, offered) : before
      if (doubts !== before) {
        database.statement("UPDATE partition SET doubts = ? WHERE id = ?").run(JSON.stringify(doubts), partition)
      }
      const deadLetters = letters(partition)
      return {
        partition,
        committed,
        doubts,
        deadLetters,
        progress: column.progress(row?.[0]),
        books: column.books(row?.[1]) ?? Books.empty,
        pending: column.number(
          database.statement("SELECT count(*) FROM pending WHERE partition = ?").get(partition)?.[0]
        ),
        nextBatch: Math.max(committed, offered) + 1
      }
    })
    known = opened.partition
    committed = opened.committed
    doubts = opened.doubts
    const { books, deadLetters, nextBatch, pending, progress } = opened
    return { progress, books, nextBatch, deadLetters, pending }
  })

  const evict: PartitionState["evict"] = Effect.fn("PartitionState.evict")(function* (before) {
    const through = committed
    const inFlight = doubts
    const useful = (batch: number) => batch > through || Seen.inDoubt(inFlight, batch)
    const day = Math.floor(before / Seen.dayMs)
    const last = `evicted ${id()}`
    if ((yield* database.read(() => Tables.getMeta(database.sql, last))) === String(day)) return 0
    let after = ""
    let count = 0
    while (true) {
      const from = after
      const done = yield* database.write(() => seen.evict(from, day, useful))
      if (done === undefined) {
        yield* database.write(() => Tables.setMeta(database.sql, last, String(day)))
        return count
      }
      after = done.last
      count += done.count
      yield* Effect.yieldNow
    }
  })

  return {
    open,
    seen: (keys) => database.read(() => seen.get(keys, doubts)),
    offer: Effect.fnUntraced(function* (batch, changed, readAgain, now) {
      yield* database.write(() => {
        seen.put(changed, readAgain, now)
        if (changed.length === 0) return
        database.statement("UPDATE partition SET offered = max(offered, ?) WHERE id = ?").run(batch, id())
      })
      return changed.length > 0 ? database.durable() : Effect.void
    }),
    commit: (commit) =>
      Effect.andThen(
        database.write(() => {
          database
            .statement("UPDATE partition SET progress = ?, books = ?, committed = ? WHERE id = ?")
            .run(encodeProgress(commit.progress), encodeBooks(commit.books), commit.through, id())
          pending.commit(commit)
          DeadLetters.commit(database, id(), commit)
        }),
        Effect.sync(() => {
          committed = commit.through
        })
      ),
    ...pending.effects,
    letters: database.read(() => letters(id())),
    evict
  }
}

/** Adds a range of batches that are in doubt; ranges that touch become one. */
const withDoubt = (doubts: Doubts, after: number, through: number): Doubts => {
  const last = doubts.at(-1)
  if (last === undefined || after > last[1]) return [...doubts, [after, through]]
  return [...doubts.slice(0, -1), [Math.min(last[0], after), Math.max(last[1], through)]]
}

/** Every partition there is, of one moment. */
export const overview = (
  database: Database,
  column: Columns
): Effect.Effect<ReadonlyArray<PartitionOverview>, StateFailed> =>
  database.read(() =>
    database
      .statement(
        `SELECT source, stream, name, progress, books,
          (SELECT count(*) FROM pending WHERE pending.partition = partition.id),
          (SELECT count(*) FROM dead_letter WHERE dead_letter.partition = partition.id)
        FROM partition ORDER BY source, stream, name`
      )
      .all()
      .map((row) => ({
        source: column.text(row[0]),
        stream: column.text(row[1]),
        partition: column.text(row[2]),
        progress: column.progress(row[3]),
        books: column.books(row[4]) ?? Books.empty,
        pending: column.number(row[5]),
        deadLetters: column.number(row[6])
      }))
  )
