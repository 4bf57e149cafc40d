import { Effect } from "effect"
import { sinkConformance } from "@callstream/testkit"
import { folder, logged, open } from "./support/Place.ts"

sinkConformance(
  "local",
  Effect.map(folder, (directory) => ({
    open: open(directory),
    held: logged(directory),
    keeps: "every version"
  }))
)

sinkConformance(
  "local without search",
  Effect.map(folder, (directory) => ({
    open: open(directory, false),
    held: logged(directory),
    keeps: "every version"
  }))
)
