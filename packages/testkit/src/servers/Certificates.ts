/**
 * A certificate authority for tests, in memory: Node can make keys and signatures, but no certificates, so the DER of
 * RFC 5280 is written here. Valid for `localhost` and 127.0.0.1, for ten years.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"

const tlv = (tag: number, ...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const body = Buffer.concat(parts)
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body])
  const hex = body.length.toString(16)
  const size = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex")
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, body])
}

const sequence = (...parts: ReadonlyArray<Uint8Array>) => tlv(0x30, ...parts)

/** An object identifier, from its content bytes in hex. */
const identifier = (hex: string) => tlv(0x06, Buffer.from(hex, "hex"))

const bool = (value: boolean) => tlv(0x01, Buffer.from([value ? 0xff : 0]))

const ecdsaWithSha256 = sequence(identifier("2a8648ce3d040302"))

const nameOf = (commonName: string) =>
  sequence(tlv(0x31, sequence(identifier("550403"), tlv(0x0c, Buffer.from(commonName)))))

/** UTCTime: `yymmddhhmmssZ`. */
const timeOf = (millis: number) =>
  tlv(0x17, Buffer.from(`${new Date(millis).toISOString().slice(2, 19).replaceAll(/[-T:]/g, "")}Z`))

const extension = (id: string, critical: boolean, value: Uint8Array) =>
  sequence(identifier(id), ...(critical ? [bool(true)] : []), tlv(0x04, value))

const authorityExtensions = [extension("551d13", true, sequence(bool(true)))]

const leafExtensions = [
  // The names: dNSName localhost, iPAddress 127.0.0.1.
  extension("551d11", false, sequence(tlv(0x82, Buffer.from("localhost")), tlv(0x87, Buffer.from([127, 0, 0, 1])))),
  // The uses: serverAuth, clientAuth.
  extension("551d25", false, sequence(identifier("2b06010505070301"), identifier("2b06010505070302")))
]

const pemOf = (der: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${(der.toString("base64").match(/.{1,64}/g) ?? []).join("\n")}\n-----END CERTIFICATE-----\n`

interface Party {
  readonly name: string
  readonly key: KeyObject
  /** PEM. */
  readonly certificate: string
}

const day = 86_400_000

const issue = (name: string, issuer: { readonly name: string; readonly key: KeyObject } | undefined): Party => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const serial = randomBytes(16)
  serial[0] = 0x40
  const now = Date.now()
  const content = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    ecdsaWithSha256,
    nameOf(issuer?.name ?? name),
    sequence(timeOf(now - day), timeOf(now + 3650 * day)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(...(issuer === undefined ? authorityExtensions : leafExtensions)))
  )
  const signature = tlv(0x03, Buffer.from([0]), sign("sha256", content, issuer?.key ?? privateKey))
  return { name, key: privateKey, certificate: pemOf(sequence(content, ecdsaWithSha256, signature)) }
}

/** PEM; keys are PKCS #8. */
export interface Certificates {
  readonly ca: string
  /** `CN=localhost`. */
  readonly server: { readonly certificate: string; readonly key: string }
  /** `CN=client`. */
  readonly client: { readonly certificate: string; readonly key: string }
}

/** An authority, and a server and a client that it vouches for. */
export const makeCertificates = (): Certificates => {
  const authority = issue("Callstream tests", undefined)
  const party = (name: string) => {
    const { certificate, key } = issue(name, authority)
    return { certificate, key: key.export({ type: "pkcs8", format: "pem" }) }
  }
  return { ca: authority.certificate, server: party("localhost"), client: party("client") }
}

/** Writes what a client needs into a folder; gives the paths. */
export const writeForClients = async (folder: string, { ca, client }: Certificates) => {
  const write = async (file: string, text: string) => {
    const path = join(folder, file)
    await writeFile(path, text, { mode: 0o600 })
    return path
  }
  return {
    ca: await write("ca.pem", ca),
    certificate: await write("client-certificate.pem", client.certificate),
    key: await write("client-key.pem", client.key)
  }
}
