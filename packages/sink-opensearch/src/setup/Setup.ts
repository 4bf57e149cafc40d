/** `callstream setup` for this sink: the cluster first, then OpenSearch Dashboards. */
import { Effect, type Scope } from "effect"
import type { Failure, Plugin } from "@callstream/core"
import * as Client from "../Client.ts"
import type { OpenSearchConfig } from "../Config.ts"
import { bringObjects } from "../dashboards/Import.ts"
import { install } from "./Install.ts"

/** Installs what the sink needs, or with `dryRun` says what it would. One sentence each. */
export const setUp: (
  config: OpenSearchConfig,
  place: Plugin.SinkPlace,
  options: { readonly dryRun: boolean }
) => Effect.Effect<ReadonlyArray<string>, Failure.SinkFailure, Scope.Scope> = Effect.fn("SinkOpenSearch.setup")(
  function* (config, place, options) {
    const client = yield* Client.make(config, place.directory)
    const cluster = yield* install(client, config, place.types, options)
    return [...cluster, ...(yield* bringObjects(config, place, options))]
  }
)
