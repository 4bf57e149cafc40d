/**
 * One sink is stopped for a while: the other goes on by what fits into a buffer, sources wait, memory stays flat. With both
 * back everything arrives.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { eventTypes } from "@callstream/model"
import { start } from "@callstream/sandbox"
import { callstream, folder, startWorker, type Worker } from "../src/Command.ts"
import { countDocuments, readIndices } from "../src/Indices.ts"
import { long } from "../src/Long.ts"
import { newName } from "../src/Names.ts"
import { writePipeline } from "../src/PipelineFile.ts"
import { Servers } from "../src/Servers.ts"
import { countRecords, readTopics } from "../src/Topics.ts"
import { truthOf } from "../src/Truth.ts"
import { assertAlike, onTopics } from "../src/Verdict.ts"
import { until } from "../src/Waiting.ts"

const calls = long ? 60_000 : 6_000
const buffer = { records: 500, bytes: "4 MiB" }

/** More than a garbage collector's moods explain, and far less than what would have piled up. */
const mostGrowth = 120 * 1024 * 1024

/** How often it is looked at, and how often in a row nothing may have moved. */
const everyMs = 250
const stillFor = long ? 240 : 12

/** Waits until a number stands still for a while; gives it, and how far memory has grown since, bytes. */
const standstill = (worker: Worker, count: () => Promise<number>) =>
  Effect.promise(async () => {
    const before = worker.memory()
    let most = before
    let last = -1
    for (let still = 0; still < stillFor; still++) {
      const now = await count()
      if (now !== last) still = 0
      last = now
      most = Math.max(most, worker.memory())
      await sleep(everyMs)
    }
    return { count: last, growth: most - before }
  })

layer(Servers.layer, { timeout: 240_000, excludeTestServices: true })("when a sink is stopped for a while", (it) => {
  it.effect(
    "the other goes on by its buffer, memory is flat, and in the end everything is everywhere",
    () =>
      Effect.gen(function* () {
        const { broker, brokers, node, search } = yield* Servers
        const name = newName()
        const sandbox = yield* start({ calls: 20, days: 4, knobs: { delay: 0 }, bulk: { recentcalls: calls } })
        const file = writePipeline(yield* folder, sandbox, {
          name,
          brokers,
          node,
          // 800 calls a second, so that there is always more to come.
          recentcalls: { rows: 100, rate: { perSecond: 8, concurrency: 1 }, lookback: [{ span: "1 h", every: "1 h" }] },
          kafka: { buffer },
          opensearch: { buffer }
        })
        const setup = yield* callstream("setup", file)
        assert.strictEqual(setup.code, 0, setup.stdout + setup.stderr)
        const documents = () => countDocuments(node, `${name}-*-000001`)
        const records = () => countRecords(brokers, `${name}.`)

        const worker = yield* startWorker(file)
        const reaches = (share: number) =>
          until(
            async () => (await documents()) >= calls * share,
            () => `documents; it said:\n${worker.output()}`,
            100
          )

        yield* reaches(0.1)
        const sent = yield* Effect.promise(records)
        yield* broker.suspend
        const withoutBroker = yield* standstill(worker, documents)
        assert.isAbove(withoutBroker.count - sent, buffer.records / 2, "the node got nothing while the broker hung")
        assert.isBelow(withoutBroker.count, calls * 0.9, "sources did not wait for the broker")
        assert.isBelow(withoutBroker.growth, mostGrowth)
        yield* broker.resume

        yield* reaches(0.5)
        const indexed = yield* Effect.promise(documents)
        yield* search.kill
        const withoutNode = yield* standstill(worker, records)
        assert.isAbove(withoutNode.count - indexed, buffer.records / 2, "the broker got nothing without the node")
        assert.isBelow(withoutNode.count, calls, "sources did not wait for the node")
        assert.isBelow(withoutNode.growth, mostGrowth)
        yield* search.restart

        yield* reaches(0.8)
        yield* Effect.all([broker.kill, search.kill], { concurrency: 2 })
        yield* Effect.all([broker.restart, search.restart], { concurrency: 2 })

        const others = [...truthOf(sandbox).values()].filter(({ source }) => !source.startsWith("8x8/recentcalls/"))
        yield* until(
          async () => (await documents()) >= calls + others.length && (await records()) >= calls + others.length,
          () => `all of ${calls + others.length}; it said:\n${worker.output()}`,
          250
        )
        const stopped = yield* worker.stop
        assert.strictEqual(stopped.code, 0, stopped.stderr)

        const onTopic = onTopics(yield* Effect.promise(() => readTopics("kafkajs", brokers, `${name}.`)), `${name}.`)
        assertAlike(onTopic, yield* Effect.promise(() => readIndices(node, `${name}-*-000001`)))
        const recent = [...onTopic.held.values()].filter(({ source }) => source.startsWith("8x8/recentcalls/"))
        assert.strictEqual(recent.length, calls)
        assert.isTrue(recent.every(({ type }) => type === eventTypes.call.type))
        assert.strictEqual(onTopic.held.size, calls + others.length)
        const megabytes = (bytes: number) => Math.round(bytes / 1_048_576)
        console.info(
          `the broker hung: the node ${withoutBroker.count - sent} ahead, ${megabytes(withoutBroker.growth)} MiB; ` +
            `the node was down: the broker ${withoutNode.count - indexed} ahead, ${megabytes(withoutNode.growth)} MiB; ` +
            `${onTopic.repeats} repeats`
        )
      }),
    long ? 1_800_000 : 600_000
  )
})
