/**
 * Points in time as they stand in records and envelopes: one spelling, so that texts compare as times do.
 */
import { Schema } from "effect"
import { joined } from "./Text.ts"

/** RFC 3339 in UTC with milliseconds: `2022-11-01T21:22:22.543Z`. */
export const Instant = Schema.String.annotate({ format: "date-time" })
  .check(
    Schema.isPattern(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/u, {
      expected: "an instant such as 2022-11-01T21:22:22.543Z (RFC 3339, UTC, milliseconds)"
    })
  )
  .annotate({ description: "A point in time: RFC 3339, UTC, milliseconds." })

/** The last millisecond of the year 9999: four digits are all that RFC 3339 has for a year. */
const lastMillis = 253_402_300_799_999

/** Whether a number is an instant we can write: whole epoch milliseconds from 1970 to 9999. */
export const isMillis = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= lastMillis

/** The numbers below `count`, as texts of so many digits. */
const padded = (count: number, digits: number) =>
  Array.from({ length: count }, (_, n) => String(n).padStart(digits, "0"))

const two = padded(60, 2)
const three = padded(1000, 3)

/** `2022-11-01T` by days since 1970: `toISOString` is slow, and the instants of a source are of few days. */
const days = new Map<number, string>()
const mostDays = 1000

const spelled = (day: number): string => {
  const text = new Date(day * 86_400_000).toISOString().slice(0, 11)
  if (days.size >= mostDays) days.clear()
  days.set(day, text)
  return text
}

/** The instant of epoch milliseconds. Ask `isMillis` first where the vendor wrote the number: a bad one throws. */
export const fromMillis = (millis: number): string => {
  if (!isMillis(millis)) return new Date(millis).toISOString()
  const day = Math.floor(millis / 86_400_000)
  const rest = millis - day * 86_400_000
  const seconds = (rest / 1000) | 0
  const minutes = (seconds / 60) | 0
  const time = `${two[(minutes / 60) | 0]}:${two[minutes % 60]}:${two[seconds % 60]}`
  return joined(days.get(day) ?? spelled(day), time, `.${three[rest % 1000]}Z`)
}

/** Epoch milliseconds of an instant. */
export const toMillis = (instant: string): number => Date.parse(instant)
