/**
 * The driver over `kafkajs` 2.2.4. Idempotent only, one batch of one partition at a time, for ever: with several
 * partitions in a send it acknowledges what it never sent when a leader moves, and with several sends at a time when a
 * connection drops (tulios/kafkajs#1303, and the sequence numbers it shares between them). When it gives a send up because
 * it could not connect for a while, the same batch goes again with the same producer, whose sequence number it keeps:
 * with another one, what was stored before the connection broke would stand twice.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { constants, zstdCompress, zstdDecompress } from "node:zlib"
import { promisify } from "node:util"
import kafkajs from "kafkajs"
import type { Headers, KafkaRecord } from "../Record.ts"
import { errorsIn, troubleOf } from "../Trouble.ts"
import type { ClusterView, Driver, DriverOptions, NewTopic, TopicView } from "./Driver.ts"

const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, KafkaJSProtocolError, logLevel } = kafkajs

/** Between two sends of a batch that the client gave up, milliseconds. */
const pauseMs = 500

/** What of the settings this client cannot do, in words; it takes what precedes the first colon of a broker for its host. */
export const lacks = ({ brokers, compression }: DriverOptions): string | undefined => {
  if (compression === "snappy" || compression === "lz4") {
    return `The driver kafkajs has no ${compression}: use gzip or zstd, or the driver platformatic`
  }
  const address = brokers.find((broker) => broker.startsWith("["))
  return address === undefined
    ? undefined
    : `The driver kafkajs cannot read ${address}: use the broker's name, or the driver platformatic`
}

const types = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD
}

/** A codec is the process's: kafkajs has one table of them. */
const useZstd = (): void => {
  const compress = promisify(zstdCompress)
  const decompress = promisify(zstdDecompress)
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: ({ buffer }: { readonly buffer: Buffer }) =>
      compress(buffer, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
    decompress: (buffer: Buffer) => decompress(buffer)
  })
}

export const make = (options: DriverOptions): Driver => {
  if (options.compression === "zstd") useZstd()
  const { login } = options

  const client = (retries: number, onTrouble: (error: unknown) => void) =>
    new Kafka({
      clientId: options.clientId,
      brokers: [...options.brokers],
      connectionTimeout: options.connectTimeoutMs,
      authenticationTimeout: options.requestTimeoutMs,
      requestTimeout: options.requestTimeoutMs,
      retry: { retries, initialRetryTime: 100, maxRetryTime: 1000 },
      logLevel: logLevel.ERROR,
      // The only place where it tells of an attempt that failed. Its texts have hosts and codes, and no records.
      logCreator:
        () =>
        ({ log }) =>
          onTrouble({ message: `${log.message} ${String(log["error"] ?? "")}` }),
      ...(options.tls === undefined ? {} : { ssl: options.tls }),
      ...(login === undefined ? {} : { sasl: saslOf(login) })
    })

  const asAdmin = async <A>(act: (admin: kafkajs.Admin) => Promise<A>): Promise<A> => {
    const admin = client(0, () => undefined).admin({ retry: { retries: 0 } })
    try {
      await admin.connect()
      return await act(admin)
    } finally {
      await admin.disconnect().catch(() => undefined)
    }
  }

  return {
    describe: (topics) =>
      asAdmin(async (admin): Promise<ClusterView> => {
        const { clusterId } = await admin.describeCluster()
        const found = new Map<string, TopicView>()
        for (const topic of topics) {
          const view = await look(admin, topic)
          if (view !== undefined) found.set(topic, view)
        }
        return { clusterId, topics: found }
      }),

    create: (topics) => asAdmin((admin) => createEach(admin, topics)),

    producer: (onTrouble) => {
      let closed = false
      const producer = client(5, (error) => onTrouble(textTrouble(error))).producer({
        idempotent: true,
        allowAutoTopicCreation: false,
        retry: { retries: Number.MAX_SAFE_INTEGER, initialRetryTime: 100, maxRetryTime: 1000 },
        // It is asked at each attempt, and nothing else ends a send that is tried for ever: a TypeError does.
        createPartitioner: () => (asked) => {
          if (closed) throw new TypeError("The producer was closed")
          return asked.message.partition ?? 0
        }
      })
      let connected: Promise<void> | undefined
      let end: (error: Error) => void = () => undefined
      const ended = new Promise<never>((_, reject) => {
        end = reject
      })
      ended.catch(() => undefined)
      const send = async (topic: string, partition: number, records: ReadonlyArray<KafkaRecord>): Promise<void> => {
        await (connected ??= producer.connect())
        const messages = records.map(({ headers, key, value }) => ({ partition, key, value, headers: named(headers) }))
        const timeout = Math.max(1000, Math.floor(options.requestTimeoutMs * 0.8))
        while (true) {
          try {
            await producer.send({ topic, acks: -1, timeout, compression: types[options.compression], messages })
            return
          } catch (error) {
            if (closed || isAnswer(error)) throw error
            onTrouble(troubleOf(error))
          }
          await Promise.race([sleep(pauseMs), ended])
        }
      }
      return {
        send: (...batch) => Promise.race([send(...batch), ended]),
        close: async () => {
          closed = true
          end(new Error("The producer was closed"))
          await producer.disconnect()
        }
      }
    }
  }
}

const named = (headers: Headers): Record<string, Buffer> =>
  Object.fromEntries(Array.from(headers, ([name, value]) => [name.toString(), value]))

/** Whether a broker has answered, and will not answer otherwise; anything else says nothing about what is stored. */
const isAnswer = (error: unknown): boolean =>
  troubleOf(error).kind === "login" ||
  errorsIn(error).some((each) => each instanceof KafkaJSProtocolError && !each.retriable)

const saslOf = (login: NonNullable<DriverOptions["login"]>): kafkajs.SASLOptions => {
  if (login.mechanism === "OAUTHBEARER") {
    return { mechanism: "oauthbearer", oauthBearerProvider: async () => ({ value: await login.token() }) }
  }
  const { password, username } = login
  switch (login.mechanism) {
    case "PLAIN":
      return { mechanism: "plain", username, password }
    case "SCRAM-SHA-256":
      return { mechanism: "scram-sha-256", username, password }
    case "SCRAM-SHA-512":
      return { mechanism: "scram-sha-512", username, password }
  }
}

/** In a text, the code of what went wrong. */
const textTrouble = (error: unknown) => {
  const known = troubleOf(error)
  if (known.kind !== "other") return known
  const text = String(Object(error).message)
  const code = /\b(?:E[A-Z]{4,}|[A-Z]+(?:_[A-Z]+)+)\b/u.exec(text)?.[0]
  return code === undefined ? known : troubleOf({ code, message: text })
}

const look = async (admin: kafkajs.Admin, topic: string): Promise<TopicView | undefined> => {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    const partitions = topics[0]?.partitions
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

const configsOf = async (
  admin: kafkajs.Admin,
  name: string
): Promise<Pick<TopicView, "cleanup" | "maxMessageBytes">> => {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name, configNames: ["max.message.bytes", "cleanup.policy"] }]
    })
    const value = (name: string) =>
      resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue
    const bytes = Number(value("max.message.bytes"))
    const cleanup = value("cleanup.policy")
    return { ...(bytes > 0 ? { maxMessageBytes: bytes } : {}), ...(cleanup === undefined ? {} : { cleanup }) }
  } catch (error) {
    // Reading settings is a right of its own, which a producer need not have.
    if (troubleOf(error).kind === "rights") return {}
    throw error
  }
}

const createEach = async (admin: kafkajs.Admin, topics: ReadonlyArray<NewTopic>): Promise<void> => {
  for (const { configs, name, partitions, replication } of topics) {
    // It answers false for a topic that is there.
    await admin.createTopics({
      waitForLeaders: false,
      topics: [
        {
          topic: name,
          ...(partitions === undefined ? {} : { numPartitions: partitions }),
          ...(replication === undefined ? {} : { replicationFactor: replication }),
          configEntries: Object.entries(configs).map(([name, value]) => ({ name, value }))
        }
      ]
    })
  }
}
