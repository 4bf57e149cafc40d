import { type ChildProcess, spawn } from "node:child_process"
import { hash } from "node:crypto"
import { once } from "node:events"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { createInterface } from "node:readline"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Sqlite } from "@callstream/core"
import { file, open } from "../support/Places.ts"

const script = fileURLToPath(new URL("fixtures/worker.ts", import.meta.url))
const address = { source: "s", stream: "t", partition: "p" }
const worker = (path: string) => open(Sqlite.layer({ path, pipeline: "acme" }))

interface Running {
  readonly child: ChildProcess
  /** Waits for the next line it prints. */
  readonly line: Effect.Effect<string>
  /** Kills it as `kill -9` does, and waits for its end. */
  readonly kill: Effect.Effect<void>
}

/** Starts a worker in a process of its own. */
const start = (path: string) =>
  Effect.acquireRelease(
    Effect.sync((): Running => {
      const child = spawn(process.execPath, ["--conditions=@repo/source", script, path], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      const ended = once(child, "exit")
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      return {
        child,
        line: Effect.promise(async () => {
          const next = await lines.next()
          if (next.done === true) throw new Error("the worker ended by itself")
          return next.value
        }),
        kill: Effect.promise(async () => {
          child.kill("SIGKILL")
          await ended
        })
      }
    }),
    ({ kill }) => kill
  )

/** Waits until it has printed so many lines; gives the last. */
const lines = (running: Running, count: number) =>
  Effect.gen(function* () {
    let last = ""
    for (let number = 0; number < count; number += 1) last = yield* running.line
    return last
  })

const keysOf = (batch: number) =>
  Array.from({ length: 3_000 }, (_, number) => hash("sha256", `${batch} ${number}`, "base64url").slice(0, 24))

describe("a worker's process", () => {
  it.live("may be killed at any instant, again and again", () =>
    Effect.gen(function* () {
      const path = yield* file
      for (const count of [4, 9, 15]) {
        const running = yield* start(path)
        const printed = Number(yield* lines(running, count))
        yield* running.kill
        const checked = new DatabaseSync(path)
        assert.strictEqual(checked.prepare("PRAGMA integrity_check").get()?.["integrity_check"], "ok")
        checked.close()
        yield* Effect.scoped(
          Effect.gen(function* () {
            const state = yield* worker(path)
            const partition = state.partition(address)
            const { books, deadLetters, nextBatch, progress } = yield* partition.open
            const committed = progress?.batch ?? 0
            assert.isAtLeast(committed, printed)
            assert.deepStrictEqual([progress?.position, books.read], [committed, committed])
            assert.isAtMost(nextBatch, committed + 2)
            assert.deepStrictEqual(deadLetters.at(-1), { key: String(committed), stage: "read" })
            assert.deepStrictEqual(
              (yield* partition.due(Infinity, 9)).map(({ key }) => key),
              [String(committed)]
            )
            for (const batch of [1, printed - 1, committed]) {
              const rows = yield* partition.seen(keysOf(batch))
              const found = keysOf(batch).map((key) => rows.get(key))
              assert.isTrue(found.every((row) => row?.batch === batch && !row.doubt))
            }
            const [next = ""] = keysOf(committed + 1)
            assert.strictEqual(
              (yield* partition.seen([next])).get(next)?.doubt,
              nextBatch === committed + 2 ? true : undefined
            )
          })
        )
      }
    })
  )

  it.live("keeps a second worker out until it is killed", () =>
    Effect.gen(function* () {
      const path = yield* file
      const running = yield* start(path)
      yield* lines(running, 1)
      const { message } = yield* Effect.flip(Effect.scoped(worker(path)))
      assert.include(message, `is in use by another worker (pid ${running.child.pid}, started 2`)
      yield* running.kill
      yield* worker(path)
    })
  )

  it.live("can be looked at while it writes", () =>
    Effect.gen(function* () {
      const path = yield* file
      const running = yield* start(path)
      yield* lines(running, 2)
      const { overview } = yield* open(Sqlite.layerReadOnly({ path }))
      const seen = new Set<number>()
      while (seen.size < 5) {
        const [partition] = yield* overview
        const batch = partition?.progress?.batch ?? 0
        assert.deepStrictEqual([partition?.books.read, partition?.deadLetters, partition?.pending], [batch, batch, 1])
        seen.add(batch)
        yield* Effect.yieldNow
      }
    })
  )
})
