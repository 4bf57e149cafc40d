/** A disk that is full, by the system's own limit on the size of files: no root, no file system of its own is needed. */
import { execFileSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { batch } from "./support/Batches.ts"
import { folder, logged, open, search } from "./support/Place.ts"
import { acked, startWriting, type Writing } from "./support/Writing.ts"

const batches = 40

/** What runs out of space first: the database, by what is searched, or the log, by long lines. */
const cases = [
  { what: "search.db", limit: 256, weight: 0, reason: "SQLite error 778: disk I/O error" },
  { what: "a day file", limit: 512, weight: 8000, reason: "EFBIG" }
]

/** Lets the process have its space again, while it runs. */
const free = ({ process }: Writing) =>
  Effect.sync(() => execFileSync("prlimit", ["--pid", String(process.pid), "--fsize=unlimited"]))

/** Every event is there, once. */
const whole = Effect.fn(function* (directory: string) {
  const ids = (yield* logged(directory)).map(({ id }) => id)
  const expected = Array.from({ length: batches }, (_, number) => batch(number).map(({ id }) => id)).flat()
  assert.deepStrictEqual(ids.toSorted(), expected.toSorted())
})

describe("a full disk", () => {
  it.effect.each(cases)("stops the sink with a clear message, and it goes on when there is space ($what)", (full) =>
    Effect.gen(function* () {
      const directory = yield* folder
      const writing = yield* startWriting(directory, { batches, ...full })
      assert.isTrue(yield* writing.until((line) => line.startsWith("failed ")), writing.said.join("\n"))
      assert.include(
        writing.said,
        `failed Unavailable write ${directory}/out: no space left on the device where it is (${full.reason}); ` +
          "free some, it goes on by itself"
      )
      yield* free(writing)
      assert.isTrue(yield* writing.until((line) => line === "done"))
      yield* writing.end(false)
      assert.strictEqual(new Set(acked(writing)).size, batches)
      yield* whole(directory)
      assert.isAbove((yield* search(directory, `word${batches - 1}`)).total, 0)
    })
  )

  it.effect.each(cases)("leaves nothing by halves where the process is killed before there is space ($what)", (full) =>
    Effect.gen(function* () {
      const directory = yield* folder
      const writing = yield* startWriting(directory, { batches, ...full })
      yield* writing.until((line) => line.startsWith("failed "))
      yield* writing.end(true)
      const answered = acked(writing)
      assert.isBelow(answered.length, batches)
      const sink = yield* open(directory)
      const there = (yield* logged(directory)).map(({ id }) => id)
      assert.strictEqual(new Set(there).size, there.length)
      for (const number of answered) for (const { id } of batch(number)) assert.include(there, id)
      for (let number = 0; number < batches; number++) yield* sink.write(batch(number))
      yield* whole(directory)
    })
  )
})
