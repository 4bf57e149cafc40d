/** Settings of the `kafka` sink, as they stand under `sinks:` in a pipeline file. */
import { Schema } from "effect"
import { Settings } from "@callstream/core"

const File = (description: string) => Schema.NonEmptyString.annotate({ description })

const atLeast = (minimum: number) => Schema.isGreaterThanOrEqualTo(minimum)

const Broker = Schema.NonEmptyString.check(
  Schema.isPattern(/^(?:\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/, { expected: "host:port, such as localhost:9092" }),
  Schema.makeFilter((broker: string) =>
    Number(/\d+$/.exec(broker)?.[0]) <= 65_535 ? undefined : "Expected a port up to 65535"
  )
)

/** What a topic's name may be made of: text and fields in braces. `Topics.ts` knows the fields. */
const TopicName = Schema.NonEmptyString.check(
  Schema.isPattern(/^(?:[a-zA-Z0-9._-]|\{(?:type|version|vendor|pipeline|source)\})+$/, {
    expected: "letters, digits, dots, dashes and underscores, and {type}, {version}, {vendor}, {pipeline} or {source}"
  })
)

const Name = Schema.NonEmptyString.check(
  Schema.isPattern(/^[a-zA-Z0-9._-]+$/, { expected: "letters, digits, dots, dashes and underscores" })
)

const username = Schema.NonEmptyString.annotate({ description: "User." })
const password = Settings.secret("Password.")

/** How to log in. Each mechanism has the settings it needs, and no others. */
export const Sasl = Schema.Union([
  Schema.Struct({
    mechanism: Schema.Literals(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]).annotate({ description: "Mechanism." }),
    username,
    password
  }),
  Schema.Struct({
    mechanism: Schema.Literal("OAUTHBEARER").annotate({ description: "Mechanism." }),
    token: Settings.secret("A token that does not change.")
  }),
  Schema.Struct({
    mechanism: Schema.Literal("OAUTHBEARER").annotate({ description: "Mechanism." }),
    tokenUrl: Schema.NonEmptyString.annotate({
      description: "Where tokens are given for client credentials (OAuth 2); https, or on this machine.",
      examples: ["https://login.acme.example/oauth2/token"]
    }),
    clientId: Schema.NonEmptyString.annotate({ description: "Client known there." }),
    clientSecret: Settings.secret("Its secret."),
    scope: Schema.optionalKey(Schema.NonEmptyString.annotate({ description: "Scope that is asked for." })),
    allowHttp: Settings.withDefault(
      Schema.Boolean.annotate({ description: "Allows a tokenUrl without TLS on a network that is trusted." }),
      false
    )
  })
]).annotate({
  description:
    "How to log in: `mechanism` PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 with `username` and `password`; or OAUTHBEARER with " +
    "a `token`, or with `tokenUrl`, `clientId`, `clientSecret` and `scope`, where tokens are given for client credentials."
})
export type Sasl = typeof Sasl.Type

/** Files are relative to the pipeline file; a text that begins like PEM is taken as such. */
export const Tls = Schema.Struct({
  ca: Schema.optionalKey(
    File("PEM file with the authorities that are trusted, or the PEM itself. Left out: those of Node.")
  ),
  cert: Schema.optionalKey(File("PEM file with our certificate, or the PEM itself, where the brokers ask for one.")),
  key: Schema.optionalKey(Settings.secret("PEM file with the key of our certificate, or the PEM itself.")),
  passphrase: Schema.optionalKey(Settings.secret("Passphrase of the key.")),
  servername: Schema.optionalKey(
    File("Name that the brokers' certificates are checked against. Left out: the host of each broker.")
  )
}).check(
  Schema.makeFilter(({ cert, key }) =>
    (cert === undefined) === (key === undefined) ? undefined : "Expected cert and key together, or neither"
  )
)
export type Tls = typeof Tls.Type

export const KafkaConfig = Schema.Struct({
  brokers: Schema.NonEmptyArray(Broker).annotate({
    description: "Brokers to ask first, `host:port` each; the others are found through them.",
    examples: [["localhost:9092"]]
  }),
  clientId: Settings.withDefault(
    Name.annotate({ description: "What the brokers' logs call this client." }),
    "callstream"
  ),
  topicPrefix: Settings.withDefault(
    Name.annotate({
      description: "Each type of event has a topic of its own, called this and the type's short name: `acme.call-leg`.",
      examples: ["acme."]
    }),
    "callstream."
  ),
  topic: Schema.optionalKey(
    TopicName.annotate({
      description:
        "Instead of `topicPrefix`: one topic for all, or a template. {type} is the short name of the event's type, " +
        "{version} its version (`v1`), {vendor} what the type's name begins with, {pipeline} this pipeline's name, " +
        "{source} what `sources` calls the event's source.",
      examples: ["acme.{source}.{type}"]
    })
  ),
  sources: Schema.optionalKey(
    Schema.Record(Schema.String, Name).annotate({
      description:
        "What {source} stands for: names by the `source` of the events. An event of another source is refused, for no " +
        "topic is named by what is in the data.",
      examples: [{ "8x8/storage/us-east": "us-east" }]
    })
  ),
  createTopics: Settings.withDefault(
    Schema.Boolean.annotate({
      description: "Makes topics that are missing when it starts. `callstream setup` makes them in any case."
    }),
    false
  ),
  partitions: Schema.optionalKey(
    Schema.Int.check(atLeast(1)).annotate({
      description: "Partitions of a topic that is made. Left out: what the brokers have as default."
    })
  ),
  replication: Schema.optionalKey(
    Schema.Int.check(atLeast(1)).annotate({
      description: "Copies of a topic that is made. Left out: what the brokers have as default."
    })
  ),
  configs: Settings.withDefault(
    Schema.Record(Schema.String, Schema.String).annotate({
      description: "Other settings of a topic that is made.",
      examples: [{ "retention.ms": "-1" }]
    }),
    {}
  ),
  cleanup: Settings.withDefault(
    Schema.Literals(["delete", "compact"]).annotate({
      description:
        "`delete`: the key is the conversation, else the subject, so that all of a call is in one partition. `compact`: " +
        "the key is the entity, and a delete is a tombstone, for topics that keep the newest version of each."
    }),
    "delete"
  ),
  format: Settings.withDefault(
    Schema.Literals(["binary", "structured"]).annotate({
      description: "CloudEvents in binary mode (attributes in headers, the record as value) or in structured mode."
    }),
    "binary"
  ),
  raw: Settings.withDefault(
    Schema.Boolean.annotate({ description: "Whether the vendor's own record goes along, in `data.raw`." }),
    true
  ),
  compression: Settings.withDefault(
    Schema.Literals(["none", "gzip", "snappy", "lz4", "zstd"]).annotate({
      description: "How batches are compressed. The driver kafkajs has gzip and zstd."
    }),
    "none"
  ),
  maxMessageBytes: Schema.optionalKey(
    Schema.Int.check(atLeast(1024)).annotate({
      description: "Largest batch that is sent, bytes. Left out: what each topic's `max.message.bytes` says."
    })
  ),
  sasl: Schema.optionalKey(Sasl),
  tls: Schema.optionalKey(
    Schema.Union([Schema.Boolean, Tls]).annotate({
      description:
        "TLS to the brokers: `true` for the authorities that Node trusts; or `ca`, `cert`, `key`, `passphrase`, " +
        "`servername`, each left out where it is not needed. Files are relative to the pipeline file; PEM itself will do."
    })
  ),
  connectTimeout: Settings.withDefault(
    Settings.timeout({ description: "How long a connection may take to be made." }),
    "5 s"
  ),
  requestTimeout: Settings.withDefault(
    Settings.timeout({ description: "How long a broker may take to answer a request." }),
    "10 s"
  ),
  deliveryTimeout: Settings.withDefault(
    Settings.timeout({
      description:
        "How long a write may take before it is reported as held up. It goes on meanwhile, and is not sent twice."
    }),
    "30 s"
  ),
  producers: Settings.withDefault(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 32 })).annotate({
      description: "Producers that share the partitions; each has one batch under way at a time."
    }),
    4
  ),
  driver: Settings.withDefault(
    Schema.Literals(["platformatic", "kafkajs"]).annotate({
      description: "The Kafka client below: @platformatic/kafka, or kafkajs."
    }),
    "platformatic"
  )
}).check(
  Schema.makeFilter(({ cleanup, configs }) =>
    cleanup === "delete" && configs["cleanup.policy"]?.includes("compact")
      ? "Expected `cleanup: compact` instead of cleanup.policy in configs: the key has to be the entity"
      : undefined
  )
)
export type KafkaConfig = typeof KafkaConfig.Type
