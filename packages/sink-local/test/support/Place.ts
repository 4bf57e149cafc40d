/** What the tests of this sink share: a folder of their own, the plugin opened on it, and what stands in it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, Logger, type Scope } from "effect"
import { FetchHttpClient } from "effect/http"
import { CloudEvent, type Event, eventTypes } from "@callstream/model"
import { type Failure, type Plugin, RateBudget, type Sink, type Source } from "@callstream/core"
import { plugin } from "@callstream/sink-local"

const services = Layer.mergeAll(FetchHttpClient.layer, RateBudget.RateBudgets.layer)

const place = (directory: string) => ({ pipeline: "test", name: "files", directory, types: Object.values(eventTypes) })

/** A folder that is gone after the test. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "callstream-local-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** Opens the sink in `out` of a folder. */
export const open = (directory: string, search = true): Effect.Effect<Sink.Sink, Failure.SinkFailure, Scope.Scope> =>
  plugin.open({ path: "out", search }, place(directory)).pipe(Effect.provide(services))

export const search = (
  directory: string,
  query: string,
  limit = 10
): Effect.Effect<Sink.SearchResult, Failure.SinkFailure> =>
  provided(plugin.search?.({ path: "out", search: true }, place(directory), { query, limit }))

export const check = (directory: string, path = "out"): Effect.Effect<ReadonlyArray<Source.CheckLine>> =>
  provided(plugin.check?.({ path, search: true }, place(directory)))

export const setup = (directory: string, dryRun: boolean): Effect.Effect<ReadonlyArray<string>, Failure.SinkFailure> =>
  provided(plugin.setup?.({ path: "out", search: true }, place(directory), { dryRun }))

/** A plugin need not have all of these; this one does. */
const provided = <A, E>(asked: Effect.Effect<A, E, Plugin.PluginServices> | undefined): Effect.Effect<A, E> =>
  (asked ?? Effect.die("the plugin does not have it")).pipe(Effect.provide(services), Effect.scoped)

/** The day files and their lines. */
export const files = (directory: string): Readonly<Record<string, ReadonlyArray<string>>> => {
  const events = join(directory, "out", "events")
  return Object.fromEntries(
    readdirSync(events)
      .toSorted()
      .map((name) => [name, readFileSync(join(events, name), "utf8").split("\n")] as const)
      .map(([name, lines]) => {
        if (lines.pop() !== "") throw new Error(`${name} ends with half a line`)
        return [name, lines]
      })
  )
}

/** All events of the log, file by file. */
export const logged = (directory: string) =>
  Effect.suspend(() =>
    Effect.forEach(Object.values(files(directory)).flat(), (line) =>
      Effect.orDie(Effect.fromResult(CloudEvent.fromJson(line)))
    )
  )

/** An event; the defaults are a summary of a call on 3 February 2026. */
export const event = (id: string, over: Partial<Event> = {}): Event => ({
  id,
  type: "callstream.summary.v1",
  source: "8x8/storage/us-east",
  subject: `subject of ${id}`,
  time: "2026-02-03T14:27:27.493Z",
  op: "upsert",
  asof: "1770128847000",
  dataschema: "urn:callstream:schema:callstream.summary.v1",
  data: { text: `summary ${id}` },
  ...over
})

/** What a search found, without the marks. */
export const conversations = ({ hits }: Sink.SearchResult): ReadonlyArray<string> =>
  hits.map(({ conversation }) => conversation)

/** Marks as people can read them in a test. */
export const marked = (text: string): string => text.replaceAll("\u{e000}", "[").replaceAll("\u{e001}", "]")

/** Collects what is logged. */
export const listen = (said: Array<string>): Layer.Layer<never> =>
  Logger.layer([Logger.make(({ message }) => void said.push(String(message)))])
