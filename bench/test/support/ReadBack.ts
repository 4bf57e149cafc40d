/** What stands on topics and in indices, read with nothing of the sinks' or the loops'. */
import { randomUUID } from "node:crypto"
import kafkajs from "kafkajs"
import type { Place } from "../../src/Job.ts"

/** All that a place of one run holds, in no order; names without what is the run's own. */
export type ReadBack = (place: Place) => Promise<ReadonlyArray<string>>

/** What differs from run to run: the clock's reading. */
const withoutClock = (headers: kafkajs.IHeaders): ReadonlyArray<string> =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${name === "ce_asof" ? "…" : String(value)}`)
    .toSorted()

/** `topic partition key headers value` of each record. */
export const readTopics: ReadBack = async ({ address, prefix }) => {
  const kafka = new kafkajs.Kafka({
    clientId: "bench-test",
    brokers: [address],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 250, maxRetryTime: 1000, retries: 60 }
  })
  const admin = kafka.admin()
  await admin.connect()
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
  const ends = await Promise.all(topics.map((topic) => admin.fetchTopicOffsets(topic)))
  await admin.disconnect()
  const expected = ends.flat().reduce((sum, { high }) => sum + Number(high), 0)
  const found: Array<string> = []
  if (expected === 0) return found
  const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}`, maxWaitTimeInMs: 100 })
  const complete = Promise.withResolvers<void>()
  await consumer.connect()
  await consumer.subscribe({ topics, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message: { headers = {}, key, value }, partition, topic }) => {
      const name = topic.slice(prefix.length)
      found.push([name, partition, String(key), ...withoutClock(headers), String(value)].join("\n"))
      if (found.length === expected) complete.resolve()
    }
  })
  await complete.promise
  await consumer.disconnect()
  return found.toSorted()
}

interface Answer {
  readonly hits: {
    readonly hits: ReadonlyArray<{
      readonly _index: string
      readonly _id: string
      readonly _source: object
      readonly sort: ReadonlyArray<unknown>
    }>
  }
}

const ask = async (url: string, body: object): Promise<Answer> => {
  const headers = { "content-type": "application/json" }
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Answer
}

/** `index id document` of each document; its text as it was sent. */
export const readIndices: ReadBack = async ({ address, prefix }) => {
  await ask(`${address}/${prefix}*/_refresh`, {})
  const { hits } = await ask(`${address}/${prefix}*/_search`, { size: 10_000 })
  return hits.hits
    .map(({ _id, _index, _source }) =>
      [_index.slice(prefix.length), _id, JSON.stringify({ ..._source, asof: "…" })].join("\n")
    )
    .toSorted()
}
