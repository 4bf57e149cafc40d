import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Schema } from "effect"
import { Yaml } from "effect/encoding"
import { plugin } from "@callstream/source-recentcalls"
import { decode } from "./Harness.ts"

const secret = "11vf11vf-5e6f"
const settings = { region: "us", tenantId: "acmecorp01", apiKey: "key", token: secret }

const decodeExample = Schema.decodeUnknownEffect(Schema.Struct({ calls: Schema.Record(Schema.String, Schema.Unknown) }))

describe("the settings", () => {
  it.effect("have defaults", () =>
    Effect.gen(function* () {
      const config = yield* decode(settings)
      assert.strictEqual(config.baseUrl, "https://api.8x8.com/customerexperience/v1/recentCallData")
      assert.strictEqual(config.rows, 5000)
      assert.strictEqual(Duration.toMillis(config.poll), 60_000)
      assert.notInclude(JSON.stringify(config), secret)
    })
  )

  it.effect("are those of the example", () =>
    Effect.gen(function* () {
      const { calls } = yield* decodeExample(Yaml.parse(plugin.example))
      const { type, ...written } = calls
      assert.strictEqual(type, plugin.name)
      assert.deepInclude(yield* decode(written), { region: "us", filters: { callDuration: "sec:60,-1" } })
    })
  )

  it.effect.each([
    [{ filters: { callDuration: "60,-1" } }, "Expected sec:X,Y or min:X,Y with X at most Y, such as sec:60,-1"],
    [{ filters: { callDuration: "sec:60, -1" } }, "Expected sec:X,Y or min:X,Y"],
    [{ filters: { callDuration: "range:1,2" } }, "Expected sec:X,Y or min:X,Y"],
    [{ filters: { agentHoldCount: "sec:1,2" } }, "Expected range:X,Y with X at most Y, such as range:2,-1"],
    [{ filters: { transferCount: "range:5,2" } }, "Expected range:X,Y with X at most Y"],
    [{ filters: { transferCount: "range:-2,2" } }, "Expected range:X,Y with X at most Y"],
    [{ filters: { callerName: ["555"] } }, "Expected string"],
    [{ filters: { tenantQueues: [] } }, "filters"],
    [{ filters: { queue: "1" } }, "queue"],
    [{ rows: 5001 }, "rows"],
    [{ region: "eu" }, "region"]
  ] as const)("are refused where they are %j", ([wrong, words]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(decode({ ...settings, ...wrong }))
      assert.include(error.message, words)
    })
  )

  it.effect("are all judged at once", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        decode({ ...settings, region: "eu", rows: 0, filters: { transferCount: "many" } })
      )
      for (const word of ["region", "rows", "transferCount"]) assert.include(error.message, word)
    })
  )
})
