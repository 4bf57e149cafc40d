/**
 * The stream of objects: how its pages are walked. What an object means to us is in `ObjectRecords.ts`, its content in
 * `Content.ts`.
 *
 * A walk by offset loses objects: one that changes meanwhile leaves its place, all behind it move up, and what stood at
 * the border of the page is never seen. So we walk by `updatedTime`, the only order in which what changes goes to the end:
 * each page is asked for from the last second that was seen. Only inside that second we skip what we have, and the last
 * object we had must come again as the first: if it does not, the second is read from its start.
 *
 * Stored times have a fraction, printed ones have it cut off (`createdTime` of the document's Work recording is the
 * second of its `startTime` 1667337742543): windows are widened to whole seconds, so that no edge cuts through one.
 */
import { Duration, Effect, Schema } from "effect"
import { Failure, Settings, Source } from "@callstream/core"
import { type Api, objectsEndpoint, pageLimit } from "./Api.ts"
import type { Config } from "./Config.ts"
import { fetchContents } from "./Content.ts"
import { readObject } from "./ObjectRecords.ts"
import { emitted } from "./ObjectTypes.ts"

/** Where a walk is. */
const Cursor = Schema.Struct({
  /** The last second that was seen, epoch milliseconds. */
  second: Schema.Int,
  /** How many objects of that second came already. */
  skip: Schema.optionalKey(Schema.Int),
  /** Id of the last of them. */
  last: Schema.optionalKey(Schema.String)
})
type Cursor = typeof Cursor.Type

const floorSecond = (millis: number): number => Math.floor(millis / 1000) * 1000
const ceilSecond = (millis: number): number => Math.ceil(millis / 1000) * 1000

/** `source` of the events of a region. */
export const uriOf = (region: string): string => `8x8/storage/${region}`

/** Makes the stream; `now` is the clock at the first start, `wanted` the types that some sink takes. */
export const objectsStream = (
  api: Api,
  config: Config,
  wanted: ReadonlySet<string>,
  now: number
): Source.SourceStream => {
  const { content } = config
  const fetched = (type: string): boolean => (typeof content === "boolean" ? content : content.includes(type))
  const regions = config.regions === undefined ? api.regions : Effect.succeed(config.regions)

  return Source.stream({
    name: "objects",
    types: emitted,
    axis: "updated",
    walk: "keyset",
    batch: 5 * pageLimit,
    revision: 1,
    timing: Settings.timing(config, now),
    window: { largest: Duration.days(7), smallest: Duration.seconds(1) },
    partitions: Effect.map(regions, (names) => names.map((name) => ({ name, uri: uriOf(name) }))),
    fetch: ({ name }, contents) => fetchContents(api, name, contents),
    Cursor,
    page: Effect.fnUntraced(function* ({ cursor, partition, window }) {
      const at = cursor ?? { second: floorSecond(window.from) }
      const to = ceilSecond(window.to)
      let place: Cursor = at
      let answer = yield* api.objects(partition.name, queryOf(place, to))
      let objects = answer.rows.map((row) => readObject(row, fetched, wanted))
      if (place.last !== undefined && objects[0]?.id !== place.last) {
        if ((place.skip ?? 0) >= pageLimit) {
          const reason = "gives objects of one second in another order than before"
          return yield* new Failure.SetMoved({ endpoint: objectsEndpoint, reason })
        }
        place = { second: place.second }
        answer = yield* api.objects(partition.name, queryOf(place, to))
        objects = answer.rows.map((row) => readObject(row, fetched, wanted))
      }
      const seconds = yield* secondsOf(objects, place)
      const known = place.last === undefined ? 0 : 1
      const next = answer.lastPage || objects.length === 0 ? undefined : nextOf(place, objects, seconds, answer.pageKey)
      const { bytes, vendorNow } = answer
      return {
        rows: (known === 0 ? objects : objects.slice(known)).flatMap(({ records }) => records),
        bytes,
        ...(vendorNow === undefined ? {} : { vendorNow }),
        ...(next === undefined ? {} : { next })
      }
    })
  })
}

const queryOf = ({ last, second, skip = 0 }: Cursor, to: number) => ({
  from: second,
  to: Math.max(to, second + 1000),
  pageKey: last === undefined ? skip : skip - 1
})

type ReadObject = ReturnType<typeof readObject>

/** The second of each object; those that cannot be read have the one before. A page out of order cannot be walked. */
const secondsOf = Effect.fnUntraced(function* (objects: ReadonlyArray<ReadObject>, place: Cursor) {
  let second = place.second
  const seconds: Array<number> = []
  for (const { updatedAt } of objects) {
    const own = updatedAt === undefined ? second : floorSecond(updatedAt)
    if (own < second) {
      const reason = "does not give objects from the time that was asked for, in the order of updatedTime"
      return yield* new Failure.BadAnswer({ endpoint: objectsEndpoint, reason })
    }
    second = own
    seconds.push(own)
  }
  return seconds
})

/** Where to go on behind a page that is not the last. */
const nextOf = (
  place: Cursor,
  objects: ReadonlyArray<ReadObject>,
  seconds: ReadonlyArray<number>,
  pageKey: number
): Cursor => {
  const second = seconds.at(-1) ?? place.second
  const start = seconds.indexOf(second)
  const offset = place.last === undefined ? (place.skip ?? 0) : (place.skip ?? 1) - 1
  // A page that is not full though more follow: how far it reached is only known by what the vendor says.
  if (objects.length < pageLimit) return second > place.second ? { second } : { second, skip: pageKey }
  const skip = second > place.second ? objects.length - start : offset + objects.length
  const last = objects.at(-1)?.id
  return last === undefined ? { second, skip } : { second, skip, last }
}
