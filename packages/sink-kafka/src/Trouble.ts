/**
 * What went wrong with a broker, out of what a client threw. Both clients wrap errors in errors, in `cause` and in
 * `errors`; what counts is at the bottom: the broker's own code, or that of Node. The words that are kept are codes and
 * hosts: a client's message may quote a record.
 */
import { Failure } from "@callstream/core"

export type Kind =
  /** The login was refused. */
  | "login"
  /** The login is fine, and may not do this. */
  | "rights"
  /** The certificate is of another name, of an unknown authority, or there is no TLS where there should be. */
  | "tls-name"
  | "tls-ca"
  | "tls"
  /** A batch is larger than the topic allows. */
  | "too-large"
  /** A topic is not there. */
  | "missing"
  /** The broker will never take this batch. */
  | "invalid"
  /** A broker refused the request for what the settings say: an unknown setting of a topic, too many copies. */
  | "settings"
  /** Too few copies are alive. */
  | "replicas"
  | "timeout"
  | "unreachable"
  | "other"

export interface Trouble {
  readonly kind: Kind
  /** The code it was known by: `MESSAGE_TOO_LARGE`, `ECONNREFUSED`. */
  readonly code: string
  /** What the broker said with it, where that is no record's data. */
  readonly words?: string
  /** A failure of ours that came through the client: getting a token did not work. */
  readonly failure?: Failure.SinkFailure
}

/** By the codes of the protocol, of Node, and the names of the clients' errors. First come, first served. */
const kinds: ReadonlyArray<readonly [Kind, ReadonlyArray<string>]> = [
  ["login", ["SASL_AUTHENTICATION_FAILED", "ILLEGAL_SASL_STATE", "UNSUPPORTED_SASL_MECHANISM"]],
  ["tls-name", ["ERR_TLS_CERT_ALTNAME_INVALID"]],
  [
    "tls-ca",
    [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "CERT_HAS_EXPIRED",
      "CERT_UNTRUSTED"
    ]
  ],
  [
    "tls",
    [
      "TLS_REQUIRED",
      "EPROTO",
      "ERR_SSL_WRONG_VERSION_NUMBER",
      "ERR_SSL_PACKET_LENGTH_TOO_LONG",
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      "ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REQUIRED",
      "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
      "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
      "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
      "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
      "ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE"
    ]
  ],
  ["rights", ["TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED", "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"]],
  ["too-large", ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]],
  ["invalid", ["INVALID_RECORD", "INVALID_TIMESTAMP", "CORRUPT_MESSAGE", "UNSUPPORTED_COMPRESSION_TYPE"]],
  ["missing", ["UNKNOWN_TOPIC_OR_PARTITION"]],
  [
    "settings",
    [
      "INVALID_CONFIG",
      "INVALID_PARTITIONS",
      "INVALID_REPLICATION_FACTOR",
      "POLICY_VIOLATION",
      "INVALID_TOPIC_EXCEPTION"
    ]
  ],
  ["replicas", ["NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS_AFTER_APPEND"]],
  ["login", ["PLT_KFK_AUTHENTICATION", "KafkaJSSASLAuthenticationError"]],
  ["timeout", ["REQUEST_TIMED_OUT", "KafkaJSRequestTimeoutError", "TimeoutError", "ETIMEDOUT"]],
  [
    "unreachable",
    [
      "ECONNREFUSED",
      "ENOTFOUND",
      "EAI_AGAIN",
      "EHOSTUNREACH",
      "ENETUNREACH",
      "EPIPE",
      "ECONNRESET",
      "PLT_KFK_NETWORK",
      "KafkaJSConnectionError",
      "KafkaJSConnectionClosedError",
      "KafkaJSBrokerNotFound"
    ]
  ]
]

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined

const most = 200

/** Every error in an error, itself first. */
export const errorsIn = (error: unknown): ReadonlyArray<unknown> => {
  const all = new Set<unknown>([error])
  for (const each of all) {
    if (all.size > most) break
    const cause = member(each, "cause")
    if (cause !== undefined) all.add(cause)
    const original = member(each, "originalError")
    if (original !== undefined) all.add(original)
    const errors = member(each, "errors")
    // The last tries say how things are now; earlier ones of a long outage are not looked at.
    if (Array.isArray(errors)) for (const inner of errors.slice(-20)) all.add(inner)
  }
  return [...all]
}

const codesOf = (error: unknown): ReadonlyArray<string> => {
  const codes = ["apiId", "type", "code"].map((name) => member(error, name)).filter((code) => typeof code === "string")
  // What has no code is told apart by its text; both are clients' own, and quote nothing.
  const message = member(error, "message")
  if (typeof message === "string") {
    if (/requires TLS|verify the broker supports TLS|before secure TLS/iu.test(message)) codes.unshift("TLS_REQUIRED")
    if (/^Unknown topic |does not host this topic-partition/u.test(message)) codes.unshift("UNKNOWN_TOPIC_OR_PARTITION")
    if (/timed out/iu.test(message)) codes.push("TimeoutError")
    if (/Authentication failed|authentication failed|Cannot find a suitable SASL/u.test(message)) {
      codes.unshift("SASL_AUTHENTICATION_FAILED")
    }
  }
  const name = member(error, "name")
  return typeof name === "string" ? [...codes, name] : codes
}

/** What an error of a client means. */
export const troubleOf = (error: unknown): Trouble => {
  const all = errorsIn(error)
  const failure = all.find(
    (each) => each instanceof Failure.Denied || each instanceof Failure.Unavailable || each instanceof Failure.Fatal
  )
  if (failure !== undefined) {
    return { kind: failure._tag === "Denied" ? "login" : "unreachable", code: "TOKEN", failure }
  }
  const codes = new Map<string, unknown>()
  for (const each of all) for (const code of codesOf(each)) if (!codes.has(code)) codes.set(code, each)
  for (const [kind, names] of kinds) {
    for (const code of names) if (codes.has(code)) return { kind, code, ...wordsOf(codes.get(code)) }
  }
  // Names of classes and of wrappers say nothing; the protocol's own codes do.
  const code = [...codes.keys()].find((name) => !/^(?:Error|AggregateError|KafkaJS|PLT_KFK_)/u.test(name))
  return code === undefined ? { kind: "other", code: "unknown" } : { kind: "other", code, ...wordsOf(codes.get(code)) }
}

/** The words of the broker itself, which both clients keep apart from their own. */
const wordsOf = (error: unknown): { readonly words?: string } => {
  const said =
    member(error, "serverErrorMessage") ??
    (member(error, "name") === "KafkaJSProtocolError" ? member(error, "message") : undefined)
  return typeof said === "string" && said !== "" ? { words: said.slice(0, 300) } : {}
}

/** A trouble in a few words: the code, and what the broker said. */
export const spell = ({ code, words }: Trouble): string => (words === undefined ? code : `${code}: ${words}`)

const fix: Readonly<Partial<Record<Kind, readonly [reason: string, remedy: string]>>> = {
  login: ["the brokers refused our login", "Check `sasl`: mechanism, user and password"],
  rights: [
    "this user may not do that",
    "Give it WRITE and DESCRIBE on the topics (CREATE too, where topics are made), and IDEMPOTENT_WRITE on the cluster " +
      "where brokers are older than 2.8"
  ],
  "tls-name": [
    "the broker's certificate is of another name",
    "Name the brokers as their certificates do, or set `tls: { servername }`"
  ],
  "tls-ca": [
    "the broker's certificate is not one that is trusted",
    "Set `tls: { ca }` to the PEM file of the authority that signed it"
  ],
  tls: [
    "TLS is not spoken alike on both sides",
    "Set `tls` where the port is one for TLS, with `cert` and `key` where it asks for a certificate, and leave it out where not"
  ],
  settings: ["the brokers refused to make a topic", "Check `partitions`, `replication` and `configs`"]
}

/** What the runner does about a trouble. `endpoint` says what was asked; brokers are no secret. */
export const failureOf = (trouble: Trouble, endpoint: string, brokers: ReadonlyArray<string>): Failure.SinkFailure => {
  if (trouble.failure !== undefined) return trouble.failure
  const said = spell(trouble)
  const known = fix[trouble.kind]
  if (known !== undefined) {
    const [reason, remedy] = known
    return new Failure.Denied({ endpoint, reason: `${reason} (${said})`, remedy, scope: "source" })
  }
  const to = brokers.join(", ")
  switch (trouble.kind) {
    case "missing":
      return missing(endpoint, [endpoint.replace(/^produce /u, "")])
    case "replicas":
      return new Failure.Unavailable({ endpoint, reason: `too few copies of the partition are alive (${said})` })
    case "timeout":
      return new Failure.Unavailable({ endpoint, reason: `no answer in time from ${to} (${said})` })
    case "unreachable":
      return new Failure.Unavailable({ endpoint, reason: `no connection to ${to} (${said})` })
    default:
      return new Failure.Unavailable({ endpoint, reason: `the brokers could not do it (${said})` })
  }
}

/** Topics that are not there. */
export const missing = (endpoint: string, topics: ReadonlyArray<string>): Failure.Denied =>
  new Failure.Denied({
    endpoint,
    reason: topics.length === 1 ? `there is no topic ${topics[0]}` : `there are no topics ${topics.join(", ")}`,
    remedy: "Run callstream setup, which makes them, or set `createTopics: true`",
    scope: "source"
  })
