import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { entityKey, fingerprint } from "@callstream/model"
import * as Column from "../../src/state/Column.ts"
import * as Database from "../../src/state/Database.ts"
import * as Seen from "../../src/state/Seen.ts"
import type { SeenRow } from "../../src/state/State.ts"
import * as Tables from "../../src/state/Tables.ts"

const day = 86_400_000
const start = Date.UTC(2026, 0, 1)

const make = () => {
  const sql = new DatabaseSync(":memory:")
  Tables.prepare(":memory:", sql, "acme")
  const store = Database.make({ path: ":memory:", sql, access: "worker", durable: () => Effect.void })
  return { store, seen: Seen.make(store, Column.make(":memory:"), () => 1) }
}

/** Every third entity has no time; the others are some seconds apart. */
const keyOf = (entity: number) =>
  entityKey("test.call.v1", String(entity), entity % 3 === 0 ? undefined : start + entity * 7_000)

const rowOf = (entity: number, content: string, batch: number): SeenRow => {
  const print = fingerprint("test", String(entity), "upsert", content)
  return {
    key: keyOf(entity),
    content: print,
    id: batch % 2 === 0 ? print : `${batch}`,
    asof: start + batch,
    revision: 1,
    batch,
    doubt: false,
    ...(batch % 3 === 0 ? { version: batch, token: content } : {})
  }
}

const inOrder = (seen: Seen.Seen, keys: ReadonlyArray<string>, doubts: Column.Doubts = []) => {
  const rows = seen.get(keys, doubts)
  return keys.map((key) => rows.get(key))
}

const Entity = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 }))
const Step = Schema.Union([
  Schema.Struct({ put: Schema.Array(Entity), content: Schema.Literals(["A", "B"]) }),
  Schema.Struct({ again: Schema.Array(Entity) }),
  Schema.Struct({ look: Schema.Array(Entity) }),
  Schema.Struct({ nextDay: Schema.Literal(true) }),
  Schema.Struct({ evict: Schema.Literals([1, 2]) })
])

describe("the seen-index", () => {
  it.effect.prop("says what a map would say", [Schema.Array(Step)], ([history]) =>
    Effect.gen(function* () {
      const { seen, store } = make()
      const model = new Map<string, { readonly row: SeenRow; readonly day: number }>()
      const get = (entities: ReadonlyArray<number>) => store.read(() => inOrder(seen, entities.map(keyOf)))
      let today = 20_000
      let batch = 0
      for (const step of history) {
        batch += 1
        if ("put" in step) {
          const rows = [...new Set(step.put)].map((entity) => rowOf(entity, step.content, batch))
          yield* get(step.put)
          yield* store.write(() => seen.put(rows, [], today * day))
          for (const row of rows) model.set(row.key, { row, day: today })
        } else if ("again" in step) {
          const keys = [...new Set(step.again)].map(keyOf).filter((key) => model.has(key))
          yield* get(step.again)
          yield* store.write(() => seen.put([], keys, today * day))
          for (const [key, { row }] of [...model].filter(([key]) => keys.includes(key)))
            model.set(key, { row, day: today })
        } else if ("nextDay" in step) today += 1
        else if ("evict" in step) {
          const before = today - step.evict
          yield* store.write(() => seen.evict("", before, (other) => other === 1))
          for (const [key, known] of model) if (known.day < before && known.row.batch !== 1) model.delete(key)
        } else {
          assert.deepStrictEqual(
            yield* get(step.look),
            step.look.map((entity) => model.get(keyOf(entity))?.row)
          )
        }
      }
      const all = Array.from({ length: 61 }, (_, entity) => entity)
      assert.deepStrictEqual(
        yield* get(all),
        all.map((entity) => model.get(keyOf(entity))?.row)
      )
    })
  )

  it.effect("finds a few keys among very many of their time", () =>
    Effect.gen(function* () {
      const { seen, store } = make()
      const entities = Array.from({ length: 3_000 }, (_, entity) => entity)
      yield* store.write(() =>
        seen.put(
          entities.map((entity) => rowOf(entity, "A", 2)),
          [],
          start
        )
      )
      const some = entities.filter((entity) => entity % 250 === 1)
      const rows = yield* store.read(() => inOrder(seen, some.map(keyOf)))
      assert.deepStrictEqual(
        rows,
        some.map((entity) => rowOf(entity, "A", 2))
      )
    })
  )

  it.effect("keeps rows that are written together apart from those that differ, and the last of a key", () =>
    Effect.gen(function* () {
      const { seen, store } = make()
      const plain = Array.from({ length: 240 }, (_, entity) => rowOf(entity, "A", 2))
      const differing: ReadonlyArray<SeenRow> = [
        rowOf(60, "B", 2),
        { ...rowOf(61, "B", 2), id: "own" },
        { ...rowOf(62, "B", 2), version: 7 },
        { ...rowOf(63, "B", 2), token: "page 1" },
        { ...rowOf(64, "B", 2), revision: 2 },
        rowOf(65, "B", 4)
      ]
      const changed = [...plain.slice(0, 120), ...differing, ...plain.slice(120), rowOf(230, "C", 2)]
      yield* store.write(() => seen.put(changed, [], start))
      const held = new Map(changed.map((row) => [row.key, row]))
      const rows = yield* store.read(() => inOrder(seen, [...held.keys()]))
      assert.deepStrictEqual(rows, [...held.values()])
    })
  )

  it.effect("says which rows are in doubt", () =>
    Effect.gen(function* () {
      const { seen, store } = make()
      yield* store.write(() =>
        seen.put(
          [2, 4, 6].map((batch) => rowOf(batch, "A", batch)),
          [],
          start
        )
      )
      const rows = yield* store.read(() => inOrder(seen, [2, 4, 6].map(keyOf), [[3, 5]]))
      assert.deepStrictEqual(
        rows.map((row) => row?.doubt),
        [false, true, false]
      )
    })
  )
})
