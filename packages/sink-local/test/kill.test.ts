/** `kill -9` of a real process in the middle of its writes: what was answered is there, once, and nothing by halves. */
import { appendFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { batch } from "./support/Batches.ts"
import { conversations, folder, listen, logged, open, search } from "./support/Place.ts"
import { acked, startWriting } from "./support/Writing.ts"

/** What a log must be, whenever it was cut off: each answered event, none twice, and batches whole or not at all. */
const holds = Effect.fn(function* (directory: string, answered: ReadonlyArray<number>) {
  const ids = (yield* logged(directory)).map(({ id }) => id)
  const there = new Set(ids)
  assert.strictEqual(there.size, ids.length, "an event is in the log twice")
  for (const number of answered) {
    for (const { id } of batch(number)) assert.isTrue(there.has(id), `${id} was answered and is not there`)
  }
  const numbers = new Set(ids.map((id) => Number(id.split("-")[1])))
  assert.strictEqual(ids.length, numbers.size * batch(0).length, "half a write is in the log")
  return numbers
})

describe("a process that is killed while it writes", () => {
  // Killed after so many answers, and so far into the next write as the machine happens to be.
  it.effect.each([0, 1, 2, 5, 9, 14])("loses nothing it had answered (%i answers)", (answers) =>
    Effect.gen(function* () {
      const directory = yield* folder
      const writing = yield* startWriting(directory, { batches: 100_000 })
      yield* writing.until((line) => (answers === 0 ? line === "open" : line.startsWith(`acked ${answers - 1} `)))
      yield* writing.end(true)

      const last = yield* Effect.scoped(
        Effect.gen(function* () {
          const sink = yield* open(directory)
          const numbers = yield* holds(directory, acked(writing))
          assert.isAtLeast(numbers.size, answers)
          const last = Math.max(0, ...numbers) + 1
          for (const number of Array.from({ length: last + 1 }, (_, i) => i)) {
            const given = yield* sink.write(batch(number))
            for (const { _tag } of given) assert.include(["stored", "superseded"], _tag)
          }
          return last
        })
      )
      const numbers = yield* holds(directory, acked(writing))
      assert.strictEqual(numbers.size, last + 1)
      assert.isAbove((yield* search(directory, `word${last}`)).total, 0)
      assert.include(conversations(yield* search(directory, `"${last}-1"`)), `call ${last}-1`)
    })
  )

  it.effect("frees the folder for the next one", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const writing = yield* startWriting(directory, { batches: 100_000 })
      yield* writing.until((line) => line === "open")
      const refused = yield* Effect.flip(open(directory))
      assert.strictEqual(refused._tag, "Fatal")
      assert.strictEqual(
        refused.message,
        `Another worker writes to ${join(directory, "out")}. Stop it, or give this sink a path of its own`
      )
      yield* search(directory, "word0")
      yield* writing.end(true)
      yield* open(directory)
    })
  )
})

describe("what a killed write left behind", () => {
  it.effect("is cut off at the next start, half lines too, and counted", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const said: Array<string> = []
      yield* Effect.scoped(Effect.flatMap(open(directory), (sink) => sink.write(batch(0))))
      const before = yield* logged(directory)
      const events = join(directory, "out", "events")
      appendFileSync(join(events, "2026-02-01.jsonl"), `{"whole":1}\n{"whole":2}\n{"ha`)
      appendFileSync(join(events, "2026-02-09.jsonl"), `{"specversion":"1.0","id":"never committed"}\n`)
      yield* Effect.scoped(open(directory)).pipe(Effect.provide(listen(said)))
      assert.deepStrictEqual(yield* logged(directory), before)
      assert.deepStrictEqual(said, [
        `Removed 4 lines (73 bytes) of 2 files in ${events}: a write was killed before it was done, and its events come again`
      ])
    })
  )
})
