/**
 * Pipeline files in TypeScript: `export default pipeline({ … })` says the same as the YAML does, and the compiler knows
 * every setting, from the plugins' own schemas. `${NAME}` references are filled in here as there.
 */
import type { Schema } from "effect"
import type { Fields, Filter, Plugin } from "@callstream/core"
import type * as Kafka from "@callstream/sink-kafka"
import type * as Local from "@callstream/sink-local"
import type * as OpenSearch from "@callstream/sink-opensearch"
import type * as RecentCalls from "@callstream/source-recentcalls"
import type * as Recordings from "@callstream/source-recordings"
import type * as Storage from "@callstream/source-storage"
import type * as WorkAnalytics from "@callstream/source-workanalytics"

/** The settings of a module's `plugin`, as they stand in a file. */
type SettingsOf<Module> = Module extends { readonly plugin: { readonly Config: infer Config extends Schema.Top } }
  ? Config["Encoded"]
  : never

/** A plugin of an installed package or of a file; its settings are checked when it is loaded. */
export interface ForeignSettings {
  readonly type: `@${string}/${string}` | `callstream-${string}` | `./${string}` | `../${string}`
  readonly [setting: string]: unknown
}

/** A plugin of your own with its settings, made by `use`. */
export type Used<P extends Plugin.Plugin> = { readonly type: P } & Readonly<Record<string, unknown>>

/**
 * A plugin that the file imports or makes, with its settings, type-checked:
 * `steps: [use(maskDigits, { least: 8 })]`. For sources and sinks too.
 */
export const use = <P extends Plugin.Plugin & Plugin.WithConfig<Schema.Top>>(
  plugin: P,
  settings: SettingsOf<{ readonly plugin: P }> & object
): Used<P> => ({ ...settings, type: plugin })

export type SourceSettings =
  | ({ readonly type: "storage" } & SettingsOf<typeof Storage>)
  | ({ readonly type: "recordings" } & SettingsOf<typeof Recordings>)
  | ({ readonly type: "recentcalls" } & SettingsOf<typeof RecentCalls>)
  | ({ readonly type: "workanalytics" } & SettingsOf<typeof WorkAnalytics>)
  | Used<Plugin.SourcePlugin>
  | ForeignSettings

export type StepSettings =
  | ({ readonly type: "filter" } & SettingsOf<typeof Filter>)
  | ({ readonly type: "fields" } & SettingsOf<typeof Fields>)
  | Used<Plugin.StepPlugin>
  | ForeignSettings

/** What any sink may say beside its own settings. */
export interface SinkOptions<SourceName extends string> {
  /** Sources it takes from; left out: all. */
  readonly from?: ReadonlyArray<NoInfer<SourceName>>
  /** Event types it takes, such as `callstream.call.v1`; left out: all. */
  readonly types?: ReadonlyArray<string>
  readonly steps?: ReadonlyArray<StepSettings>
  /** What may wait for it before its sources stop; 10,000 records or 64 MiB unless set. */
  readonly buffer?: { readonly records?: number; readonly bytes?: number | string }
}

export type SinkSettings<SourceName extends string> = SinkOptions<SourceName> &
  (
    | ({ readonly type: "local" } & SettingsOf<typeof Local>)
    | ({ readonly type: "kafka" } & SettingsOf<typeof Kafka>)
    | ({ readonly type: "opensearch" } & SettingsOf<typeof OpenSearch>)
    | Used<Plugin.SinkPlugin>
    | ForeignSettings
  )

export interface PipelineSettings<SourceName extends string = string> {
  /** Part of its state, metrics and messages. */
  readonly name: string
  /** Where progress is kept; `.callstream/<name>.db` beside the file unless set. */
  readonly state?: { readonly type?: "sqlite"; readonly path?: string }
  readonly sources: Readonly<Record<SourceName, SourceSettings>>
  readonly steps?: ReadonlyArray<StepSettings>
  readonly sinks: Readonly<Record<string, SinkSettings<SourceName>>>
}

/** A pipeline, type-checked. Nothing runs: the command does that with the file that exports it. */
export const pipeline = <const SourceName extends string>(
  settings: PipelineSettings<SourceName>
): PipelineSettings<SourceName> => settings
