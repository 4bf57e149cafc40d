/**
 * What must never happen, whatever happens: an event that was answered as stored and is not on the topic, one that stands
 * twice though the process lives, one before another of its key. Counted by reading the topic back.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schedule } from "effect"
import { type KafkaCluster, startKafka } from "@callstream/testkit/servers"
import { partitionOf } from "../src/Partitioner.ts"
import { type DriverName, drivers, event, events, long, newPrefix, open, shared } from "./support/Place.ts"
import { startProxy } from "./support/Proxy.ts"
import { createTopic, deleteTopic, faultsOf, noFaults, readTopic } from "./support/Reading.ts"
import { type Pace, writeOn } from "./support/Writing.ts"

const timeout = long ? 600_000 : 120_000

/** Short, so that writes are given up and come again while the broker is away. */
const hasty = { connectTimeout: "500 ms", requestTimeout: "2 s", deliveryTimeout: "1 s" }

const newTopic = Effect.fnUntraced(function* (brokers: ReadonlyArray<string>, partitions: number) {
  const topicPrefix = newPrefix()
  const topic = `${topicPrefix}count`
  yield* createTopic(brokers, topic, partitions)
  return { topic, topicPrefix }
})

/** Writes until it is told to stop, while `happens` happens; gives what was written, and what stands on the topic. */
const during = Effect.fnUntraced(function* <E, R>(
  driver: DriverName,
  cluster: Pick<KafkaCluster, "brokers">,
  partitions: number,
  happens: (progress: () => number) => Effect.Effect<void, E, R>
) {
  const { topic, topicPrefix } = yield* newTopic(cluster.brokers, partitions)
  const sink = yield* open({ brokers: cluster.brokers, topicPrefix, driver, ...hasty })
  let written = 0
  let over = false
  const until: Pace["until"] = (stored) => {
    written = stored
    return over
  }
  const writing = yield* Effect.forkChild(writeOn(sink, { each: 200, until }))
  yield* happens(() => written)
  over = true
  const result = yield* Fiber.join(writing)
  const records = yield* readTopic(cluster.brokers, topic)
  return { ...result, records }
})

/** Waits, on the real clock, until something is so. */
const when = (condition: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => (condition() ? Effect.void : Effect.andThen(Effect.sleep("5 millis"), when(condition))))

describe.each(drivers)("the sink over %s", (driver) => {
  it.live(
    "loses nothing when answers are cut off",
    () =>
      Effect.gen(function* () {
        const [broker = ""] = shared().brokers
        const proxy = yield* startProxy(broker, { cutEvery: 7 })
        const { topic, topicPrefix } = yield* newTopic([broker], 3)
        const sink = yield* open({ brokers: [`127.0.0.1:${proxy.port}`], topicPrefix, driver, ...hasty })
        const most = long ? 100_000 : 4000
        const { stored } = yield* writeOn(sink, { each: 50, until: (written) => written >= most })
        assert.isAbove(proxy.cuts(), 15)
        assert.isAtLeast(stored.length, most)
        const records = yield* readTopic([broker], topic)
        assert.strictEqual(records.length, stored.length)
        assert.deepStrictEqual(faultsOf(records, stored), noFaults)
      }),
    timeout
  )

  it.live(
    "doubles nothing when answers are cut off and the broker is then away for longer than a client tries to connect",
    () =>
      Effect.gen(function* () {
        const [broker = ""] = shared().brokers
        const proxy = yield* startProxy(broker, { cutEvery: 8, awayMs: 7000 })
        const { topic, topicPrefix } = yield* newTopic([broker], 3)
        const sink = yield* open({ brokers: [`127.0.0.1:${proxy.port}`], topicPrefix, driver, ...hasty })
        const { failures, stored } = yield* writeOn(sink, { each: 50, until: () => proxy.cuts() >= (long ? 10 : 2) })
        assert.isAbove(failures.length, 0)
        for (const { _tag } of failures) assert.strictEqual(_tag, "Unavailable")
        const records = yield* readTopic([broker], topic)
        assert.strictEqual(records.length, stored.length)
        assert.deepStrictEqual(faultsOf(records, stored), noFaults)
      }),
    timeout
  )

  it.live(
    "goes on after the broker was killed and started again, with nothing lost, doubled or out of order",
    () =>
      Effect.gen(function* () {
        const cluster = yield* startKafka()
        const [node] = cluster.nodes
        if (node === undefined) return yield* Effect.die("no node")
        const { failures, records, stored } = yield* during(driver, cluster, 4, (progress) =>
          Effect.gen(function* () {
            for (let round = 0; round < (long ? 20 : 1); round++) {
              const before = progress()
              yield* when(() => progress() > before + 600)
              yield* node.kill
              yield* Effect.sleep("1500 millis")
              yield* node.restart
            }
            const before = progress()
            yield* when(() => progress() > before + 600)
          })
        )
        assert.deepStrictEqual(faultsOf(records, stored), noFaults)
        assert.isAbove(failures.length, 0)
        for (const { _tag } of failures) assert.strictEqual(_tag, "Unavailable")
      }),
    timeout
  )

  it.live(
    "says so when a broker hangs, and goes on when it answers again",
    () =>
      Effect.gen(function* () {
        const cluster = yield* startKafka()
        const [node] = cluster.nodes
        if (node === undefined) return yield* Effect.die("no node")
        const { failures, records, stored } = yield* during(driver, cluster, 2, (progress) =>
          Effect.gen(function* () {
            yield* when(() => progress() > 1000)
            yield* node.suspend
            yield* Effect.sleep("5 seconds")
            yield* node.resume
            const before = progress()
            yield* when(() => progress() > before + 600)
          })
        )
        assert.deepStrictEqual(faultsOf(records, stored), noFaults)
        assert.isAbove(failures.length, 0)
        // What a broker says that was away and does not know it yet is its own affair; it is waited out.
        for (const { _tag } of failures) assert.strictEqual(_tag, "Unavailable")
        assert.match(failures[0]?.message ?? "", /no answer in time|no acknowledgement|no connection/)
      }),
    timeout
  )

  it.live(
    "survives the leader of a cluster of three",
    () =>
      Effect.gen(function* () {
        const cluster = yield* startKafka({ nodes: 3 })
        const { records, stored } = yield* during(driver, cluster, 12, (progress) =>
          Effect.gen(function* () {
            for (let round = 0; round < (long ? 12 : 1); round++) {
              const node = cluster.nodes[round % 3]
              if (node === undefined) return
              const before = progress()
              yield* when(() => progress() > before + 600)
              yield* node.kill
              // With one of three dead, and its partitions led by two others.
              const dead = progress()
              yield* when(() => progress() > dead + 1500)
              yield* node.restart
            }
            const before = progress()
            yield* when(() => progress() > before + 600)
          })
        )
        assert.deepStrictEqual(faultsOf(records, stored), noFaults)
        assert.strictEqual(new Set(records.map(({ partition }) => partition)).size, 12)
      }),
    timeout
  )

  it.live(
    "waits for the leaders when it opens, for a key's place depends on how many partitions there are",
    () =>
      Effect.gen(function* () {
        const cluster = yield* startKafka({ nodes: 3 })
        const [, node] = cluster.nodes
        if (node === undefined) return yield* Effect.die("no node")
        const { brokers } = cluster
        const topicPrefix = newPrefix()
        const wanted = { partitions: 6, replication: 1, configs: { "min.insync.replicas": "1" } }
        const settings = { brokers, topicPrefix, driver, createTopics: true, ...wanted, ...hasty }
        yield* Effect.scoped(open(settings))
        yield* node.kill
        // It takes the cluster some seconds to know.
        const often = Schedule.spaced("200 millis")
        const opened = yield* Effect.repeat(Effect.result(Effect.scoped(open(settings))), {
          schedule: often,
          until: (result) =>
            result._tag === "Failure" &&
            /not all partitions of .*count have a leader|LEADER_NOT_AVAILABLE/.test(result.failure.message)
        })
        assert.strictEqual(opened._tag === "Failure" && opened.failure._tag, "Unavailable")
        yield* node.restart
        const sink = yield* Effect.retry(open(settings), { schedule: often, times: 50 })
        const { stored } = yield* writeOn(sink, { each: 100, until: (written) => written >= 200 })
        const records = yield* readTopic(brokers, `${topicPrefix}count`)
        assert.deepStrictEqual(faultsOf(records, stored), noFaults)
        for (const { key, partition } of records) {
          assert.strictEqual(partition, partitionOf(Buffer.from(key ?? ""), 6))
        }
      }),
    timeout
  )

  it.live(
    "sends what is under way before it closes, and what it answered is there",
    () =>
      Effect.gen(function* () {
        const { brokers } = shared()
        const { topic, topicPrefix } = yield* newTopic(brokers, 6)
        const answered: Array<string> = []
        let settled = 0
        let began = 0
        const writes = Array.from({ length: 10 }, (_, i) => events(i * 300, 300))
        yield* Effect.scoped(
          Effect.gen(function* () {
            const sink = yield* open({ brokers, topicPrefix, driver })
            for (const write of writes) {
              const done = Effect.matchEffect(sink.write(write), {
                onFailure: () => Effect.void,
                onSuccess: () => Effect.sync(() => answered.push(...write.map(({ id }) => id)))
              })
              yield* Effect.forkDetach(
                Effect.ensuring(
                  done,
                  Effect.sync(() => (settled += 1))
                ),
                {
                  startImmediately: true
                }
              )
            }
            began = Date.now()
          })
        )
        const tookMs = Date.now() - began
        yield* when(() => settled === 10)
        const records = yield* readTopic(brokers, topic)
        assert.deepStrictEqual(faultsOf(records, answered), noFaults)
        // It waits for what is under way, and not for ever.
        if (tookMs < 5000) assert.strictEqual(answered.length, 3000)
      }),
    timeout
  )

  it.live(
    "says which topic is gone when somebody deletes it, and goes on when it is there again",
    () =>
      Effect.gen(function* () {
        const { brokers } = shared()
        const { topic, topicPrefix } = yield* newTopic(brokers, 2)
        const sink = yield* open({ brokers, topicPrefix, driver, deliveryTimeout: "8 s" })
        yield* sink.write(events(0, 10))
        yield* deleteTopic(brokers, topic)
        const late = [event(10, { id: "id-late", conversation: "of its own" })]
        const failure = yield* Effect.flip(sink.write(late))
        assert.strictEqual(failure._tag, "Denied")
        assert.include(failure.message, `there is no topic ${topic}. Run callstream setup`)
        yield* createTopic(brokers, topic, 2)
        yield* sink.write(late)
        const { stored } = yield* writeOn(sink, { each: 20, until: (written) => written >= 20 })
        const records = yield* readTopic(brokers, topic)
        assert.deepStrictEqual(faultsOf(records, ["id-late", ...stored]), noFaults)
        for (const { key, partition } of records) {
          assert.strictEqual(partition, partitionOf(Buffer.from(key ?? ""), 2))
        }
      }),
    timeout
  )
})
