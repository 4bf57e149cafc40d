/** How the brokers are reached: TLS out of files, and the login. The only file that unwraps a secret. */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { type ConnectionOptions, createSecureContext } from "node:tls"
import { Duration, Effect, Redacted } from "effect"
import { Failure, Http, Login, RateBudget } from "@callstream/core"
import type { KafkaConfig, Sasl, Tls } from "./Config.ts"
import type * as Driver from "./drivers/Driver.ts"

/** TLS as Node has it; absent where the brokers speak plain text. */
export const tlsOf = (
  tls: KafkaConfig["tls"],
  directory: string
): Effect.Effect<ConnectionOptions | undefined, Failure.Fatal> => {
  if (tls === undefined || tls === false) return Effect.undefined
  if (tls === true) return Effect.succeed({})
  return Effect.try({ try: () => readTls(tls, directory), catch: unreadable }).pipe(
    // The clients would take it for a connection that fails.
    Effect.tap((options) =>
      tls.cert === undefined ? Effect.void : Effect.try({ try: () => createSecureContext(options), catch: unusable })
    )
  )
}

const readTls = (tls: Tls, directory: string): ConnectionOptions => {
  const pem = (name: string, given: string): string => {
    if (given.trimStart().startsWith("-----BEGIN")) return given
    try {
      return readFileSync(resolve(directory, given), "utf8")
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "not a file"
      throw new Unreadable(`tls.${name}: its file cannot be read (${code})`)
    }
  }
  return {
    ...(tls.ca === undefined ? {} : { ca: pem("ca", tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert: pem("cert", tls.cert) }),
    ...(tls.key === undefined ? {} : { key: pem("key", Redacted.value(tls.key)) }),
    ...(tls.passphrase === undefined ? {} : { passphrase: Redacted.value(tls.passphrase) }),
    ...(tls.servername === undefined ? {} : { servername: tls.servername })
  }
}

class Unreadable extends Error {}

const unreadable = (error: unknown): Failure.Fatal =>
  new Failure.Fatal({
    reason: error instanceof Unreadable ? error.message : "tls: its files cannot be read",
    remedy: "Name PEM files relative to the pipeline file, readable by the user that runs callstream"
  })

const unusable = (error: unknown): Failure.Fatal => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "not PEM"
  return new Failure.Fatal({
    reason: `tls: cert and key cannot be used (${code})`,
    remedy: "Name PEM files that belong together, and in `passphrase` that of the key where it has one"
  })
}

/** The login as drivers take it. A token is fetched when it is needed, by one however many ask, and anew before it ends. */
export const loginOf = Effect.fnUntraced(function* (sasl: Sasl) {
  if ("username" in sasl) {
    const { mechanism, password, username } = sasl
    return { mechanism, username, password: Redacted.value(password) } satisfies Driver.Login
  }
  if ("token" in sasl) {
    const token = Redacted.value(sasl.token)
    return { mechanism: sasl.mechanism, token: () => Promise.resolve(token) } satisfies Driver.Login
  }
  const login = yield* tokens(sasl)
  const current = login.with(
    (token) => Effect.succeed(Redacted.value(token)),
    () => false
  )
  const context = yield* Effect.context()
  const token = async (): Promise<string> => {
    const answer = await Effect.runPromiseWith(context)(Effect.result(current))
    if (answer._tag === "Success") return answer.success
    throw answer.failure
  }
  return { mechanism: sasl.mechanism, token } satisfies Driver.Login
})

type ClientCredentials = Extract<Sasl, { readonly tokenUrl: string }>

/** OAuth 2 client credentials (RFC 6749, section 4.4), the client in the Basic header as its section 2.3.1 has it. */
const tokens = Effect.fnUntraced(function* ({ allowHttp, clientId, clientSecret, scope, tokenUrl }: ClientCredentials) {
  const secret = Redacted.value(clientSecret)
  const url = yield* Http.baseUrl(tokenUrl, allowHttp)
  const path = url.pathname
  const endpoint = `POST ${path}`
  const base = new URL(url.origin)
  const budgets = yield* RateBudget.RateBudgets
  const http = yield* Http.make({
    source: "kafka",
    baseUrl: base,
    budget: yield* budgets.of(`kafka ${url.origin}`, secret, { perSecond: 1, concurrency: 1 }),
    posts: [path],
    timeout: Duration.seconds(10)
  })
  const encoded = [clientId, secret].map(encodeURIComponent).join(":")
  return Login.oauth(
    http,
    {
      path,
      endpoint,
      headers: { authorization: `Basic ${Buffer.from(encoded).toString("base64")}` },
      query: [...url.searchParams],
      maxBytes: 1024 * 1024,
      body: { form: { grant_type: "client_credentials", ...(scope === undefined ? {} : { scope }) } }
    },
    (_, reason) =>
      new Failure.Denied({
        endpoint,
        reason,
        remedy: "Check `sasl`: tokenUrl, clientId, clientSecret and scope",
        scope: "source"
      })
  )
})
