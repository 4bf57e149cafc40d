/**
 * All that stands on the topics of a prefix, read as any consumer reads: through a consumer group of one of the two
 * clients, and with nothing of the sink's.
 */
import { randomUUID } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { Admin, Consumer } from "@platformatic/kafka"
import kafkajs from "kafkajs"

export interface Message {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly key: string
  /** `null`: a tombstone, or an event without data. */
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
}

/** The names of the two clients, as `driver` of the sink has them. */
export const clients = ["platformatic", "kafkajs"] as const
export type Client = (typeof clients)[number]

/** The other one. */
export const otherThan = (client: Client): Client => (client === "kafkajs" ? "platformatic" : "kafkajs")

/** Reading ends where each partition ended when it began: `topic/partition` to the offset behind the last record. */
class Ends {
  readonly #left: Map<string, bigint>

  constructor(ends: Iterable<readonly [partition: string, end: bigint]>) {
    this.#left = new Map([...ends].filter(([, end]) => end > 0n))
  }

  reached(partition: string, offset: bigint): void {
    if (offset + 1n >= (this.#left.get(partition) ?? 0n)) this.#left.delete(partition)
  }

  get areReached(): boolean {
    return this.#left.size === 0
  }
}

const headersOf = (entries: Iterable<readonly [unknown, unknown]>): Readonly<Record<string, string>> =>
  Object.fromEntries([...entries].map(([name, value]) => [String(name), String(value)]))

const readByPlatformatic = async (brokers: ReadonlyArray<string>, prefix: string): Promise<ReadonlyArray<Message>> => {
  const common = { clientId: "e2e", bootstrapBrokers: [...brokers], retries: 20, retryDelay: 250 }
  const admin = new Admin(common)
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
  await admin.close()
  const consumer = new Consumer({ ...common, groupId: `e2e-${randomUUID()}`, maxWaitTime: 100, autocommit: false })
  const found: Array<Message> = []
  try {
    const listed = await consumer.listOffsets({ topics, timestamp: -1n })
    const ends = new Ends(
      [...listed].flatMap(([topic, offsets]) =>
        offsets.map((end, partition) => [`${topic}/${partition}`, end] as const)
      )
    )
    if (ends.areReached) return found
    for await (const message of await consumer.consume({ topics, mode: "earliest" })) {
      const { headers, key, offset, partition, topic } = message
      // The client's type knows no tombstone.
      const value: Buffer | null | undefined = message.value
      found.push({
        topic,
        partition,
        offset,
        key: key.toString(),
        value: value ?? null,
        headers: headersOf(headers)
      })
      ends.reached(`${topic}/${partition}`, offset)
      if (ends.areReached) break
    }
    return found
  } finally {
    await consumer.close(true)
  }
}

const kafkaOf = (brokers: ReadonlyArray<string>) =>
  new kafkajs.Kafka({
    clientId: "e2e",
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 250, maxRetryTime: 1000, retries: 60 }
  })

interface End {
  readonly topic: string
  readonly partition: number
  readonly end: bigint
}

/** Where each partition of a prefix ends. The client gives up where a broker has just started again: then anew. */
const endsByKafkaJs = async (kafka: kafkajs.Kafka, prefix: string): Promise<ReadonlyArray<End>> => {
  const admin = kafka.admin()
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.connect()
      const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
      const listed = await Promise.all(
        topics.map(async (topic) =>
          (await admin.fetchTopicOffsets(topic)).map(({ high, partition }) => ({ topic, partition, end: BigInt(high) }))
        )
      )
      return listed.flat()
    } catch (error) {
      if (attempt === 60) throw error
      await sleep(500)
    } finally {
      await admin.disconnect()
    }
  }
}

const readByKafkaJs = async (brokers: ReadonlyArray<string>, prefix: string): Promise<ReadonlyArray<Message>> => {
  const kafka = kafkaOf(brokers)
  const listed = await endsByKafkaJs(kafka, prefix)
  const topics = [...new Set(listed.map(({ topic }) => topic))]
  const ends = new Ends(listed.map(({ end, partition, topic }) => [`${topic}/${partition}`, end]))
  const found: Array<Message> = []
  if (ends.areReached) return found
  const consumer = kafka.consumer({ groupId: `e2e-${randomUUID()}`, maxWaitTimeInMs: 100 })
  const complete = Promise.withResolvers<void>()
  consumer.on("consumer.crash", ({ payload }) => {
    // Otherwise it starts again by itself: a coordinator may still be loading.
    if (!payload.restart) complete.reject(payload.error)
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topics, fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: ({ message: { headers = {}, key, offset, value }, partition, topic }) => {
        found.push({
          topic,
          partition,
          offset: BigInt(offset),
          key: String(key),
          value,
          headers: headersOf(Object.entries(headers))
        })
        ends.reached(`${topic}/${partition}`, BigInt(offset))
        if (ends.areReached) complete.resolve()
        return Promise.resolve()
      }
    })
    await complete.promise
    return found
  } finally {
    await consumer.disconnect()
  }
}

/** Each record of all topics of a prefix, in the order of each partition. */
export const readTopics = (
  client: Client,
  brokers: ReadonlyArray<string>,
  prefix: string
): Promise<ReadonlyArray<Message>> =>
  client === "kafkajs" ? readByKafkaJs(brokers, prefix) : readByPlatformatic(brokers, prefix)

/** How many records stand on the topics of a prefix, as soon as the brokers can say. */
export const countRecords = async (brokers: ReadonlyArray<string>, prefix: string): Promise<number> => {
  const ends = await endsByKafkaJs(kafkaOf(brokers), prefix)
  return ends.reduce((sum, { end }) => sum + Number(end), 0)
}
