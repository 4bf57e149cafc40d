/**
 * `kill -9` of the worker, the broker and the node at random instants, while the company goes on talking. Afterwards nothing
 * is missing and everything is as the vendor has it; a record may stand again on a topic, and nothing does in an index.
 */
import { randomInt } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { start } from "@callstream/sandbox"
import { changeThings } from "../src/Changes.ts"
import { callstream, folder, startWorker, type Worker } from "../src/Command.ts"
import { readIndices } from "../src/Indices.ts"
import { long } from "../src/Long.ts"
import { newName } from "../src/Names.ts"
import { writePipeline } from "../src/PipelineFile.ts"
import { Servers } from "../src/Servers.ts"
import { otherThan, readTopics } from "../src/Topics.ts"
import { truthOf } from "../src/Truth.ts"
import { assertAlike, assertDelivered, assertIndexed, onTopics } from "../src/Verdict.ts"
import { until } from "../src/Waiting.ts"

type Victim = "worker" | "broker" | "node"

const twentyFour = Array.from(
  { length: 24 },
  (_, i): Victim => (["worker", "broker", "node"] as const)[i % 3] ?? "worker"
)

/** Who is killed, by driver. A few in every run, many in a long one. */
const plans = [
  { driver: "platformatic", victims: long ? twentyFour : ["worker", "broker", "node", "worker"] },
  { driver: "kafkajs", victims: long ? twentyFour : ["worker", "broker"] }
] as const satisfies ReadonlyArray<{ readonly driver: string; readonly victims: ReadonlyArray<Victim> }>

layer(Servers.layer, { timeout: 240_000, excludeTestServices: true })("a pipeline that is killed all over", (it) => {
  it.effect.each(plans)(
    "misses nothing, gives nothing two identities, and keeps the newest: $driver, $victims",
    ({ driver, victims }) =>
      Effect.gen(function* () {
        const { broker, brokers, node, search } = yield* Servers
        const name = newName()
        const sandbox = yield* start({ calls: 30, days: 4, knobs: { delay: 0 } })
        const file = writePipeline(yield* folder, sandbox, { name, brokers, node, kafka: { driver } })
        const setup = yield* callstream("setup", file)
        assert.strictEqual(setup.code, 0, setup.stdout + setup.stderr)

        let worker: Worker = yield* startWorker(file)
        /** Waits until the worker has made so many requests more. */
        const asked = (requests: number) => {
          const before = sandbox.requests().length
          return until(
            () => sandbox.requests().length - before >= requests,
            () => `${requests} requests; it said:\n${worker.output()}`
          )
        }
        const happened: Array<string> = []
        for (const victim of victims) {
          changeThings(sandbox, 10)
          // After some requests and some milliseconds: in the middle of a page, a write, a commit.
          const requests = randomInt(1, 60)
          yield* asked(requests)
          const pause = randomInt(0, 300)
          yield* Effect.promise(() => sleep(pause))
          happened.push(`${victim} after ${requests} requests and ${pause} ms`)
          assert.isTrue(worker.isRunning(), worker.output())
          if (victim === "worker") {
            yield* worker.kill
            worker = yield* startWorker(file)
          } else {
            const killed = victim === "broker" ? broker : search
            yield* killed.kill
            changeThings(sandbox)
            yield* killed.restart
          }
          sandbox.clearRequests()
        }
        // A signal that comes before it can be taken would end it as any process.
        yield* asked(1)
        const stopped = yield* worker.stop
        assert.include([0, 4], stopped.code, stopped.stderr)
        const last = yield* callstream("run", "--once", file)
        assert.strictEqual(last.code, 0, last.stdout + last.stderr)

        const expected = truthOf(sandbox)
        const messages = yield* Effect.promise(() => readTopics(otherThan(driver), brokers, `${name}.`))
        const documents = yield* Effect.promise(() => readIndices(node, `${name}-*-000001`))
        const onTopic = onTopics(messages, `${name}.`)
        const { events, held, repeats } = onTopic
        console.info(
          `${happened.join(", ")}: ${held.size} entities, ${events} events, ${repeats} repeats on topics, ${documents.length} documents`
        )
        assertDelivered(onTopic, expected)
        assertIndexed(documents, expected, `${name}-`)
        assertAlike(onTopic, documents)
        assert.deepStrictEqual(sandbox.forbidden(), [])
      }),
    long ? 3_600_000 : 600_000
  )
})
