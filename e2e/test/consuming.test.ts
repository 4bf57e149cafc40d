/** The reader of `docs/consuming.md`, run as it stands, on topics where records repeat, are deleted, and come again. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { CloudEvent, type Event, eventTypes } from "@callstream/model"
import kafkajs from "kafkajs"
import { inject } from "vitest"
import { folder } from "../src/Command.ts"
import { newName } from "../src/Names.ts"
import { until } from "../src/Waiting.ts"

const { brokers } = inject("kafka")
const reader = fileURLToPath(new URL("../../examples/kafka-reader/reader.js", import.meta.url))

const version = (subject: string, asof: number, gone = false): Event => ({
  id: `${subject}-${asof}`,
  type: eventTypes.note.type,
  source: "8x8/storage/us-east",
  subject,
  op: gone ? "delete" : "upsert",
  asof: String(asof),
  dataschema: eventTypes.note.dataschema,
  ...(gone ? {} : { data: { text: `version ${asof}` } })
})

const binary = (event: Event) => ({ key: event.subject, ...CloudEvent.toKafka(event) })

const structured = (event: Event) => ({
  key: event.subject,
  headers: { "content-type": "application/cloudevents+json; charset=UTF-8" },
  value: CloudEvent.toJson(event)
})

/** Runs the reader until it has printed a text; then stops it, and gives all it printed. */
const readUntil = Effect.fnUntraced(function* (database: string, topic: string, last: string) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [reader, database, ...brokers.slice(0, 1), topic])),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  let printed = ""
  let wrong = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => (wrong += text))
  const ended = once(child, "exit")
  yield* until(
    () => printed.includes(last) || child.exitCode !== null,
    () => `"${last}"; it said:\n${printed}${wrong}`
  )
  child.kill("SIGTERM")
  const [code] = yield* Effect.promise(() => ended)
  assert.strictEqual(code, 0, wrong)
  return printed.trim().split("\n")
}, Effect.scoped)

const contents = (database: string): ReadonlyArray<unknown> => {
  const db = new DatabaseSync(database, { readOnly: true })
  try {
    return db
      .prepare("SELECT subject, asof, op, data FROM records ORDER BY subject")
      .all()
      .map((row) => ({ ...row }))
  } finally {
    db.close()
  }
}

describe("the reader among the examples", () => {
  it.live(
    "drops what repeats, keeps what is newest, and lets nothing that was deleted come back",
    () =>
      Effect.gen(function* () {
        const topic = `${newName()}.note`
        const database = join(yield* folder, "notes.db")
        const kafka = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING })
        const producer = kafka.producer()
        const admin = kafka.admin()
        const send = (...messages: ReadonlyArray<kafkajs.Message>) =>
          Effect.promise(() => producer.send({ topic, messages: [...messages] }))
        yield* Effect.promise(async () => {
          await Promise.all([admin.connect(), producer.connect()])
          await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
        })
        yield* send(
          binary(version("kept", 1)),
          binary(version("kept", 2)),
          // Sent again after a crash: the same ids, behind newer ones.
          binary(version("kept", 1)),
          binary(version("kept", 2)),
          structured(version("deleted", 1)),
          structured(version("deleted", 2, true)),
          structured(version("deleted", 1)),
          binary(version("tombstone", 3)),
          { ...binary(version("tombstone", 4, true)), value: null },
          binary(version("restored", 1, true)),
          binary(version("restored", 2)),
          // A delete of what was never seen, and an older version that was never seen either.
          binary(version("unseen", 9, true)),
          binary(version("unseen", 8)),
          binary(version("end", 1))
        )
        const note = eventTypes.note.type
        assert.deepStrictEqual(yield* readUntil(database, topic, "end 1"), [
          `upsert ${note} kept 1`,
          `upsert ${note} kept 2`,
          `upsert ${note} deleted 1`,
          `delete ${note} deleted 2`,
          `upsert ${note} tombstone 3`,
          `delete ${note} tombstone 4`,
          `delete ${note} restored 1`,
          `upsert ${note} restored 2`,
          `delete ${note} unseen 9`,
          `upsert ${note} end 1`
        ])

        // It goes on where it was, and still knows what it has taken.
        yield* send(binary(version("kept", 2)), structured(version("deleted", 1)), binary(version("end", 2)))
        assert.deepStrictEqual(yield* readUntil(database, topic, "end 2"), [`upsert ${note} end 2`])
        const held = (subject: string, asof: number) => ({
          subject,
          asof,
          op: "upsert",
          data: JSON.stringify({ text: `version ${asof}` })
        })
        const gone = (subject: string, asof: number) => ({ subject, asof, op: "delete", data: null })
        assert.deepStrictEqual(contents(database), [
          gone("deleted", 2),
          held("end", 2),
          held("kept", 2),
          held("restored", 2),
          gone("tombstone", 4),
          gone("unseen", 9)
        ])
        yield* Effect.promise(async () => {
          await admin.deleteTopics({ topics: [topic] })
          await Promise.all([admin.disconnect(), producer.disconnect()])
        })
      }),
    300_000
  )
})
