import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { startOpenSearch } from "@callstream/testkit/servers"
import { EventType, eventTypes } from "@callstream/model"
import { plugin } from "../../src/index.ts"
import * as Client from "../../src/Client.ts"
import type { OpenSearchConfig } from "../../src/Config.ts"
import { install } from "../../src/setup/Install.ts"
import { installed } from "../../src/setup/Installed.ts"
import { at } from "../support/At.ts"
import { ask, type Given, nodes, place, prefixAt, provided, settings } from "../support/Place.ts"

const types: ReadonlyArray<EventType.EventType> = [eventTypes.note, eventTypes.summary]

/** A third party's type, in three releases. */
const Thing = { id: Schema.String, size: Schema.Int }
const thing = EventType.make("acme.thing.v1", Schema.Struct(Thing))
const largerThing = EventType.make(
  "acme.thing.v1",
  Schema.Struct({ ...Thing, color: Schema.optionalKey(Schema.String) })
)
const otherThing = EventType.make("acme.thing.v1", Schema.Struct({ ...Thing, size: Schema.String }))

/** A folder that is gone after the test. */
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "callstream-opensearch-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** `callstream setup` on a place. */
const setup = (config: OpenSearchConfig, directory: string, dryRun: boolean, of = types) =>
  provided(plugin.setup?.(config, { ...place(of), directory }, { dryRun }) ?? Effect.die("the plugin has it"))

for (const { line, url } of nodes) {
  const given = Effect.map(prefixAt(url), (indexPrefix): Given & { readonly indexPrefix: string } => ({
    node: url,
    indexPrefix
  }))

  describe(`setup on the ${line} line`, () => {
    const prepared = Effect.gen(function* () {
      const settled = settings(yield* given)
      const client = yield* Client.make(settled, "/")
      const { indexPrefix: prefix } = settled
      return {
        prefix,
        directory: yield* folder,
        config: settled,
        client,
        install: (of: ReadonlyArray<EventType.EventType>) => install(client, settled, of, { dryRun: false }),
        installed: (of: ReadonlyArray<EventType.EventType>) => installed(client, settled, of),
        refused: (of: ReadonlyArray<EventType.EventType>) =>
          Effect.map(Effect.flip(installed(client, settled, of)), ({ message }) => message.replaceAll(prefix, "")),
        indices: Effect.promise(async () =>
          Object.keys(Object(await ask(url, "GET", `/${prefix}*`)))
            .map((name) => name.slice(prefix.length))
            .toSorted()
        )
      }
    })

    it.live(
      "says what it would do, does it, and then has nothing to do",
      () =>
        Effect.gen(function* () {
          const { config, directory, indices, installed, prefix, refused } = yield* prepared
          assert.strictEqual(
            yield* refused(types),
            "look for the indices: the cluster has no note-v1-000001, summary-v1-000001. Run `callstream setup`, or set `setup: auto`"
          )
          const would = yield* setup(config, directory, true)
          assert.deepStrictEqual(yield* indices, [])
          assert.deepStrictEqual(readdirSync(directory), [])
          assert.deepStrictEqual(
            would.slice(0, 5).map((sentence) => sentence.replaceAll(prefix, "")),
            [
              "Would make component template common.",
              "Would make index template note-v1.",
              "Would make index template summary-v1.",
              "Would make index note-v1-000001, read by note.",
              "Would make index summary-v1-000001, read by summary."
            ]
          )
          const did = yield* setup(config, directory, false)
          assert.deepStrictEqual(
            did.slice(0, 5),
            would.slice(0, 5).map((sentence) => sentence.replace("Would make", "Made"))
          )
          assert.match(
            did[5] ?? "",
            /^Wrote .*callstream-dashboards\.ndjson: in OpenSearch Dashboards choose .* Import/
          )
          assert.deepStrictEqual(readdirSync(directory), ["callstream-dashboards.ndjson"])
          assert.deepStrictEqual(yield* setup(config, directory, false), [])
          assert.deepStrictEqual(yield* setup(config, directory, true), [])
          yield* installed(types)
        }),
      120_000
    )

    it.live(
      "gives all indices of a prefix one id, and an emptied cluster another",
      () =>
        Effect.gen(function* () {
          const { install, installed, prefix, refused } = yield* prepared
          yield* install([eventTypes.note])
          const { id } = yield* installed([eventTypes.note])
          yield* install(types)
          assert.strictEqual((yield* installed(types)).id, id)
          yield* Effect.promise(() => ask(url, "DELETE", `/${prefix}note-v1-000001`))
          assert.match(yield* refused(types), /^look for the indices: the cluster has no note-v1-000001\. Run/)
          yield* install(types)
          assert.strictEqual((yield* installed(types)).id, id)
          yield* Effect.promise(() => ask(url, "DELETE", `/${prefix}*`))
          yield* install(types)
          assert.notStrictEqual((yield* installed(types)).id, id)
        }),
      120_000
    )

    it.live(
      "agrees on one id when two set up at the same time",
      () =>
        Effect.gen(function* () {
          const { install, installed } = yield* prepared
          yield* Effect.all([install(types), install(types.toReversed())], { concurrency: 2 })
          yield* installed(types)
        }),
      120_000
    )

    it.live(
      "adds what a newer release of a type has more, and leaves it when the older one runs again",
      () =>
        Effect.gen(function* () {
          const { install, installed, prefix, refused } = yield* prepared
          yield* install([thing])
          assert.strictEqual(
            yield* refused([largerThing]),
            "look for the indices: thing-v1-000001 lacks what this release needs. Run `callstream setup`, or set `setup: auto`"
          )
          const did = (yield* install([largerThing])).map((sentence) => sentence.replaceAll(prefix, ""))
          assert.deepStrictEqual(did, ["Updated index template thing-v1.", "Updated index thing-v1-000001 by 1 field."])
          yield* installed([largerThing])
          yield* installed([thing])
          assert.deepStrictEqual(yield* install([thing]), [])
        }),
      120_000
    )

    it.live(
      "refuses what cannot be changed in place, and says what to do",
      () =>
        Effect.gen(function* () {
          const { install, refused } = yield* prepared
          yield* install([thing])
          const message = yield* refused([otherThing])
          assert.match(
            message,
            /^the index thing-v1-000001 has data\.size in another form, which cannot be changed in place\. /
          )
          assert.include(message, "callstream backfill --sink")
          const again = yield* Effect.flip(install([otherThing]))
          assert.include(again.message, "has data.size in another form")
        }),
      120_000
    )

    it.live(
      "refuses a cluster that a newer release has set up, and an index that is somebody else's",
      () =>
        Effect.gen(function* () {
          const { install, prefix, refused } = yield* prepared
          yield* install(types)
          const newer = { _meta: { callstream: { version: 2, prefix, id: "x" } } }
          yield* Effect.promise(() => ask(url, "PUT", `/${prefix}note-v1-000001/_mapping`, newer))
          assert.match(
            yield* refused(types),
            /^a newer release has set up the index note-v1-000001 \(layout 2\)\. Run that release/
          )
          assert.include((yield* Effect.flip(install(types))).message, "a newer release")
          yield* Effect.promise(() => ask(url, "PUT", `/${prefix}note-v1-000001/_mapping`, { _meta: {} }))
          assert.match(
            yield* refused(types),
            /^there is an index note-v1-000001 that `callstream setup` has not made\. /
          )
        }),
      120_000
    )

    it.live(
      "refuses a template that a newer release has set up",
      () =>
        Effect.gen(function* () {
          const { install, prefix } = yield* prepared
          const newer = { template: {}, _meta: { callstream: { version: 2, prefix } } }
          yield* Effect.promise(() => ask(url, "PUT", `/_component_template/${prefix}common`, newer))
          const { message } = yield* Effect.flip(install(types))
          assert.include(message, `a newer release has set up the template ${prefix}common (layout 2)`)
        }),
      120_000
    )

    it.live(
      "refuses a template that it has not made, and leaves it as it was",
      () =>
        Effect.gen(function* () {
          const { install, prefix } = yield* prepared
          const foreign = { template: { settings: { index: { number_of_shards: "7" } } } }
          const path = `/_component_template/${prefix}common`
          yield* Effect.promise(() => ask(url, "PUT", path, foreign))
          const { message } = yield* Effect.flip(install(types))
          assert.strictEqual(
            message,
            `there is a template ${prefix}common that \`callstream setup\` has not made. ` +
              "Remove it if nobody needs it, or choose another indexPrefix"
          )
          const kept = yield* Effect.promise(() => ask(url, "GET", path))
          assert.deepStrictEqual(at(kept, "component_templates", "0", "component_template"), foreign)
        }),
      120_000
    )

    it.live(
      "puts back an alias that somebody took away, and what is deleted is hidden by it",
      () =>
        Effect.gen(function* () {
          const { install, installed, prefix, refused } = yield* prepared
          yield* install([eventTypes.note])
          yield* Effect.promise(() => ask(url, "DELETE", `/${prefix}note-v1-000001/_alias/${prefix}note`))
          assert.include(yield* refused([eventTypes.note]), "note-v1-000001 lacks what this release needs")
          assert.strictEqual((yield* install([eventTypes.note])).length, 1)
          yield* installed([eventTypes.note])
          for (const op of ["upsert", "delete"]) {
            yield* Effect.promise(() => ask(url, "PUT", `/${prefix}note-v1-000001/_doc/${op}?refresh=true`, { op }))
          }
          const count = (name: string) =>
            Effect.promise(async () => at(await ask(url, "GET", `/${prefix}${name}/_count`), "count"))
          assert.strictEqual(yield* count("note-v1-000001"), 2)
          assert.strictEqual(yield* count("note"), 1)
          assert.strictEqual(yield* count("all_types"), 1)
        }),
      120_000
    )

    it.live(
      "makes an index that is added by hand like its own, by the template",
      () =>
        Effect.gen(function* () {
          const { install, prefix } = yield* prepared
          yield* install([eventTypes.note])
          const second = `${prefix}note-v1-000002`
          yield* Effect.promise(() => ask(url, "PUT", `/${second}`, {}))
          const found = yield* Effect.promise(() => ask(url, "GET", `/${prefix}note-v1-*`))
          const [one, two] = [at(found, `${prefix}note-v1-000001`), at(found, second)]
          assert.deepStrictEqual(at(two, "mappings", "properties"), at(one, "mappings", "properties"))
          assert.strictEqual(at(two, "mappings", "dynamic"), "strict")
          assert.deepStrictEqual(at(two, "settings", "index", "analysis"), at(one, "settings", "index", "analysis"))
          assert.deepStrictEqual(at(two, "aliases", `${prefix}note`), at(one, "aliases", `${prefix}note`))
        }),
      120_000
    )

    it.live(
      "refuses two types whose names differ by the vendor only",
      () =>
        Effect.gen(function* () {
          const { install } = yield* prepared
          const { message } = yield* Effect.flip(
            install([eventTypes.note, EventType.make("acme.note.v1", Schema.Struct(Thing))])
          )
          assert.include(message, "the types callstream.note.v1 and acme.note.v1 would share one index")
        }),
      120_000
    )
  })
}

describe("setup on a cluster with the security plugin", () => {
  it.live(
    "installs, and is refused clearly with a wrong password",
    () =>
      Effect.gen(function* () {
        const { ca = "", password = "", url, username = "" } = yield* startOpenSearch({ line: 2, security: true })
        const given = { node: url, tls: { ca }, dashboards: {} }
        const directory = yield* folder
        const of = (secret: string) => settings({ ...given, auth: { type: "basic", username, password: secret } })
        const { message } = yield* Effect.flip(setup(of("wrong"), directory, false))
        assert.include(message, "the credentials were refused (401)")
        assert.notInclude(message, "wrong")
        assert.strictEqual((yield* setup(of(password), directory, false)).length, 6)
        assert.deepStrictEqual(yield* setup(of(password), directory, false), [])
      }),
    240_000
  )
})
