/** The one failure of this folder: a server that tests need could not be found or started. */
import { Schema } from "effect"

/** What mends it, per server: one sentence for each of the three ways. */
const remedies = {
  Kafka: [
    "Set KAFKA_BROKERS to the address of a Kafka that tests may fill, such as 127.0.0.1:9092",
    "start Docker, and install the package testcontainers",
    "install a JDK 17 or newer and Maven, and set JAVA_HOME"
  ],
  OpenSearch: [
    "Set OPENSEARCH_URL to the address of an OpenSearch that tests may fill, such as http://127.0.0.1:9200",
    "start Docker, and install the package testcontainers",
    "install a JDK 17 or newer (21 or newer for OpenSearch 3) and Maven, and set JAVA_HOME"
  ]
} as const

/** No server for the tests. The message says what was tried, and which of the three ways would mend it. */
export class ServerMissing extends Schema.TaggedError<ServerMissing>()("ServerMissing", {
  server: Schema.Literals(["Kafka", "OpenSearch"]),
  /** What was tried, in order, each with how it ended. */
  tried: Schema.Array(Schema.String),
  /** Whether the test breaks it, so that an address of somebody else's server is of no use. */
  own: Schema.Boolean
}) {
  override get message(): string {
    const ways = remedies[this.server].slice(this.own ? 1 : 0)
    return [
      `There is no ${this.server} for the tests${this.own ? " to break" : ""}. Tried:`,
      ...this.tried.map((line) => `- ${line}`),
      `One of these mends it: ${ways.join("; or ")}.`
    ].join("\n")
  }
}
