/**
 * The kinds of field a record is made of. A field that the vendor did not fill is an absent key: never `null`, `""`,
 * `0` or `-1`. Each description says what the field means, its unit and, per source, where it comes from.
 */
import { Schema } from "effect"
import { Instant } from "./Instant.ts"

/** A text, an id or a phone number: never empty. */
export const text = (description: string) => Schema.optionalKey(requiredText(description))

/** A text that every record of its kind has. */
export const requiredText = (description: string) => Schema.NonEmptyString.annotate({ description })

/** Several texts or ids. */
export const texts = (description: string) =>
  Schema.optionalKey(Schema.Array(Schema.NonEmptyString).annotate({ description }))

/** One of a closed set of words. A word of the vendor's that is not in it is a warning, and the key is absent. */
export const oneOf = <const Words extends ReadonlyArray<string>>(words: Words, description: string) =>
  Schema.optionalKey(Schema.Literals(words).annotate({ description }))

/** A point in time, see `Instant.ts`. */
export const instant = (description: string) => Schema.optionalKey(Instant.annotate({ description }))

/** A span of time in whole milliseconds; the field's name ends in `Ms`. */
export const millis = (description: string) => Schema.optionalKey(Schema.Natural.annotate({ description }))

/** How many, from 0. */
export const count = (description: string) => Schema.optionalKey(Schema.Natural.annotate({ description }))

/** A score or a share. */
export const number = (description: string) => Schema.optionalKey(Schema.Finite.annotate({ description }))

export const flag = (description: string) => Schema.optionalKey(Schema.Boolean.annotate({ description }))

/** Any JSON: what the vendor wrote and does not define. */
export const json = (description: string) => Schema.optionalKey(Schema.Json.annotate({ description }))

/** Names and values whose names are the vendor's or the customer's; a name that comes twice has a list. */
export const named = (description: string) =>
  Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Array(Schema.String)])).annotate({ description })
  )

/** What every record ends with. */
export const asRead = {
  warnings: Schema.optionalKey(
    Schema.Array(Schema.String).annotate({
      description: "What could not be read, a sentence each; the fields concerned are absent."
    })
  ),
  raw: json("The vendor's record with the vendor's names and values, unless the pipeline drops it.")
}
