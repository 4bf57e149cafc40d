/**
 * The Recent Calls API: one endpoint. The only file that knows its path, its body and its answers.
 *
 * Sources: "Recent Calls" (guide) and the withdrawn OpenAPI file (both read 2026-11-20). The vendor took both off its
 * pages on 2025-11-03; 404 and 410 mean that the API is gone, and 403 may.
 */
import { Effect, Result, Schema } from "effect"
import { Credentials, Failure, Http, RateBudget, type Source } from "@callstream/core"
import type { JsonObject } from "@callstream/model"
import type { Config } from "./Config.ts"
import { budgetKeyOf, headersOf } from "./Credentials.ts"
import { RecentCallsPage } from "./Wire.ts"

/** What errors call the endpoint. */
export const endpoint = "POST /recentCallData/{region}"

/** All that is ever sent, below the base URL: a POST here is a query and changes nothing. */
export const requests = ["POST /us", "POST /uk"] as const

/** The zone that rows are asked for in. */
export const zone = "GMT"

const decodePage = Schema.decodeUnknownResult(RecentCallsPage)

/** Filters that select everything. The OpenAPI file says that they are required, the guide that they are not. */
const neutral: JsonObject = {
  agentHoldCount: "range:0,-1",
  agentMuteCount: "range:0,-1",
  transferCount: "range:0,-1",
  callDuration: "sec:0,-1",
  timeInQueue: "sec:0,-1",
  timeInIVR: "sec:0,-1",
  agentCallDuration: "sec:0,-1",
  agentHoldDuration: "sec:0,-1"
}

/** A page as it came. */
export interface CallsAnswer {
  readonly data: ReadonlyArray<unknown>
  /** Rows of all pages of the window. */
  readonly hits: number
  /** The zone that the rows' times are in. */
  readonly timezone: string
  readonly bytes: number
  readonly vendorNow?: number
}

export interface Api {
  /** A page of the calls of a window, from page 1; `rows` as set unless given. */
  readonly calls: (
    window: Source.Window,
    page: number,
    rows?: number
  ) => Effect.Effect<CallsAnswer, Failure.SourceFailure>
}

/** Makes the client. Fails when the base URL is not one that credentials may go to. */
export const make = Effect.fnUntraced(function* (config: Config, source: string) {
  const budgets = yield* RateBudget.RateBudgets
  const path = `/${config.region}`
  const http = yield* Http.make({
    source,
    baseUrl: yield* Http.baseUrl(config.baseUrl, config.allowHttp),
    budget: yield* budgets.of("8x8/recentcalls", budgetKeyOf(config), config.rate),
    requests
  })
  const { callerName, ...filters } = config.filters ?? {}
  const selection: JsonObject = { ...filters, ...(callerName === undefined ? {} : { callerName: [callerName] }) }
  let defaults: JsonObject = {}
  /** A request with neutral filters was refused as well: they are not what is missing. */
  let inVain = false

  /**
   * The guide's own example has blanks around the dash, its prose forbids them. Whether the ends are part of the range is
   * not said: it begins a millisecond early, so that a call between two windows is in one of them.
   */
  const bodyOf = ({ from, to }: Source.Window, page: number, rows: number, defaults: JsonObject): JsonObject => ({
    tenantId: config.tenantId,
    page,
    rows,
    timeRange: `${Math.max(0, Math.floor(from) - 1)}-${Math.ceil(to)}`,
    timezone: zone,
    ...defaults,
    ...selection
  })

  const ask = (body: JsonObject) =>
    Credentials.insist(
      config,
      Effect.suspend(() => http.ask({ path, endpoint, headers: headersOf(config), body: { json: body } })),
      ({ status }) => status === 401 || status === 403
    )

  const calls = Effect.fn("RecentCalls.calls")(function* (window: Source.Window, page: number, rows = config.rows) {
    let answer = yield* ask(bodyOf(window, page, rows, defaults))
    if (answer.status === 400 && defaults !== neutral && !inVain) {
      const again = yield* ask(bodyOf(window, page, rows, neutral))
      if (again.status === 200) {
        defaults = neutral
        answer = again
      } else inVain = true
    }
    if (answer.status === 200) inVain = false
    if (answer.status !== 200) return yield* refusal(answer)
    const decoded = decodePage(yield* Http.json(answer, endpoint))
    if (Result.isFailure(decoded)) {
      return yield* new Failure.BadAnswer({ endpoint, reason: "answered with JSON that is no page of calls" })
    }
    const { data, hits, timezone } = decoded.success
    return {
      data,
      hits: Number(hits),
      timezone: timezone ?? zone,
      bytes: answer.body.length,
      ...(answer.vendorNow === undefined ? {} : { vendorNow: answer.vendorNow })
    }
  })
  return { calls } satisfies Api
})

const retired =
  "8x8 took this API off its pages on 2025-11-03: if it is gone for this tenant, remove the source from the pipeline"

const credentials =
  "Check region, apiKey (8x8 Admin Console > API Keys) and token (given out by 8x8 on request, for the name and platform " +
  "of the contact-centre tenant) of this source"

const refusal = (answer: Http.HttpAnswer): Failure.SourceFailure => {
  const { status } = answer
  const scope = "source"
  if (status === 404 || status === 410) {
    return new Failure.Denied({ endpoint, reason: `is not there (${status})`, remedy: retired, scope })
  }
  const remedy = status === 403 ? `${credentials}. ${retired}` : credentials
  return Http.unexpected(answer, endpoint, { remedy, scope })
}
