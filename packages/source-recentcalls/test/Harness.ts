/** The source as the runner opens it, against a sandbox; and a walk over a window as the runner makes it. */
import { Effect, Schema } from "effect"
import { FetchHttpClient } from "effect/http"
import { type Failure, type Plugin, RateBudget, type Source } from "@callstream/core"
import { start, type Sandbox, type SandboxOptions } from "@callstream/sandbox"
import { Config, plugin } from "@callstream/source-recentcalls"

/** The sandbox's present. */
export const now = Date.parse("2026-11-20T12:00:00Z")
export const day = 86_400_000

/** The last 31 days: all that a sandbox has. */
export const everything: Source.Window = { from: now - 31 * day, to: now }

export const place = { pipeline: "acme", name: "calls", directory: "/", wanted: new Set(["callstream.call.v1"]) }

/** A sandbox with 60 calls, all of them there. */
export const sandbox = (options: SandboxOptions = {}) => start({ now, clock: () => now, calls: 60, ...options })

/** Settings for a sandbox, as they stand in a file. */
export const settingsFor = ({ baseUrls, credentials }: Sandbox): { readonly [setting: string]: unknown } => ({
  baseUrl: baseUrls.recentcalls,
  ...credentials.recentcalls,
  rate: { perSecond: 1000, concurrency: 2 }
})

/** Decodes settings as the command does. */
export const decode = (settings: unknown) =>
  Schema.decodeUnknownEffect(Config)(settings, { onExcessProperty: "error", errors: "all" })

/** The stream of a source with these settings. */
export const open = Effect.fnUntraced(function* (
  settings: unknown
): Effect.fn.Return<Source.SourceStream, Failure.SourceFailure, Plugin.PluginServices> {
  const config = yield* Effect.orDie(decode(settings))
  const { streams } = yield* plugin.open(config, place)
  const [stream] = streams
  if (stream === undefined) return yield* Effect.die("the source has no stream")
  return stream
})

/** What `callstream check` prints. */
export const check = Effect.fnUntraced(function* (
  settings: unknown
): Effect.fn.Return<ReadonlyArray<Source.CheckLine>, never, Plugin.PluginServices> {
  const config = yield* Effect.orDie(decode(settings))
  return yield* plugin.check?.(config, place) ?? Effect.die("the source has no check")
})

/** The pages of a window, from the first to the one that ends it. */
export const walk = Effect.fnUntraced(function* (stream: Source.SourceStream, window: Source.Window) {
  const [partition] = yield* stream.partitions
  if (partition === undefined) return yield* Effect.die("the stream has no partition")
  const pages: Array<Source.Page> = []
  let cursor: Source.Page["next"]
  do {
    const page: Source.Page = yield* stream.page({
      partition,
      window,
      purpose: "live",
      ...(cursor === undefined ? {} : { cursor })
    })
    pages.push(page)
    cursor = page.next
  } while (cursor !== undefined)
  return pages
})

/** The records of pages; an unreadable row is a failed test. */
export const recordsOf = (pages: ReadonlyArray<Source.Page>): ReadonlyArray<Source.SourceRecord> =>
  pages.flatMap(({ rows }) =>
    rows.map((row) => {
      if ("unreadable" in row) throw new Error(row.unreadable)
      return row
    })
  )

/** Runs with a client and budgets of its own. */
export const run = <A, E>(effect: Effect.Effect<A, E, Plugin.PluginServices>) =>
  effect.pipe(Effect.provide([FetchHttpClient.layer, RateBudget.RateBudgets.layer]), Effect.scoped)

/** What kind of failure an effect ends with. */
export const kindOfFailure = <A, R>(effect: Effect.Effect<A, Failure.SourceFailure, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag: kind }) => kind)
