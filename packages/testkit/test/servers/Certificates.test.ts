/** Certificates that OpenSSL, which is Node's, accepts and refuses as it should. */
import { X509Certificate } from "node:crypto"
import type { AddressInfo } from "node:net"
import { connect, createServer } from "node:tls"
import { assert, describe, it } from "@effect/vitest"
import { makeCertificates } from "../../src/servers/Certificates.ts"

const certificates = makeCertificates()

/** Talks to a server that asks for a client's certificate; gives what it says of it, or the error's code. */
const handshake = (options: { ca?: string; cert?: string; key?: string; host?: string; servername?: string }) =>
  new Promise<string>((resolve) => {
    const { certificate, key } = certificates.server
    const asking = { ca: certificates.ca, requestCert: true, rejectUnauthorized: false }
    const server = createServer({ cert: certificate, key, ...asking }, (socket) => {
      socket.on("error", () => {})
      socket.end(socket.authorized ? "known" : "unknown")
    })
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      const { ca = certificates.ca, ...rest } = options
      const socket = connect({ host: "127.0.0.1", port, ca, ...rest })
      const end = (answer: string) => {
        server.close()
        socket.destroy()
        resolve(answer)
      }
      socket.on("data", (data: Buffer) => end(data.toString()))
      socket.on("error", (error: Error & { code?: string }) => end(error.code ?? error.message))
    })
  })

describe("certificates", () => {
  it("are trusted by their authority's certificate, for localhost and 127.0.0.1 alone", async () => {
    assert.strictEqual(await handshake({}), "unknown")
    assert.strictEqual(await handshake({ servername: "localhost" }), "unknown")
    assert.strictEqual(await handshake({ servername: "kafka.example" }), "ERR_TLS_CERT_ALTNAME_INVALID")
    assert.strictEqual(await handshake({ ca: makeCertificates().ca }), "CERT_SIGNATURE_FAILURE")
  })

  it("tell a client that is known", async () => {
    const { certificate, key } = certificates.client
    assert.strictEqual(await handshake({ cert: certificate, key }), "known")
    const stranger = makeCertificates().client
    assert.strictEqual(await handshake({ cert: stranger.certificate, key: stranger.key }), "unknown")
  })

  it("are valid now and for years", () => {
    const { subject, validTo } = new X509Certificate(certificates.server.certificate)
    assert.strictEqual(subject, "CN=localhost")
    assert.isAbove(Date.parse(validTo), Date.now() + 3000 * 86_400_000)
  })
})
