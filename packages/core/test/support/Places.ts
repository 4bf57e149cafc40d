/** Where a test keeps a state, and how its worker starts again there: in memory, and in a file. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { Sqlite, State, type StateFailed, type StateRefused } from "@callstream/core"

/** The state of a worker that starts now; the one that ran before has ended. */
export type Start = Effect.Effect<State["Service"], StateFailed | StateRefused>

export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "callstream-state-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export const file = Effect.map(folder, (path) => join(path, "deep", "acme.db"))

/** Opens the state of a layer as long as the scope. */
export const open = <E>(layer: Layer.Layer<State, E>) =>
  Effect.gen(function* () {
    return Context.get(yield* Layer.buildWithScope(layer, yield* Scope.Scope), State)
  })

const inMemory: Effect.Effect<Start, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => new DatabaseSync(":memory:")),
    (sql) => Effect.sync(() => sql.close())
  ),
  (sql) => Sqlite.make(sql, { pipeline: "acme" })
)

const inFile: Effect.Effect<Start, never, Scope.Scope> = Effect.gen(function* () {
  const path = yield* file
  let scope = yield* Scope.make()
  yield* Effect.addFinalizer(() => Effect.suspend(() => Scope.close(scope, Exit.void)))
  return Effect.gen(function* () {
    yield* Scope.close(scope, Exit.void)
    scope = yield* Scope.make()
    return yield* Scope.provide(open(Sqlite.layer({ path, pipeline: "acme" })), scope)
  })
})

export const places: ReadonlyArray<readonly [name: string, place: Effect.Effect<Start, never, Scope.Scope>]> = [
  ["in memory", inMemory],
  ["in a file", inFile]
]
