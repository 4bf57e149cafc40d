import { assert, describe, it } from "@effect/vitest"
import { Failure } from "@callstream/core"
import { failureOf, troubleOf } from "../src/Trouble.ts"

const coded = (code: string) => Object.assign(new Error("words that may quote a record"), { code })

/** As @platformatic/kafka nests them. */
const nested = (...errors: ReadonlyArray<Error>) =>
  Object.assign(new AggregateError(errors, "failed 3 times"), { code: "PLT_KFK_MULTIPLE" })

const protocol = (apiId: string, serverErrorMessage?: string) =>
  Object.assign(coded("PLT_KFK_PROTOCOL"), { apiId, serverErrorMessage })

const network = (cause: Error) => Object.assign(new Error("Connection failed", { cause }), { code: "PLT_KFK_NETWORK" })

describe("troubleOf", () => {
  it.each([
    ["login", protocol("SASL_AUTHENTICATION_FAILED")],
    ["login", Object.assign(new Error("x"), { name: "KafkaJSSASLAuthenticationError" })],
    ["rights", nested(nested(protocol("TOPIC_AUTHORIZATION_FAILED")))],
    ["tls-name", nested(network(coded("ERR_TLS_CERT_ALTNAME_INVALID")))],
    ["tls-ca", network(coded("SELF_SIGNED_CERT_IN_CHAIN"))],
    ["tls", new Error("Broker requires TLS.")],
    ["too-large", nested(protocol("MESSAGE_TOO_LARGE"))],
    ["missing", new Error("Unknown topic acme.call.")],
    ["replicas", Object.assign(new Error("x"), { name: "KafkaJSProtocolError", type: "NOT_ENOUGH_REPLICAS" })],
    ["unreachable", nested(network(coded("ECONNREFUSED")))],
    ["timeout", Object.assign(new Error("Request timed out"), { code: "PLT_KFK_NETWORK" })],
    ["other", new Error("Broker not connected")]
  ] as const)("finds %s, however deep it is", (kind, error) => {
    assert.strictEqual(troubleOf(error).kind, kind)
  })

  it("names the broker's code where it does not know it, not the client's wrapper", () => {
    const wrapped = Object.assign(nested(protocol("FENCED_LEADER_EPOCH")), { code: "PLT_KFK_RESPONSE" })
    assert.deepStrictEqual(troubleOf(wrapped), { kind: "other", code: "FENCED_LEADER_EPOCH" })
  })

  it("looks at the last errors of a long outage, and never for ever", () => {
    const many = Array.from({ length: 1000 }, () => network(coded("ECONNREFUSED")))
    assert.strictEqual(troubleOf(nested(...many, protocol("SASL_AUTHENTICATION_FAILED"))).kind, "login")
    const round: { cause?: unknown } = {}
    round.cause = round
    assert.strictEqual(troubleOf(round).kind, "other")
  })

  it("keeps the broker's words, and no others", () => {
    const trouble = troubleOf(nested(protocol("MESSAGE_TOO_LARGE", "The request was too large")))
    assert.deepStrictEqual(trouble, {
      kind: "too-large",
      code: "MESSAGE_TOO_LARGE",
      words: "The request was too large"
    })
    assert.notInclude(JSON.stringify(troubleOf(coded("ECONNRESET"))), "quote a record")
  })

  it("lets a failure of ours through, that a client wrapped", () => {
    const failure = new Failure.Denied({ endpoint: "POST /token", reason: "no", remedy: "Ask.", scope: "source" })
    const trouble = troubleOf(
      nested(Object.assign(new Error("x", { cause: failure }), { code: "PLT_KFK_AUTHENTICATION" }))
    )
    assert.strictEqual(failureOf(trouble, "describe topics", ["a:1"]), failure)
  })
})
