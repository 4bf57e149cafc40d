/** Merges runs of the seen-index into one, some rows at a time, so that nothing waits for long. */
import type { Columns } from "./Column.ts"
import type { Database } from "./Database.ts"
import { damaged } from "./Fault.ts"
import * as Record from "./SeenRecord.ts"
import * as Run from "./SeenRun.ts"

export interface Merge {
  /** Newest first. */
  readonly inputs: ReadonlyArray<Run.Run>
  /** The run that is written. */
  readonly number: number
  /** Within a transaction: handles about so many rows; gives the new run when it is finished. */
  readonly step: (rows: number) => Run.Run | undefined
  /** Whether it leaves out what is of no use. */
  readonly evicts: boolean
  /** Rows that were left out so far because they are of no use any more. */
  readonly dropped: () => number
}

interface Cursor {
  readonly run: Run.Run
  next: number
  ahead: Array<Buffer>
  block: Buffer
  index: number
  count: number
  prefix: number
}

/** Begins a merge, within a transaction. `useless` says which rows to leave out; only a merge of all runs may. */
export const begin = (
  database: Database,
  column: Columns,
  options: {
    readonly partition: number
    readonly inputs: ReadonlyArray<Run.Run>
    readonly level: (rows: number) => number
    readonly useless?: (block: Buffer, index: number) => boolean
  }
): Merge => {
  const { inputs, level, partition, useless } = options
  const number = Run.begin(database, partition)
  const most = inputs.reduce((sum, run) => sum + run.rows, 0)
  const writer = Run.writer(database, number, most)
  let written = 0
  let dropped = 0

  const fetch = (cursor: Cursor): Buffer => {
    cursor.ahead = Run.blocks(database, column, cursor.run.number, cursor.next)
    const block = cursor.ahead.shift()
    if (block === undefined) throw damaged(database.path, "the seen-index")
    return block
  }

  /** Moves on to a cursor's next record; `false` at the end. */
  const advance = (cursor: Cursor): boolean => {
    cursor.index += 1
    if (cursor.index >= cursor.count) {
      if (cursor.next >= Run.length(cursor.run)) return false
      const block = cursor.ahead.shift() ?? fetch(cursor)
      cursor.block = block
      cursor.next += 1
      cursor.index = 0
      cursor.count = Record.count(cursor.block)
    }
    cursor.prefix = Record.prefix(cursor.block, cursor.index)
    return true
  }

  let cursors: Array<Cursor> | undefined
  const opened = (): Array<Cursor> =>
    inputs
      .map((run): Cursor => ({ run, next: 0, ahead: [], block: Buffer.alloc(0), index: -1, count: 0, prefix: 0 }))
      .filter(advance)

  const order = (a: Cursor, b: Cursor): number =>
    a.prefix === b.prefix ? Record.compare(a.block, a.index, b.block, b.index) : a.prefix - b.prefix

  /** The cursor with the lowest key, the newest of them; older ones of the same key are passed. */
  const lowest = (cursors: Array<Cursor>): Cursor | undefined => {
    let best: Cursor | undefined
    for (let index = 0; index < cursors.length; index += 1) {
      const cursor = cursors[index]
      if (cursor === undefined) continue
      const sign = best === undefined ? -1 : order(cursor, best)
      if (sign < 0) best = cursor
      else if (sign === 0 && !advance(cursor)) {
        cursors.splice(index, 1)
        index -= 1
      }
    }
    return best
  }

  return {
    inputs,
    number,
    evicts: useless !== undefined,
    dropped: () => dropped,
    step: (rows) => {
      cursors ??= opened()
      for (let done = 0; done < rows; done += 1) {
        const cursor = lowest(cursors)
        if (cursor === undefined) {
          for (const { number } of inputs) Run.discard(database, number)
          return writer.finish(level(written))
        }
        if (useless?.(cursor.block, cursor.index) === true) dropped += 1
        else {
          writer.add(cursor.block, cursor.index)
          written += 1
        }
        if (!advance(cursor)) cursors.splice(cursors.indexOf(cursor), 1)
      }
      return undefined
    }
  }
}
