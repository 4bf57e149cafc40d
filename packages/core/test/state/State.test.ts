import { hash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Books, Progress, type StateFailed } from "@callstream/core"
import type { Commit, DeadLetter, PartitionState, PendingRow, SeenRow } from "../../src/state/State.ts"
import { places } from "../support/Places.ts"

const day = 86_400_000
const address = { source: "objects", stream: "all", partition: "us-east" }
const keyOf = (name: string) => hash("sha256", name, "base64url").slice(0, 24)

const row = (name: string, batch: number, more: Partial<SeenRow> = {}): SeenRow => ({
  key: keyOf(name),
  content: keyOf(`content of ${name}`),
  id: keyOf(`content of ${name}`),
  asof: 1_767_225_600_000 + batch,
  revision: 1,
  batch,
  doubt: false,
  ...more
})

const progress = (batch: number): Progress.Progress => ({
  ...Progress.initial(1_767_225_600_000, 1_767_225_600_001),
  position: 1_767_225_700_000,
  walks: [
    {
      purpose: "live",
      from: 1,
      to: 5,
      started: 6,
      next: 2,
      edge: 3,
      cursor: { after: "x", page: [1] },
      spans: [900_000]
    }
  ],
  gaps: [{ from: 1, to: 2, attempts: 3, nextTry: 4, lastError: "no connection" }],
  passes: { "900000": 12 },
  batch
})

const books: Books.Books = {
  read: 10,
  unchanged: 3,
  filtered: 1,
  unreadable: 1,
  emitted: 5,
  sinks: { files: { emitted: 5, unwanted: 0, stored: 4, superseded: 0, refused: 1 } }
}

const commit = (through: number, more: Partial<Commit> = {}): Commit => ({
  through,
  progress: progress(through),
  books,
  pending: [],
  fetched: [],
  deadLetters: [],
  closed: [],
  ...more
})

const content = (name: string, token: string, due: number): PendingRow => ({
  key: keyOf(name),
  type: "callstream.transcript.v1",
  subject: `${name}/transcript`,
  token,
  request: { id: name, parts: [1, null, "ü"] },
  attempts: 0,
  due
})

const letter = (name: string, stage: string, more: Partial<DeadLetter> = {}): DeadLetter => ({
  key: keyOf(name),
  stage,
  reason: "is refused: field too long",
  payload: { a: ["b", null, 1.5] },
  at: 1_767_225_600_000,
  ...more
})

/** Offers and commits a batch. */
const deliver = (partition: PartitionState, batch: number, rows: ReadonlyArray<SeenRow>, more: Partial<Commit> = {}) =>
  Effect.andThen(Effect.flatten(partition.offer(batch, rows, [], batch * 1000)), partition.commit(commit(batch, more)))

const doubts = (partition: PartitionState, names: ReadonlyArray<string>): Effect.Effect<unknown, StateFailed> =>
  Effect.map(partition.seen(names.map(keyOf)), (rows) => names.map((name) => rows.get(keyOf(name))?.doubt))

for (const [where, place] of places) {
  describe(`State ${where}`, () => {
    it.effect("begins with nothing", () =>
      Effect.gen(function* () {
        const state = yield* yield* place
        const partition = state.partition(address)
        assert.deepStrictEqual(yield* partition.open, {
          progress: undefined,
          books: Books.empty,
          nextBatch: 1,
          pending: 0,
          deadLetters: []
        })
        assert.isUndefined((yield* partition.seen([keyOf("a")])).get(keyOf("a")))
        assert.deepStrictEqual(yield* partition.pending([keyOf("a")]), [undefined])
        assert.isUndefined(yield* partition.nextDue)
        assert.strictEqual(yield* partition.evict(Date.UTC(2100, 0)), 0)
      })
    )

    it.effect("gives back after a restart what was committed", () =>
      Effect.gen(function* () {
        const start = yield* place
        const before = (yield* start).partition(address)
        yield* before.open
        const rows = [
          row("a", 1),
          row("b", 1, { id: keyOf("another id"), version: 1_767_225_600_000.5 }),
          row("c", 1, { token: "7a\u{1f600}", version: -3 }),
          row("d", 1, { id: "" })
        ]
        yield* deliver(before, 1, rows, {
          pending: [content("c", "t1", 5)],
          deadLetters: [letter("e", "read"), letter("f", "sink:files", { type: "callstream.call.v1", subject: "f" })]
        })
        const state = yield* start
        const partition = state.partition(address)
        assert.deepStrictEqual(yield* partition.open, {
          progress: progress(1),
          books,
          nextBatch: 2,
          pending: 1,
          deadLetters: [
            { key: keyOf("e"), stage: "read" },
            { key: keyOf("f"), stage: "sink:files" }
          ]
        })
        const keys = [keyOf("z"), ...rows.map(({ key }) => key)]
        const seen = yield* partition.seen(keys)
        assert.deepStrictEqual(
          keys.map((key) => seen.get(key)),
          [undefined, ...rows]
        )
        assert.deepStrictEqual(yield* partition.pending([keyOf("c")]), [content("c", "t1", 5)])
        const overview = { ...address, progress: progress(1), books, pending: 1, deadLetters: 2 }
        assert.deepStrictEqual(yield* state.overview, [overview])
      })
    )

    it.effect("keeps partitions apart", () =>
      Effect.gen(function* () {
        const state = yield* yield* place
        const one = state.partition(address)
        const other = state.partition({ ...address, partition: "eu" })
        yield* one.open
        yield* other.open
        yield* deliver(one, 1, [row("a", 1)], { pending: [content("a", "t", 5)], deadLetters: [letter("a", "read")] })
        assert.isUndefined((yield* other.seen([keyOf("a")])).get(keyOf("a")))
        assert.isUndefined(yield* other.nextDue)
        assert.deepStrictEqual((yield* other.open).deadLetters, [])
        const counts = (yield* state.overview).map(({ deadLetters, partition, pending }) => [
          partition,
          pending,
          deadLetters
        ])
        assert.deepStrictEqual(counts, [
          ["eu", 0, 0],
          ["us-east", 1, 1]
        ])
      })
    )

    it.effect("holds rows in doubt that were offered and not committed", () =>
      Effect.gen(function* () {
        const start = yield* place
        const before = (yield* start).partition(address)
        yield* before.open
        yield* deliver(before, 1, [row("a", 1)])
        yield* Effect.flatten(before.offer(2, [row("b", 2)], [], 0))
        assert.deepStrictEqual(yield* doubts(before, ["a", "b"]), [false, false])
        const partition = (yield* start).partition(address)
        assert.strictEqual((yield* partition.open).nextBatch, 3)
        assert.deepStrictEqual(yield* doubts(partition, ["a", "b"]), [false, true])
      })
    )

    it.effect("holds no rows in doubt that were committed", () =>
      Effect.gen(function* () {
        const start = yield* place
        const before = (yield* start).partition(address)
        yield* before.open
        yield* Effect.flatten(before.offer(1, [row("a", 1)], [], 0))
        yield* Effect.flatten(before.offer(2, [row("b", 2)], [], 0))
        yield* before.commit(commit(2))
        const partition = (yield* start).partition(address)
        assert.strictEqual((yield* partition.open).nextBatch, 3)
        assert.deepStrictEqual(yield* doubts(partition, ["a", "b"]), [false, false])
      })
    )

    it.effect("keeps a doubt over later commits and restarts, until the row is offered again", () =>
      Effect.gen(function* () {
        const start = yield* place
        const first = (yield* start).partition(address)
        yield* first.open
        yield* Effect.flatten(first.offer(1, [row("a", 1), row("b", 1)], [], 0))
        const second = (yield* start).partition(address)
        yield* second.open
        yield* deliver(second, 2, [row("c", 2)])
        yield* Effect.flatten(second.offer(3, [row("d", 3)], [], 0))
        const third = (yield* start).partition(address)
        yield* third.open
        assert.deepStrictEqual(yield* doubts(third, ["a", "b", "c", "d"]), [true, true, false, true])
        yield* deliver(third, 4, [row("a", 4), row("e", 4)])
        const fourth = (yield* start).partition(address)
        assert.strictEqual((yield* fourth.open).nextBatch, 5)
        assert.deepStrictEqual(yield* doubts(fourth, ["a", "b", "c", "d", "e"]), [false, true, false, true, false])
      })
    )

    it.effect("keeps one dead letter a key and stage, and closes it", () =>
      Effect.gen(function* () {
        const state = yield* yield* place
        const partition = state.partition(address)
        yield* partition.open
        yield* partition.commit(commit(1, { deadLetters: [letter("a", "read"), letter("a", "sink:files")] }))
        yield* partition.commit(commit(2, { deadLetters: [letter("a", "read", { reason: "again" })] }))
        const listed = yield* state.deadLetters.list({ limit: 10 })
        assert.deepStrictEqual(
          listed.map(({ number, reason, stage }) => [number, stage, reason]),
          [
            [3, "read", "again"],
            [2, "sink:files", "is refused: field too long"]
          ]
        )
        assert.deepStrictEqual(yield* state.deadLetters.show(2), {
          ...letter("a", "sink:files"),
          ...address,
          number: 2
        })
        assert.isUndefined(yield* state.deadLetters.show(1))
        assert.deepStrictEqual(yield* state.deadLetters.list({ limit: 1, before: 3 }), listed.slice(1))
        yield* partition.commit(commit(3, { closed: [{ key: keyOf("a"), stage: "read" }] }))
        assert.strictEqual(yield* state.deadLetters.count, 1)
        assert.deepStrictEqual((yield* partition.open).deadLetters, [{ key: keyOf("a"), stage: "sink:files" }])
      })
    )

    it.effect("cuts a payload that is longer than a mebibyte", () =>
      Effect.gen(function* () {
        const state = yield* yield* place
        const partition = state.partition(address)
        yield* partition.open
        const deadLetters = [letter("a", "read", { payload: { text: "ü".repeat(2_000_000) } })]
        yield* partition.commit(commit(1, { deadLetters }))
        const [stored] = yield* state.deadLetters.list({ limit: 1 })
        const beginning = `{"text":"${"ü".repeat(1024 * 1024 - 9)}`
        assert.deepStrictEqual(stored?.payload, { cut: true, characters: 2_000_011, beginning })
      })
    )

    it.effect("gives contents that are due, oldest first, and puts them off", () =>
      Effect.gen(function* () {
        const partition = (yield* yield* place).partition(address)
        yield* partition.open
        const pending = [content("a", "t", 30), content("b", "t", 10), content("c", "t", 20)]
        yield* partition.commit(commit(1, { pending }))
        const due = (now: number, limit: number) =>
          Effect.map(partition.due(now, limit), (rows) => rows.map(({ subject }) => subject[0]))
        assert.deepStrictEqual(yield* due(25, 10), ["b", "c"])
        assert.deepStrictEqual(yield* due(99, 2), ["b", "c"])
        assert.strictEqual(yield* partition.nextDue, 10)
        yield* partition.postpone([
          { key: keyOf("b"), token: "t", attempts: 1, due: 40 },
          { key: keyOf("c"), token: "older", attempts: 1, due: 40 }
        ])
        assert.deepStrictEqual(yield* due(99, 10), ["c", "a", "b"])
        assert.deepStrictEqual(yield* partition.pending([keyOf("b"), keyOf("x"), keyOf("c")]), [
          { ...content("b", "t", 40), attempts: 1 },
          undefined,
          content("c", "t", 20)
        ])
      })
    )

    it.effect("removes a fetched content only while it has that token", () =>
      Effect.gen(function* () {
        const partition = (yield* yield* place).partition(address)
        yield* partition.open
        yield* partition.commit(commit(1, { pending: [content("a", "t1", 1), content("b", "t1", 1)] }))
        yield* partition.commit(commit(2, { pending: [content("a", "t2", 2)] }))
        yield* partition.commit(commit(3, { fetched: [{ key: keyOf("a"), token: "t1" }, { key: keyOf("b") }] }))
        const keys = [keyOf("a"), keyOf("b")]
        assert.deepStrictEqual(yield* partition.pending(keys), [content("a", "t2", 2), undefined])
        yield* partition.commit(commit(4, { fetched: [{ key: keyOf("a"), token: "t2" }] }))
        assert.isUndefined(yield* partition.nextDue)
      })
    )

    it.effect("forgets what was not read for long, but nothing in doubt or in flight", () =>
      Effect.gen(function* () {
        const start = yield* place
        const before = (yield* start).partition(address)
        yield* before.open
        yield* Effect.flatten(before.offer(1, [row("old", 1), row("read again", 1)], [], day))
        yield* before.commit(commit(1))
        yield* Effect.flatten(before.offer(2, [row("in doubt", 2)], [], day))
        const partition = (yield* start).partition(address)
        yield* partition.open
        yield* Effect.flatten(partition.offer(3, [row("new", 3)], [keyOf("read again"), keyOf("never seen")], 9 * day))
        yield* partition.commit(commit(3))
        yield* Effect.flatten(partition.offer(4, [row("in flight", 4)], [], day))
        assert.strictEqual(yield* partition.evict(day), 0)
        assert.strictEqual(yield* partition.evict(5 * day), 1)
        const names = ["old", "read again", "in doubt", "new", "in flight", "never seen"]
        assert.deepStrictEqual(yield* doubts(partition, names), [undefined, false, true, false, false, undefined])
        const after = (yield* start).partition(address)
        yield* after.open
        assert.deepStrictEqual(yield* doubts(after, names), [undefined, false, true, false, true, undefined])
      })
    )

    it.effect("keeps parks and sinks", () =>
      Effect.gen(function* () {
        const start = yield* place
        const state = yield* start
        const park = { ...address, settings: "s1", reason: "login refused", remedy: "renew it", since: 1, nextTry: 2 }
        yield* state.park({ ...park, partition: "" })
        yield* state.park(park)
        yield* state.park({ ...park, nextTry: 9 })
        yield* state.unpark({ ...address, partition: "" })
        yield* state.saveSink({ name: "search", identity: "cluster 1" })
        yield* state.saveSink({ name: "files", identity: "id 1" })
        yield* state.saveSink({ name: "files", identity: "id 2", completeSince: 5 })
        const after = yield* start
        assert.deepStrictEqual(yield* after.parks, [{ ...park, nextTry: 9 }])
        assert.deepStrictEqual(yield* after.sinks, [
          { name: "files", identity: "id 2", completeSince: 5 },
          { name: "search", identity: "cluster 1" }
        ])
      })
    )

    it.effect("hands out requests in order, and again when the worker died over one", () =>
      Effect.gen(function* () {
        const start = yield* place
        const { requests } = yield* start
        assert.isUndefined(yield* requests.take)
        const first = yield* requests.ask("backfill", { from: 1, to: 2 })
        yield* requests.ask("reset", null)
        assert.deepStrictEqual(yield* requests.take, { ...first, state: "taken" })
        yield* requests.report(first.number, "taken", { done: 0.5 })
        const again = (yield* start).requests
        const taken = { ...first, state: "taken" as const, report: { done: 0.5 } }
        assert.deepStrictEqual(yield* again.take, taken)
        yield* again.report(first.number, "done", { read: 7 })
        assert.deepStrictEqual(yield* again.get(first.number), { ...taken, state: "done", report: { read: 7 } })
        assert.strictEqual((yield* again.take)?.kind, "reset")
        assert.isUndefined(yield* again.take)
        assert.isUndefined(yield* again.get(99))
      })
    )
  })
}
