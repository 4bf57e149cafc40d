import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { sampleEvent, stepConformance } from "@callstream/testkit"
import { maskDigits, ticketType } from "../src/index.ts"

const events = ["Card 4111111111111111 was taken.", "Room 12 is cold.", "No digits."].map((title, i) =>
  sampleEvent(ticketType, `T-${i}`, { title, labels: { account: "12345678" }, raw: { lines: [title, 12345678] } })
)

stepConformance("mask-digits", { plugin: maskDigits, settings: { least: 8 }, events })

it.effect("masks long rows of digits, wherever they stand in a text", () =>
  Effect.gen(function* () {
    const step = yield* maskDigits.open({ least: 8 })
    assert.deepStrictEqual(
      step.apply(events).map((event) => (typeof event === "object" && "data" in event ? event.data : event)),
      [
        {
          title: "Card •••••••••••••••• was taken.",
          labels: { account: "••••••••" },
          raw: { lines: ["Card •••••••••••••••• was taken.", 12345678] }
        },
        { title: "Room 12 is cold.", labels: { account: "••••••••" }, raw: { lines: ["Room 12 is cold.", 12345678] } },
        { title: "No digits.", labels: { account: "••••••••" }, raw: { lines: ["No digits.", 12345678] } }
      ]
    )
  })
)
