/** The line with the security plugin: who may come in, and whom we trust. A cluster of the test's own. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { startOpenSearch } from "@callstream/testkit/servers"
import { make } from "../src/Client.ts"
import { plugin } from "../src/index.ts"
import { note } from "./support/Notes.ts"
import { type Given, newPrefix, open, place, provided, settings } from "./support/Place.ts"
import { relay } from "./support/Server.ts"

const asked = (given: Given) =>
  Effect.gen(function* () {
    const { request } = yield* make(settings(given), "/")
    return yield* request("GET", "/")
  })

describe("A cluster with the security plugin", () => {
  it.live(
    "is written to with user, password and its authority, and says what is wrong otherwise",
    () =>
      Effect.gen(function* () {
        const { ca = "", password = "", url, username = "" } = yield* startOpenSearch({ line: 2, security: true })
        const indexPrefix = newPrefix()
        const auth = { type: "basic", username, password } as const
        const sink = yield* open({ node: url, indexPrefix, auth, tls: { ca } })
        assert.deepStrictEqual(yield* sink.write([note("a", 1)]), [{ _tag: "stored" }])
        const lines = yield* provided(
          plugin.check?.(settings({ node: url, indexPrefix, auth, tls: { ca } }), place()) ?? Effect.succeed([])
        )
        assert.deepStrictEqual(
          lines.map(({ ok, subject }) => [subject, ok]),
          [
            ["cluster", true],
            ["setup", true],
            ["note", true]
          ]
        )

        const stranger = yield* Effect.flip(asked({ node: url, auth }))
        assert.strictEqual(stranger._tag, "Denied")
        assert.match(
          stranger.message,
          /no connection to localhost:\d+: its certificate is not signed by an authority that is known here\. Name the PEM file/
        )

        const byAddress = `https://127.0.0.2:${yield* relay("127.0.0.2", Number(new URL(url).port))}`
        const misnamed = yield* Effect.flip(asked({ node: byAddress, auth, tls: { ca } }))
        assert.strictEqual(misnamed._tag, "Denied")
        assert.match(misnamed.message, /no connection to 127\.0\.0\.2:\d+: its certificate is for other names/)
        const named = yield* asked({ node: byAddress, auth, tls: { ca, serverName: "localhost" } })
        assert.strictEqual(named.status, 200)

        const wrong = { ...auth, password: "not the password" }
        const refused = yield* Effect.flip(open({ node: url, indexPrefix, auth: wrong, tls: { ca } }))
        assert.strictEqual(refused._tag, "Denied")
        assert.match(refused.message, /credentials were refused \(401\)/)
        assert.notInclude(refused.message, wrong.password)
        const nobody = yield* Effect.flip(open({ node: url, indexPrefix, tls: { ca } }))
        assert.match(nobody.message, /credentials were refused \(401\)/)

        // A user who may look at everything, and write nothing.
        const { request } = yield* make(settings({ node: url, auth, tls: { ca } }), "/")
        const security = "/_plugins/_security/api"
        const permissions = [
          { index_patterns: ["*"], allowed_actions: ["read", "indices:admin/get", "indices:admin/mappings/get"] }
        ]
        yield* request("PUT", `${security}/roles/reader`, {
          json: { cluster_permissions: ["cluster_monitor", "cluster_composite_ops"], index_permissions: permissions }
        })
        const reader = { type: "basic", username: "looker", password: "4-Quiet-Night!" } as const
        const user = { password: reader.password, opendistro_security_roles: ["reader"] }
        const made = yield* request("PUT", `${security}/internalusers/looker`, { json: user })
        assert.strictEqual(made.status, 201, JSON.stringify(made.body))
        const reading = yield* open({ node: url, indexPrefix, auth: reader, tls: { ca }, setup: "manual" })
        const mayNot = yield* Effect.flip(reading.write([note("b", 1)]))
        assert.strictEqual(mayNot._tag, "Denied")
        assert.match(mayNot.message, /not allowed.*security_exception.*Give the user of this sink the right to write/)
      }),
    300_000
  )
})
