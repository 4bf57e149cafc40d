// Faults on request: which requests they hit, how often, and what the client sees of them.
import type { Ask, Reply } from "./Http.ts"
import type { ApiName } from "./Knobs.ts"
import { random, type Random } from "./Random.ts"

/**
 * What goes wrong:
 * - `429`, `503`, `500`: that status, in an error body of the API's style, with `retryAfter`
 * - `status`: the status and body given in `status` and `body`
 * - `html`: a login page with status 200
 * - `reset`: the connection is reset before any answer; `reset-mid-body`: half-way through the body
 * - `slow`: the answer comes after `delayMs` (default 1000)
 * - `truncate`: half the body, with the length that half has
 * - `expire-token`: every token of the API expires first, so the request is answered as the vendor answers those
 * - `shift-page`: the set changes before the request is answered, see `shift`
 */
export const faultKinds = [
  "429",
  "503",
  "500",
  "status",
  "html",
  "reset",
  "reset-mid-body",
  "slow",
  "truncate",
  "expire-token",
  "shift-page"
] as const
export type FaultKind = (typeof faultKinds)[number]

export interface Fault {
  readonly kind: FaultKind
  /** Which requests; all requests to the four APIs if absent. */
  readonly match?: {
    readonly api?: ApiName
    /** A part of path and query, as sent. */
    readonly pathIncludes?: string
    readonly method?: string
  }
  /** How often it strikes before it is gone. Default: until cleared. */
  readonly times?: number
  /** How many matching requests pass before the first strike. Default 0. */
  readonly skip?: number
  /** Probability of a strike, seeded. Default 1. */
  readonly probability?: number
  /** `Retry-After` of a 429, 503, 500 or status: seconds, or `"date"` for an HTTP date two seconds ahead. Default none. */
  readonly retryAfter?: number | "date"
  /** Milliseconds of `slow`. */
  readonly delayMs?: number
  /** Status of `status`. Default 500. */
  readonly status?: number
  /** Body of `status`; its content type is JSON where it looks like it. Default empty. */
  readonly body?: string
  /** How `shift-page` changes the set. Default `remove`. */
  readonly shift?: "insert" | "remove"
}

/** The faults in force. */
export interface Faults {
  /** Puts a fault in force; the answer takes it back. */
  readonly add: (fault: Fault) => () => void
  readonly clear: () => void
  /** Faults in force, with the number of strikes so far. */
  readonly list: () => ReadonlyArray<Fault & { readonly struck: number }>
}

interface Armed {
  readonly fault: Fault
  readonly r: Random
  passed: number
  struck: number
}

const matches = ({ match }: Fault, api: string, ask: Ask, target: string): boolean =>
  (match?.api === undefined || match.api === api) &&
  (match?.method === undefined || match.method === ask.method) &&
  (match?.pathIncludes === undefined || target.includes(match.pathIncludes))

/** Faults, and the server's way to ask for those that hit a request. */
export const makeFaults = (seed: number) => {
  let armed: ReadonlyArray<Armed> = []
  let count = 0
  const strikes = (item: Armed): boolean => {
    const { probability = 1, skip = 0, times = Infinity } = item.fault
    if (item.struck >= times || item.passed++ < skip || !item.r.chance(probability)) return false
    item.struck++
    return true
  }
  const faults: Faults = {
    add: (fault) => {
      const item = { fault, r: random(seed, "fault", count++), passed: 0, struck: 0 }
      armed = [...armed, item]
      return () => {
        armed = armed.filter((other) => other !== item)
      }
    },
    clear: () => {
      armed = []
    },
    list: () => armed.map(({ fault, struck }) => ({ ...fault, struck }))
  }
  const hitting = (api: string, ask: Ask, target: string): ReadonlyArray<Fault> => {
    if (armed.length === 0) return []
    return armed.filter((item) => matches(item.fault, api, ask, target) && strikes(item)).map(({ fault }) => fault)
  }
  return { faults, hitting }
}

const page = `<!DOCTYPE html>
<html><head><title>Sign in</title></head><body><form action="/login">Please sign in to continue</form></body></html>`

/** `Retry-After`, in the way the fault asks for. */
export const retryHeader = (retryAfter: Fault["retryAfter"], now: number): Readonly<Record<string, string>> =>
  retryAfter === undefined
    ? {}
    : { "retry-after": retryAfter === "date" ? new Date(now + 2000).toUTCString() : String(retryAfter) }

/** An error as the gateway (Apigee, in front of the JSON APIs) or Recordings' web server words it. */
export const errorReply = (api: string, status: number, headers: Readonly<Record<string, string>>): Reply => {
  if (api === "recordings") return { status, headers, body: "" }
  const code = status === 429 ? "policies.ratelimit.QuotaViolation" : "messaging.adaptors.http.flow.ServiceUnavailable"
  const faultstring = status === 429 ? "Rate limit quota violation" : "The Service is temporarily unavailable"
  const body = JSON.stringify({ fault: { faultstring, detail: { errorcode: code } } })
  return { status, headers: { "content-type": "application/json", ...headers }, body }
}

/** The answer that a fault gives in the API's stead; none for faults that only disturb the answer. */
export const replyOf = (fault: Fault, api: string, now: number): Reply | undefined => {
  const headers = retryHeader(fault.retryAfter, now)
  switch (fault.kind) {
    case "429":
    case "503":
    case "500":
      return errorReply(api, Number(fault.kind), headers)
    case "status": {
      const { body = "", status = 500 } = fault
      const type = /^\s*[[{]/.test(body) ? "application/json" : "text/plain;charset=UTF-8"
      return { status, headers: { "content-type": type, ...headers }, body }
    }
    case "html":
      return { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: page }
    default:
      return undefined
  }
}
