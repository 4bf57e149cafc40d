/** `kill -9` of the node in the middle of writing: what was answered is there, what was not comes again, nothing is twice. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import type { Event } from "@callstream/model"
import { openSearchLines, startOpenSearch } from "@callstream/testkit/servers"
import { note } from "./support/Notes.ts"
import { documentsAt, newPrefix, open } from "./support/Place.ts"

const lines = await Effect.runPromise(openSearchLines)

const writers = 2
const writesEach = 60
const perWrite = 50
const entities = 2000

/** Versions of some entities, each write its own part of them; a later write has later versions. */
const eventsOf = (writer: number, write: number): ReadonlyArray<Event> =>
  Array.from({ length: perWrite }, (_, i) => {
    const entity = (write * perWrite + i) % (entities / writers)
    return note(`w${writer}-${entity}`, 1 + write, { raw: { filler: "x".repeat(500) } })
  })

describe.each(lines)("A node of the %s line that is killed and started again", (line) => {
  it.live(
    "has lost nothing that was answered, and holds nothing twice",
    () =>
      Effect.gen(function* () {
        const { nodes, url } = yield* startOpenSearch({ line })
        const [node] = nodes
        if (node === undefined) return yield* Effect.die("a cluster without a node")
        const indexPrefix = newPrefix()
        const sink = yield* open({ node: url, indexPrefix, timeout: "5 s" })
        let failed = 0
        const again = Schedule.spaced("100 millis")
        /** As the runner does it: what is not taken goes again until it is. */
        const deliver = (events: ReadonlyArray<Event>) =>
          Effect.gen(function* () {
            const answers = yield* sink.write(events).pipe(
              Effect.tapError(() => Effect.sync(() => (failed += 1))),
              Effect.retry(again)
            )
            for (const { _tag } of answers) assert.include(["stored", "superseded"], _tag)
          })
        const writing = (writer: number) =>
          Effect.forEach(
            Array.from({ length: writesEach }, (_, write) => eventsOf(writer, write)),
            (events, write) =>
              (write + 1) % 30 === 0 && writer === 0
                ? Effect.all([deliver(events), node.kill.pipe(Effect.andThen(node.restart))], { concurrency: 2 })
                : deliver(events)
          )
        yield* Effect.all(
          Array.from({ length: writers }, (_, writer) => writing(writer)),
          { concurrency: writers }
        )
        assert.isAbove(failed, 0, "no kill was noticed")

        const newest = new Map<string, number>()
        for (let writer = 0; writer < writers; writer++) {
          for (let write = 0; write < writesEach; write++) {
            for (const { asof, subject } of eventsOf(writer, write)) newest.set(subject, Number(asof))
          }
        }
        const there = yield* Effect.promise(() => documentsAt(url, indexPrefix))
        assert.strictEqual(there.length, newest.size)
        for (const { event, version } of there) {
          assert.strictEqual(version, newest.get(event.subject))
          assert.strictEqual(event.asof, String(version))
        }
      }),
    300_000
  )
})
