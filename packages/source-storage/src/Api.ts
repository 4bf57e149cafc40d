/**
 * Cloud Storage's endpoints, a method each: the only file that knows their paths, parameters and envelopes. It reads, and
 * has zips packed; nothing that changes or deletes an object is on its list, nor what ends the zips of others.
 *
 * Sources: the OpenAPI file, "Bulk Download" and "Cloud Storage Service Objects" (all read 2026-11-20).
 */
import { Effect, Result, Schema, type Stream } from "effect"
import { Failure, Http, Login, RateBudget, Row } from "@callstream/core"
import * as AccessToken from "./AccessToken.ts"
import type { Config } from "./Config.ts"
import { BulkJob, ObjectsPage, Regions } from "./Wire.ts"

/** All that can be sent. */
const endpoints = {
  login: AccessToken.endpoint,
  regions: "GET /storage/{region}/v3/regions",
  objects: "GET /storage/{region}/v3/objects",
  content: "GET /storage/{region}/v3/objects/{id}/content",
  bulkStart: "POST /storage/{region}/v3/bulk/download/start",
  bulkStatus: "GET /storage/{region}/v3/bulk/download/status/{zipName}",
  bulkFetch: "GET /storage/{region}/v3/bulk/download/{zipName}",
  bulkCancel: "POST /storage/{region}/v3/bulk/download/cancel/{zipName}"
} as const

export const requests: ReadonlyArray<string> = Object.values(endpoints)
export const objectsEndpoint = endpoints.objects

/** Any region tells them all; it need not be one of ours. */
const discoveryRegion = "us-west"

/** The most rows a page may have; more is refused, or cut. */
export const pageLimit = 100

/** Which objects are meant. */
export interface ObjectsPart {
  /** Left out: of any type. */
  readonly types?: ReadonlyArray<string>
  /** Only those whose content can be fetched; otherwise those in any state. */
  readonly available?: boolean
}

/** A part of the objects of a region, in order of `updatedTime`. */
export interface ObjectsQuery {
  /** `updatedTime` from here, epoch milliseconds, and before `to`. Without them: any time, newest first. */
  readonly from?: number
  readonly to?: number
  /** Rows to skip. */
  readonly pageKey: number
  /** Rows of the page; 100 unless given. */
  readonly limit?: number
  readonly part?: ObjectsPart
}

export interface ObjectsAnswer {
  readonly rows: ReadonlyArray<unknown>
  readonly lastPage: boolean
  /** The offset of the next page. */
  readonly pageKey: number
  readonly bytes: number
  readonly vendorNow?: number
}

/** A zip that was asked for. */
export interface Job {
  readonly zipName: string
  readonly status: string
}

/** What is done with a body as it comes. */
export type Take<A, E> = (
  head: Http.HttpHead,
  body: Stream.Stream<Uint8Array, Failure.Unavailable>
) => Effect.Effect<A, E>

type Taken<A> = { readonly value: A } | { readonly refused: true }

/** Every state there is: a filter that names none gets the available ones only. */
const states = ["AVAILABLE", "PENDING", "ARCHIVED", "REVOKED", "DELETED", "FAILED"]

/** `(a==1,a==2)`: the parentheses matter, for `;` (and) binds tighter than `,` (or). */
const oneOf = (field: string, values: ReadonlyArray<string>): string =>
  `(${values.map((value) => `${field}==${value}`).join(",")})`

/** Seconds would be of 1970; no object is as old as that. */
const leastMillis = 100_000_000_000

/** A time as filters have it: whole epoch milliseconds. Anything else is a bug of ours. */
const inMillis = (time: number): string => {
  if (!Number.isSafeInteger(time) || time < leastMillis) throw new RangeError("a filter's time has to be milliseconds")
  return String(time)
}

/** The FIQL filter of a query. `=in=` would be shorter, but the older document lacks it. */
export const filterOf = ({ from, part = {}, to }: Pick<ObjectsQuery, "from" | "to" | "part">): string =>
  [
    ...(from === undefined ? [] : [`updatedTime=ge=${inMillis(from)}`]),
    ...(to === undefined ? [] : [`updatedTime=lt=${inMillis(to)}`]),
    part.available === true ? "objectState==AVAILABLE" : oneOf("objectState", states),
    ...(part.types === undefined ? [] : [oneOf("type", part.types)])
  ].join(";")

const decodePage = Schema.decodeUnknownResult(ObjectsPage)
const decodeRegions = Schema.decodeUnknownResult(Regions)
const decodeJobs = Schema.decodeUnknownResult(Schema.Union([Schema.NonEmptyArray(BulkJob), BulkJob]))

/** The document marks this header as required of each request that has none to describe. */
const jsonHeader = { "content-type": "application/json" }

export interface Api extends Effect.Success<ReturnType<typeof make>> {}

/** Makes the client. Fails when the base URL is not one that credentials may go to. */
export const make = Effect.fnUntraced(function* (config: Config, source: string) {
  const budgets = yield* RateBudget.RateBudgets
  const http = yield* Http.make({
    source,
    baseUrl: yield* Http.baseUrl(config.baseUrl, config.allowHttp),
    budget: yield* budgets.of("8x8/storage", AccessToken.budgetKeyOf(config), config.rate),
    requests
  })
  const login = AccessToken.make(http, config)
  const refused = ({ status }: Http.HttpHead) => status === 401

  /** A request with the token in force; a 401 renews it once. */
  const ask = (request: Http.HttpRequest) =>
    login.with((token) => http.ask({ ...request, headers: { ...request.headers, ...Login.bearer(token) } }), refused)

  const below = (region: string, ...parts: ReadonlyArray<string>): string =>
    ["/storage", region, "v3", ...parts].map((part, i) => (i === 0 ? part : segment(part))).join("/")

  const regions = Effect.gen(function* () {
    const endpoint = endpoints.regions
    const answer = yield* ask({ path: below(discoveryRegion, "regions"), endpoint })
    if (answer.status !== 200) return yield* refusal(answer, endpoint, "source", AccessToken.remedy)
    const decoded = decodeRegions(yield* Http.json(answer, endpoint))
    if (Result.isSuccess(decoded) && decoded.success.length > 0) return distinct(decoded.success)
    const reason = "named no regions"
    return yield* new Failure.Denied({
      endpoint,
      reason,
      remedy: "Name those that hold the account's objects in this source's regions, e.g. regions: [us-east]",
      scope: "source"
    })
  }).pipe(Effect.withSpan("Storage.regions"))

  const objects = Effect.fn("Storage.objects")(function* (region: string, query: ObjectsQuery) {
    const endpoint = endpoints.objects
    const limit = query.limit ?? pageLimit
    const answer = yield* ask({
      path: below(region, "objects"),
      endpoint,
      headers: jsonHeader,
      query: [
        ["filter", filterOf(query)],
        ["sortField", "updatedTime"],
        ["sortDirection", query.from === undefined ? "DESC" : "ASC"],
        ["pageKey", String(query.pageKey)],
        ["limit", String(limit)]
      ]
    })
    if (answer.status !== 200) {
      const remedy = `Check that ${region} is a region of the account (leave out regions to find them), and that ${AccessToken.rights}`
      return yield* refusal(answer, endpoint, "partition", remedy)
    }
    const page = yield* Http.json(answer, endpoint)
    const decoded = decodePage(page)
    if (Result.isFailure(decoded)) {
      return yield* new Failure.BadAnswer({ endpoint, reason: "answered with JSON that is no page of objects" })
    }
    const { content, lastPage, pageKey } = decoded.success
    const next = Row.count(pageKey, "pageKey", new Row.Notes()) ?? 0
    return {
      rows: content ?? [],
      lastPage: lastPage === true || lastPage === "true",
      pageKey: next > query.pageKey ? next : query.pageKey + limit,
      bytes: answer.body.length,
      ...(answer.vendorNow === undefined ? {} : { vendorNow: answer.vendorNow })
    } satisfies ObjectsAnswer
  })

  const contentPath = (region: string, id: string) => below(region, "objects", id, "content")

  /** The bytes of an object, whatever the status says of them. */
  const content = Effect.fn("Storage.content")(function* (region: string, id: string) {
    const endpoint = endpoints.content
    const answer = yield* ask({
      path: contentPath(region, id),
      endpoint,
      maxBytes: config.maxContentBytes,
      follow: true
    })
    if (answer.status !== 401) return answer
    return yield* refusal(answer, endpoint, "source", AccessToken.remedy)
  })

  /** The same for bytes that are too many to hold, from `fromByte` on where the store can do that. */
  const receive = <A, E>(request: Http.HttpRequest, take: Take<A, E>) =>
    Effect.gen(function* () {
      const taken = yield* login.with(
        (token) =>
          http.receive({ ...request, headers: Login.bearer(token), follow: true }, (head, body) =>
            Effect.gen(function* (): Effect.fn.Return<Taken<A>, E> {
              return refused(head) ? { refused: true } : { value: yield* take(head, body) }
            })
          ),
        (answer) => "refused" in answer
      )
      if ("value" in taken) return taken.value
      const denied = { endpoint: request.endpoint, reason: "refused our credentials (401)", remedy: AccessToken.remedy }
      return yield* new Failure.Denied({ ...denied, scope: "source" })
    })

  const download = <A, E>(region: string, id: string, fromByte: number, take: Take<A, E>) =>
    receive({ path: contentPath(region, id), endpoint: endpoints.content, ...from(fromByte) }, take)

  /** A link to an object's bytes, good for some minutes; none where the vendor gives none, with the status it gave. */
  const presign = Effect.fn("Storage.presign")(function* (region: string, id: string) {
    const endpoint = endpoints.content
    const query = [["presignUrl", "true"]] as const
    const answer = yield* ask({ path: contentPath(region, id), endpoint, query, maxBytes: 64 * 1024 })
    if (answer.status === 401) return yield* refusal(answer, endpoint, "source", AccessToken.remedy)
    if (answer.status !== 200) return answer.status
    return yield* linkIn(Http.text(answer), endpoint, config.allowHttp)
  })

  /** What such a link leads to. No header of ours goes there. */
  const follow = <A, E>(link: URL, fromByte: number, take: Take<A, E>) =>
    http.receive({ path: "", link, endpoint: endpoints.content, follow: true, ...from(fromByte) }, take)

  /** Has objects packed into zips: one, or at times several. */
  const startBulk = Effect.fn("Storage.startBulk")(function* (region: string, ids: ReadonlyArray<string>) {
    const path = below(region, "bulk", "download", "start")
    return yield* jobsIn(yield* ask({ path, endpoint: endpoints.bulkStart, body: { json: ids } }), endpoints.bulkStart)
  })

  /** How far one of our zips is. */
  const bulkStatus = Effect.fn("Storage.bulkStatus")(function* (region: string, zipName: string) {
    const path = below(region, "bulk", "download", "status", zipName)
    const jobs = yield* jobsIn(yield* ask({ path, endpoint: endpoints.bulkStatus }), endpoints.bulkStatus)
    return (jobs.find((job) => job.zipName === zipName) ?? jobs[0]).status
  })

  const bulkZip = <A, E>(region: string, zipName: string, take: Take<A, E>) =>
    receive({ path: below(region, "bulk", "download", zipName), endpoint: endpoints.bulkFetch }, take)

  /** Ends one of our zips that nobody waits for any more. */
  const cancelBulk = (region: string, zipName: string) =>
    ask({
      path: below(region, "bulk", "download", "cancel", zipName),
      endpoint: endpoints.bulkCancel,
      body: { json: {} }
    })

  return {
    regions,
    objects,
    content,
    download,
    presign,
    follow,
    startBulk,
    bulkStatus,
    bulkZip,
    cancelBulk
  }
})

const distinct = (names: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(names)]

/** A part of a path, encoded; lone surrogates cannot be. */
const segment = (text: string): string => encodeURIComponent(text.toWellFormed())

const from = (fromByte: number) => (fromByte === 0 ? {} : { fromByte })

const jobsIn = Effect.fnUntraced(function* (answer: Http.HttpAnswer, endpoint: string) {
  if (answer.status >= 300) {
    return yield* refusal(answer, endpoint, answer.status === 401 ? "source" : "stream", AccessToken.remedy)
  }
  const decoded = decodeJobs(yield* Http.json(answer, endpoint))
  if (Result.isFailure(decoded)) {
    return yield* new Failure.BadAnswer({ endpoint, reason: "answered with JSON that is no bulk download" })
  }
  const jobs = decoded.success
  return "zipName" in jobs ? ([jobs] as const) : jobs
})

const linkNames: ReadonlySet<string> = new Set(["url", "presignedUrl", "presignUrl", "downloadUrl"])

/** A link is a text, a text in JSON, or one of some members of an object: the reply is not documented. */
const linkIn = (text: string, endpoint: string, allowHttp: boolean): Effect.Effect<URL, Failure.BadAnswer> => {
  const link = URL.parse(linkText(text.trim()))
  const local = link !== null && /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(link.hostname)
  return link !== null && (link.protocol === "https:" || (link.protocol === "http:" && (local || allowHttp)))
    ? Effect.succeed(link)
    : Effect.fail(new Failure.BadAnswer({ endpoint, reason: "was asked for a link and gave none" }))
}

const linkText = (text: string): string => {
  if (!/^["{]/.test(text)) return text
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json === "string") return json
    if (typeof json !== "object" || json === null) return ""
    const found = Object.entries(json).find(([name, value]) => linkNames.has(name) && typeof value === "string")
    return String(found?.[1] ?? "")
  } catch {
    return ""
  }
}

/** 401 after a fresh login concerns the key, 403 and 404 the region that was asked. */
const refusal = (
  answer: Http.HttpAnswer,
  endpoint: string,
  scope: "source" | "stream" | "partition",
  remedy: string
): Failure.SourceFailure => {
  const { status } = answer
  if (status === 401) return Http.unexpected(answer, endpoint, { remedy: AccessToken.remedy, scope: "source" })
  return status === 404
    ? new Failure.Denied({ endpoint, reason: "is not there (404)", remedy, scope })
    : Http.unexpected(answer, endpoint, { remedy, scope })
}
