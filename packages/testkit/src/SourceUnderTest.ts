/** What a source brings along to be tested, and how fast it is to read. */
import type { Plugin } from "@callstream/core"
import type { ApiName, Knobs, Sandbox, StreamName } from "@callstream/sandbox"
import type { Expectation } from "./Comparison.ts"
import type { Settings } from "./Rig.ts"

/** A source, and what a sandbox has for it. */
export interface SourceUnderTest {
  readonly plugin: Plugin.SourcePlugin
  readonly api: ApiName
  /** Settings for a sandbox, in pages as small as may be. The suite adds when and how fast is read. */
  readonly settings: (sandbox: Sandbox) => Settings
  /** Values of the settings that are secrets. */
  readonly secrets: (sandbox: Sandbox) => ReadonlyArray<string>
  /** Settings that the vendor refuses, by what is wrong with them. */
  readonly refused: Readonly<Record<string, Settings>>
  /** What requests for a page have in their path or query, and no others. */
  readonly pages: string
  /** Paths that a POST may go to. */
  readonly posts: ReadonlyArray<string>
  /** What the source reads of a sandbox, and the entities each record makes. */
  readonly streams: ReadonlyArray<StreamName>
  readonly expected: Expectation
  /** What may happen at the vendor, by name, one after the other. Only what it touches may be sent again. */
  readonly changes: Readonly<Record<string, ReadonlyArray<(sandbox: Sandbox) => void>>>
  /** Other ways that the vendor may be, by name. */
  readonly knobs?: Readonly<Record<string, Partial<Knobs>>>
  /** Size of the company where reading ahead is bounded: so many calls that the source has several pages of them. */
  readonly manyCalls?: number
}

/** When and how fast is read: everything of the history, as fast as may be. */
export const timing: Settings = {
  since: "2026-11-16",
  poll: "1 s",
  lag: "0 s",
  lookback: [
    { span: "6 h", every: "10 s" },
    { span: "7 d", every: "1 h" }
  ],
  rate: { perSecond: 1000, concurrency: 4 }
}

/** Nothing is asked for again within a test. */
export const unhurried: Settings = { poll: "1 h", lookback: [] }
