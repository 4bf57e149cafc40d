/** What `status`, the status line and `/status` show, while a pipeline runs or from its state alone. */
import type { BudgetStatus } from "../net/RateBudget.ts"
import type { Books } from "./Books.ts"
import type { Gap, Walk } from "./Progress.ts"

export type Activity =
  /** Opened, nothing read yet; from the state alone: not running. */
  | "idle"
  | "catching up"
  | "following"
  /** Waiting for a far side. */
  | "backing off"
  /** Waiting for a person. */
  | "parked"
  /** Read up to `until`. */
  | "done"

/** Why something waits, since when and until when, epoch milliseconds. */
export interface Trouble {
  readonly reason: string
  readonly since: number
  readonly until: number
}

export interface PartitionStatus {
  readonly source: string
  readonly stream: string
  readonly partition: string
  readonly activity: Activity
  /** Why it backs off or is parked, and what to do. */
  readonly reason?: string
  /** Since when it does, however often it was tried meanwhile; epoch milliseconds, as all times here. */
  readonly since?: number
  readonly nextTry?: number
  /** `[start, position)` is covered, less the gaps; epoch milliseconds. */
  readonly start?: number
  readonly position?: number
  /** How far the position is behind now, or behind `until` where a running source knows of one; milliseconds. */
  readonly lagMs?: number
  /** How fast its source may ask at present, all of its streams together; absent where it does not run. */
  readonly budget?: BudgetStatus
  readonly gaps: ReadonlyArray<Gap>
  /** Ranges that are read because a person asked for it. */
  readonly backfills?: ReadonlyArray<Walk>
  /** Committed books. */
  readonly books: Books
  /** Contents still to fetch. */
  readonly pending: number
  readonly deadLetters: number
}

export interface SinkStatus {
  readonly name: string
  readonly activity: "idle" | "running" | "backing off" | "parked"
  readonly reason?: string
  readonly since?: number
  readonly buffered: { readonly records: number; readonly bytes: number }
  readonly identity?: string
  /** Since when it is complete; absent: from the beginning. */
  readonly completeSince?: number
}

export interface PipelineStatus {
  readonly pipeline: string
  readonly partitions: ReadonlyArray<PartitionStatus>
  readonly sinks: ReadonlyArray<SinkStatus>
  readonly deadLetters: number
}
