/**
 * How a source asks its vendor: one place that holds the base URL, spends the budget, bounds what it reads, and turns
 * what goes wrong into a `Failure`. It can send GET, and POST to the few paths that were named when it was made; it has
 * no other verbs, so nothing at the vendor can be changed or deleted. With a closed list of requests it sends no other.
 */
import { Clock, Context, Duration, Effect, Metric, Stream } from "effect"
import { HttpClient, type HttpClientError, HttpClientRequest, type HttpClientResponse } from "effect/http"
import type { Json } from "@callstream/model"
import { BadAnswer, Denied, Fatal, Unavailable } from "../contract/Failure.ts"
import * as BaseUrl from "./BaseUrl.ts"
import { httpRequests } from "../telemetry/Metrics.ts"
import type { RateBudget } from "./RateBudget.ts"
import { retryAfterMs } from "./RetryAfter.ts"

/** Called with each piece of a body of any size: something moves, though nothing has arrived yet. The runner sets it. */
export const Moving = Context.Reference<() => void>("core/Moving", { defaultValue: () => () => undefined })

export interface HttpOptions {
  /** What the counter calls this source. */
  readonly source: string
  /** As at the vendor; what follows it is the vendor's own path. */
  readonly baseUrl: URL
  readonly budget: RateBudget
  /** Paths below the base URL that a POST may go to. */
  readonly posts?: ReadonlyArray<string>
  /** All that may be sent, as `GET /objects/{id}/content`; then `posts` are those of this list. Left out: any GET. */
  readonly requests?: ReadonlyArray<string>
  /** How long an answer may take; 60 s unless set. */
  readonly timeout?: Duration.Duration
}

export interface HttpRequest {
  /** Path below the base URL, each part already percent-encoded, e.g. `/storage/us-east/v3/objects`. */
  readonly path: string
  /** What errors call it, e.g. `GET /storage/{region}/v3/objects`. */
  readonly endpoint: string
  readonly query?: ReadonlyArray<readonly [name: string, value: string]>
  readonly headers?: Readonly<Record<string, string>>
  /** Makes it a POST; the path must be one of `posts`. */
  readonly body?: { readonly json: Json } | { readonly form: Readonly<Record<string, string>> }
  /** The largest answer that is read, bytes; 64 MiB unless set. */
  readonly maxBytes?: number
  /** Follows a redirect to another host without any header of ours; otherwise that is a bad answer. */
  readonly follow?: boolean
  /** Only the bytes from here on; who cannot do that answers with 200 and all of them. */
  readonly fromByte?: number
  /** Asks there, without any header of ours, and not at `path`: a link the vendor gave us. */
  readonly link?: URL
}

/** An answer whose body is still to come. */
export interface HttpHead {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
  /** The vendor's clock, epoch milliseconds; whole seconds. */
  readonly vendorNow?: number
}

export interface Http {
  /** An answer of any status below 500 other than 429: what 401, 403, 404 mean is the API's own affair. */
  readonly ask: (request: HttpRequest) => Effect.Effect<HttpAnswer, Unavailable | BadAnswer>
  /**
   * The same for a body of any size, which is taken as it comes and never kept: it spends the budget only until it begins,
   * and has no end but its own, or a minute without a byte.
   */
  readonly receive: <A, E>(
    request: HttpRequest,
    take: (head: HttpHead, body: Stream.Stream<Uint8Array, Unavailable>) => Effect.Effect<A, E>
  ) => Effect.Effect<A, E | Unavailable | BadAnswer>
}

/** The answer, or where it is. */
type Answered<A> = { readonly answer: A } | { readonly redirect: string }

const largestAnswer = 64 * 1024 * 1024
const mostRedirects = 3

/** Makes the client of one API. */
export const make = Effect.fnUntraced(function* (options: HttpOptions) {
  // Effect's spans would carry whole URLs, and presigned ones are secrets.
  const client = (yield* HttpClient.HttpClient).pipe(
    HttpClient.transformResponse(Effect.provideService(HttpClient.TracerDisabledWhen, () => true))
  )
  const base = options.baseUrl.href.replace(/\/+$/, "")
  const timeout = options.timeout ?? Duration.seconds(60)
  const allowed = options.requests === undefined ? undefined : listed(options.requests)
  const basePath = options.baseUrl.pathname.replace(/\/+$/, "")
  /** Whether a redirect leads to something that we might have asked for ourselves. */
  const onList = (path: string): boolean =>
    allowed === undefined ||
    (path.startsWith(basePath) && allowed("GET", path.slice(basePath.length).replace(/\/$/, "")))

  const begin = Effect.fnUntraced(function* (url: string, request: HttpRequest, own: boolean) {
    const { endpoint } = request
    const response = yield* client
      .execute(requestOf(url, request, own))
      .pipe(Effect.mapError((error) => new Unavailable({ endpoint, reason: unreachable(error, options.baseUrl.host) })))
    const { headers, status } = response
    yield* Metric.update(Metric.withAttributes(httpRequests, { source: options.source, status: String(status) }), 1)
    const now = yield* Clock.currentTimeMillis
    if (status === 429 || status === 503) {
      const waitMs = retryAfterMs(headers, now)
      yield* options.budget.throttled(waitMs)
      const reason = status === 429 ? "asked us to slow down (429)" : "is overloaded (503)"
      return yield* new Unavailable({
        endpoint,
        reason,
        status,
        ...(waitMs === undefined ? {} : { retryAfterMs: waitMs })
      })
    }
    if (status >= 500) {
      return yield* new Unavailable({ endpoint, reason: `answered with an error of its own (${status})`, status })
    }
    yield* options.budget.succeeded(headers)
    return status >= 300 && status < 400 ? (headers["location"] ?? "") : response
  })

  /** Follows redirects; `read` is the part of an answer that is waited for, with the budget still spent. */
  const follow = <A>(
    request: HttpRequest,
    read: (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<A, Unavailable | BadAnswer>
  ) =>
    Effect.gen(function* (): Effect.fn.Return<A, Unavailable | BadAnswer> {
      const { endpoint } = request
      if (!mayAsk(request)) return yield* Effect.die(new Error(`${endpoint}: such a request was not announced`))
      let url = request.link?.href ?? base + request.path
      let own = request.link === undefined
      for (let hop = 0; hop <= mostRedirects; hop++) {
        const once = Effect.gen(function* (): Effect.fn.Return<Answered<A>, Unavailable | BadAnswer> {
          const begun = yield* begin(url, request, own)
          return typeof begun === "string" ? { redirect: begun } : { answer: yield* read(begun) }
        })
        const late = () =>
          new Unavailable({ endpoint, reason: `gave no answer within ${Duration.format(timeout)}`, late: true })
        const answered = yield* options.budget.spend(
          Effect.timeoutOrElse(once, { duration: timeout, orElse: () => Effect.fail(late()) })
        )
        if ("answer" in answered) return answered.answer
        const target = URL.parse(answered.redirect, url)
        own = own && target?.origin === options.baseUrl.origin
        if (target === null || request.body !== undefined || !(own || request.follow === true)) break
        if (own && request.follow !== true && !onList(target.pathname)) break
        url = target.href
      }
      return yield* new BadAnswer({ endpoint, reason: "redirects to a place that credentials must not go to" })
    })

  const ask = Effect.fn("Http.ask")((request: HttpRequest) =>
    follow(
      request,
      Effect.fnUntraced(function* (response) {
        const { headers, status } = response
        const read = yield* readBody(response, request)
        const body = status < 400 ? read : withoutCredentials(read, request)
        const date = Date.parse(headers["date"] ?? "")
        return { status, headers, body, ...(Number.isNaN(date) ? {} : { vendorNow: date }) } satisfies HttpAnswer
      })
    )
  )

  const receive = Effect.fn("Http.receive")(function* <A, E>(
    request: HttpRequest,
    take: (head: HttpHead, body: Stream.Stream<Uint8Array, Unavailable>) => Effect.Effect<A, E>
  ) {
    const { endpoint } = request
    const response = yield* follow(request, (begun) => Effect.succeed(begun))
    const { headers, status } = response
    const cut = () => new Unavailable({ endpoint, reason: "broke off in the middle of its answer" })
    const stalled = () => new Unavailable({ endpoint, reason: `gave nothing for ${Duration.format(timeout)}` })
    const moving = yield* Moving
    const body = response.stream.pipe(
      Stream.map((chunk) => {
        moving()
        return chunk
      }),
      Stream.mapError(cut),
      Stream.timeoutOrElse({ duration: timeout, orElse: () => Stream.fail(stalled()) })
    )
    return yield* take({ status, headers }, body)
  })

  /** A POST has to be announced; where there is a closed list, anything else has to be on it too. */
  const mayAsk = ({ body, link, path }: HttpRequest): boolean => {
    if (link !== undefined) return body === undefined
    if (allowed !== undefined) return allowed(body === undefined ? "GET" : "POST", path)
    return body === undefined || (options.posts ?? []).includes(path)
  }

  return { ask, receive } satisfies Http
})

/** Whether a request is on a closed list such as `GET /objects/{id}/content`; no part of a path may climb out of it. */
const listed = (requests: ReadonlyArray<string>): ((method: string, path: string) => boolean) => {
  const forms = requests.map((request) => {
    const escaped = request.replace(/[.*+?^$()|[\]\\]/g, String.raw`\$&`)
    return new RegExp(`^${escaped.replace(/\{[^}]+\}/g, String.raw`(?!(?:\.|%2[eE]){1,2}(?:/|$$))[^/?#]+`)}$`)
  })
  return (method, path) => forms.some((form) => form.test(`${method} ${path}`))
}

const requestOf = (url: string, request: HttpRequest, own: boolean): HttpClientRequest.HttpClientRequest => {
  const { body, fromByte } = request
  const range = fromByte === undefined ? {} : { range: `bytes=${fromByte}-` }
  if (!own) return HttpClientRequest.setHeaders(HttpClientRequest.get(url), range)
  const made = (body === undefined ? HttpClientRequest.get : HttpClientRequest.post)(url).pipe(
    HttpClientRequest.setUrlParams(request.query ?? []),
    HttpClientRequest.setHeaders({ ...request.headers, ...range })
  )
  if (body === undefined) return made
  return "json" in body
    ? HttpClientRequest.bodyText(made, JSON.stringify(body.json), "application/json")
    : HttpClientRequest.bodyUrlParams(made, body.form)
}

/** Reads a body, but never more than asked for. */
const readBody = Effect.fnUntraced(function* (response: HttpClientResponse.HttpClientResponse, request: HttpRequest) {
  const { endpoint } = request
  const most = request.maxBytes ?? largestAnswer
  const cut = (error: unknown) =>
    error instanceof BadAnswer ? error : new Unavailable({ endpoint, reason: "broke off in the middle of its answer" })
  const tooLarge = () => new BadAnswer({ endpoint, reason: `answered with more than ${most} bytes` })
  const announced = Number(response.headers["content-length"])
  if (announced > most) return yield* tooLarge()
  if (announced >= 0) return new Uint8Array(yield* Effect.mapError(response.arrayBuffer, cut))
  const chunks: Array<Uint8Array> = []
  let size = 0
  yield* response.stream.pipe(
    Stream.runForEach((chunk) => {
      size += chunk.length
      chunks.push(chunk)
      return size > most ? Effect.fail(tooLarge()) : Effect.void
    }),
    Effect.mapError(cut)
  )
  return Buffer.concat(chunks)
})

/** Headers that prove nothing. */
const plainHeaders: ReadonlySet<string> = new Set(["accept", "content-type"])
/** Shorter ones would be found in ordinary words. */
const shortestSecret = 4

/** A refusal less the credentials it may repeat, as proxies do that show what they were sent: it may become a dead letter. */
const withoutCredentials = (body: Uint8Array, { headers = {} }: HttpRequest): Uint8Array => {
  // A character a byte, so that what is no text stays as it is.
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1")
  let masked = text
  for (const [name, value] of Object.entries(headers)) {
    const secret = value.replace(/^(?:Bearer|Basic) /, "")
    if (!plainHeaders.has(name) && secret.length >= shortestSecret) masked = masked.replaceAll(secret, "***")
  }
  return masked === text ? body : Buffer.from(masked, "latin1")
}

/** Why no answer came: the system's own code, and the host, which is no secret. */
const unreachable = (error: HttpClientError.HttpClientError, host: string): string => {
  let cause: unknown = error
  for (let depth = 0; depth < 6 && typeof cause === "object" && cause !== null; depth++) {
    if ("code" in cause && typeof cause.code === "string") return `no connection to ${host} (${cause.code})`
    cause = "reason" in cause ? cause.reason : "cause" in cause ? cause.cause : undefined
  }
  return `no connection to ${host}`
}

/** The text of an answer, UTF-8. */
export const text = (answer: HttpAnswer): string =>
  Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.byteLength).toString("utf8")

/** A media type without its parameters, which may be of any length and hold anything. */
const mediaType = /^[\w.+-]{1,64}\/[\w.+-]{1,64}(?=[\s;]|$)/

/** The JSON of an answer; what is no JSON (a login page, a cut body) is a bad answer. A byte order mark is passed over. */
export const json = (answer: HttpAnswer, endpoint: string): Effect.Effect<unknown, BadAnswer> =>
  Effect.try({
    try: (): unknown => JSON.parse(text(answer).replace(/^\uFEFF/, "")),
    catch: () => {
      const given = answer.headers["content-type"]
      const type = given === undefined ? "no content type" : (mediaType.exec(given)?.[0] ?? "an odd content type")
      return new BadAnswer({
        endpoint,
        reason: `answered with something that is not JSON (${type}, ${answer.body.length} bytes)`
      })
    }
  })

/** What a status that no one expected means: 401 and 403 park, 5xx never come here, the rest cannot be read. */
export const unexpected = (
  answer: HttpAnswer,
  endpoint: string,
  denied: { readonly remedy: string; readonly scope: Denied["scope"] }
): Denied | BadAnswer =>
  answer.status === 401 || answer.status === 403
    ? new Denied({ endpoint, reason: `refused our credentials (${answer.status})`, ...denied })
    : new BadAnswer({ endpoint, reason: `answered with status ${answer.status}`, raw: text(answer).slice(0, 500) })

/** Parses and judges a base URL: https, or on this machine, or allowed by name. */
export const baseUrl = (value: string, allowHttp: boolean): Effect.Effect<URL, Fatal> => {
  const url = BaseUrl.parse(value)
  if (url === undefined) {
    return Effect.fail(
      new Fatal({ reason: `baseUrl "${value}" is no http(s) URL`, remedy: "Write it like https://api.8x8.com" })
    )
  }
  const { reason, remedy } = BaseUrl.exposed
  return BaseUrl.isExposed(url, allowHttp)
    ? Effect.fail(new Fatal({ reason: `baseUrl ${url.origin} ${reason}`, remedy }))
    : Effect.succeed(url)
}
