/** The source as the runner opens it, against a sandbox. */
import type { Source } from "@callstream/core"
import type { Sandbox, SandboxOptions } from "@callstream/sandbox"
import { plugin } from "@callstream/source-recentcalls"
import {
  type Checked,
  checkLines,
  decodeSettings,
  openStream,
  type Opened,
  sandboxSettings,
  startSandbox
} from "@callstream/testkit"

/** A sandbox with 60 calls. */
export const sandbox = (options: SandboxOptions = {}) => startSandbox({ calls: 60, ...options })

export const settingsFor = (vendor: Sandbox) => sandboxSettings(vendor, "recentcalls")

export const decode = (settings: unknown) => decodeSettings(plugin.Config, settings)

/** The stream of a source with these settings. */
export const open = (settings: unknown): Opened<Source.SourceStream> => openStream(plugin, "calls", settings)

export const check = (settings: unknown): Checked => checkLines(plugin, settings)
