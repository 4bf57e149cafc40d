/** The source as the runner opens it, against a sandbox. */
import type { Source } from "@callstream/core"
import type { Sandbox, SandboxOptions } from "@callstream/sandbox"
import { plugin } from "@callstream/source-storage"
import { type Checked, checkLines, openStream, type Opened, sandboxSettings, startSandbox } from "@callstream/testkit"

/** A small company, the same in every test. */
export const sandbox = (options: SandboxOptions = {}) => startSandbox({ calls: 60, days: 3, ...options })

export const settingsFor = (vendor: Sandbox) => sandboxSettings(vendor, "storage", { since: "2020-01-01" })

/** The stream of a source with these settings. */
export const open = (settings: unknown, wanted?: ReadonlySet<string>): Opened<Source.SourceStream> =>
  openStream(plugin, "objects", settings, wanted)

export const check = (settings: unknown): Checked => checkLines(plugin, settings)
