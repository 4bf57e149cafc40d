// A server that listens as long as its scope.
import type { Server } from "node:http"
import { Effect, Schema } from "effect"

/** The sandbox cannot listen: the port is in use, not allowed, or the host is not this machine's. */
export class SandboxFailed extends Schema.TaggedError<SandboxFailed>()("SandboxFailed", {
  host: Schema.String,
  port: Schema.Number,
  /** The system's code, e.g. EADDRINUSE. */
  code: Schema.String
}) {
  override get message() {
    const where = `${this.host}:${this.port}`
    if (this.code === "EADDRINUSE")
      return `Port ${this.port} on ${this.host} is in use. Choose another, or 0 for a free one.`
    if (this.code === "EACCES")
      return `Listening on ${where} is not allowed here. Ports below 1024 need special rights.`
    return `The sandbox cannot listen on ${where} (${this.code}).`
  }
}

/** Listens, and says where: `http://127.0.0.1:PORT`. Fails when it cannot listen where it should. */
export const listen = (server: Server, host = "127.0.0.1", port = 0) => {
  const listening = Effect.callback<string, SandboxFailed>((resume) => {
    const failed = (error: NodeJS.ErrnoException) => {
      resume(Effect.fail(new SandboxFailed({ host, port, code: error.code ?? error.message })))
    }
    server.once("error", failed)
    server.listen(port, host, () => {
      server.off("error", failed)
      const address = server.address()
      const bound = typeof address === "object" ? (address?.port ?? port) : port
      resume(Effect.succeed(`http://${host.includes(":") ? `[${host}]` : host}:${bound}`))
    })
  })
  const close = Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })
  return Effect.acquireRelease(listening, () => close)
}
