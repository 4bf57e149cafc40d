/**
 * Rows of the seen-index as bytes: records of one size that can be searched and merged as they are, then tails with
 * what few rows have. A block is a count, its records, and their tails in the same order.
 */
import { hash } from "node:crypto"
import type { SeenRow } from "./State.ts"

/** A row, and the day (since 1970) it was last read. */
export interface Dated {
  /** What it is found by: see `slotOf`. */
  readonly slot: string
  readonly row: SeenRow
  readonly day: number
}

/** Bytes of a record, and of the count before the first. */
export const size = 68
export const header = 4

/** Places in a record; the key is first. */
const keyEnd = 18
const at = { content: 18, asof: 36, batch: 44, version: 50, revision: 58, day: 62, flags: 64, tail: 65 }
const idIsContent = 1
const idInTail = 2
const hasVersion = 4
/** Texts that are not 144 bits; the tail is JSON. */
const isOdd = 8
const hasToken = 16
const isDoubtful = 32

const lastDay = 0xff_ff
const packable = /^[A-Za-z0-9_-]{24}$/

/** The key as 144 bits in base64url: keys of model are that; others are hashed, as widely. */
export const slotOf = (key: string): string =>
  packable.test(key) ? key : hash("sha256", `other\n${key}`, "base64url").slice(0, 24)

const flagsOf = ({ content, doubt, id, token, version }: SeenRow): number => {
  const extra =
    (version === undefined ? 0 : hasVersion) | (token === undefined ? 0 : hasToken) | (doubt ? isDoubtful : 0)
  if (!packable.test(content) || token?.isWellFormed() === false) return extra | isOdd
  if (id === content) return extra | idIsContent
  return extra | (packable.test(id) ? idInTail : isOdd)
}

const tailOf = ({ content, id, token }: SeenRow, flags: number): Buffer | undefined => {
  if ((flags & isOdd) !== 0) return Buffer.from(JSON.stringify([content, id, token ?? null]))
  if ((flags & (idInTail | hasToken)) === 0) return undefined
  return Buffer.concat([
    (flags & idInTail) === 0 ? Buffer.alloc(0) : Buffer.from(id, "base64url"),
    Buffer.from(token ?? "")
  ])
}

/** The block of some rows, in their order. */
export const pack = (rows: ReadonlyArray<Dated>): Buffer => {
  const flags = rows.map(({ row }) => flagsOf(row))
  const tails = rows.map(({ row }, index) => tailOf(row, flags[index] ?? 0))
  const fixed = header + size * rows.length
  const block = Buffer.alloc(tails.reduce((sum, tail) => sum + (tail?.length ?? 0), fixed))
  block.writeUInt32BE(rows.length, 0)
  let record = header
  let end = fixed
  for (const [index, { day, row, slot }] of rows.entries()) {
    const flag = flags[index] ?? 0
    block.write(slot, record, keyEnd, "base64url")
    if ((flag & isOdd) === 0) block.write(row.content, record + at.content, keyEnd, "base64url")
    block.writeDoubleBE(row.asof, record + at.asof)
    block.writeUIntBE(row.batch, record + at.batch, 6)
    if (row.version !== undefined) block.writeDoubleBE(row.version, record + at.version)
    block.writeUInt32BE(row.revision, record + at.revision)
    block.writeUInt16BE(Math.min(day, lastDay), record + at.day)
    block[record + at.flags] = flag
    const tail = tails[index]
    if (tail !== undefined) {
      block.writeUIntBE(tail.length, record + at.tail, 3)
      tail.copy(block, end)
      end += tail.length
    }
    record += size
  }
  return block
}

export const count = (block: Buffer): number => block.readUInt32BE(0)

/** The tail of a record: where it is in its block. */
export const tail = (block: Buffer, index: number): Buffer => {
  let start = header + size * count(block)
  for (let before = 0; before < index; before += 1) start += block.readUIntBE(header + size * before + at.tail, 3)
  return block.subarray(start, start + block.readUIntBE(header + size * index + at.tail, 3))
}

export const hasTail = (block: Buffer, index: number): boolean =>
  block.readUIntBE(header + size * index + at.tail, 3) > 0

export const day = (block: Buffer, index: number): number => block.readUInt16BE(header + size * index + at.day)
export const batch = (block: Buffer, index: number): number => block.readUIntBE(header + size * index + at.batch, 6)
export const doubtful = (block: Buffer, index: number): boolean =>
  ((block[header + size * index + at.flags] ?? 0) & isDoubtful) !== 0

/** The slot of a record. */
export const slot = (block: Buffer, index: number): string => {
  const record = header + size * index
  return block.toString("base64url", record, record + keyEnd)
}

/** The row of a record, under the key it is asked for. */
export const row = (block: Buffer, index: number, key: string): SeenRow => {
  const record = header + size * index
  const flags = block[record + at.flags] ?? 0
  let content = ""
  let id = ""
  let token: string | undefined
  if ((flags & isOdd) !== 0) {
    const odd: readonly [string, string, string | null] = JSON.parse(tail(block, index).toString())
    content = odd[0]
    id = odd[1]
    token = odd[2] ?? undefined
  } else {
    content = block.toString("base64url", record + at.content, record + at.content + keyEnd)
    id = content
    if ((flags & (idInTail | hasToken)) !== 0) {
      const bytes = tail(block, index)
      const idBytes = (flags & idInTail) === 0 ? 0 : keyEnd
      if (idBytes > 0) id = bytes.toString("base64url", 0, idBytes)
      if ((flags & hasToken) !== 0) token = bytes.toString("utf8", idBytes)
    }
  }
  return {
    key,
    content,
    id,
    asof: block.readDoubleBE(record + at.asof),
    revision: block.readUInt32BE(record + at.revision),
    batch: block.readUIntBE(record + at.batch, 6),
    doubt: (flags & isDoubtful) !== 0,
    ...((flags & hasVersion) === 0 ? {} : { version: block.readDoubleBE(record + at.version) }),
    ...(token === undefined ? {} : { token })
  }
}

/** The first 48 bits of a record's key: records are in this order, then in that of the rest. */
export const prefix = (block: Buffer, index: number): number => block.readUIntBE(header + size * index, 6)

/** Orders two records by their keys. */
export const compare = (a: Buffer, indexA: number, b: Buffer, indexB: number): number => {
  const from = header + size * indexA
  const other = header + size * indexB
  return a.compare(b, other, other + keyEnd, from, from + keyEnd)
}

/** Where a key is in a sorted block; -1 when it is not. */
export const search = (block: Buffer, key: Buffer): number => {
  let low = 0
  let high = count(block) - 1
  const wanted = key.readUIntBE(0, 6)
  while (low <= high) {
    const middle = (low + high) >>> 1
    const record = header + size * middle
    const found = block.readUIntBE(record, 6)
    const order = found === wanted ? block.compare(key, 0, keyEnd, record, record + keyEnd) : found - wanted
    if (order === 0) return middle
    if (order < 0) low = middle + 1
    else high = middle - 1
  }
  return -1
}
