import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Settings as Pieces } from "@callstream/core"
import { fromValue } from "../../src/file/Located.ts"
import { Problems } from "../../src/file/Problem.ts"
import * as Settings from "../../src/file/Settings.ts"

const Config = Schema.Struct({
  size: Pieces.withDefault(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 })), 5),
  on: Schema.optionalKey(Schema.Boolean),
  either: Schema.optionalKey(Schema.Union([Schema.Boolean, Schema.Array(Schema.String)])),
  text: Schema.optionalKey(Schema.String),
  wait: Schema.optionalKey(Pieces.duration({ description: "How long." })),
  kind: Schema.optionalKey(Schema.Literals(["5", "true", "other"])),
  deep: Schema.optionalKey(Schema.Array(Schema.Struct({ amount: Schema.Finite }))),
  secret: Schema.optionalKey(Pieces.secret("It is secret."))
})

const decode = (value: unknown) => {
  const problems = new Problems("f")
  const node = fromValue(value, () => assert.fail("is a plain value"))
  if (node._tag !== "map") return assert.fail("is a map")
  const settings = Settings.decode(Config, node, ["sinks", "x"], problems)
  return { config: settings?.config, said: problems.sorted.map(({ message, path }) => `${path}: ${message}`) }
}

describe("settings", () => {
  it("take a text that reads exactly as the number or boolean that is wanted", () => {
    assert.deepStrictEqual(decode({ size: "7", on: "true", either: "false", deep: [{ amount: "-0.5" }] }).config, {
      size: 7,
      on: true,
      either: false,
      deep: [{ amount: -0.5 }]
    })
  })

  it("leave texts that are wanted as texts", () => {
    assert.deepStrictEqual(decode({ text: "5", kind: "true" }).config, { size: 5, text: "5", kind: "true" })
  })

  it("say of a number what it should be, where quotes alone do not help", () => {
    assert.deepStrictEqual(decode({ wait: 30 }).said, [
      "sinks.x.wait: Expected a length of time such as 30 s, 15 min, 6 h or 3 d."
    ])
    assert.deepStrictEqual(decode({ wait: 0 }).said, ["sinks.x.wait: Expected a text: put the value in quotes."])
  })

  it("take no text that reads almost so", () => {
    for (const text of ["05", "1e3", " 5", "5 ", "0x5", "", "yes", "True", "1_000", "+5"]) {
      assert.strictEqual(decode({ deep: [{ amount: text }] }).config, undefined, text)
      assert.strictEqual(decode({ on: text }).config, undefined, text)
    }
  })

  it("say everything that is wrong, with its path", () => {
    assert.deepStrictEqual(
      decode({
        size: "70",
        on: "maybe",
        text: 5,
        kind: 5,
        deep: [{ amount: 1 }, {}, { amount: 1, extra: 2 }],
        sized: 1,
        secret: ""
      }).said.toSorted(),
      [
        "sinks.x.deep[1].amount: is missing.",
        "sinks.x.deep[2].extra: There is no such setting. There are amount.",
        "sinks.x.kind: Expected one of 5, true, other.",
        "sinks.x.on: Expected true or false.",
        "sinks.x.secret: Expected a text that is not empty.",
        "sinks.x.size: Expected a value between 1 and 9.",
        "sinks.x.sized: There is no such setting. Did you mean size?",
        "sinks.x.text: Expected a text: put the value in quotes."
      ]
    )
  })
})
