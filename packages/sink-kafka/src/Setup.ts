/** `callstream setup`: makes the topics that are missing; those that are there stay as they are. */
import { Effect } from "effect"
import type { Failure, Plugin } from "@callstream/core"
import { spell } from "./Check.ts"
import { newTopic, reach, whenReady } from "./Cluster.ts"
import type { KafkaConfig } from "./Config.ts"
import type { NewTopic, TopicView } from "./drivers/Driver.ts"

export const setUpTopics = (
  config: KafkaConfig,
  place: Plugin.SinkPlace,
  { dryRun }: { readonly dryRun: boolean }
): Effect.Effect<ReadonlyArray<string>, Failure.SinkFailure, Plugin.PluginServices> =>
  Effect.gen(function* () {
    const { ask, topics } = yield* reach(config, place)
    const view = yield* ask("describe topics", (driver) => driver.describe(topics.names))
    const wanted = topics.names.map((name) => newTopic(name, config))
    const absent = wanted.filter(({ name }) => !view.topics.has(name))
    if (!dryRun && absent.length > 0) {
      yield* ask("create topics", (driver) => driver.create(absent))
      yield* whenReady(ask, topics)
    }
    return wanted.map((topic) => {
      const seen = view.topics.get(topic.name)
      return seen === undefined
        ? `${dryRun ? "Would make" : "Made"} topic ${topic.name} with ${describe(topic)}.`
        : `Topic ${topic.name} is there, with ${spell(seen)}${difference(topic, seen)}.`
    })
  })

const describe = ({ configs, partitions, replication }: NewTopic): string =>
  [
    `partitions: ${partitions ?? "as the brokers have it"}`,
    `replication: ${replication ?? "as the brokers have it"}`,
    ...Object.entries(configs).map(([name, value]) => `${name}: ${value}`)
  ].join(", ")

/** What the settings have otherwise. */
const difference = ({ configs, partitions, replication }: NewTopic, seen: TopicView): string => {
  if (seen.partitions === 0) return ""
  const cleanup = configs["cleanup.policy"]
  const others = [
    ...(partitions === undefined || partitions === seen.partitions ? [] : [`partitions: ${partitions}`]),
    ...(replication === undefined || replication === seen.replication ? [] : [`replication: ${replication}`]),
    ...(seen.cleanup === undefined || seen.cleanup === cleanup ? [] : [`cleanup.policy: ${cleanup}`])
  ]
  return others.length === 0 ? "" : `; the settings have ${others.join(", ")}, which is left to you`
}
