/** The process of the sandbox: `vendorProcess.ts SOURCE RECORDS`; tells its parent where it listens, and runs until killed. */
import process from "node:process"
import { Effect } from "effect"
import { start } from "@callstream/sandbox"
import type { SourceName, Vendor } from "./Job.ts"

/** Milliseconds between two records: see `Bulk.ts` of the sandbox. */
const step = { recentcalls: 1200, storage: 50 } as const

const source: SourceName = process.argv[2] === "storage" ? "storage" : "recentcalls"
const records = Number(process.argv[3])
/** Long ago enough for all of it to be settled, and on a whole second, as the vendor's times are. */
const last = Math.floor(Date.now() / 1000 - 3600) * 1000

await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const { baseUrls, credentials } = yield* start({ bulk: { [source]: records }, now: last })
      const from = last - (records - 1) * step[source]
      process.send?.({ baseUrls, credentials, from, to: last + 1 } satisfies Vendor)
      return yield* Effect.never
    })
  )
)
