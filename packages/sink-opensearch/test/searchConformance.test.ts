import { Effect } from "effect"
import { searchConformance, searchedTypes } from "@callstream/testkit"
import { search } from "../src/search/Search.ts"
import { ask, nodes, open, place, prefixAt, settings } from "./support/Place.ts"

for (const { line, url } of nodes) {
  searchConformance(
    `opensearch on the ${line} line`,
    Effect.map(prefixAt(url), (indexPrefix) => {
      const given = { node: url, indexPrefix }
      return {
        open: open(given, searchedTypes),
        search: (request) =>
          Effect.promise(() => ask(url, "POST", `/${indexPrefix}*/_refresh`)).pipe(
            Effect.andThen(search(settings(given), place(), request))
          )
      }
    })
  )
}
