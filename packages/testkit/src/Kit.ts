/** What the parts of the suite of sources share. */
import { it } from "@effect/vitest"
import type { Effect, Scope } from "effect"
import type { SandboxOptions } from "@callstream/sandbox"
import { type Expected, expectedOf } from "./Comparison.ts"
import { makeRig, type Rig, type Settings } from "./Rig.ts"
import { type SourceUnderTest, timing } from "./SourceUnderTest.ts"

export interface Kit {
  readonly source: SourceUnderTest
  /** The source at work on a small company, the same each time. */
  readonly rigOf: (options?: SandboxOptions) => Effect.Effect<Rig, never, Scope.Scope>
  /** All its settings, with some of them changed. */
  readonly settingsOf: (rig: Rig, changed: Settings) => Settings
  /** What a sink has to hold now. */
  readonly truth: (rig: Rig) => ReadonlyMap<string, Expected>
  /** Declares a test. */
  readonly live: (title: string, test: Effect.Effect<void, never, Scope.Scope>) => void
}

/** The longest that a test may take, milliseconds: far more than it does. */
const timeout = 60_000

export const makeKit = (source: SourceUnderTest): Kit => ({
  source,
  rigOf: (options) => makeRig(source.plugin, (sandbox) => ({ ...timing, ...source.settings(sandbox) }), options),
  settingsOf: ({ sandbox }, changed) => ({ ...timing, ...source.settings(sandbox), ...changed }),
  truth: ({ sandbox }) => expectedOf(sandbox, source.streams, source.expected),
  live: (title, test) => it.live(title, () => test, timeout)
})
