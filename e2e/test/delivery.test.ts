/** All four sources into Kafka and OpenSearch at once, with no faults: everything arrives, as it is now, and once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { CloudEvent as Decoded, Kafka } from "cloudevents"
import { CloudEvent, type Event } from "@callstream/model"
import { start } from "@callstream/sandbox"
import { changedSince } from "@callstream/testkit"
import { inject } from "vitest"
import { changeThings } from "../src/Changes.ts"
import { callstream, folder } from "../src/Command.ts"
import { countDocuments, readIndices } from "../src/Indices.ts"
import { newName } from "../src/Names.ts"
import { writePipeline } from "../src/PipelineFile.ts"
import { type Client, type Message, otherThan, readTopics } from "../src/Topics.ts"
import { truthOf } from "../src/Truth.ts"
import { assertAlike, assertDelivered, assertIndexed, type Expectation, onTopics } from "../src/Verdict.ts"

const nodes = inject("opensearch")
const { brokers } = inject("kafka")

/** Both drivers, both modes of CloudEvents, the newest and the oldest node that is here. */
const pipelines = [
  { driver: "platformatic", format: "binary", at: nodes.at(0) },
  { driver: "kafkajs", format: "structured", at: nodes.at(-1) }
] as const satisfies ReadonlyArray<{ readonly driver: Client; readonly format: string; readonly at: unknown }>

/** Runs the command to its end, which is to be a good one. */
const succeeds = Effect.fnUntraced(function* (...words: ReadonlyArray<string>) {
  const ended = yield* callstream(...words)
  assert.strictEqual(ended.code, 0, ended.stdout + ended.stderr)
  return ended
})

/**
 * A message as the SDK of CloudEvents reads it, less what is not of an event. `undefined` where it cannot: its binding for
 * Kafka (10.0.0) takes no message without a value, which a delete in binary mode is, though the format allows it.
 */
const decodedByOthers = ({ headers, key, value }: Message): Event | undefined => {
  const message = { headers, key, value: value?.toString(), body: undefined }
  if (value === null) {
    assert.throws(() => Kafka.toEvent(message), "Value is null or undefined")
    return undefined
  }
  const decoded = Kafka.toEvent(message)
  if (!(decoded instanceof Decoded)) return assert.fail("not one event")
  decoded.validate()
  // It has attributes that are `undefined`, which JSON leaves out. What an event has is compared next.
  const { datacontenttype: _, partitionkey: __, specversion, ...event } = JSON.parse(JSON.stringify(decoded))
  assert.strictEqual(specversion, "1.0")
  return event
}

describe.each(pipelines)("by $driver in $format mode, and to OpenSearch", ({ at, driver, format }) => {
  it.live(
    "delivers all that exists and every change, each once, in its newest version",
    () =>
      Effect.gen(function* () {
        const { url: node } = at ?? (yield* Effect.die("no node"))
        const name = newName()
        const sandbox = yield* start({ calls: 50, days: 4, knobs: { delay: 0 } })
        const file = writePipeline(yield* folder, sandbox, {
          name,
          brokers,
          node,
          kafka: { driver, format, compression: "gzip" }
        })
        yield* succeeds("setup", file)
        yield* succeeds("check", file)

        const read = Effect.fnUntraced(function* (expected: Expectation) {
          const messages = yield* Effect.promise(() => readTopics(otherThan(driver), brokers, `${name}.`))
          const documents = yield* Effect.promise(() => readIndices(node, `${name}-*-000001`))
          const onTopic = onTopics(messages, `${name}.`)
          assertDelivered(onTopic, expected)
          assertIndexed(documents, expected, `${name}-`)
          assertAlike(onTopic, documents)
          assert.strictEqual(onTopic.repeats, 0)
          return { messages, events: onTopic.events }
        })

        yield* succeeds("run", "--once", file)
        const before = truthOf(sandbox)
        const first = yield* read(before)
        assert.isAbove(before.size, 500)
        assert.strictEqual(first.events, before.size)

        changeThings(sandbox)
        yield* succeeds("run", "--once", file)
        const after = truthOf(sandbox)
        const { events, messages } = yield* read(after)
        assert.isAbove(changedSince(before, after).length, 20)
        assert.strictEqual(events, before.size + changedSince(before, after).length)

        // Where people search, what was deleted is not to be found.
        const deleted = [...after.values()].filter(({ op }) => op === "delete").length
        assert.isAbove(deleted, 2)
        assert.strictEqual(yield* Effect.promise(() => countDocuments(node, `${name}-all_types`)), after.size - deleted)

        for (const message of messages) {
          const { headers, value } = message
          const own = CloudEvent.fromKafka({ headers, value: value === null ? null : value.toString() })
          const theirs = decodedByOthers(message)
          if (theirs === undefined) assert.strictEqual(Result.getOrThrow(own).op, "delete")
          else assert.deepStrictEqual(theirs, Result.getOrThrow(own))
        }
        assert.strictEqual(
          messages.every(({ headers }) => headers["content-type"]?.startsWith("application/cloudevents") === true),
          format === "structured"
        )
        assert.deepStrictEqual(sandbox.forbidden(), [])
      }),
    300_000
  )
})
