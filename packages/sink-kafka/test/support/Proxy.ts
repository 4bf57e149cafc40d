/** A proxy in front of a broker that loses answers on purpose: requests arrive, and nobody hears what became of them. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { Effect, type Scope } from "effect"

export interface Proxy {
  readonly port: number
  /** Connections that were made so far. */
  readonly connections: () => number
  /** Answers that were lost so far. */
  readonly cuts: () => number
}

export interface ProxyOptions {
  /** Drops the answer to every n-th Produce request, and the connection with it; `undefined`: none. */
  readonly cutEvery?: number
  /** After each such loss nobody is let in for so long, milliseconds. */
  readonly awayMs?: number
}

const produce = 0
const apiVersions = 18

/** Splits a stream into messages of the protocol: a length of four bytes, then that much. */
const splitter = (each: (message: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk: Buffer): void => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0)
      each(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
  }
}

/**
 * The broker says in its metadata where it is, and clients go there: the proxy puts itself in the place. The host is a text,
 * and the port the four bytes after it.
 */
const redirected = (answer: Buffer, from: number, to: number): Buffer => {
  const copy = Buffer.from(answer)
  const host = Buffer.from("127.0.0.1")
  for (let at = copy.indexOf(host); at !== -1; at = copy.indexOf(host, at + 1)) {
    const port = at + host.length
    if (port + 4 <= copy.length && copy.readInt32BE(port) === from) copy.writeInt32BE(to, port)
  }
  return copy
}

/** Starts a proxy to a broker at 127.0.0.1; ends with the scope. */
export const startProxy = (
  broker: string,
  { awayMs = 0, cutEvery }: ProxyOptions = {}
): Effect.Effect<Proxy, never, Scope.Scope> => {
  const target = Number(broker.split(":")[1])
  const sockets = new Set<Socket>()
  let connections = 0
  let produced = 0
  let cuts = 0
  let port = 0
  const server = createServer((client) => {
    connections += 1
    const far = connect(target, "127.0.0.1")
    for (const socket of [client, far]) {
      sockets.add(socket)
      socket.on("error", () => undefined)
      socket.on("close", () => sockets.delete(socket))
    }
    client.on("close", () => far.destroy())
    far.on("close", () => client.destroy())
    /** What each answer to come is an answer to. */
    const asked = new Map<number, { readonly key: number; readonly lose: boolean }>()
    client.on(
      "data",
      splitter((request) => {
        const key = request.readInt16BE(4)
        const lose = key === produce && cutEvery !== undefined && ++produced % cutEvery === 0
        asked.set(request.readInt32BE(8), { key, lose })
        far.write(request)
      })
    )
    far.on(
      "data",
      splitter((answer) => {
        const number = answer.readInt32BE(4)
        const request = asked.get(number)
        asked.delete(number)
        if (request?.lose === true) {
          cuts += 1
          client.destroy()
          far.destroy()
          if (awayMs > 0) leave()
        } else {
          const moved = request !== undefined && request.key !== produce && request.key !== apiVersions
          client.write(moved ? redirected(answer, target, port) : answer)
        }
      })
    )
  })
  let back: NodeJS.Timeout | undefined
  const leave = (): void => {
    if (back !== undefined) return
    server.close()
    for (const socket of sockets) socket.destroy()
    back = setTimeout(() => {
      back = undefined
      server.listen(port, "127.0.0.1")
    }, awayMs)
  }
  return Effect.acquireRelease(
    Effect.callback<Proxy>((resume) => {
      server.once("listening", () => {
        port = (server.address() as AddressInfo).port
        resume(Effect.succeed({ port, connections: () => connections, cuts: () => cuts }))
      })
      server.listen(0, "127.0.0.1")
    }),
    () =>
      Effect.sync(() => {
        clearTimeout(back)
        server.close()
        for (const socket of sockets) socket.destroy()
      })
  )
}
