/** What our sinks are opened with; imports no client of a server, which a pipeline without it does not load either. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Layer, Schema } from "effect"
import { type Plugin, RateBudget } from "@callstream/core"
import type { EventType } from "@callstream/model"
import { KafkaConfig } from "@callstream/sink-kafka"
import { OpenSearchConfig } from "@callstream/sink-opensearch"
import type { Place } from "./Job.ts"
import { partitions } from "./Names.ts"

/** The settings of our sinks, as a pipeline file would have them. */
export const kafkaSettings = ({ address, prefix }: Place, driver = "platformatic") =>
  Schema.decodeUnknownEffect(KafkaConfig)({ brokers: [address], topicPrefix: prefix, partitions, driver })
export const openSearchSettings = ({ address, prefix }: Place) =>
  Schema.decodeUnknownEffect(OpenSearchConfig)({ node: address, indexPrefix: prefix, replicas: 0 })

/** What the command gives a plugin. */
export const services = Layer.mergeAll(NodeHttpClient.layerUndici, RateBudget.RateBudgets.layer)

export const sinkPlace = (types: ReadonlyArray<EventType.EventType>): Plugin.SinkPlace => ({
  pipeline: "bench",
  name: "bench",
  directory: "/",
  types
})
