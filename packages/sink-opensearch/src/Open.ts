/** Opens the sink: finds out which cluster it is, and that what it needs stands there. */
import { Duration, Effect, type Scope } from "effect"
import type { Failure, Plugin, Sink } from "@callstream/core"
import { makeWrite } from "./bulk/Bulk.ts"
import { targetsOf } from "./bulk/Encoder.ts"
import { make } from "./Client.ts"
import { clusterOf } from "./Cluster.ts"
import type { OpenSearchConfig } from "./Config.ts"
import { install } from "./setup/Install.ts"
import { installed } from "./setup/Installed.ts"

/**
 * Two requests in flight saturate a node of two cores, and from half a megabyte on their size hardly matters (measured);
 * many small events make a request as well as few large ones.
 */
const limits = { maxRecords: 5000, linger: Duration.millis(100), concurrency: 2 }

export const open: (
  config: OpenSearchConfig,
  place: Plugin.SinkPlace
) => Effect.Effect<Sink.Sink, Failure.SinkFailure, Scope.Scope> = Effect.fn("SinkOpenSearch.open")(
  function* (config, place) {
    const client = yield* make(config, place.directory)
    const cluster = yield* clusterOf(client)
    if (config.setup === "auto") {
      const done = yield* install(client, config, place.types, { dryRun: false })
      if (done.length > 0) yield* Effect.logInfo(`Set up the cluster: ${done.join(" ")}`)
    }
    const { id } = yield* installed(client, config, place.types)
    return {
      identity: `opensearch:${cluster.uuid}/${config.indexPrefix}#${id}`,
      limits: { ...limits, maxBytes: config.maxBytes },
      versioned: true,
      write: makeWrite(client, targetsOf(config.indexPrefix, place.types), {
        maxBytes: config.maxBytes,
        gzip: config.compression,
        shardTimeoutMs: Math.ceil(Duration.toMillis(config.timeout) / 3)
      })
    } satisfies Sink.Sink
  }
)
