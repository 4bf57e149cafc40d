/** The sink on a broker that is well, over both drivers. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { CloudEvent, type Event, eventTypes } from "@callstream/model"
import keys from "./fixtures/partitions.json" with { type: "json" }
import { check, countType, drivers, event, events, newPrefix, open, setup, shared } from "./support/Place.ts"
import { createTopic, faultsOf, noFaults, type ReadRecord, readEvents, readTopic } from "./support/Reading.ts"

const { brokers } = shared()

/** A topic of its own, and the settings of a sink that writes to it. */
const fresh = Effect.fnUntraced(function* (driver: string, partitions = 3, configs: Record<string, string> = {}) {
  const topicPrefix = newPrefix()
  const topic = `${topicPrefix}count`
  yield* createTopic(brokers, topic, partitions, configs)
  return { topic, settings: { brokers, topicPrefix, driver } }
})

/** The topic has these events, each once, in the order of each key. */
const assertHeld = (records: ReadonlyArray<ReadRecord>, sent: ReadonlyArray<Event>): void =>
  assert.deepStrictEqual(
    faultsOf(
      records,
      sent.map(({ id }) => id)
    ),
    noFaults
  )

const tags = (answers: ReadonlyArray<{ readonly _tag: string }>) => new Set(answers.map(({ _tag }) => _tag))

describe.each(drivers)("the sink over %s", (driver) => {
  it.live("writes CloudEvents in binary mode, keyed by conversation, else subject", () =>
    Effect.gen(function* () {
      const { settings, topic } = yield* fresh(driver)
      const { conversation: _, ...alone } = event(2, { data: { n: 2, raw: { Zoë: "\u{1f600}" } } })
      const sink = yield* open(settings)
      assert.deepStrictEqual(tags(yield* sink.write([event(1), alone])), new Set(["stored"]))
      const records = yield* readTopic(brokers, topic)
      assert.deepStrictEqual(new Set(records.map(({ key }) => key)), new Set(["conversation-1", "subject-2"]))
      const record = records.find(({ key }) => key === "conversation-1")
      assert.deepStrictEqual(record?.headers, {
        ce_specversion: "1.0",
        ce_id: "id-1",
        ce_type: "test.count.v1",
        ce_source: "8x8/storage/us-east",
        ce_subject: "subject-1",
        ce_dataschema: countType.dataschema,
        ce_op: "upsert",
        ce_asof: "1770128847001",
        ce_time: "2026-02-03T14:27:27.493Z",
        ce_conversation: "conversation-1",
        "content-type": "application/json"
      })
      assert.strictEqual(record?.value, '{"n":1}')
      const read = yield* readEvents(brokers, topic)
      assert.deepStrictEqual(
        read.find(({ id }) => id === "id-2"),
        alone
      )
    })
  )

  it.live("writes structured mode, without the vendor's row, where that is asked for", () =>
    Effect.gen(function* () {
      const { settings, topic } = yield* fresh(driver, 1)
      const sink = yield* open({ ...settings, format: "structured", raw: false })
      yield* sink.write([event(1, { data: { n: 1, raw: { secret: 1 } } })])
      const [record] = yield* readTopic(brokers, topic)
      assert.deepStrictEqual(record?.headers, { "content-type": "application/cloudevents+json; charset=UTF-8" })
      const read = Result.getOrThrow(CloudEvent.fromJson(record?.value ?? ""))
      assert.deepStrictEqual(read, event(1))
    })
  )

  it.live("puts 1,000 keys where Java's producer puts them, non-ASCII ones too", () =>
    Effect.gen(function* () {
      const { settings, topic } = yield* fresh(driver, 6)
      const sink = yield* open(settings)
      yield* sink.write(keys.keys.map(([key], n) => event(n, { conversation: String(key) })))
      const found = new Map((yield* readTopic(brokers, topic)).map(({ key, partition }) => [key, partition]))
      assert.deepStrictEqual(
        keys.keys.filter(([key, , ofSix]) => found.get(String(key)) !== ofSix),
        []
      )
      assert.strictEqual(found.size, 1000)
    })
  )

  const codecs = driver === "kafkajs" ? ["none", "gzip", "zstd"] : ["none", "gzip", "snappy", "lz4", "zstd"]
  it.live.each(codecs)("compresses with %s, and any consumer reads it", (compression) =>
    Effect.gen(function* () {
      const { settings, topic } = yield* fresh(driver, 2)
      const sink = yield* open({ ...settings, compression })
      assert.deepStrictEqual(tags(yield* sink.write(events(0, 500, 300))), new Set(["stored"]))
      const records = yield* readTopic(brokers, topic)
      assertHeld(records, events(0, 500))
      assert.strictEqual(JSON.parse(records[0]?.value ?? "").filler, "x".repeat(300))
    })
  )

  it.live("stores many writes at a time in the order of each key, in batches that the topic takes", () =>
    Effect.gen(function* () {
      const { settings, topic } = yield* fresh(driver, 6, { "max.message.bytes": "20000" })
      const sink = yield* open(settings)
      const writes = Array.from({ length: 20 }, (_, i) => events(i * 500, 500, 100))
      yield* Effect.forEach(writes, (write) => sink.write(write), { concurrency: 4 })
      assertHeld(yield* readTopic(brokers, topic), writes.flat())
    })
  )

  it.live("refuses a record that the topic does not take, and stores its neighbours", () =>
    Effect.gen(function* () {
      const { settings, topic } = yield* fresh(driver, 2, { "max.message.bytes": "50000" })
      const sink = yield* open(settings)
      const write = (from: number) =>
        Effect.map(
          sink.write(events(from, 50).map((one, i) => (i === 20 ? event(from + i, { size: 60_000 }) : one))),
          (answers) => ({ from, answers })
        )
      const written = yield* Effect.forEach([0, 50, 100, 150], write, { concurrency: 4 })
      for (const { answers, from } of written) {
        const answer = answers[20]
        assert.match(
          answer?._tag === "refused" ? answer.reason : "",
          /^the record has 60\d{3} bytes, and topic .*count takes 50000 \(max\.message\.bytes\)$/,
          `of the write from ${from}`
        )
        assert.strictEqual(answers.filter(({ _tag }) => _tag === "stored").length, 49)
      }
      const stored = written.flatMap(({ from }) => events(from, 50)).filter((_, i) => i % 50 !== 20)
      const read = yield* readTopic(brokers, topic)
      assert.strictEqual(read.length, 196)
      assertHeld(read, stored)
    })
  )

  it.live("finds the record that the broker itself refuses, and stores its neighbours in order", () =>
    Effect.gen(function* () {
      const { settings, topic } = yield* fresh(driver, 1, { "max.message.bytes": "50000" })
      const sink = yield* open({ ...settings, maxMessageBytes: 1_000_000 })
      const bad = new Set([0, 37, 38, 99, 150])
      const write = (from: number) =>
        sink.write(events(from, 100).map((one, i) => (bad.has(from + i) ? event(from + i, { size: 60_000 }) : one)))
      const answers = (yield* Effect.forEach([0, 100], write, { concurrency: 2 })).flat()
      for (const [i, answer] of answers.entries()) {
        if (answer._tag === "refused") assert.match(answer.reason, /^MESSAGE_TOO_LARGE/)
        assert.strictEqual(answer._tag, bad.has(i) ? "refused" : "stored", `event ${i}`)
      }
      const read = yield* readTopic(brokers, topic)
      const stored = events(0, 200).filter((_, i) => !bad.has(i))
      assert.strictEqual(read.length, stored.length)
      assertHeld(read, stored)
    })
  )

  it.live(
    "writes a tombstone for a delete to a compacted topic, keyed by the entity, and keeps empty texts apart",
    () =>
      Effect.gen(function* () {
        const { settings, topic } = yield* fresh(driver, 1, { "cleanup.policy": "compact" })
        const { data: _, ...gone } = event(1, { id: "gone", op: "delete" })
        const sink = yield* open({ ...settings, cleanup: "compact" })
        yield* sink.write([event(1), event(2, { data: "" })])
        yield* sink.write([gone])
        const records = yield* readTopic(brokers, topic)
        const entity = "8x8/storage/us-east test.count.v1 subject-"
        assert.deepStrictEqual(
          records.map(({ key, value }) => [key, value]),
          [
            [`${entity}1`, '{"n":1}'],
            [`${entity}2`, '""'],
            [`${entity}1`, null]
          ]
        )
        assert.deepStrictEqual((yield* readEvents(brokers, topic))[2], gone)
      })
  )

  it.live("keeps a delete without data apart from a tombstone's neighbours in structured mode", () =>
    Effect.gen(function* () {
      const { settings, topic } = yield* fresh(driver, 1, { "cleanup.policy": "compact" })
      const { data: _, ...gone } = event(1, { op: "delete" })
      const sink = yield* open({ ...settings, cleanup: "compact", format: "structured" })
      yield* sink.write([event(2), gone])
      const records = yield* readTopic(brokers, topic)
      assert.strictEqual(records[1]?.value, null)
      assert.deepStrictEqual(yield* readEvents(brokers, topic), [event(2), gone])
    })
  )

  it.live("says which topic is missing, and makes it when told to", () =>
    Effect.gen(function* () {
      const topicPrefix = newPrefix()
      const settings = { brokers, topicPrefix, driver }
      const missing = yield* Effect.flip(Effect.scoped(open(settings)))
      assert.strictEqual(missing._tag, "Denied")
      assert.strictEqual(
        missing.message,
        `describe topics: there is no topic ${topicPrefix}count. ` +
          "Run callstream setup, which makes them, or set `createTopics: true`"
      )
      const wanted = { ...settings, partitions: 5, replication: 1, configs: { "retention.ms": "3600000" } }
      assert.deepStrictEqual(yield* setup(wanted, true), [
        `Would make topic ${topicPrefix}count with partitions: 5, replication: 1, cleanup.policy: delete, retention.ms: 3600000.`
      ])
      const sink = yield* open({ ...wanted, createTopics: true })
      yield* sink.write([event(1)])
      assert.deepStrictEqual(yield* setup({ ...wanted, partitions: 6, cleanup: "compact" }, false), [
        `Topic ${topicPrefix}count is there, with 5 partitions, replication 1; ` +
          "the settings have partitions: 6, cleanup.policy: compact, which is left to you."
      ])
      assert.deepStrictEqual(
        (yield* check(settings)).map(({ ok, subject }) => [subject, ok]),
        [
          ["login", true],
          [`topic ${topicPrefix}count`, true]
        ]
      )
    })
  )

  it.live("makes missing topics by setup, and says so in check before", () =>
    Effect.gen(function* () {
      const topicPrefix = newPrefix()
      const settings = { brokers, topicPrefix, driver, partitions: 2, cleanup: "compact" }
      assert.deepStrictEqual((yield* check(settings))[1], {
        subject: `topic ${topicPrefix}count`,
        ok: false,
        detail: "is not there. Run callstream setup, or set `createTopics: true`."
      })
      const [made] = yield* setup(settings, false)
      assert.match(made ?? "", /^Made topic .*count with partitions: 2, .*cleanup.policy: compact\.$/)
      assert.strictEqual((yield* check(settings))[1]?.ok, true)
      // Its key would be the conversation, of which compaction keeps one record.
      const refused = yield* Effect.flip(Effect.scoped(open({ ...settings, cleanup: "delete" })))
      assert.match(refused.message, /compaction .* would keep one record of each conversation.*cleanup: compact/)
    })
  )

  it.live("says what the brokers refused about a topic that is to be made", () =>
    Effect.gen(function* () {
      const settings = { brokers, topicPrefix: newPrefix(), driver, createTopics: true, replication: 7 }
      const refused = yield* Effect.flip(Effect.scoped(open(settings)))
      assert.strictEqual(refused._tag, "Denied")
      assert.match(refused.message, /INVALID_REPLICATION_FACTOR.*Check `partitions`, `replication` and `configs`/s)
    })
  )

  it.live("is the same sink when it is opened again, and another one with another prefix", () =>
    Effect.gen(function* () {
      const one = yield* fresh(driver, 1)
      const other = yield* fresh(driver, 1)
      const identity = (settings: typeof one.settings) =>
        Effect.scoped(Effect.map(open(settings), (sink) => sink.identity))
      const first = yield* identity(one.settings)
      assert.strictEqual(yield* identity(one.settings), first)
      assert.notStrictEqual(yield* identity(other.settings), first)
      assert.match(first, /^kafka:[\w-]{22}\/t.*\{type\}$/)
    })
  )

  it.live("says within seconds that nobody is there", () =>
    Effect.gen(function* () {
      const settings = { brokers: ["127.0.0.1:1", "nowhere.invalid:9092"], driver }
      const failure = yield* Effect.flip(Effect.scoped(open(settings)))
      assert.strictEqual(failure._tag, "Unavailable")
      assert.match(failure.message, /no connection to 127.0.0.1:1, nowhere.invalid:9092 \((?:ECONNREFUSED|ENOTFOUND)/)
      assert.strictEqual((yield* check(settings))[0]?.ok, false)
    })
  )
})

describe("topics", () => {
  it.live("are one per type, for all that may arrive", () =>
    Effect.gen(function* () {
      const topicPrefix = newPrefix()
      const types = [eventTypes.call, eventTypes.callLeg]
      const sink = yield* open({ brokers, topicPrefix, createTopics: true }, types)
      const call = event(1, { type: eventTypes.call.type })
      const leg = event(2, { type: eventTypes.callLeg.type })
      yield* sink.write([call, leg])
      assert.deepStrictEqual(yield* readEvents(brokers, `${topicPrefix}call`), [call])
      assert.deepStrictEqual(yield* readEvents(brokers, `${topicPrefix}call-leg`), [leg])
      const [answer] = yield* sink.write([event(3, { type: "acme.other.v1" })])
      assert.deepStrictEqual(answer, {
        _tag: "refused",
        reason: "its type was not announced, and there is no topic for it"
      })
    })
  )
})

describe("addresses", () => {
  it.live("of IPv6 are known to platformatic, and kafkajs says that it cannot read them", () =>
    Effect.gen(function* () {
      const failureOf = (driver: string) => Effect.flip(Effect.scoped(open({ brokers: ["[::1]:1"], driver })))
      assert.match((yield* failureOf("platformatic")).message, /no connection to \[::1\]:1 \((?!ENOTFOUND)/)
      assert.match(
        (yield* failureOf("kafkajs")).message,
        /The driver kafkajs cannot read \[::1\]:1: use the broker's name/
      )
    })
  )
})

describe("compression", () => {
  it.live.each(["snappy", "lz4"])("says that kafkajs has no %s", (compression) =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(Effect.scoped(open({ brokers, driver: "kafkajs", compression })))
      assert.strictEqual(failure._tag, "Fatal")
      assert.match(failure.message, new RegExp(`The driver kafkajs has no ${compression}: use gzip or zstd`))
    })
  )
})
