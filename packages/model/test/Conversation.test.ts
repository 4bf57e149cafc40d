import { Conversation } from "@callstream/model"
import { assert, describe, it } from "@effect/vitest"

describe("Conversation", () => {
  it("is the interaction GUID in the contact centre", () => {
    const guid = "int-17e541ad2d9-QoQZxK2kYWTPxhySo83VSMam2-phone-00-acmecorp01"
    assert.strictEqual(Conversation.ofInteraction(guid), guid)
  })

  it("is the PBX's name and the call id in Work, for two PBXes may count alike", () => {
    assert.strictEqual(Conversation.ofWorkCall("acmecorppbx", "1635571048351"), "acmecorppbx/1635571048351")
    assert.notStrictEqual(Conversation.ofWorkCall("one", "1"), Conversation.ofWorkCall("two", "1"))
  })
})
