/**
 * Cloud Storage's endpoints, a method each: the only file that knows their paths, parameters and envelopes. It reads;
 * nothing that changes or deletes is here. Restoring, bulk downloads and presigned URLs will be methods beside these.
 *
 * Sources: the OpenAPI file, "Bulk Download" and "Cloud Storage Service Objects" (all read 2026-11-20).
 */
import { Effect, Result, Schema } from "effect"
import { Failure, Http, Login, RateBudget } from "@callstream/core"
import * as AccessToken from "./AccessToken.ts"
import type { Config } from "./Config.ts"
import { ObjectsPage, Regions } from "./Wire.ts"

export const objectsEndpoint = "GET /storage/{region}/v3/objects"
const regionsEndpoint = "GET /storage/{region}/v3/regions"
const contentEndpoint = "GET /storage/{region}/v3/objects/{id}/content"

/** Any region tells them all; it need not be one of ours. */
const discoveryRegion = "us-west"

/** The most rows a page may have; more is refused, or cut. */
export const pageLimit = 100

/** A part of the objects of a region: in order of `updatedTime`, in any state. */
export interface ObjectsQuery {
  /** `updatedTime` from here, epoch milliseconds. */
  readonly from: number
  /** And before here. */
  readonly to: number
  /** Rows to skip. */
  readonly pageKey: number
  /** Rows of the page; 100 unless given. */
  readonly limit?: number
}

export interface ObjectsAnswer {
  readonly rows: ReadonlyArray<unknown>
  readonly lastPage: boolean
  /** The offset of the next page. */
  readonly pageKey: number
  readonly bytes: number
  readonly vendorNow?: number
}

export interface Api {
  readonly regions: Effect.Effect<ReadonlyArray<string>, Failure.SourceFailure>
  readonly objects: (region: string, query: ObjectsQuery) => Effect.Effect<ObjectsAnswer, Failure.SourceFailure>
  /** The bytes of an object, whatever the status says of them. */
  readonly content: (region: string, id: string) => Effect.Effect<Http.HttpAnswer, Failure.SourceFailure>
}

/** Every state there is: a filter that names none gets the available ones only. */
const states = ["AVAILABLE", "PENDING", "ARCHIVED", "REVOKED", "DELETED", "FAILED"]

/** `(a==1,a==2)`: the parentheses matter, for `;` (and) binds tighter than `,` (or). */
const oneOf = (field: string, values: ReadonlyArray<string>): string =>
  `(${values.map((value) => `${field}==${value}`).join(",")})`

/** The FIQL filter of a query; times in epoch milliseconds. `=in=` would be shorter, but the older document lacks it. */
export const filterOf = ({ from, to }: ObjectsQuery, types: ReadonlyArray<string> | undefined): string =>
  [
    `updatedTime=ge=${from}`,
    `updatedTime=lt=${to}`,
    oneOf("objectState", states),
    ...(types === undefined ? [] : [oneOf("type", types)])
  ].join(";")

const decodePage = Schema.decodeUnknownResult(ObjectsPage)
const decodeRegions = Schema.decodeUnknownResult(Regions)

/** Makes the client. Fails when the base URL is not one that credentials may go to. */
export const make = Effect.fnUntraced(function* (config: Config, source: string) {
  const budgets = yield* RateBudget.RateBudgets
  const http = yield* Http.make({
    source,
    baseUrl: yield* Http.baseUrl(config.baseUrl, config.allowHttp),
    budget: yield* budgets.of("8x8/storage", AccessToken.budgetKeyOf(config), config.rate),
    posts: [AccessToken.loginPath]
  })
  const login = AccessToken.make(http, config)

  /** A request with the token in force; a 401 renews it once. */
  const ask = (request: Http.HttpRequest) =>
    login.with(
      (token) => http.ask({ ...request, headers: Login.bearer(token) }),
      ({ status }) => status === 401
    )

  const regions = Effect.gen(function* () {
    const endpoint = regionsEndpoint
    const answer = yield* ask({ path: `/storage/${discoveryRegion}/v3/regions`, endpoint })
    if (answer.status !== 200) return yield* refusal(answer, endpoint, "source", AccessToken.remedy)
    const decoded = decodeRegions(yield* Http.json(answer, endpoint))
    if (Result.isSuccess(decoded) && decoded.success.length > 0) return decoded.success
    const reason = "named no regions"
    return yield* new Failure.Denied({
      endpoint,
      reason,
      remedy: "Name those that hold the account's objects in this source's regions, e.g. regions: [us-east]",
      scope: "source"
    })
  }).pipe(Effect.withSpan("Storage.regions"))

  // One account's date filters answered 500: reading newest first and stopping by ourselves would take this one's place.
  const objects = Effect.fn("Storage.objects")(function* (region: string, query: ObjectsQuery) {
    const endpoint = objectsEndpoint
    const limit = query.limit ?? pageLimit
    const answer = yield* ask({
      path: `/storage/${encodeURIComponent(region)}/v3/objects`,
      endpoint,
      query: [
        ["filter", filterOf(query, config.types)],
        ["sortField", "updatedTime"],
        ["sortDirection", "ASC"],
        ["pageKey", String(query.pageKey)],
        ["limit", String(limit)]
      ]
    })
    if (answer.status !== 200) {
      const remedy = `Check that ${region} is a region of the account (leave out regions to find them), and the rights of the key`
      return yield* refusal(answer, endpoint, "partition", remedy)
    }
    const decoded = decodePage(yield* Http.json(answer, endpoint))
    if (Result.isFailure(decoded)) {
      return yield* new Failure.BadAnswer({ endpoint, reason: "answered with JSON that is no page of objects" })
    }
    const { content, lastPage, pageKey } = decoded.success
    const next = Number(pageKey)
    return {
      rows: content ?? [],
      lastPage: lastPage === true || lastPage === "true",
      pageKey: Number.isSafeInteger(next) && next > query.pageKey ? next : query.pageKey + limit,
      bytes: answer.body.length,
      ...(answer.vendorNow === undefined ? {} : { vendorNow: answer.vendorNow })
    }
  })

  const content = Effect.fn("Storage.content")(function* (region: string, id: string) {
    const answer = yield* ask({
      path: `/storage/${encodeURIComponent(region)}/v3/objects/${encodeURIComponent(id.toWellFormed())}/content`,
      endpoint: contentEndpoint,
      maxBytes: config.maxContentBytes,
      follow: true
    })
    if (answer.status !== 401) return answer
    return yield* refusal(answer, contentEndpoint, "source", AccessToken.remedy)
  })

  return { regions, objects, content } satisfies Api
})

/** 401 after a fresh login concerns the key, 403 and 404 the region that was asked. */
const refusal = (
  answer: Http.HttpAnswer,
  endpoint: string,
  scope: "source" | "partition",
  remedy: string
): Failure.SourceFailure => {
  const { status } = answer
  if (status === 401) return Http.unexpected(answer, endpoint, { remedy: AccessToken.remedy, scope: "source" })
  return status === 404
    ? new Failure.Denied({ endpoint, reason: "is not there (404)", remedy, scope })
    : Http.unexpected(answer, endpoint, { remedy, scope })
}
