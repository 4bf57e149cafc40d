import { Effect } from "effect"
import { sinkConformance } from "@callstream/testkit"
import { documentsAt, nodes, open, prefixAt } from "./support/Place.ts"

for (const { line, url } of nodes) {
  sinkConformance(
    `opensearch on the ${line} line`,
    Effect.map(prefixAt(url), (indexPrefix) => ({
      open: open({ node: url, indexPrefix }),
      held: Effect.promise(async () => (await documentsAt(url, indexPrefix)).map(({ event }) => event)),
      keeps: "the newest version"
    }))
  )
}
