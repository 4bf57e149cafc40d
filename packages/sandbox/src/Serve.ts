// Somebody else's API on the sandbox's server: the same faults, rate limits and log of requests, for tests of a source
// that reads another vendor.
import { Effect, type Scope } from "effect"
import { makeFaults, type Faults } from "./Faults.ts"
import type { Api } from "./Http.ts"
import type { RateLimit } from "./Knobs.ts"
import { listen, type SandboxFailed } from "./Listening.ts"
import { makeServer, type RequestLog } from "./Server.ts"

export interface ServeOptions {
  /** Epoch ms. Default `Date.now`. */
  readonly clock?: () => number
  readonly rateLimit?: RateLimit
  /** What no client may ever send. Default: DELETE. */
  readonly isForbidden?: (method: string, path: string) => boolean
}

/** An API that is served. */
export interface Served {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** The last 10,000 requests. */
  readonly requests: () => ReadonlyArray<RequestLog>
  /** Requests that no client may send. All got 403. */
  readonly forbidden: () => ReadonlyArray<RequestLog>
  readonly faults: Faults
}

/** Serves an API on a free port of this machine for the life of the scope. */
export const serve: (api: Api, options?: ServeOptions) => Effect.Effect<Served, SandboxFailed, Scope.Scope> =
  Effect.fnUntraced(function* (api: Api, options: ServeOptions = {}) {
    const { clock = Date.now, isForbidden = (method) => method === "DELETE", rateLimit } = options
    const { faults, hitting } = makeFaults(1)
    const { forbidden, requests, server } = makeServer({
      clock,
      apis: { api },
      apiOf: () => "api",
      isForbidden,
      limitOf: () => rateLimit,
      hitting,
      advance: () => undefined
    })
    return { url: yield* listen(server), requests, forbidden, faults }
  })
