import fs, { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Books, Progress, Sqlite, type StateRefused } from "@callstream/core"
import type { SeenRow } from "../../src/state/State.ts"
import * as Tables from "../../src/state/Tables.ts"
import { file, folder, open } from "../support/Places.ts"

const address = { source: "objects", stream: "all", partition: "us-east" }
const worker = (path: string, pipeline = "acme") => open(Sqlite.layer({ path, pipeline }))
const reader = (path: string) => open(Sqlite.layerReadOnly({ path }))
const asker = (path: string) => open(Sqlite.layerRequests({ path }))

/** The sentence an operator reads when a state does not open; `PATH` stands for where it is. */
const refusal = <A, R>(path: string, opened: Effect.Effect<A, StateRefused | { readonly message: string }, R>) =>
  Effect.map(Effect.flip(opened), (error) => error.message.replaceAll(path, "PATH"))

/** Runs a worker once, and then changes its file. */
const ranBefore = (path: string, change: string) =>
  Effect.gen(function* () {
    yield* Effect.scoped(worker(path))
    const sql = new DatabaseSync(path)
    sql.exec(change)
    sql.close()
  })

const rows = (batch: number, count: number): ReadonlyArray<SeenRow> =>
  Array.from({ length: count }, (_, number) => ({
    key: `${batch} ${number}`,
    content: `content ${"x".repeat(100)}`,
    id: "",
    asof: batch,
    revision: 1,
    batch,
    doubt: false
  }))

describe("a state file", () => {
  it.effect("is for its owner only, and so is its folder", () =>
    Effect.gen(function* () {
      const path = yield* file
      const state = yield* worker(path)
      yield* state.partition(address).open
      const modes = [join(path, ".."), path, `${path}-wal`, `${path}-shm`, `${path}.lock`].map((name) =>
        (statSync(name).mode & 0o777).toString(8)
      )
      assert.deepStrictEqual(modes, ["700", "600", "600", "600", "600"])
    })
  )

  it.effect("is refused to a second worker, in the same process too, until the first has ended", () =>
    Effect.gen(function* () {
      const path = yield* file
      const message = yield* Effect.scoped(Effect.andThen(worker(path), refusal(path, worker(path))))
      assert.strictEqual(
        message,
        `The state PATH is in use by another worker (pid ${process.pid}, started 1970-01-01T00:00:00.000Z). ` +
          "Stop that worker first, or give this pipeline a state file of its own"
      )
      yield* worker(path)
    })
  )

  it.effect("is refused to another pipeline", () =>
    Effect.gen(function* () {
      const path = yield* file
      yield* Effect.scoped(worker(path))
      assert.strictEqual(
        yield* refusal(path, worker(path, "umbrella")),
        "The state PATH is the state of pipeline acme, not of umbrella. Give each pipeline a state file of its own"
      )
    })
  )

  it.effect("of a newer version is refused", () =>
    Effect.gen(function* () {
      const path = yield* file
      yield* ranBefore(path, "PRAGMA user_version = 99")
      const sentence =
        `The state PATH has format 99, and this version knows formats up to ${Tables.steps.length}. ` +
        "A newer version has written it: use that one, or another state file"
      assert.strictEqual(yield* refusal(path, worker(path)), sentence)
      assert.strictEqual(yield* refusal(path, reader(path)), sentence)
    })
  )

  it.effect("of an older version is brought up to date step by step, all of a step or nothing", () =>
    Effect.sync(() => {
      const sql = new DatabaseSync(":memory:")
      const older = ["CREATE TABLE sink (name TEXT); INSERT INTO sink VALUES ('files')"]
      const newer = [...older, "ALTER TABLE sink ADD COLUMN identity TEXT", "UPDATE sink SET identity = name || '!'"]
      const format = () => sql.prepare("PRAGMA user_version").get()?.["user_version"]
      Tables.migrate("x", sql, older)
      assert.strictEqual(format(), 1)
      const broken = [...older, "ALTER TABLE sink ADD COLUMN identity TEXT; UPDATE missing SET a = 1"]
      assert.throws(() => Tables.migrate("x", sql, broken), "no such table")
      assert.strictEqual(format(), 1)
      Tables.migrate("x", sql, newer)
      Tables.migrate("x", sql, newer)
      assert.strictEqual(format(), 3)
      assert.deepStrictEqual({ ...sql.prepare("SELECT * FROM sink").get() }, { name: "files", identity: "files!" })
      sql.close()
    })
  )

  it.effect("of format 1 keeps its dead letters and pending contents", () =>
    Effect.gen(function* () {
      const sql = new DatabaseSync(":memory:")
      yield* Effect.addFinalizer(() => Effect.sync(() => sql.close()))
      Tables.migrate("x", sql, Tables.steps.slice(0, 1))
      sql.exec(`INSERT INTO partition (id, source, stream, name) VALUES (1, 'objects', 'all', 'us-east');
        INSERT INTO pending VALUES (1, 'p', 'test.body.v1', 'a', 't1', '{"id":1}', 2, 30);
        INSERT INTO dead_letter VALUES (7, 1, 'k', 'read', NULL, 'a', 'no date', '{"id":2}', 40)`)
      const state = yield* Sqlite.make(sql, { pipeline: "acme" })
      const partition = state.partition(address)
      yield* partition.open
      const row = {
        key: "p",
        type: "test.body.v1",
        subject: "a",
        token: "t1",
        request: { id: 1 },
        attempts: 2,
        due: 30
      }
      assert.deepStrictEqual(yield* partition.due(99, 10), [row])
      const letter = { key: "k", stage: "read", subject: "a", reason: "no date", payload: { id: 2 }, at: 40 }
      assert.deepStrictEqual(yield* state.deadLetters.show(7), { ...letter, ...address, number: 7 })
      const progress = { ...Progress.initial(1, 2), batch: 1 }
      const again = { from: 5, to: 6 }
      yield* partition.commit({
        through: 1,
        progress,
        books: Books.empty,
        pending: [{ ...row, refill: ["files"] }],
        fetched: [],
        deadLetters: [
          { ...letter, number: 7, reason: "no year" },
          { ...letter, key: "l", again }
        ],
        closed: []
      })
      assert.deepStrictEqual(yield* partition.pending(["p"]), [{ ...row, refill: ["files"] }])
      assert.deepStrictEqual([yield* partition.refilling("files"), yield* partition.refilling("others")], [1, 0])
      const listed = yield* state.deadLetters.list({ limit: 9 })
      assert.deepStrictEqual(
        listed.map(({ again, number, reason }) => [number, reason, again]),
        [
          [8, "no date", again],
          [7, "no year", undefined]
        ]
      )
    })
  )

  it.effect("that is no SQLite database is refused", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "acme.db")
      writeFileSync(path, "name: acme\n".repeat(500))
      const sentence =
        "The state PATH is not a state: the file is no SQLite database, or it is damaged. See that the path is right"
      assert.strictEqual(yield* refusal(path, worker(path)), sentence)
      assert.strictEqual(yield* refusal(path, reader(path)), sentence)
    })
  )

  it.effect("that is a database of something else is refused, and stays as it was", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "acme.db")
      const sql = new DatabaseSync(path)
      sql.exec("CREATE TABLE bookmarks (url TEXT)")
      sql.close()
      chmodSync(path, 0o644)
      const before = readFileSync(path)
      assert.strictEqual(
        yield* refusal(path, worker(path)),
        "The state PATH is a database of something else. Name a file of its own for the state"
      )
      assert.deepStrictEqual(readFileSync(path), before)
      assert.strictEqual(statSync(path).mode & 0o777, 0o644)
    })
  )

  it.effect("that is no file is refused, and nothing is made beside it", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "acme.db")
      mkdirSync(path)
      const sentence = "The state PATH is not a file. Name a file of its own for the state"
      assert.strictEqual(yield* refusal(path, worker(path)), sentence)
      assert.strictEqual(yield* refusal(path, reader(path)), sentence)
      assert.isFalse(existsSync(`${path}.lock`))
    })
  )

  it.effect("that cannot be made is refused", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      writeFileSync(join(inside, "file"), "")
      const below = join(inside, "file", "acme.db")
      assert.strictEqual(
        yield* refusal(below, worker(below)),
        "The state PATH cannot be made: a part of its path is a file. See that the path is right"
      )
    })
  )

  it.effect("that is not there yet says that the pipeline has not run", () =>
    Effect.gen(function* () {
      const path = yield* file
      const sentence = "The state PATH does not exist: the pipeline has not run yet. Start it with callstream run"
      assert.strictEqual(yield* refusal(path, reader(path)), sentence)
      assert.strictEqual(yield* refusal(path, asker(path)), sentence)
      assert.isFalse(existsSync(path))
    })
  )

  it.effect("with progress that cannot be read says that it is damaged", () =>
    Effect.gen(function* () {
      const path = yield* file
      yield* Effect.scoped(Effect.flatMap(worker(path), (state) => state.partition(address).open))
      yield* ranBefore(path, `UPDATE partition SET progress = '{"began":"yesterday"}'`)
      const state = yield* worker(path)
      assert.strictEqual(
        yield* refusal(path, state.partition(address).open),
        "The state PATH is damaged: the progress of a partition cannot be read. " +
          "Restore it from a backup, or move it away to read everything again"
      )
    })
  )

  it.effect("can be looked at beside its worker, and asked for something", () =>
    Effect.gen(function* () {
      const path = yield* file
      const state = yield* worker(path)
      const partition = state.partition(address)
      yield* partition.open
      const looking = yield* reader(path)
      const asking = yield* asker(path)
      const progress = { ...Progress.initial(1, 2), batch: 1 }
      yield* partition.commit({
        through: 1,
        progress,
        books: Books.empty,
        pending: [],
        fetched: [],
        deadLetters: [{ key: "a", stage: "read", reason: "no date", payload: null, at: 1 }],
        closed: []
      })
      const overview = [{ ...address, progress, books: Books.empty, pending: 0, deadLetters: 1 }]
      assert.deepStrictEqual(yield* looking.overview, overview)
      assert.strictEqual((yield* looking.deadLetters.list({ limit: 9 }))[0]?.reason, "no date")
      const { number } = yield* asking.requests.ask("backfill", { from: 1 })
      assert.strictEqual((yield* state.requests.take)?.number, number)
      yield* state.requests.report(number, "done", "fine")
      assert.strictEqual((yield* asking.requests.get(number))?.report, "fine")

      const looked = "The state PATH is open for looking only. Writing is the worker's affair: put a request to it"
      assert.strictEqual(yield* refusal(path, looking.requests.ask("backfill", null)), looked)
      assert.strictEqual(yield* refusal(path, asking.saveSink({ name: "a", identity: "b" })), looked)
    })
  )
})

describe("a power cut", () => {
  it.live("is thought of before a batch is offered: its rows are on the disk, or it is not offered", () =>
    Effect.gen(function* () {
      const partition = (yield* worker(yield* file)).partition(address)
      yield* partition.open
      const asked: Array<fs.NoParamCallback> = []
      const { fdatasync } = fs
      const become = (sync: typeof fdatasync) =>
        Effect.sync(() => {
          fs.fdatasync = sync
          syncBuiltinESMExports()
        })
      const held: unknown = (_file: number, done: fs.NoParamCallback) => void asked.push(done)
      yield* Effect.acquireRelease(become(held as typeof fdatasync), () => become(fdatasync))

      const offering = yield* Effect.forkChild(Effect.flatten(partition.offer(1, rows(1, 3), [], 0)))
      for (let i = 0; i < 20; i++) yield* Effect.yieldNow
      assert.lengthOf(asked, 1)
      assert.isUndefined(offering.pollUnsafe())
      asked.pop()?.(null)
      yield* Fiber.join(offering)
      // Nothing changed, nothing to lose.
      yield* Effect.flatten(partition.offer(2, [], ["1 0"], 0))

      const failing = yield* Effect.forkChild(Effect.flip(Effect.flatten(partition.offer(3, rows(3, 1), [], 0))))
      for (let i = 0; i < 20; i++) yield* Effect.yieldNow
      asked.pop()?.(Object.assign(new Error("i/o error"), { code: "EIO" }))
      assert.include((yield* Fiber.join(failing)).message, "cannot be written safely: EIO")
      assert.lengthOf(asked, 0)
    })
  )
})

describe("a full disk", () => {
  it.effect("fails the transaction with a remedy, loses nothing, and is over when there is room", () =>
    Effect.gen(function* () {
      const sql = new DatabaseSync(join(yield* folder, "acme.db"))
      yield* Effect.addFinalizer(() => Effect.sync(() => sql.close()))
      const start = Sqlite.make(sql, { pipeline: "acme" })
      const partition = (yield* start).partition(address)
      yield* partition.open
      yield* Effect.flatten(partition.offer(1, rows(1, 3), [], 0))
      const pages = Number(sql.prepare("PRAGMA page_count").get()?.["page_count"])
      sql.exec(`PRAGMA max_page_count = ${pages + 10}`)
      assert.strictEqual(
        yield* refusal("nowhere", Effect.flatten(partition.offer(2, rows(2, 1000), [], 0))),
        "The state :memory: cannot grow: the disk is full. Make room; it goes on by itself"
      )
      const wanted = ["1 0", "2 0", "3 0"]
      const batches = Effect.map(partition.seen(wanted), (found) => wanted.map((key) => found.get(key)?.batch))
      assert.deepStrictEqual(yield* batches, [1, undefined, undefined])
      yield* Effect.flatten(partition.offer(3, rows(3, 1), [], 0))
      sql.exec(`PRAGMA max_page_count = ${pages + 100_000}`)
      yield* Effect.flatten(partition.offer(4, rows(2, 1000), [], 0))
      assert.deepStrictEqual(yield* batches, [1, 2, 3])
      const after = (yield* start).partition(address)
      assert.strictEqual((yield* after.open).nextBatch, 5)
      assert.strictEqual((yield* after.seen(["2 999"])).get("2 999")?.batch, 2)
    })
  )
})
