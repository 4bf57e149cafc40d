/**
 * What a person types into `callstream search`, as terms: words, "phrases", prefix*. One reading for every sink, so that
 * they answer alike; nothing that is typed is syntax beyond these.
 */
import { digitsLookedFor, numberIn } from "./Numbers.ts"

/** A term: a record has it or not. */
export interface Term {
  /** Words that stand one after the other, without quotes; it has at least one letter or digit. */
  readonly text: string
  /** Whether the last word may go on. */
  readonly prefix: boolean
  /** Typed in quotes: meant word for word. */
  readonly quoted: boolean
  /** If it is a phone number: the forms to look for among `Findable.numbers`. Any of them, or the text itself, will do. */
  readonly numbers: ReadonlyArray<string>
}

/** More terms than anybody types. */
const mostTerms = 32

/** What a word is made of. */
const wordCharacter = /[\p{L}\p{N}\p{Co}]/u

const pieces = /"([^"]*)"?(\*?)|([^\s"]+)/gu

/** The terms of a query, each once; none where there is nothing to look for. */
export const of = (query: string): ReadonlyArray<Term> => {
  const terms = new Map<string, Term>()
  const add = (text: string, { numbers = [], prefix = false, quoted = false }: Partial<Term>): void => {
    terms.set(`${text}\n${prefix}\n${numbers.length}`, { text, prefix, quoted, numbers })
  }
  const rest = query
    .toWellFormed()
    .replaceAll("\0", " ")
    .replace(/"[^"]*"?\*?|[^"]+/gu, (part) => {
      if (part.startsWith('"')) return part
      return part.replace(numberIn, (number) => {
        const forms = digitsLookedFor(number)
        if (forms === undefined) return number
        add(number, { numbers: forms })
        return " "
      })
    })
  for (const [, phrase, star, word] of rest.matchAll(pieces)) {
    const text = phrase ?? word?.replace(/\*+$/u, "") ?? ""
    if (!wordCharacter.test(text)) continue
    add(text, { prefix: star === "*" || (word?.endsWith("*") ?? false), quoted: phrase !== undefined })
  }
  return [...terms.values()].slice(0, mostTerms)
}

/** How many of its terms a conversation must have: up to three all, of more half; people type sentences. */
export const needed = (terms: number): number => (terms <= 3 ? terms : Math.ceil(terms / 2))
