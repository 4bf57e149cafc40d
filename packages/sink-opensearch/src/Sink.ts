/**
 * The `opensearch` sink: one document per entity, of which the newest version stands, in an index per event type. What
 * asks the cluster is loaded when it is asked, for a file is validated without it.
 */
import { Effect } from "effect"
import { Plugin } from "@callstream/core"
import { OpenSearchConfig } from "./Config.ts"

export const plugin = Plugin.sink({
  name: "opensearch",
  summary: "Writes events to OpenSearch: an index per event type, the newest version of each record, searchable text.",
  Config: OpenSearchConfig,
  example: `search: { type: opensearch, node: http://localhost:9200 }
`,
  open: (config, place) =>
    Effect.flatMap(
      Effect.promise(() => import("./Open.ts")),
      ({ open }) => open(config, place)
    ),
  check: (config, place) =>
    Effect.flatMap(
      Effect.promise(() => import("./Check.ts")),
      ({ check }) => check(config, place)
    ),
  setup: (config, place, options) =>
    Effect.flatMap(
      Effect.promise(() => import("./setup/Setup.ts")),
      ({ setUp }) => setUp(config, place, options)
    ),
  search: (config, place, request) =>
    Effect.flatMap(
      Effect.promise(() => import("./search/Search.ts")),
      ({ search }) => search(config, place, request)
    )
})
