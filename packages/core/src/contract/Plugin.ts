/**
 * A plugin is one exported value; the command knows sources, sinks and steps only through it.
 */
import type { Effect, Schema, Scope } from "effect"
import type { HttpClient } from "effect/http"
import type { EventType } from "@callstream/model"
import type { RateBudgets } from "../net/RateBudget.ts"
import type { SinkFailure, SourceFailure } from "./Failure.ts"
import type { FieldTable } from "./FieldTable.ts"
import type { SearchRequest, SearchResult, Sink } from "./Sink.ts"
import type { CheckLine, Source } from "./Source.ts"
import type { Step } from "./Step.ts"

/** The version of these contracts. A plugin of another one is refused. */
export const api = 1

/** An event type that settings name, and where: `["drop", "type", 0]`. A `*` at its end stands for anything. */
export interface NamedType {
  readonly type: string
  readonly path: ReadonlyArray<string | number>
}

/** What a plugin may use. */
export type PluginServices = HttpClient.HttpClient | RateBudgets | Scope.Scope

/** Where a plugin stands in a pipeline. */
export interface Place {
  readonly pipeline: string
  /** Its name in the file. */
  readonly name: string
  /** The folder relative paths are resolved against: the pipeline file's. */
  readonly directory: string
}

export interface SourcePlace extends Place {
  /** The types some sink of the pipeline takes; content of other types need not be fetched. */
  readonly wanted: ReadonlySet<string>
}

export interface SinkPlace extends Place {
  /** The types that may arrive. */
  readonly types: ReadonlyArray<EventType.EventType>
}

interface Common<Config extends Schema.Top> {
  readonly api: typeof api
  /** What `type:` says in a pipeline file. */
  readonly name: string
  /** One sentence. */
  readonly summary: string
  /** The settings, as they stand in a pipeline file (without `type`). */
  readonly Config: Config
  /** A pipeline file's part, in YAML, that works after the secrets are filled in. */
  readonly example: string
}

export interface SourcePlugin<Config extends Schema.Top = Schema.Top> extends Common<Config> {
  readonly kind: "source"
  /** Every type it may emit. */
  readonly events: ReadonlyArray<EventType.EventType>
  /** What becomes of each field of the vendor's records: for the reference. */
  readonly fields?: ReadonlyArray<FieldTable>
  readonly open: (config: Config["Type"], place: SourcePlace) => Effect.Effect<Source, SourceFailure, PluginServices>
  /** Proves credentials and rights in one call per stream. */
  readonly check?: (
    config: Config["Type"],
    place: Place
  ) => Effect.Effect<ReadonlyArray<CheckLine>, never, PluginServices>
}

export interface SinkPlugin<Config extends Schema.Top = Schema.Top> extends Common<Config> {
  readonly kind: "sink"
  readonly open: (config: Config["Type"], place: SinkPlace) => Effect.Effect<Sink, SinkFailure, PluginServices>
  readonly check?: (
    config: Config["Type"],
    place: SinkPlace
  ) => Effect.Effect<ReadonlyArray<CheckLine>, never, PluginServices>
  /** Installs what the sink needs; with `dryRun` only says what it would do. One sentence each. */
  readonly setup?: (
    config: Config["Type"],
    place: SinkPlace,
    options: { readonly dryRun: boolean }
  ) => Effect.Effect<ReadonlyArray<string>, SinkFailure, PluginServices>
  readonly search?: (
    config: Config["Type"],
    place: Place,
    request: SearchRequest
  ) => Effect.Effect<SearchResult, SinkFailure, PluginServices>
}

export interface StepPlugin<Config extends Schema.Top = Schema.Top> extends Common<Config> {
  readonly kind: "step"
  /** Opens the step, or says in a sentence what is wrong with its settings. */
  readonly open: (config: Config["Type"]) => Effect.Effect<Step, SinkFailure>
  /** The event types its settings name: one that nobody knows would never be met, and is a fault of the file. */
  readonly types?: (config: Config["Type"]) => ReadonlyArray<NamedType>
}

export type Plugin = SourcePlugin | SinkPlugin | StepPlugin

/** What a plugin's settings look like stays known to the compiler, for pipelines written in TypeScript. */
export interface WithConfig<Config extends Schema.Top> {
  readonly Config: Config
}

// Whoever holds a plugin decodes its settings before it opens it: their type is known to the plugin and its schema alone.

/** Defines a source plugin; infers the settings' type for `open` and `check`. */
export const source = <Config extends Schema.Top>(plugin: Omit<SourcePlugin<Config>, "kind" | "api">) =>
  ({ kind: "source", api, ...plugin }) as unknown as SourcePlugin & WithConfig<Config>

/** Defines a sink plugin. */
export const sink = <Config extends Schema.Top>(plugin: Omit<SinkPlugin<Config>, "kind" | "api">) =>
  ({ kind: "sink", api, ...plugin }) as unknown as SinkPlugin & WithConfig<Config>

/** Defines a step plugin. */
export const step = <Config extends Schema.Top>(plugin: Omit<StepPlugin<Config>, "kind" | "api">) =>
  ({ kind: "step", api, ...plugin }) as unknown as StepPlugin & WithConfig<Config>
