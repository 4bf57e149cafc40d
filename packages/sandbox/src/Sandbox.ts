// The sandbox as a resource: one server with the four 8x8 APIs, and the company behind it. It runs as long as its scope.
import { Effect, type Scope } from "effect"
import { bulkObjects, bulkRecentCalls, type BulkOptions } from "./Bulk.ts"
import { makeCompany, type Company } from "./Company.ts"
import { makeControl } from "./Control.ts"
import { credentials, type Credentials } from "./Credentials.ts"
import { makeFaults, type Faults } from "./Faults.ts"
import { listen, type SandboxFailed } from "./Listening.ts"
import { defaultKnobs, type ApiName, type Knobs } from "./Knobs.ts"
import { recentCallsApi } from "./RecentCallsApi.ts"
import { recordingsApi } from "./RecordingsApi.ts"
import { makeServer, type RequestLog } from "./Server.ts"
import { storageApi } from "./StorageApi.ts"
import { truths, type StreamName, type Truth } from "./Truth.ts"
import { workAnalyticsApi } from "./WorkAnalyticsApi.ts"
import { World } from "./World.ts"

export interface SandboxOptions {
  /** Where to listen. Default 127.0.0.1; anything that is not this machine has to be asked for here. */
  readonly host?: string
  /** Default 0: a free port. */
  readonly port?: number
  /** The same seed, options and `now` make the same company. Default 1. */
  readonly seed?: number
  /** Contact-center calls in the history; Work calls (0.6 of it) and chats (0.2) come with them. Default 200. */
  readonly calls?: number
  /** The history's length in days. Default 30. */
  readonly days?: number
  /** Epoch ms at which the history ends; all of it is visible from the start. Default: the clock when it starts. */
  readonly now?: number
  /** New contact-center calls per minute as time passes, with Work calls and chats. Default 0. */
  readonly live?: number
  /** Switches for what the vendor's documents leave open. */
  readonly knobs?: Partial<Knobs>
  /** Life of OAuth tokens. Default: 1799 for storage and 1800 for Work Analytics, as documented. */
  readonly tokenSeconds?: number
  /** Very long lists for benchmarks, in the company's stead; `calls` is then 0 unless given. */
  readonly bulk?: BulkOptions
  /** The sandbox's clock, epoch ms. Default `Date.now`. With a `TestClock`, hand in that clock. */
  readonly clock?: () => number
}

/** The base URLs of the four sources, as at the vendor. */
export interface BaseUrls {
  readonly storage: string
  readonly recordings: string
  readonly recentcalls: string
  readonly workanalytics: string
}

/** A running sandbox. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly baseUrls: BaseUrls
  readonly credentials: Credentials
  readonly company: Company
  /** What exists now; `rows` adds each record as the wire shows it (in UTC). */
  readonly records: (stream?: StreamName, options?: { readonly rows?: boolean }) => ReadonlyArray<Truth>
  /** The last 10,000 requests to the four APIs. */
  readonly requests: () => ReadonlyArray<RequestLog>
  readonly clearRequests: () => void
  /** Requests that would have destroyed something at the vendor: DELETE, and `/files/<folder>/<file>`. All got 403. */
  readonly forbidden: () => ReadonlyArray<RequestLog>
  readonly faults: Faults
  /** Exchanges knobs while it runs. Those that shape new records do not change old ones. */
  readonly setKnobs: (knobs: Partial<Knobs>) => void
}

const apiOf = (path: string): ApiName | undefined =>
  path.startsWith("/storage/") || path.startsWith("/oauth/")
    ? "storage"
    : path.startsWith("/api/recordings")
      ? "recordings"
      : path.startsWith("/customerexperience/")
        ? "recentcalls"
        : path.startsWith("/analytics/work/")
          ? "workanalytics"
          : undefined

/** What no client may ever send: it would destroy data at the vendor (8x8-apis, sections 1.3 and 2.3). */
const isForbidden = (method: string, path: string): boolean =>
  method === "DELETE" || /^\/api\/recordings\/files\/[^/]+\/[^/]+/.test(path)

const make = (options: SandboxOptions) => {
  const clock = options.clock ?? Date.now
  const {
    bulk = {},
    calls = options.bulk === undefined ? 200 : 0,
    days = 30,
    live = 0,
    seed = 1,
    tokenSeconds
  } = options
  const world = new World({ seed, now: options.now ?? clock(), clock, knobs: { ...defaultKnobs, ...options.knobs } })
  const { advance, company } = makeCompany(world, { calls, days, live })
  const { faults, hitting } = makeFaults(seed)
  let url = ""
  const recent = recentCallsApi(world)
  const apis = {
    storage: storageApi(world, {
      tokenSeconds: tokenSeconds ?? 1799,
      origin: () => url,
      bulk: bulk.storage === undefined ? undefined : bulkObjects(world, bulk.storage)
    }),
    recordings: recordingsApi(world),
    recentcalls:
      bulk.recentcalls === undefined ? recent : { ...recent, handle: bulkRecentCalls(world, bulk.recentcalls) },
    workanalytics: workAnalyticsApi(world, tokenSeconds ?? 1800)
  }
  const setKnobs = (knobs: Partial<Knobs>) => {
    world.knobs = { ...world.knobs, ...knobs }
    world.touch()
  }
  const baseUrls = (): BaseUrls => ({
    storage: url,
    recordings: `${url}/api/recordings`,
    recentcalls: `${url}/customerexperience/v1/recentCallData`,
    workanalytics: `${url}/analytics/work`
  })
  const access = () => ({ url, baseUrls: baseUrls(), credentials })
  const control = makeControl({
    world,
    company,
    faults,
    setKnobs,
    access,
    requests: () => served.requests(),
    clearRequests: () => served.clearRequests(),
    forbidden: () => served.forbidden()
  })
  const served = makeServer({
    clock: world.clock,
    apis,
    apiOf,
    isForbidden,
    limitOf: (api) => world.knobs.rateLimits[api],
    control,
    hitting,
    advance
  })
  const { clearRequests, forbidden, requests } = served
  const sandboxAt = (at: string): Sandbox => {
    url = at
    return {
      url,
      baseUrls: baseUrls(),
      credentials,
      company,
      records: (stream, { rows = false } = {}) => {
        advance(clock())
        return truths(world, stream, rows)
      },
      requests,
      clearRequests,
      forbidden,
      faults,
      setKnobs
    }
  }
  return { server: served.server, sandboxAt }
}

/** Starts a sandbox for the life of the scope. Fails when it cannot listen where it should. */
export const start: (options?: SandboxOptions) => Effect.Effect<Sandbox, SandboxFailed, Scope.Scope> =
  Effect.fnUntraced(function* (options: SandboxOptions = {}) {
    const { host, port } = options
    const { sandboxAt, server } = make(options)
    return sandboxAt(yield* listen(server, host, port))
  })
