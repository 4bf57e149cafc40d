/** The source as the runner opens it, against a sandbox. */
import { Effect } from "effect"
import type { Failure, Source } from "@callstream/core"
import type { Sandbox, SandboxOptions } from "@callstream/sandbox"
import { plugin } from "@callstream/source-recordings"
import {
  type Checked,
  checkLines,
  fetchPending,
  openStream,
  type Opened,
  recordsOf,
  sandboxSettings,
  startSandbox,
  walkOnly
} from "@callstream/testkit"

/** A small company, the same in every test. */
export const sandbox = (options: SandboxOptions = {}) => startSandbox({ calls: 130, days: 3, ...options })

export const settingsFor = (vendor: Sandbox) => sandboxSettings(vendor, "recordings", { since: "2020-01-01" })

/** One of the two streams of a source with these settings. */
export const open = (settings: unknown, name: "files" | "transcripts"): Opened<Source.SourceStream> =>
  openStream(plugin, name, settings)

export const check = (settings: unknown): Checked => checkLines(plugin, settings)

/** Walks everything and fetches what is announced: its records. Anything else is a failed test. */
export const fetchAll = Effect.fnUntraced(function* (
  stream: Source.SourceStream
): Effect.fn.Return<ReadonlyArray<Source.SourceRecord>, Failure.SourceFailure> {
  const fetched = yield* fetchPending(stream, yield* walkOnly(stream))
  return fetched.flatMap((answer) => {
    if (!("records" in answer)) throw new Error(JSON.stringify(answer))
    return recordsOf({ rows: answer.records })
  })
})
