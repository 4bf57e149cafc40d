import { assert, describe, it } from "@effect/vitest"
import type { Event } from "@callstream/model"
import { sideBySide } from "../../src/terminal/SideBySide.ts"

const event: Event = {
  id: "1f",
  type: "acme.ticket.v1",
  source: "acme/desk",
  subject: "T-1",
  op: "upsert",
  asof: "5",
  dataschema: "urn:acme:schema:ticket.v1",
  data: { title: "It is out of paper", raw: { t: 1 } }
}

describe("an event for people", () => {
  it("has the raw record beside the normalized one, in columns", () => {
    assert.deepStrictEqual(sideBySide(event, { t: 1 }, 63), [
      "acme.ticket.v1  acme/desk  T-1",
      "id 1f  asof 5",
      "raw, as the vendor sent it     │ normalized, as a sink gets it",
      "{                              │ {",
      '  "t": 1                       │   "title": "It is out of paper',
      '}                              │ "',
      "                               │ }",
      ""
    ])
  })

  it("says so where one of them is not there", () => {
    const { asof, dataschema, id, source, subject, type } = event
    const gone: Event = { id, type, source, subject, op: "delete", asof, dataschema }
    assert.deepStrictEqual(sideBySide(gone, undefined, 80), [
      "deleted: acme.ticket.v1  acme/desk  T-1",
      "id 1f  asof 5",
      ""
    ])
    assert.include(sideBySide(event, undefined, 63)[3], "(none)")
  })
})
