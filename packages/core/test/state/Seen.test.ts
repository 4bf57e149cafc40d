import { hash } from "node:crypto"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Exit, Schema } from "effect"
import * as Column from "../../src/state/Column.ts"
import * as Database from "../../src/state/Database.ts"
import * as Seen from "../../src/state/Seen.ts"
import type { SeenRow } from "../../src/state/State.ts"
import * as Tables from "../../src/state/Tables.ts"

const day = 86_400_000
const partition = 1
const column = Column.make(":memory:")
const keyOf = (name: string) => hash("sha256", name, "base64url").slice(0, 24)

/** Small enough that a few dozen rows make several levels of runs. */
const sizes: Seen.Sizes = { memory: () => 12, fanOut: 2, step: 7 }

const database = () => {
  const sql = new DatabaseSync(":memory:")
  Tables.prepare(":memory:", sql, "acme")
  return Database.make({ path: ":memory:", sql, access: "worker", durable: () => Effect.void })
}

/** What an index is to say: the last row of each key, and the day it was last read. */
type Model = Map<string, { row: SeenRow; day: number }>

const Row = Schema.Struct({
  entity: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 })),
  content: Schema.Union([Schema.Literals(["A", "B", "C"]), Schema.String]),
  id: Schema.Union([Schema.Literals(["same", "other", ""]), Schema.String]),
  asof: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 52 })),
  version: Schema.optionalKey(Schema.Finite),
  revision: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 })),
  token: Schema.optionalKey(Schema.String),
  doubt: Schema.Boolean
})
const Step = Schema.Union([
  Schema.Struct({ does: Schema.Literal("put"), rows: Schema.Array(Row), again: Schema.Array(Schema.Int) }),
  Schema.Struct({ does: Schema.Literal("fail"), rows: Schema.Array(Row) }),
  Schema.Struct({
    does: Schema.Literal("put"),
    rows: Schema.Array(Row).check(Schema.isMinLength(6)),
    again: Schema.Array(Schema.Int)
  }),
  Schema.Struct({ does: Schema.Literal("look") }),
  Schema.Struct({ does: Schema.Literal("restart") }),
  Schema.Struct({ does: Schema.Literal("nextDay") }),
  Schema.Struct({ does: Schema.Literal("tidy") }),
  Schema.Struct({ does: Schema.Literal("crashWhileTidying") }),
  Schema.Struct({ does: Schema.Literal("evict"), days: Schema.Literals([0, 1, 2]) })
])
const histories = Arbitrary.array(Arbitrary.schema(Step), { minLength: 10, maxLength: 60 })

/** Keys as model makes them, and some of another form. */
const entityKey = (entity: number) => (entity % 7 === 0 ? `entity ${entity}` : keyOf(`entity ${entity}`))

const rowOf = ({ content, entity, id, ...rest }: typeof Row.Type, batch: number): SeenRow => {
  const fingerprint = content.length === 1 ? keyOf(content) : content
  return {
    ...rest,
    key: entityKey(entity),
    content: fingerprint,
    id: id === "same" ? fingerprint : id === "other" ? keyOf(id + content) : id,
    batch
  }
}

const failing = new Error("the transaction failed")

/** Walks through a history with an index and its model, and compares them. */
const walk = Effect.fnUntraced(function* (history: ReadonlyArray<typeof Step.Type>) {
  const store = database()
  const model: Model = new Map()
  const keys = Array.from({ length: 45 }, (_, entity) => entityKey(entity))
  let today = 20_000
  let batch = 0
  let seen = Seen.load(store, column, partition, sizes)
  const maintain = store.write(
    () => seen.maintain(),
    (committed) => committed()
  )

  const put = (rows: ReadonlyArray<SeenRow>, again: ReadonlyArray<string>) =>
    store.write(
      () => seen.put(rows, again, today * day + 5),
      (committed) => committed()
    )

  const compare = Effect.gen(function* () {
    assert.deepStrictEqual(
      yield* store.read(() => seen.get(keys, [])),
      keys.map((key) => model.get(key)?.row)
    )
  })

  for (const step of history) {
    batch += 1
    if (step.does === "put") {
      const rows = [...new Map(step.rows.map((row) => [row.entity, rowOf(row, batch)])).values()]
      const changed = new Set(rows.map(({ key }) => key))
      const again = [...new Set(step.again.map((entity) => entityKey(Math.abs(entity) % 45)))].filter(
        (key) => !changed.has(key)
      )
      yield* put(rows, again)
      for (const row of rows) model.set(row.key, { row, day: today })
      for (const key of again) model.set(key, { ...(model.get(key) ?? { row: emptyRow(key) }), day: today })
      for (const key of again) if (model.get(key)?.row.batch === -1) model.delete(key)
      if (seen.untidy()) yield* maintain
    } else if (step.does === "fail") {
      const rows = step.rows.map((row) => rowOf(row, batch))
      const exit = yield* Effect.exit(
        store.write(() => {
          seen.put(rows, [], today * day)
          throw failing
        })
      )
      assert.isTrue(Exit.isFailure(exit))
    } else if (step.does === "restart") seen = Seen.load(store, column, partition, sizes)
    else if (step.does === "nextDay") today += 1
    else if (step.does === "tidy") yield* maintain
    else if (step.does === "crashWhileTidying") {
      const exit = yield* Effect.exit(
        store.write(() => {
          seen.maintain()
          throw failing
        })
      )
      assert.isTrue(Exit.isFailure(exit))
      seen.failed()
    } else if (step.does === "evict") {
      const before = today - step.days
      const useless = [...model].filter(([, { day, row }]) => day < before && !row.doubt && row.batch % 3 !== 0)
      const eviction = seen.evict(before, (batch) => batch % 3 === 0)
      while (!eviction.done) yield* maintain
      for (const [key] of useless) model.delete(key)
      assert.strictEqual(eviction.count, useless.length)
    }
    if (step.does === "look") yield* compare
  }
  yield* compare
})

const emptyRow = (key: string): SeenRow => ({
  key,
  content: "",
  id: "",
  asof: 0,
  revision: 0,
  batch: -1,
  doubt: false
})

const count = (store: Database.Database, table: string) =>
  Number(store.statement(`SELECT count(*) FROM ${table}`).get()?.[0])

describe("Seen", () => {
  it.effect("finds keys that begin alike, over many blocks", () =>
    Effect.gen(function* () {
      const store = database()
      const seen = Seen.load(store, column, partition, sizes)
      const rows = Array.from({ length: 500 }, (_, number): SeenRow => {
        const key = `AAAAAAAA${keyOf(`alike ${number}`).slice(8)}`
        return { ...emptyRow(key), content: key, id: key, batch: 1 }
      })
      yield* store.write(
        () => seen.put(rows, [], 0),
        (committed) => committed()
      )
      yield* store.write(
        () => seen.maintain(),
        (committed) => committed()
      )
      assert.strictEqual(yield* store.read(() => count(store, "seen_journal")), 0)
      assert.isAbove(yield* store.read(() => count(store, "seen_block")), 5)
      const keys = rows.map(({ key }) => key)
      assert.deepStrictEqual(yield* store.read(() => seen.get(keys, [])), rows)
      const other = [`AAAAAAAA${keyOf("other").slice(8)}`, keyOf("other")]
      assert.deepStrictEqual(yield* store.read(() => seen.get(other, [])), [undefined, undefined])
    })
  )

  it.effect.prop("says what was put last, whatever happened in between", [histories], ([history]) => walk(history), {
    arbitrary: { runs: 300 }
  })
})
