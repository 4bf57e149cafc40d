/** What a cluster needs to know of where its nodes run. */
import type { Schema } from "effect"
import type { Place, Running } from "./Place.ts"

/** Of OpenSearch's releases. */
export type Line = 2 | 3

export interface OpenSearchSite {
  readonly place: Place
  readonly line: Line
  readonly version: string
  /** What `opensearch.yml` must have there. */
  readonly settings: Readonly<Record<string, Schema.Json>>
  /** Fills a node's configuration folder with all but its own settings and certificates. */
  readonly prepare: (name: string, configuration: string) => Promise<void>
  readonly start: (name: string, configuration: string, heap: string) => Promise<Running>
}

export interface SiteRequest {
  /** The newest there is unless given. */
  readonly line?: Line | undefined
  readonly security: boolean
  /** Of this machine, where nodes keep their data. */
  readonly data?: string | undefined
  /** That nodes listen at, for clients. */
  readonly ports: ReadonlyArray<number>
}

export type OpenOpenSearchSite = (request: SiteRequest) => Promise<OpenSearchSite>
