/** What the benchmark's processes say to each other. */
import type { BaseUrls, Credentials } from "@callstream/sandbox"

export type SourceName = "recentcalls" | "storage"
export type SinkName = "count" | "log"
/** Callstream, and the two loops written by hand it is measured by (`Loops.ts`). */
export type LoopName = "ours" | "same-work" | "bare"

/** The sandbox, once it listens. */
export interface Vendor {
  readonly baseUrls: BaseUrls
  readonly credentials: Credentials
  /** Its records lie in `[from, to)`, epoch milliseconds. */
  readonly from: number
  readonly to: number
}

export interface Job {
  readonly loop: LoopName
  readonly source: SourceName
  readonly sink: SinkName
  readonly records: number
  readonly vendor: Vendor
  /** An empty folder: the state, the checkpoint and the log go there. */
  readonly folder: string
}

export interface Measured {
  readonly seconds: number
  /** Of all threads, user and system. */
  readonly cpuSeconds: number
  readonly peakMemoryMiB: number
}
