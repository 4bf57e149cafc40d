/**
 * What `run --listen` serves: `/metrics` for Prometheus, `/health` (the runner's loops tick), `/ready` (states open,
 * pipelines started), `/status` as JSON. On this machine only, unless a host is named.
 */
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Context, Effect, Layer } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { PrometheusMetrics } from "effect/observability"
import type { Pipeline } from "@callstream/core"
import { BadUsage } from "./BadUsage.ts"

export interface Address {
  readonly host: string
  readonly port: number
}

/** Reads `9090`, `0.0.0.0:9090` or `[::]:9090`. */
export const parseAddress = (text: string): Address | undefined => {
  const [, host = "127.0.0.1", port] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65_535) return undefined
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) }
}

/** Where a browser finds it. */
export const urlOf = ({ host, port }: Address): string => `http://${host.includes(":") ? `[${host}]` : host}:${port}`

/** Serves until the scope closes; `pipelines` is empty until they have started. */
export const serve = Effect.fn("Monitor.serve")(function* (
  address: Address,
  pipelines: Effect.Effect<ReadonlyArray<Pipeline.Pipeline>>
) {
  const word = (ok: boolean, yes: string, no: string) =>
    HttpServerResponse.text(`${ok ? yes : no}\n`, { status: ok ? 200 : 503 })
  const health = Effect.gen(function* () {
    const healthy = yield* Effect.forEach(yield* pipelines, (pipeline) => pipeline.healthy)
    return word(healthy.every(Boolean), "healthy", "stuck")
  })
  const ready = Effect.map(pipelines, (started) => word(started.length > 0, "ready", "starting"))
  const status = Effect.gen(function* () {
    const all = yield* Effect.forEach(yield* pipelines, (pipeline) => pipeline.status)
    return HttpServerResponse.jsonUnsafe({ pipelines: all })
  })
  const routes = Layer.mergeAll(
    HttpRouter.add("GET", "/health", health),
    HttpRouter.add("GET", "/ready", ready),
    HttpRouter.add("GET", "/status", status),
    PrometheusMetrics.layerHttp({ path: "/metrics" })
  )
  const server = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provideMerge(NodeHttpServer.layer(createServer, { ...address, gracefulShutdownTimeout: "1 second" }))
  )
  const context = yield* Layer.build(server).pipe(Effect.mapError((error) => cannotListen(address, error)))
  const bound = Context.get(context, HttpServer.HttpServer).address
  const port = bound._tag === "UnixPathAddress" ? address.port : bound.port
  yield* Effect.logInfo(`Serving /metrics, /health, /ready and /status on ${urlOf({ host: address.host, port })}`)
})

const cannotListen = ({ host, port }: Address, error: unknown): BadUsage => {
  const code = systemCode(error)
  const why =
    code === "EADDRINUSE"
      ? "the port is in use. Choose another one, or stop who has it"
      : code === "EADDRNOTAVAIL" || code === "ENOTFOUND"
        ? "this machine has no such address"
        : code === "EACCES"
          ? "this user may not use that port. Choose one above 1023"
          : `the system refuses (${code})`
  return new BadUsage({ reason: `--listen ${host}:${port} cannot be served: ${why}.` })
}

const systemCode = (error: unknown): string => {
  for (let cause = error, depth = 0; typeof cause === "object" && cause !== null && depth < 5; depth++) {
    if ("code" in cause && typeof cause.code === "string") return cause.code
    cause = "cause" in cause ? cause.cause : undefined
  }
  return "unknown reason"
}
