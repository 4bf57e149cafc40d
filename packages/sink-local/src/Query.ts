/**
 * What a person types into the search, as terms for FTS5: words, "phrases", prefix*. Every term is quoted, so nothing
 * that is typed is ever syntax.
 */
import { digitsLookedFor, numberIn } from "./Numbers.ts"

/** A term: an FTS5 expression that holds or does not hold for a document. */
export type Term = string

/** More terms than anybody types. */
const mostTerms = 32

/** What the tokenizer (unicode61) takes for a part of a word. */
const wordCharacter = /[\p{L}\p{N}\p{Co}]/u

const pieces = /"([^"]*)"?(\*?)|([^\s"]+)/gu

/** The terms of a query; none where there is nothing to look for. */
export const termsOf = (query: string): ReadonlyArray<Term> => {
  const terms = new Set<Term>()
  const rest = query
    .toWellFormed()
    .replaceAll("\0", " ")
    .replace(/"[^"]*"?\*?|[^"]+/gu, (part) => {
      if (part.startsWith('"')) return part
      return part.replace(numberIn, (number) => {
        const forms = digitsLookedFor(number)
        if (forms === undefined) return number
        terms.add([...forms.map((form) => `digits : ${quoted(form)}`), quoted(number)].join(" OR "))
        return " "
      })
    })
  for (const [, phrase, star, word] of rest.matchAll(pieces)) {
    const text = phrase ?? word?.replace(/\*+$/u, "") ?? ""
    if (!wordCharacter.test(text)) continue
    const prefix = star === "*" || (word?.endsWith("*") ?? false)
    terms.add(prefix ? `${quoted(text)} *` : quoted(text))
  }
  return [...terms].slice(0, mostTerms)
}

const quoted = (text: string): string => `"${text.replaceAll('"', "")}"`
