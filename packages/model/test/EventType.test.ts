import { EventType } from "@callstream/model"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const Ticket = Schema.Struct({ title: Schema.String.annotate({ description: "What it is about." }) })

describe("EventType.make", () => {
  it("takes the name apart", () => {
    const type = EventType.make("acme.support-ticket.v12", Ticket)
    assert.strictEqual(type.short, "support-ticket")
    assert.strictEqual(type.version, 12)
    assert.strictEqual(type.dataschema, "urn:acme:schema:support-ticket.v12")
  })

  it("has no words and no flat fields unless it is told of them", () => {
    const bare = EventType.make("acme.ticket.v1", Ticket)
    assert.deepStrictEqual(bare.text({ title: "Refund" }), [])
    assert.deepStrictEqual(bare.flat, [])

    const told = EventType.make("acme.ticket.v1", Ticket, {
      text: ({ title }) => [{ text: title }],
      flat: ["labels"],
      dataschema: "https://acme.example/ticket.json"
    })
    assert.deepStrictEqual(told.text({ title: "Refund" }), [{ text: "Refund" }])
    assert.deepStrictEqual(told.flat, ["labels"])
    assert.strictEqual(told.dataschema, "https://acme.example/ticket.json")
  })

  it.each([
    "",
    "ticket",
    "acme.ticket",
    "acme.ticket.1",
    "acme.ticket.v0",
    "acme.ticket.v01",
    "Acme.ticket.v1",
    "acme.Ticket.v1",
    "acme.support_ticket.v1",
    "acme.support.ticket.v1",
    "acme-corp.ticket.v1",
    " acme.ticket.v1",
    "acme.ticket.v1\n"
  ])("refuses the name %j", (name) => {
    assert.throws(() => EventType.make(name, Ticket), /An event type is named <vendor>\.<short>\.v<version>/u)
  })
})

describe("EventType.jsonSchema", () => {
  it("is a document of its own, named by the type's dataschema", () => {
    assert.deepStrictEqual(EventType.jsonSchema(EventType.make("acme.ticket.v1", Ticket)), {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "urn:acme:schema:ticket.v1",
      type: "object",
      properties: { title: { type: "string", description: "What it is about." } },
      required: ["title"],
      additionalProperties: true
    })
  })
})
