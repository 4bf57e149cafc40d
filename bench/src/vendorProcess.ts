/** The process of the sandbox: `vendorProcess.ts SOURCE RECORDS`; tells its parent where it listens, and runs until killed. */
import process from "node:process"
import { Effect } from "effect"
import { start } from "@callstream/sandbox"
import { vendorOf } from "./Vendor.ts"

const { options, vendor } = vendorOf(process.argv[2] === "storage" ? "storage" : "recentcalls", Number(process.argv[3]))

await Effect.runPromise(
  Effect.scoped(
    Effect.gen(function* () {
      const sandbox = yield* start(options)
      process.send?.(vendor(sandbox))
      return yield* Effect.never
    })
  )
)
