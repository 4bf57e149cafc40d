/**
 * Reading without a filter by time, which one account's API answered with 500 (seen in public code): newest first, until
 * an object is older than the window. It is done only where asking without the filter works and with it does not, and it
 * is said in the log.
 *
 * What changes meanwhile goes to the front and pushes the others down, so they come twice; only an object that vanishes
 * lets others move up. So the last objects of a page must be found again on the next one.
 */
import { Effect, Schema } from "effect"
import { Failure } from "@callstream/core"
import { type Api, type ObjectsAnswer, objectsEndpoint, type ObjectsPart, type ObjectsQuery, pageLimit } from "./Api.ts"
import type { ReadObject } from "./ObjectRecords.ts"
import type { ObjectPage } from "./ObjectWalk.ts"

/** Where a scan is. */
export const Scanned = Schema.Struct({
  /** Rows that were passed, from the newest. */
  down: Schema.Int,
  /** Ids of the last of them. */
  tail: Schema.Array(Schema.String)
})
export type Scanned = typeof Scanned.Type

/** So many of the last objects may have changed meanwhile, less one. */
const remembered = 5

/** A page of a scan: those of its objects that are in the span, `from` included. */
export const scanPage = Effect.fnUntraced(function* (
  ask: (query: Pick<ObjectsQuery, "pageKey">) => Effect.Effect<ObjectsAnswer, Failure.SourceFailure>,
  read: (row: unknown) => ReadObject,
  span: { readonly from: number; readonly to: number },
  place: Scanned | undefined
): Effect.fn.Return<ObjectPage, Failure.SourceFailure> {
  const { down, tail } = place ?? { down: 0, tail: [] }
  const pageKey = Math.max(0, down - tail.length)
  const answer = yield* ask({ pageKey })
  const objects = answer.rows.map(read)
  const ids = objects.map(({ id }) => id)
  const known = Math.max(...tail.map((id) => ids.lastIndexOf(id)), -1)
  if (tail.length > 0 && known === -1) {
    const reason = "gives other objects than before where a page was left"
    return yield* new Failure.SetMoved({ endpoint: objectsEndpoint, reason })
  }
  const fresh = objects.slice(known + 1)
  const older = fresh.some(({ updatedAt }) => updatedAt !== undefined && updatedAt < span.from)
  const ended = older || answer.lastPage || objects.length === 0
  const kept = fresh.filter(({ updatedAt = span.from }) => updatedAt >= span.from && updatedAt < span.to)
  // Where only known ones came the next page begins behind them: should none follow, it is empty, and that is the end.
  const last = fresh.length === 0 ? [] : ids.filter((id) => id !== undefined).slice(-remembered)
  return {
    rows: kept.flatMap(({ records }) => records),
    bytes: answer.bytes,
    ...(answer.vendorNow === undefined ? {} : { vendorNow: answer.vendorNow }),
    ...(ended ? {} : { next: { down: pageKey + Math.min(objects.length, pageLimit), tail: last } })
  }
})

/** Answers of 500 to a filter by time, in a row, before it is doubted: more where it worked before. */
const doubted = { atFirst: 3, later: 5 } as const

/** Remembers, per region, whether filters by time work. */
export class TimeFilters {
  readonly #regions = new Map<string, { worked: boolean; failures: number; fail: boolean }>()

  #of(region: string) {
    const known = this.#regions.get(region) ?? { worked: false, failures: 0, fail: false }
    this.#regions.set(region, known)
    return known
  }

  /** Whether this region is known not to filter by time. */
  fail(region: string): boolean {
    return this.#of(region).fail
  }

  /** Asks with a filter by time. `undefined`: found out just now that this does not work here. */
  asking(
    region: string,
    api: Api,
    part: ObjectsPart,
    span: ObjectsQuery
  ): Effect.Effect<ObjectsAnswer | undefined, Failure.SourceFailure> {
    const state = this.#of(region)
    const ask = Effect.tap(api.objects(region, { ...span, part }), () =>
      Effect.sync(() => {
        state.worked = true
        state.failures = 0
      })
    )
    const isRefusal = (failure: Failure.SourceFailure) => failure._tag === "Unavailable" && failure.status === 500
    return Effect.catchIf(ask, isRefusal, (failure) =>
      Effect.gen(function* () {
        state.failures += 1
        if (state.failures < (state.worked ? doubted.later : doubted.atFirst)) return yield* failure
        // Without the filter it has to work, and with it again not.
        const without = yield* Effect.result(api.objects(region, { pageKey: 0, limit: 1, part }))
        if (without._tag === "Failure") return yield* failure
        return yield* Effect.catchIf(ask, isRefusal, () => {
          state.fail = true
          return Effect.as(
            Effect.logWarning(
              `Cloud Storage of ${region} answers filters by time with 500, and requests without one well: it is read ` +
                "newest first instead, which takes more requests. Tell 8x8 support"
            ),
            undefined
          )
        })
      })
    )
  }
}
