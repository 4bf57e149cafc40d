/**
 * The Recordings API, a method for each thing it is asked. The only file that knows its paths, its parameters and its
 * envelopes. It can send nothing but GET, and has no way to name what lies below `/files`: a path there deletes a
 * recording, and the document does not say by which verb.
 *
 * Source: Recordings API, in its newer and its older form (both read 2026-11-20).
 */
import { Effect, Result } from "effect"
import { Failure, Http, RateBudget, type Source } from "@callstream/core"
import type { Json } from "@callstream/model"
import type { Config } from "./Config.ts"
import { budgetKeyOf, headersOf, remedy } from "./Credentials.ts"
import { type Format, type Kind, readRows, readTranscript } from "./Rows.ts"

/** Rows of a full page; the vendor fixes it. */
export const pageRows = 50

/** What errors call the list of a kind. */
export const endpointOf = (kind: Kind): string => `GET /${kind}s`

const transcriptEndpoint = "GET /transcripts/{interactionGUID}"

export interface ListAnswer {
  readonly rows: ReadonlyArray<Json>
  readonly bytes: number
  readonly vendorNow?: number
}

export interface Api {
  /** A page of rows whose call began in the window, from row `n`, the first being 1. */
  readonly list: (kind: Kind, window: Source.Window, n: number) => Effect.Effect<ListAnswer, Failure.SourceFailure>
  /** A chat with its messages; `undefined` when the vendor does not know it (any more). */
  readonly transcript: (
    guid: string
  ) => Effect.Effect<{ readonly row: Json; readonly bytes: number } | undefined, Failure.SourceFailure>
}

/** `20070805T1315Z`: whole minutes are all that the document shows. */
const minute = (millis: number): string => `${new Date(millis).toISOString().slice(0, 16).replace(/[-:]/g, "")}Z`

/** The window in whole minutes, not smaller than asked for. */
export const rangeOf = ({ from, to }: Source.Window): string =>
  `${minute(from)},${minute(Math.ceil(to / 60_000) * 60_000)}`

/** Makes the client. Fails when the base URL is not one that credentials may go to. */
export const make = Effect.fnUntraced(function* (config: Config, source: string) {
  const { format, timezone } = config
  const budgets = yield* RateBudget.RateBudgets
  const http = yield* Http.make({
    source,
    baseUrl: yield* Http.baseUrl(config.baseUrl, config.allowHttp),
    budget: yield* budgets.of("8x8/recordings", budgetKeyOf(config), config.rate)
  })
  const headers = headersOf(config)

  const list = Effect.fn("Recordings.list")(function* (kind: Kind, window: Source.Window, n: number) {
    const endpoint = endpointOf(kind)
    const query = [
      ["d", rangeOf(window)],
      ["tz", timezone],
      ["n", String(n)]
    ] as const
    const answer = yield* http.ask({ path: `/${kind}s.${format}`, endpoint, headers, query })
    const body = yield* bodyOf(answer, endpoint)
    const rows = yield* readRows(body, format, kind)
    if (Result.isFailure(rows)) return yield* unreadable(endpoint, rows.failure, body)
    const { vendorNow } = answer
    return { rows: rows.success, bytes: answer.body.length, ...(vendorNow === undefined ? {} : { vendorNow }) }
  })

  /** There is no CSV of one transcript. */
  const form: Exclude<Format, "csv"> = format === "json" ? "json" : "xml"

  const transcript = Effect.fn("Recordings.transcript")(function* (guid: string) {
    const endpoint = transcriptEndpoint
    const answer = yield* http.ask({
      path: `/transcripts/${encodeURIComponent(guid.toWellFormed())}.${form}`,
      endpoint,
      headers,
      query: [["tz", timezone]]
    })
    if (answer.status === 204 || answer.status === 404) return undefined
    const body = yield* bodyOf(answer, endpoint)
    const row = yield* readTranscript(body, form)
    if (Result.isFailure(row)) return yield* unreadable(endpoint, row.failure, body)
    return { row: row.success, bytes: answer.body.length }
  })

  return { list, transcript } satisfies Api
})

/** The text of an answer that is one. A login page comes with status 200. */
const bodyOf = Effect.fnUntraced(function* (answer: Http.HttpAnswer, endpoint: string) {
  const scope = "source"
  if (answer.status === 404) {
    const missing = "Check baseUrl of this source: it ends in /api/recordings. Older hosts know no format json"
    return yield* new Failure.Denied({ endpoint, reason: "is not there (404)", remedy: missing, scope })
  }
  if (answer.status !== 200) return yield* Http.unexpected(answer, endpoint, { remedy, scope })
  const body = Http.text(answer)
  if (/^\uFEFF?\s*<(?:!doctype\s+html|html)[\s>]/i.test(body)) {
    const reason = "answered with a web page instead of data, as it does to those who are not logged in"
    return yield* new Failure.Denied({ endpoint, reason, remedy, scope })
  }
  return body
})

/** An answer that is no list; its beginning may tell why. */
const unreadable = (endpoint: string, what: string, body: string) =>
  new Failure.BadAnswer({ endpoint, reason: `answered with ${what}`, raw: body.slice(0, 500) })
