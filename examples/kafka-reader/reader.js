/**
 * A reader of Callstream's topics: keeps the newest version of every record in a table of SQLite, and prints what changed.
 *
 *   node reader.js DATABASE BROKER TOPIC…      e.g. node reader.js calls.db localhost:9092 acme.call acme.transcript
 *
 * What it does, and why, is in docs/consuming.md. Stop it at any moment: it goes on where it was, and nothing counts twice.
 */
import { DatabaseSync } from "node:sqlite"
import kafkajs from "kafkajs"

const [database = "", broker = "", ...topics] = process.argv.slice(2)

const db = new DatabaseSync(database)
db.exec(`
  CREATE TABLE IF NOT EXISTS taken (id TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS records (
    source TEXT, type TEXT, subject TEXT, asof INTEGER, op TEXT, data TEXT, PRIMARY KEY (source, type, subject)
  ) WITHOUT ROWID`)

/** 1. A repeat has the id of an event that was taken before. */
const take = db.prepare("INSERT INTO taken VALUES (?) ON CONFLICT DO NOTHING")
/** 2. The newest version wins. 3. A deleted record keeps its row, so that an older version cannot bring it back. */
const keep = db.prepare(`
  INSERT INTO records VALUES (:source, :type, :subject, :asof, :op, :data) ON CONFLICT DO UPDATE
  SET asof = excluded.asof, op = excluded.op, data = excluded.data WHERE excluded.asof > records.asof`)

/** Binary mode has the attributes in headers and the data as value, structured mode all in the value. */
const eventOf = ({ headers, value }) => {
  if (String(headers["content-type"]).startsWith("application/cloudevents")) return JSON.parse(value)
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith("ce_"))
  const event = Object.fromEntries(attributes.map(([name, text]) => [name.slice(3), String(text)]))
  // A delete has no data; on a compacted topic its message is a tombstone.
  return value === null ? event : { ...event, data: JSON.parse(value) }
}

const store = ({ asof, data, id, op, source, subject, type }) => {
  if (take.run(id).changes === 0) return
  const text = data === undefined ? null : JSON.stringify(data)
  const { changes } = keep.run({ source, type, subject, asof: Number(asof), op, data: text })
  if (changes > 0) console.log(op, type, subject, asof)
}

const kafka = new kafkajs.Kafka({ clientId: "reader", brokers: [broker], logLevel: kafkajs.logLevel.ERROR })
const consumer = kafka.consumer({ groupId: "callstream-reader" })
await consumer.connect()
await consumer.subscribe({ topics, fromBeginning: true })
await consumer.run({
  // One transaction a batch; its offsets are committed after it, so a crash brings the batch again, and changes nothing.
  eachBatch: async ({ batch }) => {
    db.exec("BEGIN")
    try {
      for (const message of batch.messages) store(eventOf(message))
      db.exec("COMMIT")
    } catch (error) {
      db.exec("ROLLBACK")
      throw error
    }
  }
})

const stop = async () => {
  await consumer.disconnect()
  db.close()
}
process.once("SIGTERM", stop).once("SIGINT", stop)
