/** The `kafka` sink: events on topics, as CloudEvents, acknowledged by all replicas in sync before they count as stored. */
import { Duration, Effect } from "effect"
import { Plugin, type Sink } from "@callstream/core"
import { checkCluster } from "./Check.ts"
import { prepare, reach } from "./Cluster.ts"
import { KafkaConfig } from "./Config.ts"
import { Delivery } from "./Delivery.ts"
import { makeEncoder } from "./Encoder.ts"
import { setUpTopics } from "./Setup.ts"

/**
 * Records of several batches travel together: a producer has one batch of a partition under way, so the larger a write, the
 * fewer round trips. Two writes, so that one is encoded while the other travels; order is kept by the queues of
 * `Delivery.ts`.
 */
const limits: Sink.WriteLimits = {
  maxRecords: 2000,
  maxBytes: 4 * 1024 * 1024,
  linger: Duration.millis(20),
  concurrency: 2
}

export const plugin = Plugin.sink({
  name: "kafka",
  summary: "Writes events to Kafka topics, as CloudEvents that any consumer can read.",
  Config: KafkaConfig,
  example: `bus: { type: kafka, brokers: ["localhost:9092"], topicPrefix: acme. }
`,
  open: Effect.fn("SinkKafka.open")(function* (config, place) {
    const cluster = yield* reach(config, place)
    const view = yield* prepare(cluster, config)
    const delivery = yield* Effect.acquireRelease(
      Effect.sync(
        () =>
          new Delivery({
            driver: cluster.driver,
            brokers: config.brokers,
            topics: cluster.topics,
            encode: makeEncoder(config),
            view,
            producers: config.producers,
            deliveryTimeoutMs: Duration.toMillis(config.deliveryTimeout),
            ...(config.maxMessageBytes === undefined ? {} : { maxMessageBytes: config.maxMessageBytes }),
            compressed: config.compression !== "none"
          })
      ),
      (delivery) => Effect.promise(() => delivery.close())
    )
    return {
      identity: `kafka:${view.clusterId}/${cluster.topics.naming}`,
      limits,
      versioned: false,
      write: Effect.fn("SinkKafka.write")(function* (events) {
        const written = yield* Effect.promise(() => delivery.write(events))
        return "failure" in written ? yield* written.failure : written.answers
      })
    } satisfies Sink.Sink
  }),
  check: checkCluster,
  setup: setUpTopics
})
