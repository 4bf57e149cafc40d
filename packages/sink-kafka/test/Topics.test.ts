import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { eventTypes } from "@callstream/model"
import { makeTopics } from "../src/Topics.ts"
import { event } from "./support/Place.ts"

const place = { pipeline: "acme & co", types: [eventTypes.call, eventTypes.callLeg] }
const settings = { topicPrefix: "acme." }
const call = event(1, { type: eventTypes.call.type, source: "8x8/work/pbx1" })

describe("names of topics", () => {
  it("are a prefix and the type's short name", () => {
    const topics = Result.getOrThrow(makeTopics(settings, place))
    assert.deepStrictEqual(topics.names, ["acme.call", "acme.call-leg"])
    assert.deepStrictEqual(topics.of(call), Result.succeed("acme.call"))
    assert.strictEqual(topics.naming, "acme.{type}")
  })

  it("may be one for all", () => {
    const topics = Result.getOrThrow(makeTopics({ ...settings, topic: "everything" }, place))
    assert.deepStrictEqual(topics.names, ["everything"])
    assert.deepStrictEqual(topics.of(call), Result.succeed("everything"))
  })

  it("may be made of the fields there are", () => {
    const topic = "{vendor}.{pipeline}.{type}.{version}"
    const topics = Result.getOrThrow(makeTopics({ ...settings, topic }, place))
    assert.deepStrictEqual(topics.names, ["callstream.acme---co.call-leg.v1", "callstream.acme---co.call.v1"])
  })

  it("name sources only as the settings do, and refuse others", () => {
    const sources = { "8x8/work/pbx1": "north", "8x8/work/pbx2": "south" }
    const topics = Result.getOrThrow(makeTopics({ ...settings, topic: "{source}.{type}", sources }, place))
    assert.deepStrictEqual(topics.names, ["north.call", "north.call-leg", "south.call", "south.call-leg"])
    assert.deepStrictEqual(topics.of(call), Result.succeed("north.call"))
    assert.deepStrictEqual(
      topics.of({ ...call, source: "8x8/work/../pbx1" }),
      Result.fail("its source is not one of `sources`, and there is no topic for others")
    )
  })

  it("are none for a type that was not announced", () => {
    const topics = Result.getOrThrow(makeTopics(settings, place))
    assert.deepStrictEqual(
      topics.of({ ...call, type: "acme.secret.v1" }),
      Result.fail("its type was not announced, and there is no topic for it")
    )
  })

  it.each([
    [{ topic: "{source}" }, "`topic` has {source}, and `sources` does not say what that may be"],
    [{ topic: ".." }, '".." cannot be a topic\'s name: Kafka allows 249 characters, and no dots alone'],
    [{ topic: "x".repeat(250) }, /cannot be a topic's name/],
    [{ topic: "a{source}c", sources: { one: ".", two: "_" } }, "Kafka takes the topics a.c and a_c for the same"]
  ])("are refused where Kafka would refuse them: %j", (changed, reason) => {
    const result = makeTopics({ ...settings, ...changed }, place)
    const failure = Result.isFailure(result) ? result.failure : ""
    if (typeof reason === "string") assert.strictEqual(failure, reason)
    else assert.match(failure, reason)
  })
})
