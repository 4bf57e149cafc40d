/** Asks a broker who is there, in Kafka's own protocol: the only way to know that it answers. */
import { connect } from "node:net"

/** Metadata request (key 3) in version 1, correlation 1, no client id, about no topics. The first four bytes: its size. */
const request = Buffer.from([0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0])

/** Reads brokers as (id int32, host string, port int32, rack nullable string), then the controller's id. */
const countOf = (answer: Buffer): number => {
  const count = answer.readInt32BE(8)
  let at = 12
  for (let broker = 0; broker < count; broker++) {
    at += 4
    at += 2 + answer.readInt16BE(at) + 4
    at += 2 + Math.max(0, answer.readInt16BE(at))
  }
  return answer.readInt32BE(at) < 0 ? 0 : count
}

/** How many live brokers the one at `host:port` knows; 0 when it does not answer within 2 s or knows no controller. */
export const liveBrokers = (address: string): Promise<number> =>
  new Promise((resolve) => {
    const colon = address.lastIndexOf(":")
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) })
    let answer: Buffer = Buffer.alloc(0)
    const done = (count: number) => {
      socket.destroy()
      resolve(count)
    }
    socket.setTimeout(2000, () => done(0))
    socket.on("error", () => done(0))
    socket.on("close", () => done(0))
    socket.on("connect", () => void socket.write(request))
    socket.on("data", (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length >= 12 && answer.length >= 4 + answer.readInt32BE(0)) done(countOf(answer))
    })
  })
