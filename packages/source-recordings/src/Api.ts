/**
 * The Recordings API, a method for each thing it is asked. The only file that knows its paths, its parameters and its
 * envelopes. It can send nothing but the GETs of `requests`, and a redirect leads nowhere else: a path below
 * `/files` deletes a recording, and the document does not say by which verb.
 *
 * Source: Recordings API, in its newer and its older form (both read 2026-11-20).
 */
import { hash } from "node:crypto"
import { Effect, Result } from "effect"
import { Credentials, Failure, Http, RateBudget, type Source } from "@callstream/core"
import type { Json } from "@callstream/model"
import type { Config } from "./Config.ts"
import { budgetKeyOf, headersOf, remedy } from "./Credentials.ts"
import { type Format, type Kind, readRows, readTranscript } from "./Rows.ts"
import { FileRow, TranscriptRow } from "./Wire.ts"
import { Broken } from "./Xml.ts"

/** Everything this source can ask for. */
export const requests = [
  "GET /files.xml",
  "GET /files.csv",
  "GET /files.json",
  "GET /transcripts.xml",
  "GET /transcripts.csv",
  "GET /transcripts.json",
  "GET /transcripts/{interactionGUID}.xml",
  "GET /transcripts/{interactionGUID}.json"
] as const

/** Rows of a full page; the vendor fixes it. */
export const pageRows = 50

/** What errors call the list of a kind. */
export const endpointOf = (kind: Kind): string => `GET /${kind}s`

const transcriptEndpoint = "GET /transcripts/{interactionGUID}"

/** Fifty rows take some tens of thousands of bytes; a chat may be long. */
const largest = { list: 4 * 1024 * 1024, transcript: 16 * 1024 * 1024 } as const

/** How much of an answer that makes no sense is kept, characters. */
const kept = 256 * 1024

export interface ListAnswer {
  /** As they came; one that makes no sense is `Broken`. */
  readonly rows: ReadonlyArray<Json | Broken>
  readonly bytes: number
  readonly vendorNow?: number
}

/** What `/transcripts/{interactionGUID}` says: a chat, nothing (any more), or something that makes no sense. */
export type TranscriptAnswer =
  | { readonly row: Json; readonly bytes: number }
  | { readonly broken: string; readonly raw: string; readonly bytes: number }
  | { readonly missing: true; readonly vendorNow?: number }

export interface Api {
  /** A page of rows whose call began in the window, from row `n`, the first being 1. */
  readonly list: (kind: Kind, window: Source.Window, n: number) => Effect.Effect<ListAnswer, Failure.SourceFailure>
  /** A chat with its messages, as of one of its transactions. */
  readonly transcript: (
    guid: string,
    transaction: string | undefined
  ) => Effect.Effect<TranscriptAnswer, Failure.SourceFailure>
}

/** `20070805T1315Z`: whole minutes are all that the document shows. */
const minute = (millis: number): string => `${new Date(millis).toISOString().slice(0, 16).replace(/[-:]/g, "")}Z`

/** The window in whole minutes, not smaller than asked for. */
export const rangeOf = ({ from, to }: Source.Window): string =>
  `${minute(from)},${minute(Math.ceil(to / 60_000) * 60_000)}`

/** Makes the client. Fails when the base URL is not one that credentials may go to. */
export const make = Effect.fnUntraced(function* (config: Config, source: string) {
  const { filters, format, timezone } = config
  const budgets = yield* RateBudget.RateBudgets
  const http = yield* Http.make({
    source,
    baseUrl: yield* Http.baseUrl(config.baseUrl, config.allowHttp),
    budget: yield* budgets.of("8x8/recordings", budgetKeyOf(config), config.rate),
    requests
  })
  /** Asks with the token in force; when that is refused and its file has another by now, once more. */
  const ask = (request: Http.HttpRequest) =>
    Credentials.insist(
      config,
      Effect.suspend(() => http.ask({ ...request, headers: headersOf(config) })),
      ({ status }) => status === 401 || status === 403
    )
  const isWhole = makeEndings()

  const list = Effect.fn("Recordings.list")(function* (kind: Kind, window: Source.Window, n: number) {
    const endpoint = endpointOf(kind)
    const query = [
      ["d", rangeOf(window)],
      ["tz", timezone],
      ...Object.entries(filters[`${kind}s`] ?? {}),
      ["n", String(n)]
    ] as const
    const answer = yield* ask({
      path: `/${kind}s.${format}`,
      endpoint,
      query,
      maxBytes: largest.list
    })
    const body = yield* bodyOf(answer, endpoint)
    const rows = yield* readRows(body, format, kind)
    if (Result.isFailure(rows)) return yield* unreadable(endpoint, rows.failure, body)
    if (format === "csv" && !isWhole(kind, body, rows.success.length))
      return yield* unreadable(endpoint, "CSV that may have been cut off: its last line has no end", body)
    const { vendorNow } = answer
    return { rows: rows.success, bytes: answer.body.length, ...(vendorNow === undefined ? {} : { vendorNow }) }
  })

  /** There is no CSV of one transcript. */
  const form: Exclude<Format, "csv"> = format === "json" ? "json" : "xml"

  const transcript = Effect.fn("Recordings.transcript")(function* (
    guid: string,
    transaction: string | undefined
  ): Effect.fn.Return<TranscriptAnswer, Failure.SourceFailure> {
    const endpoint = transcriptEndpoint
    const answer = yield* ask({
      path: `/transcripts/${encodeURIComponent(guid.toWellFormed())}.${form}`,
      endpoint,
      query: [["tz", timezone]],
      maxBytes: largest.transcript
    })
    const { vendorNow } = answer
    if (answer.status === 204 || answer.status === 404)
      return { missing: true, ...(vendorNow === undefined ? {} : { vendorNow }) }
    const body = yield* bodyOf(answer, endpoint)
    const bytes = answer.body.length
    const row = yield* readTranscript(body, form, transaction)
    if (Result.isFailure(row)) return yield* unreadable(endpoint, row.failure, body)
    const { success } = row
    return success instanceof Broken
      ? { broken: success.reason, raw: beginningOf(success.text), bytes }
      : { row: success, bytes }
  })

  return { list, transcript } satisfies Api
})

/** The columns that the documents name. */
const documented: Readonly<Record<Kind, ReadonlyArray<string>>> = {
  file: Object.keys(FileRow.fields),
  transcript: Object.keys(TranscriptRow.fields).filter((name) => name !== "messages")
}

/**
 * Whether a CSV came whole: nothing in it says so but the end of its last line. Where a full page has none, nobody writes
 * them here; else such an answer is believed when it comes a second time. One without rows has to have all its columns, or nothing, twice.
 */
const makeEndings = () => {
  let open = false
  /** Whether nothing at all stands for no rows. */
  let blank = false
  let last: string | undefined
  const heads = new Map<Kind, string>()
  const cameTwice = (body: string): boolean => {
    const digest = hash("sha256", body)
    const twice = digest === last
    last = digest
    return twice
  }
  return (kind: Kind, body: string, rows: number): boolean => {
    const [head = ""] = body.slice(0, 10_000).split(/\r?\n/, 1)
    const ended = /\n\s*$/.test(body.slice(-16))
    open ||= !ended && rows >= pageRows
    if (body.trim() === "") {
      blank ||= cameTwice(body)
      return blank
    }
    if (rows === 0 && !ended) {
      const columns = new Set(head.replace(/^\uFEFF/, "").split(","))
      return heads.get(kind) === head || documented[kind].every((name) => columns.has(name))
    }
    const whole = ended || (open ||= cameTwice(body))
    if (whole && rows > 0) heads.set(kind, head)
    return whole
  }
}

/** A page of the web: of a login, of a proxy. */
const page = /^\uFEFF?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!doctype\s+html|<html)[\s>]/i

/** The text of an answer that is one. A login page comes with status 200. */
const bodyOf = Effect.fnUntraced(function* (answer: Http.HttpAnswer, endpoint: string) {
  if (answer.status === 404) {
    const reason = "is not there (404)"
    const missing =
      "Check baseUrl of this source: it ends in /api/recordings. Older hosts know no format json and may have no transcripts"
    return yield* new Failure.Denied({ endpoint, reason, remedy: missing, scope: "stream" })
  }
  const scope = "source"
  if (answer.status !== 200) return yield* Http.unexpected(answer, endpoint, { remedy, scope })
  const body = Http.text(answer)
  if (page.test(body)) {
    const reason = "answered with a web page instead of data, as it does to those who are not logged in"
    return yield* new Failure.Denied({ endpoint, reason, remedy, scope })
  }
  return body
})

const beginningOf = (text: string): string => text.slice(0, kept).toWellFormed()

/** An answer that is no list, as it came. */
const unreadable = (endpoint: string, what: string, body: string) =>
  new Failure.BadAnswer({ endpoint, reason: `answered with ${what}`, raw: beginningOf(body) })
