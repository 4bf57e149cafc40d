/** What `callstream check` says of a cluster: the login, and each topic. */
import { Effect } from "effect"
import type { Failure, Plugin, Source } from "@callstream/core"
import { compare, reach } from "./Cluster.ts"
import type { KafkaConfig } from "./Config.ts"
import type { TopicView } from "./drivers/Driver.ts"

export const checkCluster = (
  config: KafkaConfig,
  place: Plugin.SinkPlace
): Effect.Effect<ReadonlyArray<Source.CheckLine>, never, Plugin.PluginServices> =>
  Effect.gen(function* () {
    const { ask, topics } = yield* reach(config, place)
    const view = yield* ask("describe topics", (driver) => driver.describe(topics.names))
    const { compacted } = compare(topics, view, config)
    const login = { subject: "login", ok: true, detail: `cluster ${view.clusterId} answers` }
    const lines = topics.names.map((name): Source.CheckLine => {
      const seen = view.topics.get(name)
      const subject = `topic ${name}`
      if (seen === undefined) {
        return config.createTopics
          ? { subject, ok: true, detail: "is not there; it will be made" }
          : { subject, ok: false, detail: "is not there. Run callstream setup, or set `createTopics: true`." }
      }
      if (compacted.includes(name)) {
        return { subject, ok: false, detail: "is compacted, and the settings say otherwise. Set `cleanup: compact`." }
      }
      return { subject, ok: seen.leaderless === 0, detail: spell(seen) }
    })
    return [login, ...lines]
  }).pipe(
    Effect.catch((failure: Failure.SinkFailure) =>
      Effect.succeed([{ subject: "login", ok: false, detail: failure.message }])
    )
  )

/** A topic in a few words. */
export const spell = ({ leaderless, partitions, replication }: TopicView): string => {
  if (partitions === 0) return "partitions that cannot be counted: some have no leader at present"
  const size = `${partitions} ${partitions === 1 ? "partition" : "partitions"}, replication ${replication}`
  return leaderless === 0 ? size : `${size}, ${leaderless} without a leader at present`
}
