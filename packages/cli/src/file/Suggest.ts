/** Finds what somebody may have meant. */

/** The nearest of some names, when it is near enough to be what was meant. */
export const nearest = (name: string, names: Iterable<string>): string | undefined => {
  const typed = name.toLowerCase().slice(0, 64)
  let best: string | undefined
  let least = Math.max(1, Math.floor(typed.length / 3)) + 1
  for (const candidate of names) {
    const far = distance(typed, candidate.toLowerCase())
    if (far < least) {
      best = candidate
      least = far
    }
  }
  return best
}

/** ` Did you mean x?`, or nothing. */
export const didYouMean = (name: string, names: Iterable<string>): string => {
  const meant = nearest(name, names)
  return meant === undefined ? "" : ` Did you mean ${meant}?`
}

/** How many letters have to be added, removed, changed or swapped with their neighbour. */
const distance = (a: string, b: string): number => {
  let before: Array<number> = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      }
      next.push(cost)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
