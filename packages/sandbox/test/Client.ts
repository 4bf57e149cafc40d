// What the tests ask with: plain fetch, and the logins of the four APIs.
import { Effect } from "effect"
import { start, type Sandbox, type SandboxOptions } from "@callstream/sandbox"

const parse = (text: string) => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An answer, with its body as text and, where it is JSON, parsed. */
export const ask = (url: string, init: RequestInit = {}) =>
  Effect.promise(async () => {
    const response = await fetch(url, init)
    const text = await response.text()
    const header = (name: string): string | null => response.headers.get(name)
    return { status: response.status, header, text, body: parse(text) }
  })

/** A made-up instant at which most tests happen: 2026-11-20 12:00 UTC. */
export const noon = Date.UTC(2026, 10, 20, 12)

/** A sandbox whose clock stands still until the test moves it. */
export const still = (options: SandboxOptions = {}) => {
  const time = { now: options.now ?? noon }
  return Effect.map(start({ now: time.now, clock: () => time.now, ...options }), (sandbox) => ({ sandbox, time }))
}

const form = (fields: Record<string, string>) => new URLSearchParams(fields)

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`

/** Asks Cloud Storage for a token. */
export const storageLogin = (sandbox: Sandbox) => {
  const { clientId, clientSecret } = sandbox.credentials.storage
  const headers = { authorization: basic(clientId, clientSecret) }
  const body = form({ grant_type: "client_credentials" })
  return ask(`${sandbox.url}/oauth/v2/token`, { method: "POST", headers, body })
}

/** Requests to Cloud Storage with one token; the path follows `/storage/`. */
export const storage = (sandbox: Sandbox) =>
  Effect.map(storageLogin(sandbox), ({ body }) => {
    const headers = { authorization: `Bearer ${body.access_token}` }
    return (path: string, init: RequestInit = {}) => ask(`${sandbox.url}/storage/${path}`, { ...init, headers })
  })

/** Asks Work Analytics for a token. */
export const workLogin = (sandbox: Sandbox) => {
  const { apiKey, password, username } = sandbox.credentials.workanalytics
  return ask(`${sandbox.baseUrls.workanalytics}/v1/oauth/token`, {
    method: "POST",
    headers: { "8x8-apikey": apiKey },
    body: form({ username, password })
  })
}

/** A window of Work Analytics that holds all that the sandbox makes up. */
export const wide = {
  pbxId: "allpbxes",
  startTime: "2026-01-01 00:00:00",
  endTime: "2026-12-31 00:00:00",
  timeZone: "UTC",
  pageSize: "50"
}

/** Requests to Work Analytics with one token; the path follows the base URL. */
export const work = (sandbox: Sandbox) =>
  Effect.map(workLogin(sandbox), ({ body }) => {
    const headers = {
      authorization: `Bearer ${body.access_token}`,
      "8x8-apikey": sandbox.credentials.workanalytics.apiKey
    }
    return (path: string, query: Record<string, string> = {}) =>
      ask(`${sandbox.baseUrls.workanalytics}${path}?${form(query).toString()}`, { headers })
  })

/** A request to the Recordings API; the path follows the base URL. */
export const recordings = (sandbox: Sandbox, path: string) => {
  const { tenant, token } = sandbox.credentials.recordings
  return ask(`${sandbox.baseUrls.recordings}${path}`, { headers: { authorization: basic(tenant, token) } })
}

/** A request to Recent Calls; page 1 of 100 of all history unless the body says otherwise. */
export const recent = (sandbox: Sandbox, body: Record<string, unknown> = {}, headers: Record<string, string> = {}) => {
  const { apiKey, region, tenantId, token } = sandbox.credentials.recentcalls
  const span = "timeRange" in body ? {} : { duration: "allhistory" }
  return ask(`${sandbox.baseUrls.recentcalls}/${region}`, {
    method: "POST",
    headers: { "8x8-apikey": apiKey, token, "content-type": "application/json", ...headers },
    body: JSON.stringify({ tenantId, page: 1, rows: 100, ...span, ...body })
  })
}
