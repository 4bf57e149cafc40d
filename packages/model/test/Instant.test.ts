import { Instant } from "@callstream/model"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const Millis = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 253_402_300_799_999 }))

/** Milliseconds, of three days. */
const Days = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 259_200_000 })))

describe("Instant", () => {
  it.prop("is UTC with milliseconds, whatever the clock of the machine", [Millis], ([millis]) => {
    const instant = Instant.fromMillis(millis)
    assert.isTrue(Schema.is(Instant.Instant)(instant))
    assert.strictEqual(Instant.toMillis(instant), millis)
  })

  it.prop("is what a Date says, of any day and of the days beside it", [Millis, Days], ([millis, days]) => {
    for (const one of [millis, ...days.map((day) => (millis + day) % 253_402_300_800_000), millis]) {
      assert.strictEqual(Instant.fromMillis(one), new Date(one).toISOString())
    }
  })

  it("is what a Date says of more days than are remembered", () => {
    for (let day = 0; day < 2500; day++) {
      const millis = day * 86_400_000 + day
      assert.strictEqual(Instant.fromMillis(millis), new Date(millis).toISOString())
    }
  })

  it.each([-1, -62_135_596_800_001, 0.5, 1_643_898_447_493.7, 253_402_300_800_000])(
    "is what a Date says of %s too, which is none of ours",
    (millis) => {
      Instant.fromMillis(0)
      assert.strictEqual(Instant.fromMillis(millis), new Date(millis).toISOString())
    }
  )

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1])("is no instant of %s", (millis) => {
    assert.throws(() => Instant.fromMillis(millis), RangeError)
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
