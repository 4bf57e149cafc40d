/** What the benchmark's processes say to each other. */
import type { BaseUrls, Credentials } from "@callstream/sandbox"

export type SourceName = "recentcalls" | "storage"
/** Those that need a server. */
export type ServerName = "kafka" | "opensearch"
export type SinkName = "count" | "log" | ServerName
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

/** Topics or indices of one run, empty when it begins. */
export interface Place {
  /** `host:port` of a broker, or the URL of a node. */
  readonly address: string
  /** What the names of its topics or indices begin with. */
  readonly prefix: string
}

export interface Job {
  readonly loop: LoopName
  readonly source: SourceName
  readonly sink: SinkName
  readonly records: number
  readonly vendor: Vendor
  /** An empty folder: the state, the checkpoint and the log go there. */
  readonly folder: string
  /** Where the sink has a server. */
  readonly place?: Place
}

/** A sink alone: the events of so many calls, at once in memory. */
export interface SinkJob {
  readonly sink: "kafka" | "kafkajs" | "opensearch"
  /** Our `write`; or what is below it alone, with all of it ready to be sent. */
  readonly form: "ours" | "alone"
  /** Writes before it is measured: what is compiled late is compiled then. */
  readonly warmUp: number
  readonly records: number
  readonly vendor: Vendor
  readonly place: Place
}

/** Pages of one source, from their text to records; both ways take turns. */
export interface DecodeJob {
  readonly decode: "recentcalls" | "workanalytics" | "recordings" | "storage"
  readonly turns: number
  /** At least so long is a turn, milliseconds. */
  readonly turnMs: number
}

export interface Measured {
  readonly seconds: number
  /** Of all threads, user and system. */
  readonly cpuSeconds: number
  readonly peakMemoryMiB: number
}

export interface SinkMeasured extends Measured {
  /** Those that were measured. */
  readonly records: number
  /** Of keys, headers and values, or of request bodies. */
  readonly bytes: number
}

export interface DecodeMeasured {
  /** Rows of a page. */
  readonly rows: number
  /** Medians of a row's time, wall and processor, seconds. */
  readonly ours: { readonly seconds: number; readonly cpuSeconds: number }
  readonly byHand: { readonly seconds: number; readonly cpuSeconds: number }
  /** Medians over the turns of by hand to ours. */
  readonly ratio: number
  readonly cpuRatio: number
}
