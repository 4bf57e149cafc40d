/** What was typed, as terms for FTS5. Every term is quoted, so nothing that is typed is ever syntax. */
import { Terms } from "@callstream/core"

/** A term: an FTS5 expression that holds or does not hold for a document. */
export type Term = string

/** The terms of a query; none where there is nothing to look for. */
export const termsOf = (query: string): ReadonlyArray<Term> =>
  Terms.of(query).map(({ numbers, prefix, text }) =>
    [...numbers.map((form) => `digits : ${inQuotes(form)}`), prefix ? `${inQuotes(text)} *` : inQuotes(text)].join(
      " OR "
    )
  )

const inQuotes = (text: string): string => `"${text.replaceAll('"', "")}"`
