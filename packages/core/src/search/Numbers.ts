/**
 * Phone numbers, as they are looked for: with and without country code, with any blanks and brackets between.
 */

/** A text that is a number of a person, and nothing else: 7 to 15 digits, and what is written between them. */
const whole = /^\+?[\d\s()./-]+$/u

/** Shortest and longest number, in digits (E.164 ends at 15). */
const shortest = 7
const longest = 15

/** Longest part without country code that is looked for. */
const national = 10

const digitsOf = (text: string): string => text.replace(/\D/gu, "")

const none: ReadonlyArray<string> = []

/** Forms a number is found by: all of its digits, and its last 7 to 10. None where the text is no number. */
export const digitForms = (text: string): ReadonlyArray<string> => {
  if (text.length > 25 || text.length < shortest || !whole.test(text)) return none
  const digits = digitsOf(text)
  if (digits.length < shortest || digits.length > longest) return none
  const forms = [digits]
  for (let length = Math.min(national, digits.length - 1); length >= shortest; length--)
    forms.push(digits.slice(-length))
  return forms
}

/** A number somewhere in what a person typed. */
export const numberIn = /\+?\(?\d[\d\s()./-]{5,}\d/gu

/** What to look for among the forms; `undefined` where it is no number. Leading zeros are for dialing only. */
export const digitsLookedFor = (text: string): ReadonlyArray<string> | undefined => {
  const digits = digitsOf(text)
  if (digits.length < shortest || digits.length > longest) return undefined
  const bare = digits.replace(/^0+/u, "")
  return [...new Set([digits, bare, bare.slice(-national)])].filter((form) => form.length >= shortest)
}
