/** Requests signed for AWS, through a server that verifies the signature and stands before a real node. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { farSide } from "@callstream/testkit"
import { note } from "./support/Notes.ts"
import { documentsAt, nodes, open, prefixAt } from "./support/Place.ts"
import { bodyOf, forward } from "./support/Server.ts"
import { faultOf, type Key } from "./support/Signature.ts"

const key: Key = {
  id: "AKIDEXAMPLE",
  secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  region: "eu-west-1",
  service: "es"
}

/** As a domain answers: 403 and a message when the signature is not right. */
const verifying = (url: string, faults: Array<string>, token?: string) =>
  farSide((request, response) => {
    const answer = async () => {
      const body = await bodyOf(request)
      const fault =
        token !== undefined && request.headers["x-amz-security-token"] !== token
          ? "no session token"
          : faultOf(request, body, key)
      if (fault === undefined) return forward(url, request, body, response)
      faults.push(fault)
      response.writeHead(403, { "content-type": "application/json" }).end(JSON.stringify({ message: fault }))
    }
    answer().catch(() => response.destroy())
  })

const auth = { type: "aws", region: key.region, accessKeyId: key.id, secretAccessKey: key.secret } as const

describe.each(nodes)("A domain that verifies signatures before a node of the $line line", ({ url }) => {
  it.effect("is set up and written to", () =>
    Effect.gen(function* () {
      const faults: Array<string> = []
      const node = yield* verifying(url, faults)
      const indexPrefix = yield* prefixAt(url)
      const sink = yield* open({ node, indexPrefix, auth })
      const events = [note("a", 1), note("Zoë 'x' \u{1f600}", 1, { text: "naïve ~*'()" })]
      assert.deepStrictEqual(yield* sink.write(events), [{ _tag: "stored" }, { _tag: "stored" }])
      assert.deepStrictEqual(faults, [])
      const there = yield* Effect.promise(() => documentsAt(url, indexPrefix))
      assert.deepStrictEqual(
        there.map(({ event }) => event),
        events.toReversed()
      )
    })
  )

  it.effect("takes the token of temporary credentials", () =>
    Effect.gen(function* () {
      const faults: Array<string> = []
      const node = yield* verifying(url, faults, "a session")
      const indexPrefix = yield* prefixAt(url)
      const sink = yield* open({ node, indexPrefix, auth: { ...auth, sessionToken: "a session" }, setup: "auto" })
      assert.deepStrictEqual(yield* sink.write([note("a", 1)]), [{ _tag: "stored" }])
      assert.deepStrictEqual(faults, [])
    })
  )

  it.effect("parks a sink with another secret", () =>
    Effect.gen(function* () {
      const faults: Array<string> = []
      const node = yield* verifying(url, faults)
      const failure = yield* Effect.flip(open({ node, auth: { ...auth, secretAccessKey: "another secret" } }))
      assert.strictEqual(failure._tag, "Denied")
      assert.match(failure.message, /403/)
      assert.notInclude(failure.message, "another secret")
      assert.deepStrictEqual(faults, ["the signature is wrong"])
    })
  )
})

describe("Without keys in the settings", () => {
  it.effect("it says which package finds credentials, where that is not installed", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(
        open({ node: "http://localhost:1", auth: { type: "aws", region: "eu-west-1" } })
      )
      assert.strictEqual(failure._tag, "Denied")
      assert.match(failure.message, /@aws-sdk\/credential-provider-node is not installed/)
    })
  )
})
