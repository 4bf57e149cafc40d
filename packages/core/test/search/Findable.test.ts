import { assert, describe, it } from "@effect/vitest"
import { Findable } from "@callstream/core"
import { type Event, eventTypes } from "@callstream/model"

const event: Event = {
  id: "1",
  type: "callstream.recording.v1",
  source: "8x8/storage/us-east",
  subject: "subject",
  op: "upsert",
  conversation: "int-17ee",
  asof: "1",
  dataschema: "urn:callstream:schema:recording.v1",
  data: {
    callerName: "Zoë\nBrontë",
    callerNumber: "+1 (555) 010-4567",
    agentIds: ["agent77"],
    durationMs: 5550104567,
    tags: { branch: { name: ["Harbour"] } },
    startedAt: "2026-02-03T14:27:27.493Z",
    warnings: ["unreadable"],
    raw: { hidden: "vendorword" }
  }
}

describe("Findable", () => {
  it("has names, ids and what has open keys, each on a line; no instants and nothing of how it was read", () => {
    assert.deepStrictEqual(Findable.of(event, eventTypes.recording), {
      group: "int-17ee",
      text: [],
      names: ["int-17ee", "subject", "Zoë Brontë", "+1 (555) 010-4567", "agent77", "Harbour"],
      numbers: ["15550104567", "5550104567", "550104567", "50104567", "0104567"]
    })
  })

  it("has what was said apart, each passage once", () => {
    const data = { text: "ignored", utterances: [{ text: "one" }, { text: "two" }, { text: "one" }] }
    const { names, text } = Findable.of({ ...event, type: "callstream.transcript.v1", data }, eventTypes.transcript)
    assert.deepStrictEqual(text, ["one", "two"])
    assert.notInclude([...names], "one")
  })

  it("finds nothing said where a step has cut the data down, or the type is not known", () => {
    assert.deepStrictEqual(Findable.of({ ...event, data: { utterances: 5 } }, eventTypes.transcript).text, [])
    assert.deepStrictEqual(Findable.of(event, undefined).text, [])
  })

  it("groups a record without conversation by itself", () => {
    const { conversation: _, ...alone } = event
    assert.strictEqual(Findable.groupOf(alone), "8x8/storage/us-east\ncallstream.recording.v1\nsubject")
  })
})
