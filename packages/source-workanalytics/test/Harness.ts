/** The source as the runner opens it, against a sandbox; and a walk over a window as the runner makes it. */
import { Effect, Schema } from "effect"
import { FetchHttpClient } from "effect/http"
import { type Failure, type Plugin, RateBudget, type Source } from "@callstream/core"
import { type Sandbox, type SandboxOptions, start } from "@callstream/sandbox"
import { Config, plugin } from "@callstream/source-workanalytics"

/** The sandbox's present. */
export const now = Date.parse("2026-11-20T12:00:00Z")
export const day = 86_400_000

/** The last 31 days: all that a sandbox has. */
export const everything: Source.Window = { from: now - 31 * day, to: now }

export const place = { pipeline: "acme", name: "work", directory: "/", wanted: new Set<string>() }

/** A sandbox with 60 Work calls on two PBXes, all of them there. */
export const sandbox = (options: SandboxOptions = {}) => start({ now, clock: () => now, calls: 100, ...options })

/** Settings for a sandbox, as they stand in a file. */
export const settingsFor = ({ baseUrls, credentials }: Sandbox): { readonly [setting: string]: unknown } => ({
  baseUrl: baseUrls.workanalytics,
  ...credentials.workanalytics,
  rate: { perSecond: 1000, concurrency: 16 }
})

/** Decodes settings as the command does. */
export const decode = (settings: unknown) =>
  Schema.decodeUnknownEffect(Config)(settings, { onExcessProperty: "error", errors: "all" })

type Using<A, E> = Effect.fn.Return<A, E, Plugin.PluginServices>

/** The streams of a source with these settings: call records, call legs. */
export const open = Effect.fnUntraced(function* (
  settings: unknown
): Using<readonly [records: Source.SourceStream, legs: Source.SourceStream], Failure.SourceFailure> {
  const config = yield* Effect.orDie(decode(settings))
  const { streams } = yield* plugin.open(config, place)
  const [records, legs] = streams
  return records === undefined || legs === undefined ? yield* Effect.die("streams are missing") : [records, legs]
})

/** What `callstream check` prints. */
export const check = Effect.fnUntraced(function* (settings: unknown): Using<ReadonlyArray<Source.CheckLine>, never> {
  const config = yield* Effect.orDie(decode(settings))
  return yield* plugin.check?.(config, place) ?? Effect.die("the source has no check")
})

/** The pages of a window in one partition, from the first to the one that ends it. */
export const walk = Effect.fnUntraced(function* (
  stream: Source.SourceStream,
  partition: Source.Partition,
  window: Source.Window = everything
) {
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

/** Both PBXes of a sandbox; the name of one has underscores. */
export const partitionOf = (name: string): Source.Partition => ({ name, uri: `8x8/workanalytics/${name}` })
export const acmecorp = partitionOf("acmecorp")
export const acmeCorpUk = partitionOf("acme_corp_uk")

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
