/** Runs a pipeline. */
import type { Effect, Scope } from "effect"
import type { Fatal } from "../contract/Failure.ts"
import type { PluginServices } from "../contract/Plugin.ts"
import type { State, StateFailed } from "../state/State.ts"
import type { PipelineSpec } from "./PipelineSpec.ts"
import type { PipelineStatus } from "./Status.ts"

export interface RunOptions {
  /** Ends when every stream has caught up, is parked, or made no progress for `patienceMs`. */
  readonly once: boolean
  readonly patienceMs: number
  /** How long stopping may take to drain what is in flight. */
  readonly drainMs: number
}

export interface Outcome {
  readonly pipeline: string
  /** Nothing in flight was left behind when it ended. */
  readonly drained: boolean
  /** Every stream reached its end (`once`, `until`); false after a stop, a park or lost patience. */
  readonly complete: boolean
  readonly status: PipelineStatus
}

export interface Pipeline {
  readonly status: Effect.Effect<PipelineStatus>
  /** The runner's loop ticks, whatever far sides do. */
  readonly healthy: Effect.Effect<boolean>
  /** Stops reading, drains, commits. `outcome` then ends. */
  readonly stop: Effect.Effect<void>
  /** Waits for the end: by `stop`, by `once`, by `until`, or by a fatal failure. */
  readonly outcome: Effect.Effect<Outcome, Fatal | StateFailed>
}

/** Starts a pipeline; it runs in the scope until its outcome. */
export declare const start: (
  spec: PipelineSpec,
  options: RunOptions
) => Effect.Effect<Pipeline, Fatal | StateFailed, State | Exclude<PluginServices, Scope.Scope> | Scope.Scope>
