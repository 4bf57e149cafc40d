/** The `local` sink: an event log in files and a full-text index, for one team on one machine. */
import { resolve } from "node:path"
import { Duration, Effect } from "effect"
import { type Failure, Plugin, Sink } from "@callstream/core"
import { checkFolder, setUpFolder } from "./Folder.ts"
import { LocalConfig } from "./Config.ts"
import { encode, type Encoded } from "./Encoder.ts"
import type { Repair, Written } from "./Messages.ts"
import { searchFolder } from "./Search.ts"
import { Refusal, troubleOf } from "./Trouble.ts"
import { failureOf, openWriter } from "./Writer.ts"

/**
 * Two writes in flight, so that one is encoded while the other is written. A write is durable by two syncs of the disk,
 * so a large one costs little more than a small one.
 */
const limits: Sink.WriteLimits = {
  maxRecords: 5000,
  maxBytes: 8 * 1024 * 1024,
  linger: Duration.millis(20),
  concurrency: 2
}

export const plugin = Plugin.sink({
  name: "local",
  summary: "Writes events to files, one CloudEvent a line, and to a full-text index for `callstream search`.",
  Config: LocalConfig,
  example: `files: { type: local, path: .callstream/acme }
`,
  open: Effect.fn("SinkLocal.open")(function* (config, place) {
    const folder = resolve(place.directory, config.path)
    const { opened, take, write } = yield* openWriter(folder)
    yield* sayRepair(folder, opened.repair)
    const types = config.search ? new Map(place.types.map((type) => [type.type, type])) : undefined
    return {
      identity: `local:${config.path}#${opened.id}`,
      limits,
      versioned: true,
      write: Effect.fn("SinkLocal.write")(function* (events) {
        const encoded = encode(events, types, take)
        return answers(events.length, encoded, yield* write(encoded.batch))
      })
    } satisfies Sink.Sink
  }),
  check: (config, place) => Effect.sync(() => checkFolder(resolve(place.directory, config.path))),
  setup: (config, place, { dryRun }) =>
    inFolder(resolve(place.directory, config.path), (folder) => setUpFolder(folder, dryRun)),
  search: (config, place, request) =>
    inFolder(resolve(place.directory, config.path), (folder) => {
      if (!config.search) throw new Refusal("empty", "nothing is indexed, for its settings say `search: false`")
      return searchFolder(folder, request)
    })
})

/** By position; what could not be encoded was not in the batch. */
const answers = (count: number, { order, refused }: Encoded, written: Written): ReadonlyArray<Sink.Answer> => {
  const given = Array.from<Sink.Answer>({ length: count }).fill(Sink.stored)
  for (const [place, index] of order.entries()) {
    if (written.isNewest[place] !== 1) given[index] = { _tag: "superseded", asof: String(written.newest[place]) }
  }
  for (const [index, reason] of refused) given[index] = Sink.refused(reason)
  return given
}

const sayRepair = (folder: string, { bytes, files, lines, shortened }: Repair): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (lines > 0) {
      yield* Effect.logWarning(
        `Removed ${lines} lines (${bytes} bytes) of ${files} files in ${folder}/events: a write was killed before it was ` +
          "done, and its events come again"
      )
    }
    if (shortened.length > 0) {
      yield* Effect.logWarning(
        `In ${folder}/events somebody removed or cut ${shortened.join(", ")}: what was in there is not written again`
      )
    }
  })

const inFolder = <A>(folder: string, act: (folder: string) => A): Effect.Effect<A, Failure.SinkFailure> =>
  Effect.try({ try: () => act(folder), catch: (error) => failureOf(folder, troubleOf(error)) })
