/**
 * Sends to Kafka with the client that is our default, idempotent, acknowledged by all replicas in sync. Up to 2,000
 * records go in a send, as they do in ours, and 2 MiB, so that none of its batches is larger than a topic takes.
 */
import { type MessageToProduce, Producer } from "@platformatic/kafka"
import { CloudEvent, type Event } from "@callstream/model"
import { partitionOf } from "../../packages/sink-kafka/src/Partitioner.ts"
import type { Place } from "./Job.ts"
import { partitions, rowsOf, typeOf } from "./Names.ts"
import { gathering, type Row, type Writer } from "./Writer.ts"

type Message = MessageToProduce

const most = { records: 2000, bytes: 2 * 1024 * 1024 }

export const openTopics = ({ address, prefix }: Place): Writer => {
  const producer = new Producer({ clientId: "bench", bootstrapBrokers: [address], idempotent: true })
  const batch = gathering<Message>(
    most,
    ({ value }) => value?.length ?? 0,
    async (messages) => {
      await producer.send({ messages })
    }
  )
  const names = new Map<string, Buffer>()
  const nameOf = (name: string): Buffer => {
    const made = names.get(name) ?? Buffer.from(name)
    names.set(name, made)
    return made
  }

  const eventMessage = (event: Event): Message => {
    const { headers, value } = CloudEvent.toKafka(event)
    const key = Buffer.from(event.conversation ?? event.subject)
    return {
      topic: `${prefix}${typeOf(event.type).short}`,
      partition: partitionOf(key, partitions),
      key,
      value: Buffer.from(value ?? ""),
      headers: new Map(Object.entries(headers).map(([name, value]) => [nameOf(name), Buffer.from(value)]))
    }
  }

  const rowMessage = ({ id, row }: Row): Message => ({
    topic: rowsOf(prefix),
    key: Buffer.from(id),
    value: Buffer.from(JSON.stringify(row))
  })

  return {
    write: (page) => batch.add("rows" in page ? page.rows.map(rowMessage) : page.events.map(eventMessage)),
    close: async () => {
      await batch.flush()
      await producer.close()
    }
  }
}
