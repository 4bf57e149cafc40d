/**
 * Tells which keys a run of the seen-index cannot have (a Bloom filter), so that a key that was never seen costs no look
 * at the disk. Keys end in a hash, after an instant maybe: bits of that hash are taken.
 */

/** Bits a key and probes a look-up: one key in 1,500 is looked for in vain. */
const bitsPerKey = 16
const probes = 7

/** 60 bits of a key, from bit 48 on, as two numbers. */
export interface Bits {
  readonly high: number
  readonly low: number
}

const half = 2 ** 30

/** The value of each base64url character. */
const values = new Uint8Array(128)
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
for (let value = 0; value < alphabet.length; value += 1) values[alphabet.charCodeAt(value)] = value

const five = (slot: string, from: number): number => {
  let bits = 0
  for (let index = from; index < from + 5; index += 1) bits = (bits << 6) | (values[slot.charCodeAt(index)] ?? 0)
  return bits
}

export const bitsOfSlot = (slot: string): Bits => ({ high: five(slot, 8), low: five(slot, 13) })

/** The first 48 bits of a key: what records are ordered by before anything else. */
export const prefixOf = (slot: string): number => five(slot, 0) * 2 ** 18 + (five(slot, 5) >>> 12)

export const bitsOfRecord = (block: Buffer, record: number): Bits => {
  const first = block.readUInt32BE(record + 6)
  const second = block.readUInt32BE(record + 10)
  return { high: first >>> 2, low: ((first & 3) << 28) | (second >>> 4) }
}

export const make = (keys: number): Uint32Array => new Uint32Array(Math.max(1, Math.ceil((keys * bitsPerKey) / 32)))

export const add = (filter: Uint32Array, { high, low }: Bits): void => {
  const bits = filter.length * 32
  let hash = high
  for (let probe = 0; probe < probes; probe += 1) {
    const bit = Math.floor((hash / half) * bits)
    filter[bit >>> 5] = (filter[bit >>> 5] ?? 0) | (1 << (bit & 31))
    hash = (hash + (low | 1)) & (half - 1)
  }
}

export const mayHave = (filter: Uint32Array, { high, low }: Bits): boolean => {
  const bits = filter.length * 32
  let hash = high
  for (let probe = 0; probe < probes; probe += 1) {
    const bit = Math.floor((hash / half) * bits)
    if (((filter[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false
    hash = (hash + (low | 1)) & (half - 1)
  }
  return true
}
