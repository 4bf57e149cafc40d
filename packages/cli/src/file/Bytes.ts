/** Sizes as they are written in a file: `64MiB`, `500 kB`, or a plain number of bytes. */
const units: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3
}

/** What `parse` reads, for the JSON Schema. */
export const form = /^(\d+(?:\.\d+)?) ?(B|kB|MB|GB|KiB|MiB|GiB)?$/

/** Bytes, whole; `undefined` when it is no size, or none at all. */
export const parse = (value: unknown): number | undefined => {
  if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? value : undefined
  if (typeof value !== "string") return undefined
  const [, amount, unit] = form.exec(value) ?? []
  if (amount === undefined) return undefined
  const bytes = Math.round(Number(amount) * (units[unit ?? "B"] ?? 1))
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined
}
