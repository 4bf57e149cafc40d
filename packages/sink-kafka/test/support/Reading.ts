/** Reads topics back, record by record, with nothing of the sink's: the truth the tests count against. */
import { setTimeout as sleep } from "node:timers/promises"
import { Admin, Connection, fetchV13 } from "@platformatic/kafka"
import { Effect, Result } from "effect"
import { CloudEvent, type Event, type Json } from "@callstream/model"

export interface ReadRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: Readonly<Record<string, string>>
}

const inAdmin = async <A>(brokers: ReadonlyArray<string>, act: (admin: Admin) => Promise<A>): Promise<A> => {
  const admin = new Admin({ clientId: "test", bootstrapBrokers: [...brokers], retries: 20, retryDelay: 200 })
  try {
    return await act(admin)
  } finally {
    await admin.close()
  }
}

export const createTopic = (
  brokers: ReadonlyArray<string>,
  topic: string,
  partitions = 1,
  configs: Readonly<Record<string, string>> = {}
): Effect.Effect<void> =>
  Effect.promise(() =>
    inAdmin(brokers, async (admin) => {
      await admin.createTopics({
        topics: [topic],
        partitions,
        configs: Object.entries(configs).map(([name, value]) => ({ name, value }))
      })
      // Other clients may still be told that it is not there, or has no leader.
      await admin.metadata({ topics: [topic], forceUpdate: true })
    })
  )

export const deleteTopic = (brokers: ReadonlyArray<string>, topic: string): Effect.Effect<void> =>
  Effect.promise(() => inAdmin(brokers, (admin) => admin.deleteTopics({ topics: [topic] })))

const readPartition = async (
  connection: Connection,
  topic: { readonly id: string; readonly name: string },
  partition: number
): Promise<ReadonlyArray<ReadRecord>> => {
  const records: Array<ReadRecord> = []
  for (let from = 0n; ;) {
    const wanted = {
      topicId: topic.id,
      partitions: [
        {
          partition,
          currentLeaderEpoch: -1,
          fetchOffset: from,
          lastFetchedEpoch: -1,
          partitionMaxBytes: 16 * 1024 * 1024
        }
      ]
    }
    const answer = await fetchV13.api.async(connection, 100, 0, 32 * 1024 * 1024, 0, 0, -1, [wanted], [], "")
    const read = answer.responses[0]?.partitions[0]
    if (read === undefined) return records
    for (const batch of read.records ?? []) {
      for (const record of batch.records) {
        const offset = batch.firstOffset + BigInt(record.offsetDelta)
        if (offset < from) continue
        records.push({
          topic: topic.name,
          partition,
          offset: Number(offset),
          key: record.key?.toString() ?? null,
          // oxlint-disable-next-line typescript/no-unnecessary-condition -- the client's type knows no tombstone
          value: record.value?.toString() ?? null,
          headers: Object.fromEntries(record.headers.map(([name, value]) => [String(name), String(value)]))
        })
      }
      from = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
    }
    if (from >= read.highWatermark) return records
  }
}

const readAll = (brokers: ReadonlyArray<string>, name: string): Promise<ReadonlyArray<ReadRecord>> =>
  inAdmin(brokers, async (admin) => {
    const metadata = await admin.metadata({ topics: [name], forceUpdate: true })
    const topic = metadata.topics.get(name)
    const records: Array<ReadRecord> = []
    for (const [partition, { leader }] of (topic?.partitions ?? []).entries()) {
      const broker = metadata.brokers.get(leader)
      if (topic === undefined || broker === undefined) throw new Error(`${name} ${partition} has no leader`)
      const connection = new Connection("test")
      try {
        await connection.connect(broker.host, broker.port)
        records.push(...(await readPartition(connection, { id: topic.id, name }, partition)))
      } finally {
        await connection.close()
      }
    }
    return records
  })

/** Brokers learn of topics that were just made, and of leaders that moved, one after the other. */
const readPatiently = async (brokers: ReadonlyArray<string>, topic: string): Promise<ReadonlyArray<ReadRecord>> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readAll(brokers, topic)
    } catch (error) {
      if (attempt === 100) throw error
      await sleep(100)
    }
  }
}

/** All that stands on a topic, partition by partition. Waits on the real clock, whatever clock the test has. */
export const readTopic = (brokers: ReadonlyArray<string>, topic: string): Effect.Effect<ReadonlyArray<ReadRecord>> =>
  Effect.promise(() => readPatiently(brokers, topic))

/** The events of a topic, as any consumer decodes them. */
export const readEvents = (brokers: ReadonlyArray<string>, topic: string): Effect.Effect<ReadonlyArray<Event<Json>>> =>
  Effect.map(readTopic(brokers, topic), (records) =>
    records.map((record) => Result.getOrThrow(CloudEvent.fromKafka(record)))
  )

/** What must be 0, of events whose `data.n` counts up in the order they were written. */
export const faultsOf = (records: ReadonlyArray<ReadRecord>, acknowledged: Iterable<string>) => {
  const times = new Map<string, number>()
  const last = new Map<string, number>()
  let disordered = 0
  for (const { headers, key, partition, value } of records) {
    const id = headers["ce_id"] ?? ""
    const seen = times.get(id) ?? 0
    times.set(id, seen + 1)
    if (seen > 0) continue
    const n = Number(JSON.parse(value ?? "{}").n)
    const place = `${partition} ${key}`
    if (n < (last.get(place) ?? -1)) disordered += 1
    last.set(place, n)
  }
  let lost = 0
  for (const id of acknowledged) if (!times.has(id)) lost += 1
  let doubled = 0
  for (const count of times.values()) doubled += count - 1
  return { lost, doubled, disordered }
}

export const noFaults = { lost: 0, doubled: 0, disordered: 0 }
