/** What a connection that failed, or an answer nobody expected, means for the runner. Sentences without any data. */
import { Failure } from "@callstream/core"
import type { Answered } from "./Client.ts"

const unknownAuthority = {
  reason: "its certificate is not signed by an authority that is known here",
  remedy: "Name the PEM file of the authority in tls.ca"
}

/** Node's codes of what TLS refuses (`tls`, "Certificate errors", and OpenSSL's), and what mends it. */
const tls: Readonly<Record<string, { readonly reason: string; readonly remedy: string }>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: "its certificate is for other names than that of the address",
    remedy: "Use an address that the certificate names, or say which name it has in tls.serverName"
  },
  CERT_HAS_EXPIRED: { reason: "its certificate has expired", remedy: "Renew the certificate of the node" },
  CERT_NOT_YET_VALID: { reason: "its certificate is not valid yet", remedy: "Check the clocks and the certificate" },
  ERR_SSL_WRONG_VERSION_NUMBER: { reason: "it does not speak TLS there", remedy: "Check the port, or write http://" },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: {
    reason: "it wants a client certificate",
    remedy: "Name one in tls.certificate and tls.key"
  },
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: {
    reason: "it refused the client certificate",
    remedy: "Check tls.certificate and tls.key"
  }
}

/** What a request that got no answer means. `hosts` are those of the nodes it may have been asked of, with their ports. */
export const connectionFailure = (
  endpoint: string,
  hosts: string,
  error: Error,
  code: string | undefined
): Failure.SinkFailure => {
  // OpenSSL's reasons come with a code of Node's or, from a write, in the text alone.
  const plain = /wrong version number|packet length too long/.test(error.message)
  const refused = code === undefined ? undefined : tls[plain ? "ERR_SSL_WRONG_VERSION_NUMBER" : code]
  if (refused !== undefined) {
    const { reason, remedy } = refused
    return new Failure.Denied({ endpoint, reason: `no connection to ${hosts}: ${reason}`, remedy, scope: "source" })
  }
  if (error.name === "CredentialsError") {
    return new Failure.Denied({
      endpoint,
      reason: error.message,
      remedy: "Set accessKeyId and secretAccessKey, or what AWS's own tools look for",
      scope: "source"
    })
  }
  return new Failure.Unavailable({ endpoint, reason: wordsOf(hosts, error, code) })
}

const wordsOf = (hosts: string, error: Error, code: string | undefined): string => {
  if (error.name === "TimeoutError") return `no answer from ${hosts} in time`
  switch (code) {
    case "ECONNREFUSED":
      return `no connection to ${hosts} (ECONNREFUSED): nothing listens there`
    case "ENOTFOUND":
      return `no connection to ${hosts} (ENOTFOUND): the host name is not known`
    case "ECONNRESET":
      return `the connection to ${hosts} broke (ECONNRESET); with http:// where TLS is spoken, that is what one sees`
    default:
      return `no connection to ${hosts} (${code ?? error.message})`
  }
}

/** A field of what may be an object. */
export const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined

/** The node's own words for a whole answer: `type: reason`, or what there is; at most 500 characters. */
export const wordsOfAnswer = ({ body, status }: Answered): string => {
  const error = field(body, "error")
  const type = field(error, "type")
  const reason = field(error, "reason")
  const words =
    typeof type === "string"
      ? typeof reason === "string"
        ? `${type}: ${reason}`
        : type
      : typeof error === "string"
        ? error
        : `status ${status}`
  return words.slice(0, 500)
}

/** What an answer means that is none of those a request expects: refused, overloaded, or not OpenSearch at all. */
export const unexpected = (endpoint: string, answer: Answered): Failure.SinkFailure => {
  const { status } = answer
  const reason = wordsOfAnswer(answer)
  if (status === 401) {
    return new Failure.Denied({
      endpoint,
      reason: "the credentials were refused (401)",
      remedy: "Check auth in the settings of this sink",
      scope: "source"
    })
  }
  if (status === 403 && field(field(answer.body, "error"), "type") !== "cluster_block_exception") {
    return new Failure.Denied({
      endpoint,
      reason: `not allowed (403): ${reason}`,
      remedy: "Give the user the rights it lacks",
      scope: "source"
    })
  }
  return new Failure.Unavailable({
    endpoint,
    reason:
      status < 400
        ? `answered with what is no answer of OpenSearch (status ${status})`
        : `answered ${status}: ${reason}`,
    status
  })
}
