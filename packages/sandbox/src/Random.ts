// A seeded source of made-up values: the same parts give the same sequence, on every machine.
// Nothing in the company may use Math.random.

/** A sequence of made-up values that depends on its seed alone. */
export interface Random {
  /** A number in [0, 1). */
  readonly next: () => number
  /** A whole number from `min` to `max`, both included. */
  readonly int: (min: number, max: number) => number
  /** True with the given probability. */
  readonly chance: (probability: number) => boolean
  /** One of the items; the list must not be empty. */
  readonly pick: <A>(items: ReadonlyArray<A>) => A
  /** So many characters of the alphabet (letters and digits unless told otherwise). */
  readonly text: (length: number, alphabet?: string) => string
  readonly digits: (length: number) => string
  readonly hex: (length: number) => string
  readonly uuid: () => string
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/** FNV-1a, 32 bits: spreads the seed's parts over the generator's state. */
const hash = (text: string): number => {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    h ^= text.charCodeAt(i)
    h = Math.imul(h, 0x01000193)
  }
  return h >>> 0
}

/** Starts a sequence from its parts, e.g. `random(seed, "call", 17)`. The generator is mulberry32. */
export const random = (...parts: ReadonlyArray<string | number>): Random => {
  let state = hash(parts.join("\u0000"))
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1))
  const text = (length: number, alphabet = alphanumeric) => {
    let out = ""
    for (let i = 0; i < length; i++) out += alphabet.charAt(int(0, alphabet.length - 1))
    return out
  }
  const hex = (length: number) => text(length, "0123456789abcdef")
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[int(0, items.length - 1)]
      if (item === undefined) throw new Error("There is nothing to pick from")
      return item
    },
    text,
    digits: (length) => text(length, "0123456789"),
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${"89ab".charAt(int(0, 3))}${hex(3)}-${hex(12)}`
  }
}
