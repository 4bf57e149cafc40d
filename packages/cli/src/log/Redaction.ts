/**
 * The last line of defence: masks what must never be shown, should it ever get into a log or an error. Whoever writes a
 * message keeps secrets out of it in the first place.
 */

/** Shorter ones would mask ordinary words. */
const shortestSecret = 4

const patterns: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, "$1 ***"],
  // A URL's user and query: presigned links carry their signature there.
  [/\b(https?:\/\/)[^\s/?#"'<>@]+@/gi, "$1***@"],
  [/\b(https?:\/\/[^\s?"'<>]+)\?[^\s"'<>]+/gi, "$1?***"],
  // Phone numbers: international, North American, and bare runs of digits (identifiers are masked with them).
  [/\+\d(?:[\s().-]{0,2}\d){7,14}/g, "***"],
  [/\(?\b\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b/g, "***"],
  [/(?<![\w.:-])\d{9,15}(?![\w:-])/g, "***"]
]

export interface Redactor {
  readonly conceal: (secrets: ReadonlyArray<string>) => void
  readonly mask: (text: string) => string
  /** Masks every text inside a value. */
  readonly maskValue: (value: unknown) => unknown
}

export const make = (): Redactor => {
  const secrets = new Set<string>()
  const mask = (text: string): string => {
    let masked = text
    for (const secret of secrets) masked = masked.replaceAll(secret, "***")
    for (const [pattern, by] of patterns) masked = masked.replace(pattern, by)
    return masked
  }
  const maskValue = (value: unknown, depth = 0): unknown => {
    if (typeof value === "string") return mask(value)
    if (typeof value !== "object" || value === null || depth > 6) return value
    if (Array.isArray(value)) return value.map((item: unknown) => maskValue(item, depth + 1))
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, maskValue(member, depth + 1)]))
  }
  return {
    // Longest first, so that no part of one stays behind.
    conceal: (more) => {
      const all = [...secrets, ...more].filter((secret) => secret.length >= shortestSecret)
      secrets.clear()
      for (const secret of all.toSorted((a, b) => b.length - a.length)) secrets.add(secret)
    },
    mask,
    maskValue
  }
}
