/** A pipeline with its settings decoded: what a pipeline file says, and what the runner runs. */
import type { SinkPlugin, SourcePlugin, StepPlugin } from "../contract/Plugin.ts"

export interface SourceSpec {
  readonly name: string
  readonly plugin: SourcePlugin
  /** Decoded settings. */
  readonly config: unknown
  /** Hash of settings and secrets: a parked source is tried again at once when it is another. */
  readonly fingerprint: string
}

export interface StepSpec {
  readonly plugin: StepPlugin
  readonly config: unknown
}

export interface SinkSpec {
  readonly name: string
  readonly plugin: SinkPlugin
  readonly config: unknown
  readonly fingerprint: string
  /** Sources it takes from; absent: all. */
  readonly from?: ReadonlyArray<string>
  /** Types it takes; absent: all. */
  readonly types?: ReadonlyArray<string>
  readonly steps: ReadonlyArray<StepSpec>
  readonly buffer: { readonly records: number; readonly bytes: number }
}

export interface PipelineSpec {
  readonly name: string
  /** The file, as it is named in what to type next. */
  readonly file?: string
  /** The folder of the file; relative paths are resolved against it. */
  readonly directory: string
  readonly sources: ReadonlyArray<SourceSpec>
  readonly steps: ReadonlyArray<StepSpec>
  readonly sinks: ReadonlyArray<SinkSpec>
}

/** What a sink may hold before its sources stop, unless its settings say otherwise. */
export const defaultBuffer = { records: 10_000, bytes: 64 * 1024 * 1024 }
