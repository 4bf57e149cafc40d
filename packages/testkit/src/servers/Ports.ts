/** Ports for servers that keep them over a restart. */
import { randomInt } from "node:crypto"
import { createServer } from "node:net"

/** Whether nobody listens there now. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })

/**
 * Free ports below those that systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere): otherwise one
 * could be taken while its server is down.
 */
export const freePorts = async (count: number): Promise<ReadonlyArray<number>> => {
  const found = new Set<number>()
  while (found.size < count) {
    const port = randomInt(15_000, 32_000)
    if (!found.has(port) && (await isFree(port))) found.add(port)
  }
  return [...found]
}

/** Opens something on free ports; anew when somebody else took one of them in between. */
export const onFreePorts = async <A>(
  count: number,
  open: (ports: ReadonlyArray<number>) => Promise<A>,
  attempts = 3
): Promise<A> => {
  const ports = await freePorts(count)
  try {
    return await open(ports)
  } catch (error) {
    const free = await Promise.all(ports.map(isFree))
    if (attempts === 1 || free.every(Boolean)) throw error
    return onFreePorts(count, open, attempts - 1)
  }
}
