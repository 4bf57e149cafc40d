/** What a source brings along to be tested, and how fast it is to read. */
import type { Plugin } from "@callstream/core"
import type { Expected } from "./Comparison.ts"
import type { Settings } from "./Rig.ts"
import type { StartVendor, Vendor } from "./Vendor.ts"

/** A source, and a vendor for it. */
export interface SourceUnderTest<V extends Vendor = Vendor> {
  readonly plugin: Plugin.SourcePlugin
  /** Starts a vendor with records in it, whose server ends with the scope. */
  readonly vendor: StartVendor<V>
  /** Settings that reach it, in pages as small as may be. The suite adds when and how fast is read. */
  readonly settings: (vendor: V) => Settings
  /** Values of the settings that are secrets. */
  readonly secrets: (vendor: V) => ReadonlyArray<string>
  /** Headers that carry secrets, in lower case, beside `authorization`. */
  readonly secretHeaders?: ReadonlyArray<string>
  /** What is in the records and must stand in no log: telephone numbers. */
  readonly personal?: (vendor: V) => ReadonlyArray<string>
  /** Settings that the vendor refuses, by what is wrong with them. */
  readonly refused: Readonly<Record<string, Settings>>
  /** What requests for a page have in their path or query, and no others. */
  readonly pages: string
  /** Paths that a POST may go to. */
  readonly posts: ReadonlyArray<string>
  /** Path of the login, where there is one that gives tokens for some time. */
  readonly login?: string
  /** The entities that a sink has to hold, of all that exists at the vendor now. */
  readonly expected: (vendor: V) => ReadonlyArray<Expected>
  /** What may happen at the vendor, by name, one after the other. Only what it touches may be sent again. */
  readonly changes: Readonly<Record<string, ReadonlyArray<(vendor: V) => void>>>
  /** Something new happens, while the source runs. */
  readonly happens: (vendor: V) => void
  /** Other ways that the vendor may be, by name: options of `vendor`. */
  readonly variants?: ReadonlyArray<string>
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
