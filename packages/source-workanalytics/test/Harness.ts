/** The source as the runner opens it, against a sandbox. */
import { Effect } from "effect"
import type { Source } from "@callstream/core"
import type { Sandbox, SandboxOptions } from "@callstream/sandbox"
import { plugin } from "@callstream/source-workanalytics"
import {
  type Checked,
  checkLines,
  decodeSettings,
  openStreams,
  type Opened,
  sandboxSettings,
  startSandbox
} from "@callstream/testkit"

/** A sandbox with 60 Work calls on two PBXes. */
export const sandbox = (options: SandboxOptions = {}) => startSandbox({ calls: 100, ...options })

export const settingsFor = (vendor: Sandbox) =>
  sandboxSettings(vendor, "workanalytics", { rate: { perSecond: 10_000, concurrency: 16 } })

export const decode = (settings: unknown) => decodeSettings(plugin.Config, settings)

/** The streams of a source with these settings: call records, call legs. */
export const open = (settings: unknown): Opened<readonly [records: Source.SourceStream, legs: Source.SourceStream]> =>
  Effect.flatMap(openStreams(plugin, settings), ([records, legs]) =>
    records === undefined || legs === undefined
      ? Effect.die("streams are missing")
      : Effect.succeed([records, legs] as const)
  )

export const check = (settings: unknown): Checked => checkLines(plugin, settings)

/** Both PBXes of a sandbox; the name of one has underscores. */
export const partitionOf = (name: string): Source.Partition => ({ name, uri: `8x8/workanalytics/${name}` })
export const acmecorp = partitionOf("acmecorp")
export const acmeCorpUk = partitionOf("acme_corp_uk")
