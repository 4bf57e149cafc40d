/** What a server that stands before a node does. */
import type { ServerResponse } from "node:http"
import { type AddressInfo, connect, createServer as createRelay, type Server as Relay } from "node:net"
import { Effect, type Scope } from "effect"

/** The whole body of a request. */
export const bodyOf = async (request: AsyncIterable<Buffer>): Promise<Buffer> => {
  const parts: Array<Buffer> = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts)
}

/** Passes a request on to a node, and its answer back. */
export const forward = async (
  url: string,
  request: { readonly method?: string | undefined; readonly url?: string | undefined; readonly headers: object },
  body: Buffer,
  response: ServerResponse
): Promise<void> => {
  const type = Reflect.get(request.headers, "content-type")
  const answer = await fetch(`${url}${request.url ?? "/"}`, {
    method: request.method ?? "GET",
    ...(typeof type === "string" ? { headers: { "content-type": type } } : {}),
    ...(body.length === 0 ? {} : { body: new Uint8Array(body) })
  })
  const text = await answer.text()
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" })
  response.end(text)
}

/** Listens at an address of this machine and passes bytes on to a port of it. */
export const relay = (host: string, port: number): Effect.Effect<number, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<Relay>((resume) => {
        const server = createRelay((socket) => {
          const onward = connect(port, "127.0.0.1")
          for (const end of [socket, onward]) end.on("error", () => {})
          socket.pipe(onward).pipe(socket)
          socket.on("close", () => onward.destroy())
        })
        server.listen(0, host, () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => server.close())
    ),
    // As above.
    (server) => (server.address() as AddressInfo).port
  )
