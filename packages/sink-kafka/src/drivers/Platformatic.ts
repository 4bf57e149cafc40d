/**
 * The driver over `@platformatic/kafka` 2.12. Idempotent only, one batch of one partition at a time: with several
 * partitions in a `send` whose leader dies, the client sends all of them to the new leader of the first and never ends
 * (2.12.1); with several sends a refused record makes duplicates. Partitions are ours, for its own are not Java's.
 */
import { Admin, ConfigResourceTypes, findErrorBy, Producer as Client } from "@platformatic/kafka"
import type { ClusterView, Driver, DriverOptions, NewTopic, TopicView } from "./Driver.ts"
import { troubleOf } from "../Trouble.ts"

export const make = (options: DriverOptions): Driver => {
  const base = () => ({
    clientId: options.clientId,
    bootstrapBrokers: [...options.brokers],
    connectTimeout: options.connectTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    // The time a broker waits for its followers: less than we wait for the broker.
    timeout: Math.max(1000, Math.floor(options.requestTimeoutMs * 0.8)),
    autocreateTopics: false,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.tls?.servername === undefined ? {} : { tlsServerName: options.tls.servername }),
    ...(options.login === undefined ? {} : { sasl: { ...options.login } })
  })

  const asAdmin = async <A>(act: (admin: Admin) => Promise<A>): Promise<A> => {
    const admin = new Admin({ ...base(), retries: 0 })
    try {
      return await act(admin)
    } finally {
      await admin.close().catch(() => undefined)
    }
  }

  return {
    describe: (topics) =>
      asAdmin(async (admin): Promise<ClusterView> => {
        // First without topics: a login that is refused is refused once.
        const { id } = await admin.metadata({ topics: [], forceUpdate: true, retries: 0 })
        const views = await Promise.all(topics.map(async (topic) => [topic, await look(admin, topic)] as const))
        const found = views.flatMap(([topic, view]) => (view === undefined ? [] : [[topic, view] as const]))
        return { clusterId: id, topics: new Map(found) }
      }),

    create: (topics) => asAdmin((admin) => createEach(admin, topics)),

    producer: (onTrouble) => {
      const client = new Client({
        ...base(),
        idempotent: true,
        compression: options.compression,
        retries: Number.MAX_SAFE_INTEGER,
        retryDelay: (_client, _operation, attempt, _retries, error) => {
          onTrouble(troubleOf(error))
          lighten(error)
          return delay(attempt)
        }
      })
      return {
        send: async (topic, partition, records) => {
          await client.send({
            messages: records.map(({ headers, key, value }) => ({
              topic,
              partition,
              key,
              // To this client nothing is a tombstone.
              value: value ?? tombstone,
              headers
            }))
          })
        },
        close: () => client.close()
      }
    }
  }
}

/** `null` is what the protocol has for a tombstone, and the client takes; only its types do not say so. */
const tombstone = null as unknown as Buffer

/**
 * The client keeps the error of every try of a send until it is over, 22 kB each, which is 200 MB for a day without the
 * brokers. Without stacks, and with one of the errors inside, it is 1 kB.
 */
const lighten = (error: unknown, depth = 0): void => {
  if (!(error instanceof Error) || depth > 5) return
  error.stack = ""
  if (error instanceof AggregateError) {
    error.errors.length = Math.min(1, error.errors.length)
    lighten(error.errors[0], depth + 1)
  }
  lighten(error.cause, depth + 1)
}

/** Short at first, for a leader that moves; then seldom enough that a long outage leaves few errors in the client. */
const delay = (attempt: number): number => (attempt < 60 ? Math.min(50 * 2 ** Math.min(attempt, 10), 2000) : 10_000)

const look = async (admin: Admin, topic: string): Promise<TopicView | undefined> => {
  try {
    const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true, retries: 0 })
    const partitions = topics.get(topic)?.partitions
    if (partitions === undefined || partitions.length === 0) return undefined
    return {
      partitions: partitions.length,
      replication: partitions[0]?.replicas.length ?? 0,
      leaderless: partitions.filter(({ leader }) => leader < 0).length,
      ...(await configsOf(admin, topic))
    }
  } catch (error) {
    const { code, kind } = troubleOf(error)
    if (kind === "missing") return undefined
    if (code === "LEADER_NOT_AVAILABLE") return { partitions: 0, replication: 0, leaderless: 1 }
    throw error
  }
}

const configsOf = async (admin: Admin, topic: string): Promise<Pick<TopicView, "cleanup" | "maxMessageBytes">> => {
  try {
    const [described] = await admin.describeConfigs({
      resources: [
        {
          resourceType: ConfigResourceTypes.TOPIC,
          resourceName: topic,
          configurationKeys: ["max.message.bytes", "cleanup.policy"]
        }
      ]
    })
    const value = (name: string) => described?.configs.find((config) => config.name === name)?.value ?? undefined
    const bytes = Number(value("max.message.bytes"))
    const cleanup = value("cleanup.policy")
    return { ...(bytes > 0 ? { maxMessageBytes: bytes } : {}), ...(cleanup === undefined ? {} : { cleanup }) }
  } catch (error) {
    // Reading settings is a right of its own, which a producer need not have.
    if (troubleOf(error).kind === "rights") return {}
    throw error
  }
}

const createEach = async (admin: Admin, topics: ReadonlyArray<NewTopic>): Promise<void> => {
  for (const { configs, name, partitions, replication } of topics) {
    try {
      await admin.createTopics({
        topics: [name],
        ...(partitions === undefined ? {} : { partitions }),
        ...(replication === undefined ? {} : { replicas: replication }),
        configs: Object.entries(configs).map(([name, value]) => ({ name, value }))
      })
    } catch (error) {
      if (!(error instanceof Error) || findErrorBy(error, "apiId", "TOPIC_ALREADY_EXISTS") === null) throw error
    }
  }
}
