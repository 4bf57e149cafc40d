import { assert, it } from "@effect/vitest"

/** Minutes behind UTC in January. */
const offsets: Readonly<Record<string, number>> = { "America/Los_Angeles": 480, "Asia/Kolkata": -330, UTC: 0 }

it("runs in the zone that these tests are told to run in", () => {
  const expected = offsets[process.env["TZ"] ?? ""]
  const offset = new Date(2026, 0, 15).getTimezoneOffset()
  assert.strictEqual(offset, expected ?? offset)
})
