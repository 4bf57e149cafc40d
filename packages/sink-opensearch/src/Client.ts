/**
 * How the cluster is asked: one bounded request over the official library's transport, which brings TLS, signatures and
 * the choice among several nodes. An error status is a value here, for its meaning is the asker's affair; what fails is
 * the connection.
 */
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { createSecureContext } from "node:tls"
import { Duration, Effect, Redacted, type Scope } from "effect"
import { Failure, Http } from "@callstream/core"
import { signing } from "./Aws.ts"
import type { OpenSearchConfig } from "./Config.ts"
import { codeOf, mended } from "./Connection.ts"
import { Connection, ConnectionPool, ResponseError, Transport } from "./Library.ts"
import { connectionFailure } from "./Trouble.ts"

export interface Asked {
  /** A body that becomes JSON, */
  readonly json?: unknown
  /** or JSON lines that are ready. */
  readonly lines?: string
  readonly query?: Readonly<Record<string, string | number | boolean>>
  /** Compresses the body. */
  readonly gzip?: boolean
  /** Beyond the usual; a `content-type` says what `lines` are when they are no JSON lines. */
  readonly headers?: Readonly<Record<string, string>>
  /** What errors call it instead of `method path`, where the path is long. */
  readonly endpoint?: string
}

export interface Answered {
  readonly status: number
  /** Parsed where it was JSON, else the text. */
  readonly body: unknown
}

export interface Client {
  /**
   * Asks one of the nodes, and another one where there is one if that is down or answers 502 to 504. Every status is an
   * answer; `Unavailable` is a connection that could not be had, broke or took too long; `Denied` one that TLS refused.
   */
  readonly request: (
    method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE",
    path: string,
    asked?: Asked
  ) => Effect.Effect<Answered, Failure.SinkFailure>
}

/** How long a node that was down is left alone while others answer; the library's own is a minute and more. */
const restMs = 5000

const serializer = {
  serialize: (value: unknown) => JSON.stringify(value),
  // The library's own refuses an answer in which some key is called `__proto__` or `constructor`; a vendor's may be. What
  // is no JSON in spite of its content type stays a text, so that the status counts.
  deserialize: (text: string): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      return text
    }
  },
  ndserialize: (lines: ReadonlyArray<unknown>) => lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  qserialize: (query: string | Record<string, string> | undefined): string =>
    typeof query === "object" ? new URLSearchParams(query).toString() : (query ?? "")
}

/** Makes the client; `directory` is what paths in the settings are relative to. Nothing is asked yet. */
export const make: (
  config: OpenSearchConfig,
  directory: string
) => Effect.Effect<Client, Failure.SinkFailure, Scope.Scope> = Effect.fnUntraced(function* (config, directory) {
  const nodes = config.nodes ?? (config.node === undefined ? [] : [config.node])
  for (const node of nodes) yield* Http.baseUrl(node, config.allowHttp)
  const urls = [...new Set(nodes.map((node) => new URL(node).href))]
  const hosts = urls.map(hostOf).join(", ")
  const ssl = yield* tlsOf(config, directory)
  const { auth } = config
  const signer = auth?.type === "aws" ? yield* signing(auth) : undefined
  const pool = new ConnectionPool({
    Connection: mended(signer?.Connection ?? Connection),
    ...(auth?.type === "basic" ? { auth: { username: auth.username, password: Redacted.value(auth.password) } } : {}),
    ssl,
    agent: { keepAlive: true, maxSockets: 16 },
    pingTimeout: 3000,
    resurrectStrategy: "ping",
    emit: () => true
  })
  pool.resurrectTimeout = restMs
  pool.resurrectTimeoutCutoff = 1
  pool.addConnection(urls.map((url) => ({ url: new URL(url) })))
  yield* Effect.addFinalizer(() => Effect.sync(() => pool.connections.forEach(({ agent }) => agent.destroy())))
  const oneNode = Duration.toMillis(config.timeout)
  const transport = new (signer?.Transport ?? Transport)({
    emit: () => true,
    connectionPool: pool,
    serializer,
    // Once more with a single node too: a connection that was kept may have been closed meanwhile.
    maxRetries: Math.max(1, urls.length - 1),
    requestTimeout: oneNode,
    sniffEndpoint: ""
  })
  // The library bounds silence, not the whole: an answer may trickle.
  const bound = Duration.millis(oneNode * urls.length + 1000)

  return {
    request: (method, path, asked = {}) => {
      const endpoint = asked.endpoint ?? `${method} ${path}`
      return Effect.callback<Answered, Failure.SinkFailure>((resume) => {
        const running = transport.request(
          {
            method,
            path,
            ...(asked.lines === undefined ? {} : { bulkBody: asked.lines }),
            ...(asked.json === undefined ? {} : { body: JSON.stringify(asked.json) }),
            ...(asked.query === undefined ? {} : { querystring: { ...asked.query } })
          },
          {
            ...(asked.gzip === true ? { compression: "gzip" } : {}),
            ...(asked.headers === undefined ? {} : { headers: { ...asked.headers } })
          },
          // Where no credentials could be had, the library gives the error alone.
          (error, answer?: { readonly body: unknown; readonly statusCode: number | null }) => {
            resume(
              answer !== undefined && (error === null || error instanceof ResponseError)
                ? Effect.succeed({ status: answer.statusCode ?? 0, body: answer.body })
                : Effect.fail(connectionFailure(endpoint, hosts, error, codeOf(error)))
            )
          }
        )
        return Effect.sync(() => running.abort())
      }).pipe(
        Effect.timeoutOrElse({
          duration: bound,
          orElse: () =>
            Effect.fail(
              new Failure.Unavailable({
                endpoint,
                reason: `${hosts} gave no whole answer within ${Duration.format(bound)}`
              })
            )
        })
      )
    }
  }
})

/** `search.acme.example:9200`: what errors may show of a node's address. */
const hostOf = (url: string): string => {
  const { hostname, port, protocol } = new URL(url)
  return `${hostname}:${port === "" ? (protocol === "https:" ? 443 : 80) : port}`
}

/** What TLS is told; a file that cannot be read is a wrong setting. */
const tlsOf = ({ tls = {} }: OpenSearchConfig, directory: string) => {
  const file = (setting: "ca" | "certificate" | "key") =>
    Effect.try({
      try: () => {
        const path = tls[setting]
        return path === undefined ? undefined : readFileSync(resolve(directory, path))
      },
      catch: (error) =>
        new Failure.Fatal({
          reason: `tls.${setting} ${tls[setting] ?? ""} cannot be read (${codeOf(error) ?? "no file"})`,
          remedy: "Name a PEM file that this user may read"
        })
    })
  return Effect.all({ ca: file("ca"), cert: file("certificate"), key: file("key") }).pipe(
    Effect.map(({ ca, cert, key }) => ({
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(tls.serverName === undefined ? {} : { servername: tls.serverName })
    })),
    // Node would throw it at each connection.
    Effect.tap((options) =>
      tls.certificate === undefined
        ? Effect.void
        : Effect.try({ try: () => createSecureContext(options), catch: unusable })
    )
  )
}

const unusable = (error: unknown) =>
  new Failure.Fatal({
    reason: `tls.certificate and tls.key cannot be used (${codeOf(error) ?? "not PEM"})`,
    remedy: "Name PEM files that belong together, the key without a passphrase"
  })
