import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Yaml } from "effect/encoding"
import { plugin } from "@callstream/source-workanalytics"
import { decode } from "./Harness.ts"

const secret = "Rrnp5QBW6dTbx^TP"
const settings = { apiKey: "key", username: "analytics@acme.example", password: secret }

const decodeExample = Schema.decodeUnknownEffect(Schema.Struct({ work: Schema.Record(Schema.String, Schema.Unknown) }))

describe("the settings", () => {
  it.effect("have defaults, and show no secret", () =>
    Effect.gen(function* () {
      const config = yield* decode(settings)
      assert.include(config, { baseUrl: "https://api.8x8.com/analytics/work", pageSize: 7000 })
      assert.notInclude(JSON.stringify(config), secret)
    })
  )

  it.effect("are those of the example", () =>
    Effect.gen(function* () {
      const { work } = yield* decodeExample(Yaml.parse(plugin.example))
      const { type, ...written } = work
      assert.strictEqual(type, plugin.name)
      assert.deepInclude(yield* decode(written), { pbxes: ["acmecorp"] })
    })
  )

  it.effect.each([
    [{ pbxes: ["allpbxes"] }, "for all PBXes leave `pbxes` out"],
    [{ pbxes: ["one,two"] }, "Expected the name of one PBX"],
    [{ pbxes: [] }, "pbxes"],
    [{ pageSize: 7001 }, "pageSize"],
    [{ username: "" }, "username"],
    [{ pbx: "acmecorp" }, "pbx"]
  ] as const)("are refused where they are %j", ([wrong, words]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(decode({ ...settings, ...wrong }))
      assert.include(error.message, words)
    })
  )
})
