/**
 * A run of the seen-index: sorted rows that never change, in blocks that fit a page of the database. Its filter and the
 * first key of each block are kept in memory: two bytes a row.
 */
import type { Database } from "./Database.ts"
import type { Columns, Row } from "./Column.ts"
import * as Filter from "./SeenFilter.ts"
import * as Record from "./SeenRecord.ts"

export interface Run {
  /** A higher one is newer, on the same level. */
  readonly number: number
  /** Level 0 is the newest; a run of a level is merged from several of the level before. */
  readonly level: number
  readonly rows: number
  /** The earliest day a row of it was last read. */
  readonly oldest: number
  readonly filter: Uint32Array
  /** The first 48 bits of the first key of each block, and of the last key of all. */
  readonly fences: Float64Array
}

/** How many blocks a run has. */
export const length = (run: Run): number => Math.max(0, run.fences.length - 1)

/** Levels of runs that are none: being written, or to be removed. After a crash both are garbage. */
const garbage = -1

/** Most bytes of a block: what a leaf of the database holds. */
const blockBytes = 4_040
/** Blocks a run can have; a block's number is the run's and its place. */
const span = 2 ** 24
/** Blocks a reader remembers: a mebibyte. */
const remembered = 256
/** Blocks a merge reads at a time of each run. */
const atATime = 16

/** Begins a run: gives its number. Until it is finished, it is garbage. */
export const begin = (database: Database, partition: number): number =>
  Number(
    database
      .statement("INSERT INTO seen_run (partition, level, rows, oldest) VALUES (?, ?, 0, 0)")
      .run(partition, garbage).lastInsertRowid
  )

/** The runs of a partition, newest first; and the numbers of those that are garbage. */
export const load = (database: Database, column: Columns, partition: number) => {
  const rows = database
    .statement("SELECT number, level, rows, oldest, filter, fences FROM seen_run WHERE partition = ?")
    .all(partition)
  const runOf = (row: Row): Run => ({
    number: column.number(row[0]),
    level: column.number(row[1]),
    rows: column.number(row[2]),
    oldest: column.number(row[3]),
    filter: new Uint32Array(column.blob(row[4]).slice().buffer),
    fences: new Float64Array(column.blob(row[5]).slice().buffer)
  })
  return {
    runs: rows
      .filter((row) => row[1] !== garbage)
      .map(runOf)
      .toSorted(newestFirst),
    garbage: rows.filter((row) => row[1] === garbage).map((row) => column.number(row[0]))
  }
}

export const newestFirst = (a: Run, b: Run): number => a.level - b.level || b.number - a.number

/** Reads single blocks of runs, and remembers some: keys that are asked for together may be neighbours. */
export const reader = (database: Database, column: Columns): ((run: number, index: number) => Buffer) => {
  const recent = new Map<number, Buffer>()
  return (run, index) => {
    const id = run * span + index
    const known = recent.get(id)
    if (known !== undefined) return known
    const block = bufferOf(column.blob(database.statement("SELECT rows FROM seen_block WHERE id = ?").get(id)?.[0]))
    if (recent.size >= remembered) recent.clear()
    recent.set(id, block)
    return block
  }
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Some blocks of a run, from this one on. */
export const blocks = (database: Database, column: Columns, run: number, from: number): Array<Buffer> =>
  database
    .statement(`SELECT rows FROM seen_block WHERE id >= ? AND id < ? ORDER BY id LIMIT ${atATime}`)
    .all(run * span + from, (run + 1) * span)
    .map((row) => bufferOf(column.blob(row[0])))

/** Whether a key lies between the first and the last of a run: keys may begin with an instant. */
export const covers = ({ fences }: Run, prefix: number): boolean =>
  prefix >= (fences[0] ?? Infinity) && prefix <= (fences[fences.length - 1] ?? -Infinity)

/** Blocks that may hold a key: mostly one; more where the first 48 bits of different keys are the same. */
export const blocksOf = function* (run: Run, prefix: number): Generator<number> {
  let low = 0
  let high = length(run)
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((run.fences[middle] ?? 0) <= prefix) low = middle + 1
    else high = middle
  }
  for (let index = low - 1; index >= 0; index -= 1) {
    yield index
    if ((run.fences[index] ?? 0) < prefix) return
  }
}

/** Removes some blocks of a run that is garbage, and in the end the run; `true` when nothing is left. */
export const remove = (database: Database, run: number): boolean => {
  const { changes } = database
    .statement(
      `DELETE FROM seen_block WHERE id IN (SELECT id FROM seen_block WHERE id >= ?1 AND id < ?1 + ${span} LIMIT 512)`
    )
    .run(run * span)
  if (changes > 0) return false
  database.statement("DELETE FROM seen_run WHERE number = ?").run(run)
  return true
}

/** Marks a run as garbage. */
export const discard = (database: Database, run: number): void => {
  database.statement("UPDATE seen_run SET level = ?, filter = NULL, fences = NULL WHERE number = ?").run(garbage, run)
}

export interface Writer {
  /** Takes the next record, in the order of keys. */
  readonly add: (block: Buffer, index: number) => void
  /** Writes what is left; gives the run, which is one from then on. */
  readonly finish: (level: number) => Run
}

/** Writes a run of at most so many rows. */
export const writer = (database: Database, number: number, most: number): Writer => {
  const put = database.statement("INSERT INTO seen_block VALUES (?, ?)")
  const filter = Filter.make(most)
  const fences: Array<number> = []
  const records = Buffer.alloc(blockBytes)
  let tails: Array<Buffer> = []
  let tailBytes = 0
  let inBlock = 0
  let rows = 0
  let oldest = Infinity
  let last = 0

  const flush = () => {
    records.writeUInt32BE(inBlock, 0)
    const fixed = records.subarray(0, Record.header + Record.size * inBlock)
    put.run(number * span + fences.length - 1, tails.length === 0 ? fixed : Buffer.concat([fixed, ...tails]))
    tails = []
    tailBytes = 0
    inBlock = 0
  }

  return {
    add: (block, index) => {
      const from = Record.header + Record.size * index
      const tail = Record.hasTail(block, index) ? Record.tail(block, index) : undefined
      const bytes = Record.header + Record.size * (inBlock + 1) + tailBytes + (tail?.length ?? 0)
      if (bytes > blockBytes && inBlock > 0) flush()
      last = Record.prefix(block, index)
      if (inBlock === 0) fences.push(last)
      block.copy(records, Record.header + Record.size * inBlock, from, from + Record.size)
      if (tail !== undefined) {
        tails.push(tail)
        tailBytes += tail.length
      }
      Filter.add(filter, Filter.bitsOfRecord(block, from))
      oldest = Math.min(oldest, Record.day(block, index))
      inBlock += 1
      rows += 1
    },
    finish: (level) => {
      if (inBlock > 0) flush()
      const run: Run = {
        number,
        level,
        rows,
        oldest,
        filter,
        fences: Float64Array.from(rows === 0 ? [] : [...fences, last])
      }
      database
        .statement("UPDATE seen_run SET level = ?, rows = ?, oldest = ?, filter = ?, fences = ? WHERE number = ?")
        .run(level, rows, rows === 0 ? 0 : oldest, filter, run.fences, number)
      return run
    }
  }
}
