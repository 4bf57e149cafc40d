import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fetchPending, isRecord, run, validated, walk, walkAll } from "@callstream/testkit"
import { open, sandbox, settingsFor } from "./Harness.ts"

describe("a walk over the sandbox", () => {
  it.live("gives every object of every region, in any state, once", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const [revoked, archived] = vendor.records("storage/objects")
      if (revoked === undefined || archived === undefined) throw new Error("the sandbox has no objects")
      vendor.company.setObjectState(revoked.partition, revoked.key, "REVOKED")
      vendor.company.setObjectState(archived.partition, archived.key, "ARCHIVED")

      const walked = yield* walkAll(yield* open(settingsFor(vendor)))

      const truth = vendor.records("storage/objects")
      const found = walked.flatMap(({ partition, rows }) =>
        rows.filter(isRecord).map(({ op, subject }) => `${partition.name} ${subject} ${op}`)
      )
      const expected = truth.map(
        ({ key, partition, state }) => `${partition} ${key} ${state === "REVOKED" ? "delete" : "upsert"}`
      )
      assert.isAbove(expected.length, 300)
      assert.deepStrictEqual([...new Set(found)].toSorted(), expected.toSorted())
      assert.isAtMost(found.length - expected.length, 1)
    }).pipe(run)
  )

  it.live("gives conversations as the company has them, and records that fit the model", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const conversations = new Map(
        vendor.records("storage/objects").map(({ conversation, key }) => [key, conversation])
      )
      for (const { rows } of yield* walkAll(yield* open(settingsFor(vendor)))) {
        for (const row of rows) {
          assert.isTrue(isRecord(row))
          if (!isRecord(row)) continue
          assert.strictEqual(row.conversation, conversations.get(row.subject))
          assert.notProperty(validated(row), "warnings")
        }
      }
    }).pipe(run)
  )

  it.live.each(["plain", "variants", "garbage"] as const)("fetches every content, also where bodies are %s", (bodies) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs: { bodies } })
      const stream = yield* open(settingsFor(vendor))
      const found: Array<string> = []
      let warned = 0
      for (const partition of yield* stream.partitions) {
        const walked = yield* walk(stream, partition)
        for (const answer of yield* fetchPending(stream, walked)) {
          if (!("records" in answer)) throw new Error(JSON.stringify(answer))
          for (const record of answer.records.filter(isRecord)) {
            found.push(`${partition.name} ${record.subject}`)
            const { warnings } = validated(record)
            if (warnings !== undefined) warned += 1
          }
        }
      }
      const truth = vendor.records("storage/content").map(({ key, partition }) => `${partition} ${key}`)
      assert.isAbove(truth.length, 150)
      assert.deepStrictEqual(found.toSorted(), truth.toSorted())
      assert.strictEqual(warned > 0, bodies === "garbage")
    }).pipe(run)
  )
})
