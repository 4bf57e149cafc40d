import { assert, describe, it } from "@effect/vitest"
import { spell } from "../src/Check.ts"

describe("a topic in a few words", () => {
  it("has no number of partitions where nobody tells it", () => {
    const topic = { partitions: 6, replication: 3, leaderless: 0 }
    assert.strictEqual(spell(topic), "6 partitions, replication 3")
    assert.strictEqual(spell({ ...topic, leaderless: 2 }), "6 partitions, replication 3, 2 without a leader at present")
    assert.match(spell({ partitions: 0, replication: 0, leaderless: 1 }), /^partitions that cannot be counted/)
  })
})
