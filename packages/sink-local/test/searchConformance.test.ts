import { Effect } from "effect"
import { searchConformance } from "@callstream/testkit"
import { folder, open, search } from "./support/Place.ts"

searchConformance(
  "local",
  Effect.map(folder, (directory) => ({
    open: open(directory),
    search: ({ limit, query }) => search(directory, query, limit)
  }))
)
