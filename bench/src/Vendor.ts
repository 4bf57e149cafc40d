/** A sandbox with a long list of records that all lie long enough in the past to be settled. */
import type { Sandbox, SandboxOptions } from "@callstream/sandbox"
import type { SourceName, Vendor } from "./Job.ts"

/** Milliseconds between two records: see `Bulk.ts` of the sandbox. */
const step = { recentcalls: 1200, storage: 50 } as const

export const vendorOf = (source: SourceName, records: number) => {
  // On a whole second, as the vendor's times are.
  const last = Math.floor(Date.now() / 1000 - 3600) * 1000
  const options: SandboxOptions = { bulk: { [source]: records }, now: last }
  const from = last - (records - 1) * step[source]
  const vendor = ({ baseUrls, credentials }: Sandbox): Vendor => ({ baseUrls, credentials, from, to: last + 1 })
  return { options, vendor }
}
