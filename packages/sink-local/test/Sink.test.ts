import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { check, event, files, folder, listen, logged, open, search, setup } from "./support/Place.ts"

const written = Effect.fn(function* (directory: string, ...events: ReadonlyArray<ReturnType<typeof event>>) {
  return yield* Effect.scoped(Effect.flatMap(open(directory), (sink) => sink.write(events)))
})

const version = (asof: string) => event(`version ${asof}`, { subject: "one", asof })

const many = (from: number) => Array.from({ length: 10_000 }, (_, i) => event(`many-${from + i}`))

describe("the event log", () => {
  it.effect("has a file a day, in UTC, and one for what has no day", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const { time: _, ...undated } = event("without")
      yield* written(
        directory,
        event("late", { time: "2026-02-03T23:59:59.999Z" }),
        event("next", { time: "2026-02-04T00:00:00.000Z" }),
        event("east", { time: "2026-02-04T05:00:00+09:00" }),
        undated,
        event("words", { time: "yesterday" }),
        event("path", { time: "../../../etc/passwd" }),
        event("old", { time: "1969-12-31T23:59:59.999Z" }),
        event("first", { time: "1970-01-01T00:00:00.000Z" }),
        event("last", { time: "2199-12-31T23:59:59.999Z" }),
        event("far", { time: "2200-01-01T00:00:00.000Z" }),
        event("impossible", { time: "2026-13-45T00:00:00.000Z" })
      )
      const ids = Object.entries(files(directory)).map(([name, lines]) => [
        name,
        lines.map((line) => String(JSON.parse(line).id)).join(" ")
      ])
      assert.deepStrictEqual(ids, [
        ["1970-01-01.jsonl", "first"],
        ["2026-02-03.jsonl", "late east"],
        ["2026-02-04.jsonl", "next"],
        ["2199-12-31.jsonl", "last"],
        ["undated.jsonl", "without words path old far impossible"]
      ])
      assert.deepStrictEqual(readdirSync(join(directory, "out")).toSorted(), ["events", "search.db", "writer.lock"])
    })
  )

  it.effect("keeps every version, an older one that comes late among them", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const answers = yield* written(directory, version("20"), version("10"), version("30"), version("10"))
      assert.deepStrictEqual(answers, [
        { _tag: "stored" },
        { _tag: "superseded", asof: "20" },
        { _tag: "stored" },
        { _tag: "superseded", asof: "30" }
      ])
      const asofs = (yield* logged(directory)).map(({ asof }) => asof)
      assert.deepStrictEqual(asofs, ["20", "10", "30"])
    })
  )

  it.effect("has a version again that came back with a newer asof, and only then", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const a = event("a", { subject: "one", asof: "10" })
      const b = event("b", { subject: "one", asof: "20" })
      yield* written(directory, a, { ...a, asof: "12" }, b, { ...a, asof: "30" }, { ...a, asof: "31" })
      const log = (yield* logged(directory)).map(({ asof, id }) => `${id} ${asof}`)
      assert.deepStrictEqual(log, ["a 10", "b 20", "a 30"])
    })
  )

  it.effect("goes on where somebody removed a file, and says so", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const said: Array<string> = []
      const path = join(directory, "out", "events", "2026-02-03.jsonl")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const sink = yield* open(directory)
          yield* sink.write([event("one")])
          rmSync(path)
          yield* sink.write([event("two")])
          assert.deepStrictEqual(
            (yield* logged(directory)).map(({ id }) => id),
            ["two"]
          )
        })
      )
      rmSync(path)
      yield* Effect.scoped(Effect.flatMap(open(directory), (sink) => sink.write([event("three")]))).pipe(
        Effect.provide(listen(said))
      )
      assert.deepStrictEqual(
        (yield* logged(directory)).map(({ id }) => id),
        ["three"]
      )
      assert.deepStrictEqual(said, [
        `In ${join(directory, "out", "events")} somebody removed or cut 2026-02-03.jsonl: what was in there is not written again`
      ])
    })
  )

  it.effect("takes what can be written when an event beside it cannot", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const answers = yield* written(
        directory,
        event("good"),
        event("bad", { data: { value: 1n } }),
        event("odd", { asof: "later" }),
        event("too")
      )
      assert.deepStrictEqual(answers, [
        { _tag: "stored" },
        { _tag: "refused", reason: "its data is not JSON" },
        { _tag: "refused", reason: "its asof is not a number of milliseconds" },
        { _tag: "stored" }
      ])
      assert.deepStrictEqual(
        (yield* logged(directory)).map(({ id }) => id),
        ["good", "too"]
      )
    })
  )

  it.effect("knows tens of thousands of entities, in memory and in the table", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const sink = yield* open(directory, false)
      for (let from = 0; from < 80_000; from += 10_000) yield* sink.write(many(from))
      const again = yield* sink.write([...many(0), event("late", { subject: "subject of many-5", asof: "1" })])
      assert.deepStrictEqual(again.at(-1), { _tag: "superseded", asof: "1770128847000" })
      assert.isTrue(again.slice(0, -1).every(({ _tag }) => _tag === "stored"))
      assert.strictEqual(Object.values(files(directory)).flat().length, 80_001)
    })
  )
})

describe("the folder", () => {
  it.effect("is readable by its owner only, whatever is in it", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const sink = yield* open(directory)
      yield* sink.write([event("one")])
      const modes = readdirSync(join(directory, "out"), { recursive: true, encoding: "utf8" }).map((name) => {
        const at = statSync(join(directory, "out", name))
        return [name, (at.mode & 0o777).toString(8)]
      })
      assert.strictEqual((statSync(join(directory, "out")).mode & 0o777).toString(8), "700")
      assert.deepStrictEqual(Object.fromEntries(modes), {
        events: "700",
        "events/2026-02-03.jsonl": "600",
        "search.db": "600",
        "search.db-shm": "600",
        "search.db-wal": "600",
        "writer.lock": "600"
      })
    })
  )

  it.effect("has one writer, in this process too, and is free again when that one is closed", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      yield* Effect.scoped(
        Effect.gen(function* () {
          const sink = yield* open(directory)
          for (const _ of [1, 2]) assert.strictEqual((yield* Effect.flip(open(directory)))._tag, "Fatal")
          yield* sink.write([event("one")])
        })
      )
      yield* open(directory)
    })
  )

  it.effect("is refused where its search.db is missing, for all of the log would be cut", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      yield* written(directory, event("one"))
      rmSync(join(directory, "out", "search.db"))
      const refused = yield* Effect.flip(open(directory))
      assert.strictEqual(
        refused.message,
        `In ${join(directory, "out")} there is an event log, but not the search.db that belongs to it. ` +
          "Put back the files that belong together, or move the folder away to begin a new one"
      )
      assert.strictEqual((yield* logged(directory)).length, 1)
    })
  )

  it.effect("is refused where it is of a newer release", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      yield* written(directory, event("one"))
      const database = new DatabaseSync(join(directory, "out", "search.db"))
      database.exec("PRAGMA user_version = 2")
      database.close()
      assert.match(
        (yield* Effect.flip(open(directory))).message,
        /search\.db has format 2, and this release knows up to 1/
      )
      assert.match((yield* Effect.flip(search(directory, "one"))).message, /search\.db has format 2/)
    })
  )

  it.effect("is refused where search.db is damaged", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      mkdirSync(join(directory, "out"))
      writeFileSync(join(directory, "out", "search.db"), "not a database, and longer than a header of one ".repeat(40))
      const refused = yield* Effect.flip(open(directory))
      assert.strictEqual(refused._tag, "Fatal")
      assert.match(refused.message, /search\.db is damaged \(SQLite error 26/)
    })
  )

  it.effect("is refused where a file is in its way", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      writeFileSync(join(directory, "out"), "")
      const refused = yield* Effect.flip(open(directory))
      assert.match(refused.message, /out cannot be a folder, there is a file in its way .* Choose another path/)
    })
  )

  it.effect("may move: it is the same sink at its new place", () =>
    Effect.gen(function* () {
      const from = yield* folder
      const to = yield* folder
      const before = yield* Effect.scoped(open(from))
      renameSync(join(from, "out"), join(to, "out"))
      assert.strictEqual((yield* open(to)).identity, before.identity)
    })
  )

  it.effect("is checked without being made", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const lines = yield* check(directory)
      assert.deepStrictEqual(
        lines.map(({ ok, subject }) => [subject, ok]),
        [
          ["folder", true],
          ["space", true]
        ]
      )
      assert.isFalse(existsSync(join(directory, "out")))
      writeFileSync(join(directory, "file"), "")
      const [line] = yield* check(directory, "file")
      assert.deepStrictEqual(line, {
        subject: "folder",
        ok: false,
        detail: `${join(directory, "file")} is not a folder. Choose another path.`
      })
    })
  )

  it.effect("is made by setup, for its owner only, and not by a dry run", () =>
    Effect.gen(function* () {
      const directory = yield* folder
      const out = join(directory, "out")
      assert.deepStrictEqual(yield* setup(directory, true), [`Would make ${out}.`])
      assert.isFalse(existsSync(out))
      assert.deepStrictEqual(yield* setup(directory, false), [`Made ${out}.`])
      assert.strictEqual((statSync(out).mode & 0o777).toString(8), "700")
      assert.deepStrictEqual(yield* setup(directory, false), [`${out} is there.`])
    })
  )
})
