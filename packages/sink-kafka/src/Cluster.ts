/** The cluster before anything is sent: a login that works, and topics that are as the settings want them. */
import { Duration, Effect, Result, Schedule } from "effect"
import { Failure, type Plugin } from "@callstream/core"
import { loginOf, tlsOf } from "./Access.ts"
import type { KafkaConfig } from "./Config.ts"
import type { ClusterView, Driver, DriverOptions, NewTopic, TopicView } from "./drivers/Driver.ts"
import { makeTopics, type Topics } from "./Topics.ts"
import { failureOf, missing, troubleOf } from "./Trouble.ts"

export interface Cluster {
  readonly driver: Driver
  readonly topics: Topics
  /** Asks the cluster something; bounded in time. */
  readonly ask: <A>(endpoint: string, act: (driver: Driver) => Promise<A>) => Effect.Effect<A, Failure.SinkFailure>
}

/** How long topics that were just made may take until they have leaders. */
const leaderSeconds = 20

/** The driver, and the names of the topics. Nothing is connected yet. */
export const reach: (
  config: KafkaConfig,
  place: Plugin.SinkPlace
) => Effect.Effect<Cluster, Failure.SinkFailure, Plugin.PluginServices> = Effect.fnUntraced(function* (config, place) {
  const named = makeTopics(config, place)
  if (Result.isFailure(named)) {
    return yield* new Failure.Fatal({
      reason: `Sink ${place.name}: ${named.failure}`,
      remedy: "Change `topic`, `topicPrefix` or `sources`"
    })
  }
  const tls = yield* tlsOf(config.tls, place.directory)
  const login = config.sasl === undefined ? undefined : yield* loginOf(config.sasl)
  const connectTimeoutMs = Duration.toMillis(config.connectTimeout)
  const requestTimeoutMs = Duration.toMillis(config.requestTimeout)
  const driver = yield* driverOf(config.driver, {
    brokers: config.brokers,
    clientId: config.clientId,
    ...(login === undefined ? {} : { login }),
    ...(tls === undefined ? {} : { tls }),
    connectTimeoutMs,
    requestTimeoutMs,
    compression: config.compression
  })
  const longest = Duration.millis(connectTimeoutMs * config.brokers.length + 3 * requestTimeoutMs)
  return {
    driver,
    topics: named.success,
    ask: (endpoint, act) =>
      Effect.tryPromise({
        try: () => act(driver),
        catch: (error) => failureOf(troubleOf(error), endpoint, config.brokers)
      }).pipe(
        Effect.timeoutOrElse({
          duration: longest,
          orElse: () =>
            Effect.fail(
              failureOf({ kind: "timeout", code: `${Duration.toSeconds(longest)} s` }, endpoint, config.brokers)
            )
        })
      )
  } satisfies Cluster
})

/** Clients are large: one is loaded when it is used. */
const driverOf = Effect.fnUntraced(function* (name: KafkaConfig["driver"], options: DriverOptions) {
  if (name === "platformatic") {
    const { make } = yield* Effect.promise(() => import("./drivers/Platformatic.ts"))
    return make(options)
  }
  const { lacks, make } = yield* Effect.promise(() => import("./drivers/KafkaJs.ts"))
  const lacking = lacks(options)
  if (lacking !== undefined) {
    return yield* new Failure.Fatal({ reason: lacking, remedy: "Change `driver`, or what it names" })
  }
  return make(options)
})

/** Topics that are not there yet, and what is wrong with those that are. */
export const compare = (topics: Topics, view: ClusterView, { cleanup }: Pick<KafkaConfig, "cleanup">) => {
  const absent = topics.names.filter((name) => !view.topics.has(name))
  const compacted = topics.names.filter((name) => isCompacted(view.topics.get(name)) && cleanup === "delete")
  return { absent, compacted }
}

const isCompacted = (topic: TopicView | undefined): boolean => topic?.cleanup?.includes("compact") ?? false

/** The topics as they have to be, made where that is wanted. */
export const prepare = Effect.fn("SinkKafka.prepare")(function* ({ ask, topics }: Cluster, config: KafkaConfig) {
  const endpoint = "describe topics"
  const first = yield* ask(endpoint, (driver) => driver.describe(topics.names))
  const { absent, compacted } = compare(topics, first, config)
  if (compacted.length > 0) return yield* wronglyCompacted(compacted)
  if (absent.length === 0) return yield* counted(first)
  if (!config.createTopics) return yield* missing(endpoint, absent)
  yield* ask("create topics", (driver) => driver.create(absent.map((name) => newTopic(name, config))))
  yield* Effect.logInfo(`Made the topics ${absent.join(", ")}`)
  return yield* whenReady(ask, topics)
})

/** A view in which the partitions of each topic are known, for a key's place depends on how many there are. */
const counted = (view: ClusterView) => {
  const uncounted = [...view.topics].flatMap(([name, { partitions }]) => (partitions === 0 ? [name] : []))
  return uncounted.length === 0
    ? Effect.succeed(view)
    : Effect.fail(
        new Failure.Unavailable({
          endpoint: "describe topics",
          reason: `not all partitions of ${uncounted.join(", ")} have a leader`
        })
      )
}

/** Looks until all topics are known to have leaders. */
export const whenReady = (ask: Cluster["ask"], topics: Topics) =>
  ask("describe topics", (driver) => driver.describe(topics.names)).pipe(
    Effect.flatMap((view) => {
      const absent = topics.names.filter((name) => view.topics.get(name)?.leaderless !== 0)
      const reason = `topics that were just made are not ready yet: ${absent.join(", ")}`
      return absent.length === 0
        ? Effect.succeed(view)
        : Effect.fail(new Failure.Unavailable({ endpoint: "describe topics", reason }))
    }),
    Effect.retry({
      while: ({ _tag }) => _tag === "Unavailable",
      schedule: Schedule.spaced("200 millis").pipe(Schedule.upTo({ duration: Duration.seconds(leaderSeconds) }))
    })
  )

const wronglyCompacted = (names: ReadonlyArray<string>) =>
  new Failure.Denied({
    endpoint: "describe topics",
    reason: `compaction (cleanup.policy) is on for ${names.join(", ")}, and would keep one record of each conversation`,
    remedy: "Set `cleanup: compact`, which makes the entity the key, or turn compaction off there",
    scope: "source"
  })

/** A topic as the settings want it. */
export const newTopic = (name: string, config: KafkaConfig): NewTopic => ({
  name,
  ...(config.partitions === undefined ? {} : { partitions: config.partitions }),
  ...(config.replication === undefined ? {} : { replication: config.replication }),
  configs: { "cleanup.policy": config.cleanup, ...config.configs }
})
