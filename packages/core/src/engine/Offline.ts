/** A source as the state alone knows it: its partitions, of which nothing can be read. What was kept can still be sent. */
import { Duration, Effect } from "effect"
import type { Source, SourceStream } from "../contract/Source.ts"
import type { PartitionOverview } from "../state/State.ts"
import type { SourceSpec } from "./PipelineSpec.ts"

const none = Duration.zero

/** The source of this name. */
export const source = (spec: SourceSpec, overview: ReadonlyArray<PartitionOverview>): Source => {
  const own = overview.filter(({ source }) => source === spec.name)
  return {
    streams: [...Map.groupBy(own, ({ stream }) => stream)].map(([name, partitions]): SourceStream => ({
      name,
      types: spec.plugin.events,
      axis: "event",
      walk: "offset",
      revision: 0,
      timing: { since: 0, poll: none, lag: none, lookback: [] },
      window: { largest: none, smallest: none },
      partitions: Effect.succeed(
        partitions.map(({ partition }) => ({ name: partition, uri: `${spec.name}/${partition}` }))
      ),
      page: () => Effect.never
    }))
  }
}
