/** Found conversations as text: grouped, the found words marked on a terminal. */
import type { Sink } from "@callstream/core"

/** What stands around a found word in a highlight; see `SearchHit`. */
const begin = "\uE000"
const end = "\uE001"

/** A highlight for people: bold on a terminal, plain elsewhere. */
export const highlight = (text: string, colors: boolean): string =>
  text
    .replaceAll(begin, colors ? "\u001b[1;33m" : "")
    .replaceAll(end, colors ? "\u001b[0m" : "")
    .replace(/\s+/g, " ")
    .trim()

/** The hits of one sink, best conversation first. */
export const lines = ({ hits }: Sink.SearchResult, colors: boolean): ReadonlyArray<string> =>
  [...Map.groupBy(hits, ({ conversation }) => conversation)].flatMap(([conversation, pieces]) => {
    const times = pieces.flatMap(({ time }) => (time === undefined ? [] : [time])).toSorted()
    const when = times[0] === undefined ? "" : `  ${times[0].slice(0, 16).replace("T", " ")} UTC`
    return [
      `${colors ? `\u001b[1m${conversation}\u001b[0m` : conversation}${when}`,
      ...pieces.flatMap(({ highlights, subject, type }) => [
        `  ${type}  ${subject}`,
        ...highlights.map((text) => `    … ${highlight(text, colors)} …`)
      ])
    ]
  })
