/**
 * How the pages of a region's objects are walked; what an object means is the affair of who reads it.
 *
 * A walk by offset loses objects: one that changes meanwhile leaves its place, all behind it move up, and what stood at
 * the border of the page is never seen. So we walk by `updatedTime`, the only order in which what changes goes to the end:
 * each page is asked for from the last second that was seen. Only inside that second we skip what we have, and the last
 * object we had must come again as the first: if it does not, the second is read from its start.
 *
 * Stored times have a fraction, printed ones have it cut off (`createdTime` of the document's Work recording is the
 * second of its `startTime` 1667337742543): windows are widened to whole seconds, so that no edge cuts through one.
 *
 * Where the vendor cannot filter by time, `ObjectScan.ts` takes this one's place.
 */
import { Effect, Schema } from "effect"
import { Failure, type Source } from "@callstream/core"
import { type Api, type ObjectsAnswer, objectsEndpoint, type ObjectsPart, pageLimit } from "./Api.ts"
import type { ReadObject } from "./ObjectRecords.ts"
import { scanPage, Scanned, TimeFilters } from "./ObjectScan.ts"

/** Where a walk is. */
const Walked = Schema.Struct({
  /** The last second that was seen, epoch milliseconds. */
  second: Schema.Int,
  /** How many objects of that second came already. */
  skip: Schema.optionalKey(Schema.Int),
  /** Id of the last of them. */
  last: Schema.optionalKey(Schema.String)
})
type Walked = typeof Walked.Type

export const Cursor = Schema.Union([Walked, Scanned])
export type Cursor = typeof Cursor.Type

/** Nothing is older; whoever says `since: 1970-01-01` means everything. */
const earliest = Date.UTC(2000, 0, 1)

const floorSecond = (millis: number): number => Math.floor(Math.max(millis, earliest) / 1000) * 1000
const ceilSecond = (millis: number): number => Math.ceil(Math.max(millis, earliest) / 1000) * 1000

export interface ObjectAsk {
  readonly partition: Source.Partition
  readonly window: Source.Window
  readonly cursor?: Cursor
}

export type ObjectPage = Omit<Source.Page, "next"> & { readonly next?: Cursor }

/** Gives the pages of one part of the objects, read by `read`. */
export const makePages = (api: Api, part: ObjectsPart, read: (row: unknown) => ReadObject) => {
  const filters = new TimeFilters()
  return Effect.fnUntraced(function* ({
    cursor,
    partition,
    window
  }: ObjectAsk): Effect.fn.Return<ObjectPage, Failure.SourceFailure> {
    const region = partition.name
    const from = floorSecond(window.from)
    const to = ceilSecond(window.to)
    const scan = (at?: Scanned) => scanPage((query) => api.objects(region, { ...query, part }), read, { from, to }, at)
    if (filters.fail(region)) return yield* scan(cursor !== undefined && "down" in cursor ? cursor : undefined)

    const walked = cursor !== undefined && "second" in cursor ? cursor : undefined
    const ask = (place: Walked) => filters.asking(region, api, part, queryOf(place, to))
    let place: Walked = walked ?? { second: from }
    let answer = yield* ask(place)
    if (answer === undefined) return yield* scan()
    let objects = answer.rows.map(read)
    if (place.last !== undefined && objects[0]?.id !== place.last) {
      if ((place.skip ?? 0) >= pageLimit) {
        const reason = "gives objects of one second in another order than before"
        return yield* new Failure.SetMoved({ endpoint: objectsEndpoint, reason })
      }
      place = { second: place.second }
      answer = yield* ask(place)
      if (answer === undefined) return yield* scan()
      objects = answer.rows.map(read)
    }
    const seconds = yield* secondsOf(objects, place)
    const known = place.last === undefined ? objects : objects.slice(1)
    const next = answer.lastPage || objects.length === 0 ? undefined : nextOf(place, objects, seconds, answer)
    return {
      rows: known.flatMap(({ records }) => records),
      bytes: answer.bytes,
      ...(answer.vendorNow === undefined ? {} : { vendorNow: answer.vendorNow }),
      ...(next === undefined ? {} : { next })
    }
  })
}

const queryOf = ({ last, second, skip = 0 }: Walked, to: number) => ({
  from: second,
  to: Math.max(to, second + 1000),
  pageKey: last === undefined ? skip : skip - 1
})

/** The second of each object; those that cannot be read have the one before. A page out of order cannot be walked. */
const secondsOf = Effect.fnUntraced(function* (objects: ReadonlyArray<ReadObject>, place: Walked) {
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
  place: Walked,
  objects: ReadonlyArray<ReadObject>,
  seconds: ReadonlyArray<number>,
  { pageKey }: ObjectsAnswer
): Walked => {
  const second = seconds.at(-1) ?? place.second
  const start = seconds.indexOf(second)
  const offset = place.last === undefined ? (place.skip ?? 0) : (place.skip ?? 1) - 1
  // A page that is not full though more follow: how far it reached is only known by what the vendor says.
  if (objects.length < pageLimit) return second > place.second ? { second } : { second, skip: pageKey }
  const skip = second > place.second ? objects.length - start : offset + objects.length
  const last = objects.at(-1)?.id
  return last === undefined ? { second, skip } : { second, skip, last }
}
