/**
 * The Work Analytics API: rows of calls and legs, and the list of PBXes. The only file that knows its paths, parameters
 * and answers.
 *
 * Sources: "Call Detail Records" (guide), the OpenAPI files "Work Analytics Historical" and "Work Analytics Customer
 * Data" (read 2026-11-20).
 */
import { Duration, Effect, Result, Schema } from "effect"
import { Credentials, Failure, Http, Login, RateBudget, Row, type Source } from "@callstream/core"
import * as AccessToken from "./AccessToken.ts"
import type { Config } from "./Config.ts"
import { PbxPage, RowsPage } from "./Wire.ts"

export type RowsPath = "/v2/call-records" | "/v2/call-legs"

export interface RowsRequest {
  readonly path: RowsPath
  /** Names; a user without a right on one of them gets none. */
  readonly pbxes: ReadonlyArray<string>
  readonly window: Source.Window
  /** As set unless given. */
  readonly pageSize?: number
  readonly scrollId?: string
}

export interface RowsAnswer {
  readonly data: ReadonlyArray<unknown>
  /** Where the next page begins; absent on the page that ends a walk. */
  readonly scrollId?: string
  /** Rows of all pages; absent on the page that ends a walk, which says 0. */
  readonly total?: number
  readonly bytes: number
  readonly vendorNow?: number
}

export interface Api {
  readonly rows: (request: RowsRequest) => Effect.Effect<RowsAnswer, Failure.SourceFailure>
  /** Names of the PBXes that are not deleted. */
  readonly pbxes: Effect.Effect<ReadonlyArray<string>, Failure.SourceFailure>
}

/** All that is ever sent, below the base URL. */
export const requests = [
  `POST ${AccessToken.loginPath}`,
  "GET /v2/call-records",
  "GET /v2/call-legs",
  "GET /v2/pbxes/",
  "GET /v2/customer-data/pbxes"
] as const

/** What ends a walk instead of a cursor. It is never sent back: that is answered with 400. */
const noData = /^no\s*data$/i

/** Large pages were seen to take minutes. */
const timeout = Duration.minutes(7)

/** A list of PBXes that never ends is not one. */
const mostPbxPages = 100

const decodeRows = Schema.decodeUnknownResult(RowsPage)
const decodePbxes = Schema.decodeUnknownResult(PbxPage)

/** `YYYY-MM-DD HH:MM:SS` in UTC, of whole seconds. */
const naive = (millis: number): string => new Date(millis).toISOString().slice(0, 19).replace("T", " ")

/**
 * The parameters of a page: all of them on every page of a walk. The window is widened to whole seconds, and whether its
 * ends are part of it is not said: it begins a second early where it begins on one.
 */
const queryOf = ({ path, pageSize, pbxes, scrollId, window }: RowsRequest, config: Config) => {
  const query: Array<readonly [name: string, value: string]> = [
    ["pbxId", pbxes.join(",")],
    ["startTime", naive(Math.max(0, Math.ceil(window.from / 1000 - 1) * 1000))],
    ["endTime", naive(Math.ceil(window.to / 1000) * 1000)],
    ["timeZone", "UTC"],
    ["pageSize", String(pageSize ?? config.pageSize)]
  ]
  for (const name of ["caller", "callee", "callerOrCallee"] as const) {
    const extensions = config.filters?.[name]
    if (extensions !== undefined) query.push([name, extensions.join(",")])
  }
  if (path === "/v2/call-legs") {
    query.push(["isConnectTime", String(config.legs.window === "connected")])
    if (config.legs.simplified) query.push(["isSimplified", "true"])
  }
  if (scrollId !== undefined) query.push(["scrollId", scrollId])
  return query
}

/** Makes the client. Fails when the base URL is not one that credentials may go to. */
export const make = Effect.fnUntraced(function* (config: Config, source: string) {
  const budgets = yield* RateBudget.RateBudgets
  const http = yield* Http.make({
    source,
    baseUrl: yield* Http.baseUrl(config.baseUrl, config.allowHttp),
    budget: yield* budgets.of("8x8/workanalytics", AccessToken.budgetKeyOf(config), config.rate),
    requests,
    timeout
  })
  const login = AccessToken.make(http, config)

  /** A token that is just new is refused, or the key: that is about credentials, and they may have changed. */
  const isRefused = (answer: Http.HttpAnswer, endpoint: string): boolean =>
    answer.status === 401 || AccessToken.refusedCredentials(answer, endpoint) !== undefined

  const get = (path: string, endpoint: string, query: ReadonlyArray<readonly [string, string]>) =>
    Credentials.insist(
      config,
      login.with(
        (token) =>
          http.ask({
            path,
            endpoint,
            query,
            headers: { ...AccessToken.keyHeader(config), ...Login.bearer(token) }
          }),
        ({ status }) => status === 401
      ),
      (answer) => isRefused(answer, endpoint)
    )

  const rows = Effect.fn("WorkAnalytics.rows")(function* (request: RowsRequest) {
    const endpoint = `GET ${request.path}`
    const answer = yield* get(request.path, endpoint, queryOf(request, config))
    if (answer.status === 400 && request.scrollId !== undefined) {
      const lost = new Failure.SetMoved({ endpoint, reason: "no longer knows the place where the walk was (400)" })
      return yield* AccessToken.refusedCredentials(answer, endpoint) ?? lost
    }
    if (answer.status !== 200) return yield* refusal(answer, endpoint, request.pbxes)
    const decoded = decodeRows(yield* Http.json(answer, endpoint))
    if (Result.isFailure(decoded)) {
      return yield* new Failure.BadAnswer({ endpoint, reason: "answered with JSON that is no page of rows" })
    }
    const { meta } = decoded.success
    const next = String(meta?.scrollId ?? "").trim()
    if (decoded.success.data === undefined && !noData.test(next)) {
      return yield* new Failure.BadAnswer({ endpoint, reason: "answered with JSON that is no page of rows" })
    }
    const data = decoded.success.data ?? []
    const total = Row.count(meta?.totalRecordCount, "totalRecordCount", new Row.Notes())
    if (next !== "" && next === request.scrollId && data.length > 0) {
      return yield* new Failure.BadAnswer({ endpoint, reason: "answered with the page that was read before" })
    }
    return {
      data,
      bytes: answer.body.length,
      ...(data.length === 0 || next === "" || noData.test(next) ? {} : { scrollId: next }),
      ...(data.length > 0 && total !== undefined ? { total } : {}),
      ...(answer.vendorNow === undefined ? {} : { vendorNow: answer.vendorNow })
    }
  })

  /** `undefined` when there is no such endpoint. */
  const pbxesAt = Effect.fnUntraced(function* (path: string) {
    const endpoint = `GET ${path}`
    const names = new Set<string>()
    let query: ReadonlyArray<readonly [string, string]> = []
    for (let page = 0; page < mostPbxPages; page++) {
      const answer = yield* get(path, endpoint, query)
      if (answer.status === 404) return undefined
      if (answer.status !== 200) return yield* undiscovered(answer, endpoint)
      const decoded = decodePbxes(yield* Http.json(answer, endpoint))
      if (Result.isFailure(decoded)) {
        return yield* new Failure.BadAnswer({ endpoint, reason: "answered with JSON that is no list of PBXes" })
      }
      const { _embedded: embedded, _links: links } = decoded.success
      for (const { deleted, name } of embedded?.pbxList ?? []) {
        if (typeof name === "string" && name !== "" && deleted !== true && deleted !== "true") names.add(name)
      }
      // Of the link only the parameters are followed: a token goes to no address that an answer names.
      const href = links?.next?.href ?? ""
      const next = href === "" ? [] : [...(URL.parse(href, "https://-")?.searchParams ?? [])]
      if (next.length === 0 || String(next) === String(query)) break
      query = next
    }
    return [...names].toSorted()
  })

  const discovered = Effect.gen(function* () {
    const found = (yield* pbxesAt("/v2/pbxes/")) ?? (yield* pbxesAt("/v2/customer-data/pbxes"))
    if (found !== undefined && found.length > 0) return found
    const reason = found === undefined ? "is not there (404)" : "lists no PBX that this user may see"
    return yield* new Failure.Denied({ endpoint: "GET /v2/pbxes/", reason, remedy: listPbxes, scope: "source" })
  }).pipe(Effect.withSpan("WorkAnalytics.pbxes"))

  // Both streams ask at the same time: one list does for both.
  const pbxes = yield* Effect.cachedWithTTL(discovered, (exit) => (exit._tag === "Success" ? "1 minute" : 0))

  return { rows, pbxes } satisfies Api
})

const listPbxes = "List the names of the PBXes under `pbxes` of this source, as they stand in Admin Console"

const undiscovered = (answer: Http.HttpAnswer, endpoint: string): Failure.SourceFailure =>
  AccessToken.refusedCredentials(answer, endpoint) ??
  Http.unexpected(answer, endpoint, {
    remedy: answer.status === 403 ? listPbxes : AccessToken.tokenRemedy,
    scope: "source"
  })

/** A right is missing for a PBX, and then for that one only; all else that is refused concerns the whole login. */
const refusal = (answer: Http.HttpAnswer, endpoint: string, pbxes: ReadonlyArray<string>): Failure.SourceFailure => {
  const credentials = AccessToken.refusedCredentials(answer, endpoint)
  if (credentials !== undefined) return credentials
  if (answer.status !== 403) {
    return Http.unexpected(answer, endpoint, { remedy: AccessToken.tokenRemedy, scope: "source" })
  }
  const named = /pbxId\(([^()]{1,500})\)/.exec(Http.text(answer))?.[1]
  const pbx = pbxes.find((name) => name === named) ?? pbxes.join(", ")
  return new Failure.Denied({
    endpoint,
    reason: `the user has no right on PBX ${pbx} (403)`,
    remedy:
      "In 8x8 Admin Console > Users give this user an Analytics for 8x8 Work licence and a role that covers this PBX, or list the PBXes to read under `pbxes` of this source",
    scope: "partition"
  })
}
