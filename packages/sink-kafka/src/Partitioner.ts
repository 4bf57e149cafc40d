/**
 * Which partition a key belongs to, as Java's producer has it (Kafka, `Utils.murmur2` and `toPositive`, read 2026-11-21),
 * so that every producer of a topic agrees, whichever client it uses.
 */
const seed = 0x9747b28c
const m = 0x5bd1e995

/** MurmurHash2 of 32 bits, signed. */
export const murmur2 = (data: Uint8Array): number => {
  const { length } = data
  let h = seed ^ length
  let i = 0
  for (; i + 4 <= length; i += 4) {
    let k = byte(data, i) | (byte(data, i + 1) << 8) | (byte(data, i + 2) << 16) | (byte(data, i + 3) << 24) | 0
    k = Math.imul(k, m)
    k ^= k >>> 24
    k = Math.imul(k, m)
    h = Math.imul(h, m) ^ k
  }
  const left = length - i
  if (left === 3) h ^= byte(data, i + 2) << 16
  if (left >= 2) h ^= byte(data, i + 1) << 8
  if (left >= 1) h = Math.imul(h ^ byte(data, i), m)
  h ^= h >>> 13
  h = Math.imul(h, m)
  return h ^ (h >>> 15)
}

const byte = (data: Uint8Array, at: number): number => data[at] ?? 0

/** The partition of a key, of so many. */
export const partitionOf = (key: Uint8Array, partitions: number): number => (murmur2(key) & 0x7fffffff) % partitions
