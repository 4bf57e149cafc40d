/**
 * The two Kafka clients alone, with batches made by a plain loop, in the form that loses nothing: idempotent, as many producers
 * as the sink has, each with one batch of one partition under way.
 */
import { Producer } from "@platformatic/kafka"
import kafkajs from "kafkajs"
import type { Event } from "@callstream/model"
import { makeEncoder } from "../../packages/sink-kafka/src/Encoder.ts"
import { partitionOf } from "../../packages/sink-kafka/src/Partitioner.ts"
import { batchOverhead, type KafkaRecord } from "../../packages/sink-kafka/src/Record.ts"
import type { Place } from "./Job.ts"
import { partitions, typeOf } from "./Names.ts"

/** A batch in the form of either client. */
interface Batch {
  readonly topic: string
  readonly partition: number
  readonly platformatic: Parameters<Producer["send"]>[0]
  readonly kafkaJs: Array<kafkajs.Message>
}

/** One write, cut into batches. */
export interface Ready {
  readonly batches: ReadonlyArray<Batch>
  readonly bytes: number
}

export interface Lane {
  readonly send: (batch: Batch) => Promise<unknown>
  readonly close: () => Promise<void>
}

const encode = makeEncoder({ cleanup: "delete", format: "binary", raw: true })

const largest = 1024 * 1024 - batchOverhead

/** Batches of at most so many bytes, in order. */
const cut = (records: ReadonlyArray<KafkaRecord>): ReadonlyArray<ReadonlyArray<KafkaRecord>> => {
  const batches: Array<Array<KafkaRecord>> = [[]]
  let bytes = 0
  for (const record of records) {
    if (bytes + record.bytes > largest) {
      batches.push([])
      bytes = 0
    }
    batches.at(-1)?.push(record)
    bytes += record.bytes
  }
  return batches
}

/** The batches of a write. Events of one type only. */
export const readyBatches = ({ prefix }: Place, events: ReadonlyArray<Event>): Ready => {
  const topic = `${prefix}${typeOf(events[0]?.type ?? "").short}`
  const records = Array.from({ length: partitions }, (): Array<KafkaRecord> => [])
  let bytes = 0
  for (const event of events) {
    const record = encode(event)
    if (typeof record === "string") throw new Error(record)
    records[partitionOf(record.key, partitions)]?.push(record)
    bytes += record.bytes
  }
  const batches = records.flatMap((all, partition) =>
    cut(all).map((batch): Batch => ({
      topic,
      partition,
      platformatic: {
        messages: batch.map(({ headers, key, value }) => ({
          topic,
          partition,
          key,
          value: value ?? Buffer.alloc(0),
          headers
        }))
      },
      kafkaJs: batch.map(({ headers, key, value }) => ({
        partition,
        key,
        value,
        headers: Object.fromEntries(Array.from(headers, ([name, text]) => [name.toString(), text]))
      }))
    }))
  )
  return { batches, bytes }
}

/** Sends all batches of a write; those of a lane one after another, after those of the writes before. */
export const sendBatches = async (lanes: ReadonlyArray<Lane>, { batches }: Ready): Promise<void> => {
  await Promise.all(batches.map((batch) => Promise.resolve(lanes[batch.partition % lanes.length]?.send(batch))))
}

/** One at a time. */
const inOrder = (send: Lane["send"]): Lane["send"] => {
  let last: Promise<unknown> = Promise.resolve()
  return (batch) => (last = last.then(() => send(batch)))
}

export const platformaticLanes = ({ address }: Place): ReadonlyArray<Lane> =>
  Array.from({ length: partitions }, () => {
    const producer = new Producer({ clientId: "bench", bootstrapBrokers: [address], idempotent: true })
    return { send: inOrder(({ platformatic }) => producer.send(platformatic)), close: () => producer.close() }
  })

export const kafkaJsLanes = ({ address }: Place): Promise<ReadonlyArray<Lane>> =>
  Promise.all(
    Array.from({ length: partitions }, async () => {
      const client = new kafkajs.Kafka({ clientId: "bench", brokers: [address], logLevel: kafkajs.logLevel.ERROR })
      const producer = client.producer({
        idempotent: true,
        createPartitioner:
          () =>
          ({ message }) =>
            message.partition ?? 0
      })
      await producer.connect()
      return {
        send: inOrder(({ kafkaJs: messages, topic }) => producer.send({ topic, acks: -1, messages })),
        close: () => producer.disconnect()
      }
    })
  )
