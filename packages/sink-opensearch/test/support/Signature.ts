/**
 * Verifies AWS Signature Version 4, written from its document: "Create a signed AWS API request", IAM User Guide (read
 * 2026-11-21). Knows one key.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"

export interface Key {
  readonly id: string
  readonly secret: string
  readonly region: string
  readonly service: string
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest()
const sha = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex")

/** Encodes as the document says: all but letters, digits and `-._~`. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

const form =
  /^AWS4-HMAC-SHA256 Credential=(?<id>[^/]+)\/(?<day>\d{8})\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request, SignedHeaders=(?<names>[^,]+), Signature=(?<signature>[0-9a-f]{64})$/

/** What is wrong with a request's signature; `undefined` when it is right. */
export const faultOf = (request: IncomingMessage, body: Buffer, key: Key): string | undefined => {
  const parts = form.exec(request.headers.authorization ?? "")?.groups
  if (parts === undefined) return "no signature"
  const { day = "", id, names = "", region, service, signature = "" } = parts
  if (id !== key.id || region !== key.region || service !== key.service) return "another key, region or service"
  const header = (name: string): string => String(request.headers[name] ?? "").trim()
  if (header("x-amz-content-sha256") !== sha(body)) return "the body is not the one that was signed"
  const at = header("x-amz-date")
  if (!at.startsWith(day)) return "the day is not that of the date"
  const signed = names.split(";")
  for (const needed of ["host", "x-amz-date"]) if (!signed.includes(needed)) return `${needed} is not signed`
  const url = new URL(request.url ?? "/", "http://localhost")
  const canonical = [
    request.method,
    url.pathname
      .split("/")
      .map((part) => encoded(part))
      .join("/"),
    [...url.searchParams]
      .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
      .toSorted()
      .join("&"),
    ...signed.map((name) => `${name}:${header(name)}`),
    "",
    names,
    sha(body)
  ].join("\n")
  const scope = `${day}/${region}/${service}/aws4_request`
  const text = `AWS4-HMAC-SHA256\n${at}\n${scope}\n${sha(canonical)}`
  const signing = [day, key.region, key.service, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${key.secret}`)
  const wanted = hmac(signing, text)
  return timingSafeEqual(wanted, Buffer.from(signature, "hex")) ? undefined : "the signature is wrong"
}
