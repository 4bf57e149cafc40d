/**
 * Which calls a walk has met, by 52 bits of their ids: two of half a million have the same once in 30,000 walks, and then
 * one starts over. A table of numbers, for a `Set` takes four times the time and the memory for half a million.
 */

/** The mark of a row's call; 0 when the row has no id to tell. */
export const markOf = (row: unknown): number => {
  if (typeof row !== "object" || row === null || !("callId" in row) || typeof row.callId !== "string") return 0
  let low = 0
  let high = 0
  for (let i = 0; i < row.callId.length; i++) {
    const unit = row.callId.charCodeAt(i)
    low = Math.imul(low ^ unit, 0x01000193)
    high = Math.imul(high + unit, 0x9e3779b1) ^ (high >>> 15)
  }
  return (high >>> 12) * 4_294_967_296 + (low >>> 0)
}

export interface Marks {
  /** Whether one of these was added before. */
  readonly hasAny: (marks: ReadonlyArray<number>) => boolean
  readonly add: (marks: ReadonlyArray<number>) => void
}

export const make = (): Marks => {
  /** Open addressing; 0 is a free place. */
  let table = new Float64Array(1024)
  let count = 0

  /** Where a mark is, or the free place where it belongs. */
  const placeOf = (mark: number): number => {
    const last = table.length - 1
    let place = mark & last
    for (let there = table[place]; there !== 0 && there !== mark; there = table[place]) place = (place + 1) & last
    return place
  }
  const grow = (): void => {
    const before = table
    table = new Float64Array(before.length * 2)
    for (const mark of before) if (mark !== 0) table[placeOf(mark)] = mark
  }

  return {
    hasAny: (marks) => marks.some((mark) => mark !== 0 && table[placeOf(mark)] === mark),
    add: (marks) => {
      for (const mark of marks) {
        const place = placeOf(mark)
        if (mark === 0 || table[place] === mark) continue
        table[place] = mark
        if (++count > table.length / 2) grow()
      }
    }
  }
}
