/** What the parts of the suite of sources share. */
import { it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { type Expected, byEntity } from "./Comparison.ts"
import { type ClockOptions, FastClock } from "./FastClock.ts"
import { epoch, type RigOn, rigOn, type Settings } from "./Rig.ts"
import { type SourceUnderTest, timing } from "./SourceUnderTest.ts"
import type { Vendor, VendorOptions } from "./Vendor.ts"

export interface Kit<V extends Vendor = Vendor> {
  readonly source: SourceUnderTest<V>
  /** The source at work on a vendor that is the same each time. */
  readonly rigOf: (
    options?: Partial<Omit<VendorOptions, "now" | "clock">>,
    time?: ClockOptions
  ) => Effect.Effect<RigOn<V>, never, Scope.Scope>
  /** All its settings, with some of them changed. */
  readonly settingsOf: (rig: RigOn<V>, changed: Settings) => Settings
  /** What a sink has to hold now. */
  readonly truth: (rig: RigOn<V>) => ReadonlyMap<string, Expected>
  /** Declares a test. */
  readonly live: (title: string, test: Effect.Effect<void, never, Scope.Scope>) => void
}

/** The longest that a test may take, milliseconds: far more than it does, also on a machine that is busy. */
const timeout = 180_000

export const makeKit = <V extends Vendor>(source: SourceUnderTest<V>): Kit<V> => ({
  source,
  rigOf: (options, time) =>
    Effect.gen(function* () {
      const clock = new FastClock(epoch, time)
      const vendor = yield* source.vendor({ size: "usual", ...options, now: epoch, clock: clock.now })
      const settings = { ...timing, ...source.settings(vendor) }
      return yield* rigOn(source.plugin, vendor, settings, clock, source.secretHeaders)
    }),
  settingsOf: ({ vendor }, changed) => ({ ...timing, ...source.settings(vendor), ...changed }),
  truth: ({ vendor }) => byEntity(source.expected(vendor)),
  live: (title, test) => it.live(title, () => test, timeout)
})
