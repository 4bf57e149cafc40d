/** The pipeline file that reads a running sandbox: the demo runs it, and `callstream sandbox` prints it. */
import type { Sandbox } from "@callstream/sandbox"
import { stringify } from "yaml"

export interface SandboxPipelineOptions {
  readonly name: string
  /** Where reading begins, epoch milliseconds. */
  readonly since: number
  /** Folder of the local sink, relative to the file. */
  readonly path: string
  /** File of the state, relative to the file. */
  readonly state: string
}

/** YAML. The credentials in it are the sandbox's own, made up and the same for everybody. */
export const write = (
  { baseUrls, credentials }: Pick<Sandbox, "baseUrls" | "credentials">,
  { name, path, since, state }: SandboxPipelineOptions
): string => {
  // A made-up vendor on this machine need not be spared, and shows at once what it has.
  const pace = {
    since: new Date(since).toISOString(),
    lag: "0 s",
    poll: "2 s",
    lookback: [{ span: "1 h", every: "10 s" }],
    rate: { perSecond: 200, concurrency: 4 }
  }
  const source = (type: keyof typeof baseUrls) => ({ type, baseUrl: baseUrls[type], ...credentials[type], ...pace })
  return stringify(
    {
      name,
      state: { type: "sqlite", path: state },
      sources: {
        storage: source("storage"),
        recordings: source("recordings"),
        recentcalls: source("recentcalls"),
        workanalytics: source("workanalytics")
      },
      sinks: { files: { type: "local", path } }
    },
    { lineWidth: 120, aliasDuplicateObjects: false }
  )
}
