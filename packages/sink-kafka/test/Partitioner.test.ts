import { assert, describe, it } from "@effect/vitest"
import { partitionOf } from "../src/Partitioner.ts"
import keys from "./fixtures/partitions.json" with { type: "json" }

describe("partitionOf", () => {
  // Made by org.apache.kafka.clients.producer.internals.BuiltInPartitioner.partitionForKey, kafka-clients 4.3.1.
  it("gives what Java's producer gives, for 1,000 keys and four numbers of partitions", () => {
    const wrong = keys.keys.filter(([key, ...wanted]) => {
      const bytes = Buffer.from(String(key))
      return keys.partitions.some((partitions, i) => partitionOf(bytes, partitions) !== wanted[i])
    })
    assert.deepStrictEqual(wrong, [])
    assert.strictEqual(keys.keys.length, 1000)
  })
})
