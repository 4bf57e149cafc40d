/** Kafka clusters of a test's own, by a client that is not ours. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Admin, type BaseOptions, Producer, stringSerializers } from "@platformatic/kafka"
import { Effect } from "effect"
import { type KafkaCluster, startKafka } from "@callstream/testkit/servers"
import { liveBrokers } from "../../src/servers/KafkaProbe.ts"

const clientOf = (bootstrapBrokers: ReadonlyArray<string>, options: Partial<BaseOptions> = {}): BaseOptions => ({
  clientId: "test",
  bootstrapBrokers: [...bootstrapBrokers],
  connectTimeout: 5000,
  retries: 3,
  retryDelay: 100,
  ...options
})

/** Makes a topic where there is none, adds a record, and gives how many records there are. */
const addRecord = async (options: BaseOptions): Promise<bigint | undefined> => {
  const admin = new Admin(options)
  const producer = new Producer({ ...options, serializers: stringSerializers })
  try {
    const topics = await admin.listTopics()
    if (!topics.includes("records")) await admin.createTopics({ topics: ["records"], partitions: 1 })
    await producer.send({ messages: [{ topic: "records", key: "key", value: "value" }], acks: -1 })
    const topic = { name: "records", partitions: [{ partitionIndex: 0, timestamp: -1n }] }
    const [offsets] = await admin.listOffsets({ topics: [topic] })
    return offsets?.partitions[0]?.offset
  } finally {
    await producer.close(true)
    await admin.close()
  }
}

const firstOf = (cluster: KafkaCluster) => {
  const [node] = cluster.nodes
  if (node === undefined) throw new Error("a cluster without nodes")
  return node
}

const outcome = (promise: Promise<unknown>) =>
  Effect.promise(() =>
    promise.then(
      () => "accepted",
      () => "refused"
    )
  )

describe.concurrent("a Kafka of one node", () => {
  it.effect(
    "keeps its data over kill and restart, and goes on after a suspension",
    () =>
      Effect.gen(function* () {
        const cluster = yield* startKafka()
        const client = clientOf(cluster.brokers)
        const { broker, kill, restart, resume, shutdown, suspend } = firstOf(cluster)
        assert.strictEqual(yield* Effect.promise(() => addRecord(client)), 1n)

        const before = firstOf(cluster).pid
        yield* kill
        assert.strictEqual(yield* Effect.promise(() => liveBrokers(broker)), 0)
        yield* restart
        assert.notStrictEqual(firstOf(cluster).pid, before)
        assert.strictEqual(yield* Effect.promise(() => addRecord(client)), 2n)

        yield* suspend
        assert.strictEqual(yield* Effect.promise(() => liveBrokers(broker)), 0)
        yield* resume
        assert.strictEqual(yield* Effect.promise(() => addRecord(client)), 3n)

        yield* shutdown
        yield* restart
        assert.strictEqual(yield* Effect.promise(() => addRecord(client)), 4n)
      }),
    90_000
  )

  it.effect(
    "lets in who logs in, and who has a certificate",
    () =>
      Effect.gen(function* () {
        const { sasl, tls } = yield* startKafka({
          sasl: true,
          tls: { clientCertificates: true },
          users: { bob: "bob-secret" }
        })
        assert.isDefined(sasl)
        assert.isDefined(tls)
        for (const mechanism of ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const) {
          const login = (password: string) => ({ sasl: { mechanism, username: "bob", password } })
          assert.strictEqual(yield* outcome(addRecord(clientOf(sasl.brokers, login("bob-secret")))), "accepted")
          const wrong = clientOf(sasl.brokers, { ...login("wrong"), retries: 0 })
          assert.strictEqual(yield* outcome(addRecord(wrong)), "refused")
        }
        const read = (path: string | undefined) => readFileSync(path ?? "")
        const ca = [read(tls.ca)]
        const known = { tls: { ca, cert: read(tls.certificate), key: read(tls.key) } }
        assert.strictEqual(yield* outcome(addRecord(clientOf(tls.brokers, known))), "accepted")
        const stranger = clientOf(tls.brokers, { tls: { ca }, retries: 0 })
        assert.strictEqual(yield* outcome(addRecord(stranger)), "refused")
      }),
    90_000
  )
})

describe.concurrent("a Kafka of three nodes", () => {
  it.effect(
    "goes on without one of them, and takes it back",
    () =>
      Effect.gen(function* () {
        const cluster = yield* startKafka({ nodes: 3, settings: { "message.max.bytes": 2_000_000 } })
        assert.lengthOf(cluster.brokers, 3)
        const client = clientOf(cluster.brokers, { retries: 100, retryDelay: 100 })
        assert.strictEqual(yield* Effect.promise(() => addRecord(client)), 1n)
        const { broker, kill, restart } = firstOf(cluster)
        yield* kill
        assert.strictEqual(yield* Effect.promise(() => addRecord(client)), 2n)
        yield* restart
        assert.strictEqual(yield* Effect.promise(() => liveBrokers(broker)), 3)
      }),
    120_000
  )
})
