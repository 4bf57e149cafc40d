/** Settings of the `opensearch` sink, as they stand under `sinks:` in a pipeline file. */
import { Schema } from "effect"
import { Settings } from "@callstream/core"

// What an address means is said before it is checked: what follows a check of our own is not told to a JSON Schema.
const address = (description: string, example: string) =>
  Schema.NonEmptyString.annotate({ description, examples: [example] }).check(
    Schema.makeFilter((text: string) => {
      const url = URL.parse(text)
      if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
        return "Expected an address such as https://search.acme.example:9200"
      }
      return url.username === "" && url.password === ""
        ? undefined
        : "Expected no user in the address: it belongs in auth"
    })
  )

const Basic = Schema.Struct({
  type: Schema.Literal("basic"),
  username: Schema.NonEmptyString.annotate({ description: "Name of the user.", examples: ["callstream"] }),
  password: Settings.secret("Password of the user.")
})

const Aws = Schema.Struct({
  type: Schema.Literal("aws"),
  region: Schema.NonEmptyString.annotate({ description: "Region of the domain.", examples: ["eu-west-1"] }),
  service: Settings.withDefault(
    Schema.NonEmptyString.annotate({ description: "Name of the service that requests are signed for." }),
    "es"
  ),
  accessKeyId: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description:
        "Access key. Left out: credentials are found as AWS's own tools find them (environment, profile, role), for which " +
        "the package @aws-sdk/credential-provider-node has to be installed beside callstream."
    })
  ),
  secretAccessKey: Schema.optionalKey(Settings.secret("Secret of the access key.")),
  sessionToken: Schema.optionalKey(Settings.secret("Session token of temporary credentials."))
}).check(
  Schema.makeFilter(({ accessKeyId, secretAccessKey }) =>
    (accessKeyId === undefined) === (secretAccessKey === undefined)
      ? undefined
      : "Expected accessKeyId and secretAccessKey together, or neither"
  )
)

const path = (description: string, example: string) =>
  Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: `${description} Relative to the pipeline file.`,
      examples: [example]
    })
  )

export const OpenSearchConfig = Schema.Struct({
  node: Schema.optionalKey(address("Address of the cluster.", "http://localhost:9200")),
  nodes: Schema.optionalKey(
    Schema.NonEmptyArray(address("Address of a node.", "https://node-1.acme.example:9200")).annotate({
      description: "Addresses of several nodes, instead of `node`: when one is down, the others are asked."
    })
  ),
  indexPrefix: Settings.withDefault(
    Schema.String.check(
      Schema.isPattern(/^(?:[a-z0-9][a-z0-9._-]{0,99})?$/, {
        expected: "lower-case letters, digits, dots, dashes and underscores, a letter or digit first, at most 100"
      })
    ).annotate({ description: "What the names of indices, aliases and templates begin with." }),
    "callstream-"
  ),
  auth: Schema.optionalKey(
    Schema.Union([Basic, Aws]).annotate({
      description: "How requests are authenticated: `basic` (user and password), or `aws` (Signature Version 4)."
    })
  ),
  tls: Schema.optionalKey(
    Schema.Struct({
      ca: path("PEM file of the authorities that sign the nodes' certificates, instead of the usual ones.", "ca.pem"),
      certificate: path("PEM file of a client certificate.", "client.pem"),
      key: path("PEM file of the client certificate's key.", "client-key.pem"),
      serverName: Schema.optionalKey(
        Schema.NonEmptyString.annotate({
          description: "Name that the nodes' certificates are checked for, where it is not that of the address."
        })
      )
    })
      .annotate({ description: "What https needs beyond the usual." })
      .check(
        Schema.makeFilter(({ certificate, key }) =>
          (certificate === undefined) === (key === undefined)
            ? undefined
            : "Expected certificate and key together, or neither"
        )
      )
  ),
  allowHttp: Settings.withDefault(
    Schema.Boolean.annotate({ description: "Allows an address without TLS on a network that is trusted." }),
    false
  ),
  setup: Settings.withDefault(
    Schema.Literals(["manual", "auto"]).annotate({
      description:
        "Who installs templates, indices and aliases: `manual`, `callstream setup` does, and `run` refuses to start without; " +
        "`auto`, `run` installs what is missing."
    }),
    "manual"
  ),
  dashboards: Schema.optionalKey(
    Schema.Struct({
      url: Schema.optionalKey(address("Address of OpenSearch Dashboards.", "http://localhost:5601")),
      file: Settings.withDefault(
        Schema.NonEmptyString.annotate({
          description: "Without `url`: file that the saved objects are written to, relative to the pipeline file."
        }),
        "callstream-dashboards.ndjson"
      )
    }).annotate({
      description:
        "Where `callstream setup` puts an index pattern and a search per event type for OpenSearch Dashboards."
    })
  ),
  shards: Settings.withDefault(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1024 })).annotate({
      description: "Primary shards of an index that is made."
    }),
    1
  ),
  replicas: Settings.withDefault(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10 })).annotate({
      description: "Copies of each shard of an index that is made; 0 where the cluster has one node."
    }),
    1
  ),
  refresh: Settings.withDefault(
    Settings.duration({ description: "How soon what was written is found, in an index that is made." }),
    "5 s"
  ),
  timeout: Settings.withDefault(
    Settings.timeout({ description: "How long a node may take to answer; then the next one is asked." }),
    "30 s"
  ),
  maxBytes: Settings.withDefault(
    Schema.Int.check(Schema.isBetween({ minimum: 64 * 1024, maximum: 64 * 1024 * 1024 })).annotate({
      description: "How large a bulk request may be, bytes; a single document may be larger."
    }),
    5_000_000
  ),
  compression: Settings.withDefault(
    Schema.Boolean.annotate({
      description: "Compresses bulk requests (gzip): less network, more work at both ends."
    }),
    false
  )
}).check(
  Schema.makeFilter(({ node, nodes }) =>
    (node === undefined) === (nodes === undefined) ? "Expected node (one address) or nodes (several)" : undefined
  )
)
export type OpenSearchConfig = typeof OpenSearchConfig.Type
