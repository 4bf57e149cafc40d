/** Settings of the `local` sink, as they stand under `sinks:` in a pipeline file. */
import { Schema } from "effect"
import { Settings } from "@callstream/core"

export const LocalConfig = Schema.Struct({
  path: Schema.NonEmptyString.annotate({
    description:
      "Folder it writes to, relative to the pipeline file; made when it is not there, for its owner only. One worker " +
      "writes to it at a time.",
    examples: [".callstream/acme"]
  }),
  search: Settings.withDefault(
    Schema.Boolean.annotate({
      description:
        "Whether events are indexed for `callstream search`. Without it only the event log is written, and what came " +
        "meanwhile is not found later."
    }),
    true
  )
})
export type LocalConfig = typeof LocalConfig.Type
