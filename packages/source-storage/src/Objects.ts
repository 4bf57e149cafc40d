/**
 * The stream of objects. How its pages are walked is in `ObjectWalk.ts`, what an object means to us in `ObjectRecords.ts`,
 * its content in `Content.ts`.
 */
import { Duration, Effect } from "effect"
import { Settings, Source } from "@callstream/core"
import { type Api, pageLimit } from "./Api.ts"
import type { Config } from "./Config.ts"
import { fetchContents } from "./Content.ts"
import { readObject } from "./ObjectRecords.ts"
import { emitted } from "./ObjectTypes.ts"
import { Cursor, makePages } from "./ObjectWalk.ts"

/** `source` of the events of a region. */
export const uriOf = (region: string): string => `8x8/storage/${region}`

/** The regions that are read. */
export const partitionsOf = (api: Api, { regions }: Config): Source.SourceStream["partitions"] => {
  const partitions = (names: ReadonlyArray<string>): ReadonlyArray<Source.Partition> =>
    names.map((name) => ({ name, uri: uriOf(name) }))
  return regions === undefined ? Effect.map(api.regions, partitions) : Effect.succeed(partitions(regions))
}

/**
 * The largest window. A cursor may be resumed anywhere in it, and what cannot be read is looked for in smaller ones: so it
 * is as large as it may be, for each window ends with a page that is not full.
 */
export const largest = Duration.days(366)

/** Makes the stream; `now` is the clock at the first start, `wanted` the types that some sink takes. */
export const objectsStream = (
  api: Api,
  config: Config,
  wanted: ReadonlySet<string>,
  now: number
): Source.SourceStream => {
  const { content, durationUnits = {}, types } = config
  const fetched = (type: string): boolean => (typeof content === "boolean" ? content : content.includes(type))
  const part = types === undefined ? {} : { types }
  return Source.stream({
    name: "objects",
    types: emitted,
    axis: "updated",
    walk: "keyset",
    batch: 5 * pageLimit,
    revision: 1,
    timing: Settings.timing(config, now),
    window: { largest, smallest: Duration.seconds(1) },
    partitions: partitionsOf(api, config),
    fetch: ({ name }, contents) => fetchContents(api, name, contents, durationUnits),
    Cursor,
    page: makePages(api, part, (row) => readObject(row, fetched, wanted, durationUnits))
  })
}
