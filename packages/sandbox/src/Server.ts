// The HTTP server: reads requests, lets time pass, hands them to their API, disturbs the answers as the faults say, and
// keeps a log. Plain node:http, since a reset needs the socket.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { errorReply, replyOf, retryHeader, type Fault } from "./Faults.ts"
import type { Api, Ask, Reply } from "./Http.ts"
import type { RateLimit } from "./Knobs.ts"

/** One line of the log of requests. */
export interface RequestLog {
  readonly method: string
  /** Path and query, as sent. */
  readonly path: string
  /** The status answered; 0 when the connection was reset instead. */
  readonly status: number
  /** When it was read, epoch ms by the sandbox's clock. */
  readonly at: number
  /** The first 2,000 characters of the body, where there was one. */
  readonly body?: string
}

/** How many requests the log keeps. */
const logged = 10_000

export interface Parts<Name extends string> {
  /** Epoch ms. */
  readonly clock: () => number
  readonly apis: Readonly<Record<Name, Api>>
  /** Whose a path is. */
  readonly apiOf: (path: string) => Name | undefined
  /** What no client may ever send. */
  readonly isForbidden: (method: string, path: string) => boolean
  /** The rate limit in force. */
  readonly limitOf: (api: Name) => RateLimit | undefined
  /** Answers under `/_sandbox/`. */
  readonly control?: (ask: Ask) => Reply
  readonly hitting: (api: Name, ask: Ask, target: string) => ReadonlyArray<Fault>
  /** Lets the world move on to an instant. */
  readonly advance: (now: number) => void
}

const read = (request: IncomingMessage, then: (body: Buffer) => void) => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => then(Buffer.concat(chunks)))
}

/** Answers with the rest of the rate limit's rules, or nothing while the limit is not reached. */
const makeLimiter = <Name extends string>(limitOf: Parts<Name>["limitOf"]) => {
  const sent = new Map<Name, Array<number>>()
  return (api: Name, now: number): Reply | undefined => {
    const limit = limitOf(api)
    if (limit === undefined) return undefined
    const recent = (sent.get(api) ?? []).filter((at) => at > now - limit.seconds * 1000)
    sent.set(api, recent)
    if (recent.length < limit.requests) {
      recent.push(now)
      return undefined
    }
    const free = (recent[0] ?? now) + limit.seconds * 1000
    const wait = Math.max(1, Math.ceil((free - now) / 1000))
    const reset = { "x-ratelimit-limit": String(limit.requests), "x-ratelimit-remaining": "0" }
    const headers = {
      seconds: retryHeader(wait, now),
      date: { "retry-after": new Date(now + wait * 1000 + 999).toUTCString() },
      reset: { ...reset, "x-ratelimit-reset": String(Math.ceil(free / 1000)) },
      none: {}
    }
    return errorReply(api, 429, headers[limit.header])
  }
}

/** The server, not yet listening, and its logs. */
export const makeServer = <Name extends string>(parts: Parts<Name>) => {
  const { apiOf, apis, control, hitting, isForbidden } = parts
  const limited = makeLimiter(parts.limitOf)
  let requests: Array<RequestLog> = []
  let forbidden: ReadonlyArray<RequestLog> = []
  let dateText = ""
  let dateSecond = -1

  const date = (now: number) => {
    const second = Math.floor(now / 1000)
    if (second !== dateSecond) {
      dateSecond = second
      dateText = new Date(now).toUTCString()
    }
    return dateText
  }

  const send = (response: ServerResponse, now: number, reply: Reply, cut: Fault | undefined) => {
    const whole = Buffer.isBuffer(reply.body) ? reply.body : Buffer.from(reply.body ?? "")
    const half = whole.subarray(0, Math.floor(whole.length / 2))
    const body = cut?.kind === "truncate" ? half : whole
    const length = reply.status === 204 ? {} : { "content-length": body.length }
    response.writeHead(reply.status, { date: date(now), ...length, ...reply.headers })
    if (cut?.kind === "reset-mid-body") response.write(half, () => response.socket?.resetAndDestroy())
    else response.end(body)
  }

  const log = (entry: RequestLog) => {
    requests.push(entry)
    if (requests.length >= logged * 2) requests = requests.slice(-logged)
  }

  const answer = (ask: Ask, target: string, response: ServerResponse) => {
    const api = apiOf(ask.path)
    const entry = { method: ask.method, path: target, at: ask.now }
    const body = ask.body.length > 0 ? { body: ask.body.toString("utf8", 0, 2000) } : {}
    if (control !== undefined && ask.path.startsWith("/_sandbox"))
      return send(response, ask.now, control(ask), undefined)
    if (api === undefined) return send(response, ask.now, { status: 404 }, undefined)
    if (isForbidden(ask.method, ask.path)) {
      forbidden = [...forbidden, { ...entry, ...body, status: 403 }]
      log({ ...entry, ...body, status: 403 })
      return send(response, ask.now, { status: 403 }, undefined)
    }
    const faults = hitting(api, ask, target)
    for (const fault of faults) {
      if (fault.kind === "expire-token") apis[api].expireTokens()
      if (fault.kind === "shift-page") apis[api].shift(fault.shift ?? "remove")
    }
    const finish = () => {
      if (faults.some(({ kind }) => kind === "reset")) {
        log({ ...entry, ...body, status: 0 })
        return void response.socket?.resetAndDestroy()
      }
      const instead = faults.map((fault) => replyOf(fault, api, ask.now)).find((reply) => reply !== undefined)
      const reply = instead ?? limited(api, ask.now) ?? apis[api].handle(ask)
      log({ ...entry, ...body, status: reply.status })
      const cut = faults.find(({ kind }) => kind === "truncate" || kind === "reset-mid-body")
      return send(response, ask.now, reply, cut)
    }
    const slow = faults.find(({ kind }) => kind === "slow")
    if (slow !== undefined) return void setTimeout(finish, slow.delayMs ?? 1000)
    return finish()
  }

  const server: Server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const target = request.url ?? "/"
    const at = target.indexOf("?")
    const handle = (body: Buffer) => {
      const now = parts.clock()
      const path = at === -1 ? target : target.slice(0, at)
      const query = new URLSearchParams(at === -1 ? "" : target.slice(at + 1))
      try {
        parts.advance(now)
        answer({ method: request.method ?? "GET", path, query, headers: request.headers, body, now }, target, response)
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error))
        response.destroy()
      }
    }
    read(request, handle)
  })

  return {
    server,
    requests: (): ReadonlyArray<RequestLog> => requests.slice(-logged),
    clearRequests: () => {
      requests = []
    },
    forbidden: (): ReadonlyArray<RequestLog> => forbidden
  }
}
