import { assert, describe, it } from "@effect/vitest"
import { Duration, Schema } from "effect"
import { Settings } from "@callstream/core"

const read = Schema.decodeUnknownSync(Settings.duration({ description: "How long." }))

describe("how long is waited", () => {
  const timeout = Schema.decodeUnknownSync(Settings.timeout({ description: "How long." }))

  it.each(["100 ms", "30 s", "24 h"])("may be %s", (text) => {
    assert.strictEqual(Duration.toMillis(timeout(text)), Duration.toMillis(read(text)))
  })

  // Timers take 24 days, and some that are set longer end at once; others wait for ever when nothing is said.
  it.each(["0", "0 s", "99 ms", "25 h", "30 d"])("may not be %s", (text) => {
    assert.throws(() => timeout(text), /Expected a length of time from 100 ms to 1 d/)
  })
})

describe("a length of time", () => {
  it.each([
    ["0", 0],
    ["0 s", 0],
    ["250ms", 250],
    ["1.5 h", 5_400_000],
    ["9999 w", 315_360_000_000]
  ] as const)("reads %s", (text, millis) => {
    assert.strictEqual(Duration.toMillis(read(text)), millis)
  })

  it.each(["", "30", "3x", "-1 s", "1 month", " 5 s"])("refuses %j", (text) => {
    assert.throws(() => read(text), /a length of time such as 30 s, 15 min, 6 h or 3 d/)
  })
})

describe("an instant", () => {
  const instant = Schema.decodeUnknownSync(Settings.instant({ description: "When." }))

  it.each([
    ["2026-02-28", Date.UTC(2026, 1, 28)],
    ["2024-02-29", Date.UTC(2024, 1, 29)],
    ["2026-03-01T00:30+02:00", Date.UTC(2026, 1, 28, 22, 30)]
  ] as const)("reads %s", (text, at) => {
    assert.strictEqual(instant(text), at)
  })

  it.each(["2026-02-29", "2026-02-30T08:00Z", "2026-04-31", "2026-13-01", "2026-01-01T25:00Z", "2026-01-01T08:00"])(
    "refuses %s",
    (text) => {
      assert.throws(() => instant(text), /a day such as 2026-01-01, or a time with its zone/)
    }
  )
})
