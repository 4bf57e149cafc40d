/**
 * What a node says about an item, without data of the event in it: nodes quote values (`Preview of field's value: '…'`,
 * the prefix of an immense term, `For input string: "…"`), and an event holds what people said and their numbers.
 * Wordings as of 2.19.6 and 3.8.0.
 */
import { field } from "../Trouble.ts"

/** `type: reason (cause)`, at most 500 characters; of a cause only its type, for its reason is mostly the value. */
export const wordsOf = (error: unknown): string => {
  const type = field(error, "type")
  const reason = field(error, "reason")
  const cause = field(field(error, "caused_by"), "type")
  const words = [
    typeof type === "string" ? nameOnly(type) : "an error without a type",
    typeof reason === "string" && reason !== "" ? `: ${withoutData(reason)}` : "",
    typeof cause === "string" ? ` (${nameOnly(cause)})` : ""
  ]
  return words.join("").slice(0, 500)
}

/** Names of fields, types, indices and threads, and small numbers such as a limit; everything else may be data. */
const harmless = /^(?:[A-Za-z_@][A-Za-z_@.-]*(?:\d{1,4}[A-Za-z_@.-]+)*\d{0,6}|\d{1,6})$/

const nameOnly = (name: string): string => (harmless.test(name) ? name : "…")

/** A reason with every quoted or bracketed part left out that is not plainly a name. */
export const withoutData = (reason: string): string =>
  reason
    .replace(/ in document with id '[\s\S]*$/, "")
    .replace(/\.? ?Preview of field's value:[\s\S]*$/, "")
    .replace(/ {1,2}Please correct the analyzer[\s\S]*?original message: /, " ")
    .replace(/(?<![A-Za-z])(?:'[^']*'|"[^"]*")/g, (quoted) =>
      harmless.test(quoted.slice(1, -1)) && quoted.length < 80 && quoted.startsWith('"')
        ? quoted
        : `${quoted.charAt(0)}…${quoted.charAt(0)}`
    )
    .replace(/\[([^[\]]*)\]/g, (bracketed, inner: string) =>
      harmless.test(inner) || known.test(inner) ? bracketed : "[…]"
    )
    .replace(/(?<![\w=-])\+?\d[\d\s().-]{6,}\d/g, "…")

/** What blocks and queues are called, e.g. `FORBIDDEN/8/index write (api)`. */
const known = /^(?:[A-Z_]+\/\d+\/[a-zA-Z ,()/-]+|[a-z_]+=\d+(?:, [a-z_]+=\d+)*)$/
