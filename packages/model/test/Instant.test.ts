import { Instant } from "@callstream/model"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const Millis = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 253_402_300_799_999 }))

describe("Instant", () => {
  it.prop("is UTC with milliseconds, whatever the clock of the machine", [Millis], ([millis]) => {
    const instant = Instant.fromMillis(millis)
    assert.isTrue(Schema.is(Instant.Instant)(instant))
    assert.strictEqual(Instant.toMillis(instant), millis)
  })

  it("compares as texts as it does in time", () => {
    assert.isTrue(Instant.fromMillis(999) < Instant.fromMillis(1000))
    assert.isTrue(Instant.fromMillis(0) < Instant.fromMillis(253_402_300_799_999))
  })

  it.each([
    "2022-11-01T21:22:22",
    "2022-11-01T21:22:22Z",
    "2022-11-01T21:22:22.543+00:00",
    "2022-13-01T00:00:00.000Z",
    ""
  ])("is not %j", (text) => {
    assert.isFalse(Schema.is(Instant.Instant)(text))
  })

  it("tells the numbers it can write", () => {
    assert.isTrue(Instant.isMillis(0))
    for (const value of [-1, 0.5, Number.NaN, 253_402_300_800_000, "0", null]) assert.isFalse(Instant.isMillis(value))
  })
})
