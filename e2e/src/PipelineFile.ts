/** Pipeline files from the sandbox to a Kafka and an OpenSearch. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Sandbox } from "@callstream/sandbox"
import { stringify } from "yaml"

type Settings = Readonly<Record<string, unknown>>
type Source = keyof Sandbox["baseUrls"]

export interface PipelineFileOptions {
  /** Also the beginning of all topics and indices, with a dot or a dash behind. */
  readonly name: string
  readonly brokers: ReadonlyArray<string>
  /** Address of a node. */
  readonly node: string
  /** All four unless given. */
  readonly sources?: ReadonlyArray<Source>
  /** More settings of the source recentcalls. */
  readonly recentcalls?: Settings
  /** More settings of the sinks. */
  readonly kafka?: Settings
  readonly opensearch?: Settings
}

const day = 86_400_000

/** The sources of a sandbox, each without pauses. All of it is looked at again and again, so that no change stays unseen. */
const sourcesOf = (
  { baseUrls, credentials }: Pick<Sandbox, "baseUrls" | "credentials">,
  names: ReadonlyArray<Source> = ["storage", "recordings", "recentcalls", "workanalytics"],
  recentcalls: Settings = {}
): Settings =>
  Object.fromEntries(
    names.map((type) => [
      type,
      {
        type,
        baseUrl: baseUrls[type],
        ...credentials[type],
        since: new Date(Date.now() - 5 * day).toISOString(),
        lag: "0 s",
        poll: "300 ms",
        lookback: [{ span: "5 d", every: "1 s" }],
        rate: { perSecond: 200, concurrency: 4 },
        ...(type === "recentcalls" ? recentcalls : {})
      }
    ])
  )

/** Writes a pipeline file into a folder, its state beside it; gives its path. */
export const writePipeline = (
  folder: string,
  sandbox: Pick<Sandbox, "baseUrls" | "credentials">,
  { brokers, kafka, name, node, opensearch, recentcalls, sources }: PipelineFileOptions
): string => {
  const path = join(folder, "callstream.yaml")
  const pipeline = {
    name,
    state: { type: "sqlite", path: "state.db" },
    sources: sourcesOf(sandbox, sources, recentcalls),
    sinks: {
      bus: { type: "kafka", brokers, topicPrefix: `${name}.`, partitions: 3, ...kafka },
      search: { type: "opensearch", node, indexPrefix: `${name}-`, replicas: 0, timeout: "5 s", ...opensearch }
    }
  }
  writeFileSync(path, stringify(pipeline, { aliasDuplicateObjects: false }))
  return path
}
