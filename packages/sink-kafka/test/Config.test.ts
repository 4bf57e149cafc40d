import { assert, describe, it } from "@effect/vitest"
import { decode } from "./support/Place.ts"

const brokers = ["localhost:9092"]

describe("the settings", () => {
  it("refuse a policy that compacts topics whose key is the conversation", () => {
    for (const policy of ["compact", "compact,delete"]) {
      const configs = { "cleanup.policy": policy }
      assert.throws(() => decode({ brokers, configs }), /Expected `cleanup: compact` instead of cleanup\.policy/)
      assert.deepStrictEqual(decode({ brokers, configs, cleanup: "compact" }).configs, configs)
    }
  })

  it.each(["localhost:65536", "localhost:99999"])("refuse %s, which has no port", (broker) => {
    assert.throws(() => decode({ brokers: [broker] }), /Expected a port up to 65535/)
  })

  it.each(["connectTimeout", "requestTimeout", "deliveryTimeout"])("refuse a %s that no timer can have", (name) => {
    assert.throws(() => decode({ brokers, [name]: "30 d" }), /Expected a length of time from 100 ms to 1 d/)
    assert.throws(() => decode({ brokers, [name]: "0 s" }), /Expected a length of time from 100 ms to 1 d/)
  })
})
