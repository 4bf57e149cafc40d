/** Logins and TLS on a broker that has all of them, and what is said when one is refused. */
import { readFileSync } from "node:fs"
import { assert, describe, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { type KafkaCluster, startKafka } from "@callstream/testkit/servers"
import { check, drivers, event, newPrefix, open, type Settings } from "./support/Place.ts"
import { startProxy } from "./support/Proxy.ts"
import { createTopic, readTopic } from "./support/Reading.ts"
import { startTokens, tokenOf } from "./support/Tokens.ts"

class Guarded extends Context.Service<Guarded, KafkaCluster>()("test/Guarded") {
  static readonly layer = Layer.effect(
    Guarded,
    Effect.orDie(
      startKafka({
        sasl: true,
        tls: { clientCertificates: true },
        users: { alice: "alice-secret", bob: "bob-secret" },
        settings: {
          "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
          "super.users": "User:ANONYMOUS;User:alice;User:CN=client"
        }
      })
    )
  )
}

const timeout = 120_000
const alice = { username: "alice", password: "alice-secret" }

layer(Guarded.layer, { timeout, excludeTestServices: true })("a guarded broker", (it) => {
  describe.each(drivers)("over %s", (driver) => {
    /** A topic of its own, and what a sink needs to write to it but the way in. */
    const fresh = Effect.gen(function* () {
      const cluster = yield* Guarded
      const topicPrefix = newPrefix()
      const topic = `${topicPrefix}count`
      yield* createTopic(cluster.brokers, topic)
      const { sasl, tls } = cluster
      if (sasl === undefined || tls === undefined) return yield* Effect.die("the cluster has no such listeners")
      return { cluster, sasl, tls, topic, settings: { topicPrefix, driver } }
    })

    const writes = Effect.fnUntraced(function* (settings: Settings, cluster: KafkaCluster, topic: string) {
      const sink = yield* open(settings)
      assert.deepStrictEqual(yield* sink.write([event(1)]), [{ _tag: "stored" }])
      assert.strictEqual((yield* readTopic(cluster.brokers, topic)).length, 1)
    }, Effect.scoped)

    const refusal = (settings: Settings) => Effect.flip(Effect.scoped(open(settings)))

    it.effect.each(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])("logs in by %s", (mechanism) =>
      Effect.gen(function* () {
        const { cluster, sasl, settings, topic } = yield* fresh
        yield* writes({ ...settings, brokers: sasl.brokers, sasl: { mechanism, ...alice } }, cluster, topic)
      })
    )

    it.effect("logs in by OAUTHBEARER, with a token that is given", () =>
      Effect.gen(function* () {
        const { cluster, sasl, settings, topic } = yield* fresh
        const login = { mechanism: "OAUTHBEARER", token: tokenOf("alice") }
        yield* writes({ ...settings, brokers: sasl.brokers, sasl: login }, cluster, topic)
      })
    )

    it.effect("logs in by OAUTHBEARER, with one token that all connections share", () =>
      Effect.gen(function* () {
        const { cluster, sasl, settings, topic } = yield* fresh
        const tokens = yield* startTokens("alice", "client-secret", 3600)
        const login = {
          mechanism: "OAUTHBEARER",
          tokenUrl: tokens.url,
          clientId: "client",
          clientSecret: "client-secret",
          scope: "kafka write"
        }
        yield* writes({ ...settings, brokers: sasl.brokers, sasl: login }, cluster, topic)
        assert.deepStrictEqual(
          tokens.asked.map(({ body }) => body),
          ["grant_type=client_credentials&scope=kafka+write"]
        )
        const refused = yield* refusal({
          ...settings,
          brokers: sasl.brokers,
          sasl: { ...login, clientSecret: "wrong-secret" }
        })
        assert.strictEqual(refused._tag, "Denied")
        assert.match(refused.message, /POST \/token: refused our credentials \(401\)\. Check `sasl`/)
        assert.notInclude(refused.message, "wrong-secret")
      })
    )

    it.effect.each(["PLAIN", "SCRAM-SHA-512"])(
      "says that a login by %s was refused, and does not try it again",
      (mechanism) =>
        Effect.gen(function* () {
          const { sasl, settings } = yield* fresh
          const proxy = yield* startProxy(sasl.brokers[0] ?? "")
          const wrong = {
            ...settings,
            brokers: [`127.0.0.1:${proxy.port}`],
            sasl: { mechanism, username: "alice", password: "not-the-password" }
          }
          const refused = yield* refusal(wrong)
          assert.strictEqual(refused._tag, "Denied")
          assert.match(refused.message, /the brokers refused our login \(SASL_AUTHENTICATION_FAILED.*Check `sasl`/s)
          assert.notInclude(refused.message, "not-the-password")
          assert.isAtMost(proxy.connections(), 1)
          const [line] = yield* check(wrong)
          assert.deepInclude(line, { subject: "login", ok: false })
        })
    )

    it.effect("says which rights are missing", () =>
      Effect.gen(function* () {
        const { sasl, settings } = yield* fresh
        const bob = { mechanism: "PLAIN", username: "bob", password: "bob-secret" }
        const refused = yield* refusal({ ...settings, brokers: sasl.brokers, sasl: bob })
        assert.strictEqual(refused._tag, "Denied")
        assert.match(refused.message, /this user may not do that \(TOPIC_AUTHORIZATION_FAILED.*Give it WRITE/s)
      })
    )

    it.effect("shows a client certificate over TLS", () =>
      Effect.gen(function* () {
        const { cluster, settings, tls, topic } = yield* fresh
        const { ca, certificate = "", key = "" } = tls
        yield* writes({ ...settings, brokers: tls.brokers, tls: { ca, cert: certificate, key } }, cluster, topic)
        // As text, out of the environment or a file that was filled in.
        const inline = { ca: readFileSync(ca, "utf8"), cert: certificate, key: readFileSync(key, "utf8") }
        assert.strictEqual((yield* check({ ...settings, brokers: tls.brokers, tls: inline }))[0]?.ok, true)
      })
    )

    it.effect("says what is wrong with TLS, each time another thing", () =>
      Effect.gen(function* () {
        const { cluster, settings, tls } = yield* fresh
        const { ca, certificate: cert = "", key = "" } = tls
        const { brokers } = tls
        const cases: ReadonlyArray<readonly [Settings, RegExp]> = [
          [{ brokers, tls: { ca, cert, key, servername: "kafka.acme.example" } }, /is of another name .*servername/],
          [{ brokers, tls: { cert, key } }, /is not one that is trusted .*Set `tls: \{ ca \}`/],
          [{ brokers, tls: { ca } }, /TLS is not spoken alike|no connection to/],
          [{ brokers: cluster.brokers, tls: { ca } }, /TLS is not spoken alike|no connection to/],
          [{ brokers, tls: { ca: "nowhere.pem" } }, /tls\.ca: its file cannot be read \(ENOENT\)/]
        ]
        for (const [wrong, message] of cases) {
          const refused = yield* refusal({ ...settings, ...wrong, requestTimeout: "2 s", connectTimeout: "2 s" })
          assert.match(refused.message, message)
        }
      })
    )
  })
})
