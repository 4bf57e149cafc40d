/** A step: writes `•` for digits in texts, so that no number of a card or an account is kept. */
import { Effect, Schema } from "effect"
import { Plugin } from "@callstream/core"

const masked = (value: unknown, least: RegExp): unknown => {
  if (typeof value === "string") return value.replaceAll(least, (digits) => "•".repeat(digits.length))
  if (Array.isArray(value)) return value.map((item: unknown) => masked(item, least))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member, least)]))
}

export const maskDigits = Plugin.step({
  name: "mask-digits",
  summary: "Masks long rows of digits in all texts of a record.",
  Config: Schema.Struct({
    least: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })).annotate({
      description: "So many digits in a row are masked, and more.",
      examples: [8]
    })
  }),
  example: "- { type: ./mask.ts, least: 8 }\n",
  open: ({ least }) => {
    const digits = new RegExp(`\\d{${least},}`, "g")
    return Effect.succeed({
      apply: (events) =>
        events.map((event) => (event.data === undefined ? event : { ...event, data: masked(event.data, digits) }))
    })
  }
})
