import { assert, describe, it } from "@effect/vitest"
import type { Event } from "@callstream/model"
import * as Steps from "../../src/engine/Steps.ts"

const event = (op: Event["op"]): Event => ({
  id: "id",
  type: "test.call.v1",
  source: "test/main",
  subject: "a",
  time: "2026-01-01T00:00:00.000Z",
  op,
  asof: "1",
  dataschema: "urn:test:schema:call.v1",
  ...(op === "delete" ? {} : { data: { text: "a" } })
})

/** A step that meddles with everything. */
const meddler = {
  apply: (events: ReadonlyArray<Event>) =>
    events.map(({ time: _time, ...rest }) => ({ ...rest, id: "x", subject: "x", asof: "9", data: { text: "b" } }))
}

const after = (op: Event["op"]) =>
  Steps.apply([meddler], [{ event: event(op), key: "a", bytes: 1 }]).kept.map((entry) => entry.event)

describe("a step", () => {
  it("changes data and time of an event, and nothing else", () => {
    const { time: _time, ...rest } = event("upsert")
    assert.deepStrictEqual(after("upsert"), [{ ...rest, data: { text: "b" } }])
  })

  it("gives a delete no data", () => {
    const { time: _time, ...rest } = event("delete")
    assert.deepStrictEqual(after("delete"), [rest])
  })
})
