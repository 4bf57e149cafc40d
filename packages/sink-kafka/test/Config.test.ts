import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { check, decode } from "./support/Place.ts"

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

  it.effect("refuse a client certificate and a key that cannot be used, and half of the two", () =>
    Effect.gen(function* () {
      const tls = { cert: "-----BEGIN of nothing", key: "-----BEGIN of nothing", passphrase: "a-secret" }
      for (const driver of ["platformatic", "kafkajs"]) {
        const [line] = yield* check({ brokers, driver, tls })
        assert.match(
          line?.detail ?? "",
          /^tls: cert and key cannot be used \(ERR_OSSL_\w+\)\. Name PEM .* belong together, and in `passphrase`/
        )
      }
      assert.throws(() => decode({ brokers, tls: { cert: tls.cert } }), /Expected cert and key together, or neither/)
    })
  )

  it.each(["connectTimeout", "requestTimeout", "deliveryTimeout"])("refuse a %s that no timer can have", (name) => {
    assert.throws(() => decode({ brokers, [name]: "30 d" }), /Expected a length of time from 100 ms to 1 d/)
    assert.throws(() => decode({ brokers, [name]: "0 s" }), /Expected a length of time from 100 ms to 1 d/)
  })
})
