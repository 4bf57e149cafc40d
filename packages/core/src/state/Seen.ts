/**
 * The seen-index of a partition. Keys are hashes, so a table of them would touch a page of the disk for every row. Here
 * rows are written as they come, a block for each batch, and kept in memory too; when these are many they become a
 * sorted run, and runs are merged into larger ones (a log-structured merge tree). The newest row of a key holds.
 * All of it is in tables of the state and moves in its transactions.
 */
import type { Columns, Doubts } from "./Column.ts"
import type { Database } from "./Database.ts"
import * as Filter from "./SeenFilter.ts"
import * as Merge from "./SeenMerge.ts"
import * as Record from "./SeenRecord.ts"
import * as Run from "./SeenRun.ts"
import type { SeenRow } from "./State.ts"

export const dayMs = 86_400_000

export const inDoubt = (doubts: Doubts, batch: number): boolean => {
  const last = doubts.at(-1)
  if (last === undefined || batch > last[1]) return false
  return doubts.some(([after, through]) => batch > after && batch <= through)
}

export interface Sizes {
  /** Rows in memory before they become a run. */
  readonly memory: () => number
  /** Runs of a level before they are merged into one of the next. */
  readonly fanOut: number
  /** Rows a merge handles in one transaction. */
  readonly step: number
}

/** Rows that are remembered from look-ups. */
const mostFound = 16_384
/** Rows that are merged for each that is written: more than there are levels, so that merging keeps up. */
const share = 6

/** A row in memory, and where its record is. */
interface Kept extends Record.Dated {
  readonly prefix: number
  block: Buffer
  index: number
}

const nowhere = Buffer.alloc(0)
const toKeep = (slot: string, row: SeenRow, day: number): Kept => ({
  slot,
  row,
  day,
  prefix: Filter.prefixOf(slot),
  block: nowhere,
  index: 0
})

export interface Seen {
  readonly get: (keys: ReadonlyArray<string>, doubts: Doubts) => ReadonlyArray<SeenRow | undefined>
  /** Within a transaction: writes rows, and when others were read. Gives what is to be done once it is committed. */
  readonly put: (changed: ReadonlyArray<SeenRow>, readAgain: ReadonlyArray<string>, now: number) => () => void
  /** Whether `maintain` is to be called: as much as was written asks for. */
  readonly untidy: () => boolean
  /** Within a transaction: some milliseconds of the work of merging. Gives what is to be done once it is committed. */
  readonly maintain: () => () => void
  /** A transaction of `maintain` failed: what it was doing is begun anew. */
  readonly failed: () => void
  /** Begins to forget rows last read before a day; `maintain` does it. */
  readonly evict: (before: number, useful: (batch: number) => boolean) => Eviction
}

interface Eviction {
  done: boolean
  count: number
}

/** Loads the index of a partition. */
export const load = (database: Database, column: Columns, partition: number, { fanOut, memory, step }: Sizes): Seen => {
  const kept = new Map<string, Kept>()
  /** Rows that were found in runs not long ago, so that reading again finds them without looking. */
  const found = new Map<string, Record.Dated>()
  let { garbage, runs } = Run.load(database, column, partition)
  let merge: Merge.Merge | undefined
  let debt = 0
  let eviction: (Eviction & { readonly before: number; readonly useful: (batch: number) => boolean }) | undefined

  const keep = (rows: ReadonlyArray<Kept>, block: Buffer) => {
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index]
      if (row === undefined) continue
      row.block = block
      row.index = index
      kept.set(row.slot, row)
      if (found.size > 0) found.delete(row.slot)
    }
  }

  for (const row of database
    .statement("SELECT rows FROM seen_journal WHERE partition = ? ORDER BY number")
    .all(partition)) {
    const block = Buffer.from(column.blob(row[0]))
    keep(
      Array.from({ length: Record.count(block) }, (_, index) => {
        const slot = Record.slot(block, index)
        return toKeep(slot, Record.row(block, index, slot), Record.day(block, index))
      }),
      block
    )
  }

  const read = Run.reader(database, column)
  const wanted = Buffer.alloc(18)
  const findInRuns = (slot: string, key: string): Record.Dated | undefined => {
    const bits = Filter.bitsOfSlot(slot)
    const prefix = Filter.prefixOf(slot)
    let ready = false
    for (const run of runs) {
      if (!Run.covers(run, prefix) || !Filter.mayHave(run.filter, bits)) continue
      if (!ready) wanted.write(slot, "base64url")
      ready = true
      for (const number of Run.blocksOf(run, prefix)) {
        const block = read(run.number, number)
        const index = Record.search(block, wanted)
        if (index >= 0) return { slot, row: Record.row(block, index, key), day: Record.day(block, index) }
      }
    }
    return undefined
  }

  /** Writes the rows in memory as a run. */
  const flush = (): (() => void) => {
    const rows = [...kept.values()].toSorted((a, b) => {
      const order = a.prefix - b.prefix
      return order === 0 ? Record.compare(a.block, a.index, b.block, b.index) : order
    })
    const writer = Run.writer(database, Run.begin(database, partition), rows.length)
    for (const { block, index } of rows) writer.add(block, index)
    const run = writer.finish(0)
    database.statement("DELETE FROM seen_journal WHERE partition = ?").run(partition)
    return () => {
      kept.clear()
      runs = [...runs, run].toSorted(Run.newestFirst)
    }
  }

  const crowded = (): ReadonlyArray<Run.Run> | undefined => {
    for (const { level } of runs) {
      const peers = runs.filter((run) => run.level === level)
      if (peers.length >= fanOut) return peers
    }
    return undefined
  }

  const levelOf = (rows: number): number => Math.max(0, Math.ceil(Math.log(rows / memory()) / Math.log(fanOut)))

  /** The merge to begin, if any: an eviction's takes all runs, and only that may leave rows out. */
  const begin = (): Merge.Merge | undefined => {
    if (eviction !== undefined) {
      const { before, useful } = eviction
      return Merge.begin(database, column, {
        partition,
        inputs: runs,
        level: levelOf,
        useless: (block, index) =>
          Record.day(block, index) < before && !Record.doubtful(block, index) && !useful(Record.batch(block, index))
      })
    }
    const inputs = crowded()
    if (inputs === undefined) return undefined
    const level = (inputs[0]?.level ?? 0) + 1
    return Merge.begin(database, column, { partition, inputs, level: () => level })
  }

  const proceed = (running: Merge.Merge): (() => void) => {
    const merged = running.step(step)
    return () => {
      merge = merged === undefined ? running : undefined
      if (merged === undefined) return
      const replaced = new Set(running.inputs)
      runs = [...runs.filter((run) => !replaced.has(run)), merged].toSorted(Run.newestFirst)
      garbage = [...garbage, ...running.inputs.map(({ number }) => number)]
      if (!running.evicts) return
      found.clear()
      evicted(running.dropped())
    }
  }

  const evicted = (count: number) => {
    if (eviction !== undefined) Object.assign(eviction, { done: true, count })
    eviction = undefined
  }

  const removeGarbage = (run: number): (() => void) => {
    const gone = Run.remove(database, run)
    return () => {
      if (gone) garbage = garbage.filter((other) => other !== run)
    }
  }

  return {
    get: (keys, doubts) => {
      if (found.size > mostFound) found.clear()
      return keys.map((key) => {
        const slot = Record.slotOf(key)
        const dated = kept.get(slot) ?? findInRuns(slot, key)
        if (dated === undefined) return undefined
        if (!kept.has(slot)) found.set(slot, dated)
        return rowOf(dated.row, key, doubts)
      })
    },
    put: (changed, readAgain, now) => {
      const day = Math.floor(now / dayMs)
      const rows = changed.map((row) => toKeep(Record.slotOf(row.key), row, day))
      for (const key of readAgain) {
        const slot = Record.slotOf(key)
        const old = kept.get(slot) ?? found.get(slot) ?? findInRuns(slot, key)
        if (old !== undefined && old.day < day) rows.push(toKeep(slot, old.row, day))
      }
      if (rows.length === 0) return () => {}
      const block = Record.pack(rows)
      database.statement("INSERT INTO seen_journal (partition, rows) VALUES (?, ?)").run(partition, block)
      return () => {
        keep(rows, block)
        debt = Math.min(debt, step) + rows.length * share
      }
    },
    untidy: () =>
      kept.size >= memory() || (debt >= step && (garbage.length > 0 || merge !== undefined || crowded() !== undefined)),
    maintain: () => {
      debt = Math.max(0, debt - step)
      if (kept.size >= memory() || (eviction !== undefined && merge === undefined && kept.size > 0)) return flush()
      const first = garbage[0]
      if (first !== undefined) return removeGarbage(first)
      if (
        eviction !== undefined &&
        merge === undefined &&
        runs.every(({ oldest }) => oldest >= (eviction?.before ?? 0))
      ) {
        return () => evicted(0)
      }
      const next = merge ?? begin()
      return next === undefined ? () => {} : proceed(next)
    },
    failed: () => {
      if (merge !== undefined) garbage = [...garbage, merge.number]
      merge = undefined
    },
    evict: (before, useful) => {
      if (merge !== undefined) garbage = [...garbage, merge.number]
      merge = undefined
      const mine = { before, useful, done: false, count: 0 }
      eviction = mine
      return mine
    }
  }
}

const rowOf = (row: SeenRow, key: string, doubts: Doubts): SeenRow =>
  row.key === key && !inDoubt(doubts, row.batch) ? row : { ...row, key, doubt: row.doubt || inDoubt(doubts, row.batch) }
