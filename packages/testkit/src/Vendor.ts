/**
 * The far side of a source under test: a server of the test's own, which the suite disturbs and whose log it reads. The
 * sandbox is one (`OnSandbox.ts`); `serve` of `@callstream/sandbox` makes one of a function that answers requests.
 */
import type { Effect, Scope } from "effect"
import type { Fault, RateLimit, Served } from "@callstream/sandbox"

/** A running vendor. Its faults strike requests for data and for logins alike. */
export type Vendor = Pick<Served, "requests" | "forbidden"> & {
  readonly faults: {
    readonly add: (fault: Fault) => unknown
    readonly clear: () => void
    readonly list: () => ReadonlyArray<{ readonly struck: number }>
  }
}

/** How a vendor is to be. The same options make the same records. */
export interface VendorOptions {
  /** Epoch milliseconds at which its history ends; the records are of the four days before. */
  readonly now: number
  /** The vendor's clock, epoch milliseconds. */
  readonly clock: () => number
  /** `few`: three pages of records or so. `many`: ten pages and more of each stream. */
  readonly size: "few" | "usual" | "many"
  readonly rateLimit?: RateLimit
  /** How long tokens live that a login gives. */
  readonly tokenSeconds?: number
  /** One of the source's `variants`. */
  readonly variant?: string
}

export type StartVendor<V extends Vendor> = (options: VendorOptions) => Effect.Effect<V, never, Scope.Scope>
