/**
 * Terms (core's `Terms`) as queries. Each is analyzed as a phrase, so nothing that is typed is ever syntax, and a name with
 * a dash in it is looked for as its parts in a row.
 */
import type { Terms } from "@callstream/core"

export type Query = Readonly<Record<string, unknown>>

/** What names and ids weigh, beside what was said; as in the local sink. */
const namesWeight = 0.5

/** More of a term nobody types, UTF-16 units. */
const longestTerm = 1000

/** Words that may end a phrase that goes on. */
const expansions = 500

/** What a document must have to have a term, and how well: the best of its fields counts. */
export const queryOf = ({ numbers, prefix, quoted, text }: Terms.Term): Query => {
  const typed = text.slice(0, longestTerm)
  return {
    dis_max: {
      queries: [
        ...numbers.map((form) => ({ term: { numbers: { value: form } } })),
        words("text", typed, prefix),
        ...(prefix || quoted ? [] : [words("text.english", typed, false)]),
        words("names", typed, prefix, namesWeight)
      ]
    }
  }
}

/** Documents that have at least so many of the terms. */
export const anyOf = (terms: ReadonlyArray<Terms.Term>, least = 1): Query => ({
  bool: { should: terms.map(queryOf), minimum_should_match: least }
})

/** What is marked in a field of a document that was found. */
export const markedIn = (field: string, terms: ReadonlyArray<Terms.Term>): Query => ({
  bool: { should: terms.map(({ prefix, text }) => words(field, text.slice(0, longestTerm), prefix)) }
})

const words = (field: string, query: string, prefix: boolean, boost = 1): Query => {
  if (!prefix) return { match_phrase: { [field]: { query, boost } } }
  return isOneWord(query)
    ? { match_bool_prefix: { [field]: { query, boost, operator: "and" } } }
    : { match_phrase_prefix: { [field]: { query, boost, max_expansions: expansions } } }
}

/** Whether the analyzer, too, sees one word. */
const isOneWord = (text: string): boolean => (text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).length <= 1
