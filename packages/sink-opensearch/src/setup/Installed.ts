/** Whether what the sink needs stands in the cluster, as `run` asks before it writes. */
import { Effect } from "effect"
import { Failure } from "@callstream/core"
import type { EventType } from "@callstream/model"
import type { Client } from "../Client.ts"
import type { OpenSearchConfig } from "../Config.ts"
import { type Found, survey } from "./Survey.ts"

/** What is installed. */
export interface Installation {
  /** Shared by all indices of the prefix and made with the first of them: an emptied cluster has another one. */
  readonly id: string
}

/**
 * Whether every type's index, alias and mapping are there. `Denied` names what is missing or outdated and the command
 * that installs it: the sink parks, and goes on once that is done. `Fatal` says what no command mends, such as a newer
 * release's layout.
 */
export const installed = Effect.fn("SinkOpenSearch.installed")(function* (
  client: Client,
  config: OpenSearchConfig,
  types: ReadonlyArray<EventType.EventType>
) {
  const { found, id } = yield* survey(client, config, types)
  yield* refuse(found)
  const lacking = found.filter(({ verdict }) => verdict.kind === "missing" || verdict.kind === "outdated")
  if (lacking.length > 0 || id === undefined) {
    return yield* new Failure.Denied({
      endpoint: "look for the indices",
      reason: reasonOf(lacking),
      remedy: "Run `callstream setup`, or set `setup: auto`",
      scope: "source"
    })
  }
  return { id } satisfies Installation
})

/** Fails where an index is not ours, is a newer release's, or cannot become what is needed. */
export const refuse = (found: ReadonlyArray<Found>): Effect.Effect<void, Failure.Fatal> => {
  for (const { index, verdict } of found) {
    switch (verdict.kind) {
      case "foreign":
        return Effect.fail(foreign(`an index ${index}`))
      case "newer":
        return Effect.fail(
          new Failure.Fatal({
            reason: `a newer release has set up the index ${index} (layout ${verdict.version})`,
            remedy: "Run that release, or choose another indexPrefix"
          })
        )
      case "conflict":
        return Effect.fail(conflict(index, verdict.fields))
      default:
    }
  }
  return Effect.void
}

/** Somebody else's index or template of a name of ours. */
export const foreign = (what: string) =>
  new Failure.Fatal({
    reason: `there is ${what} that \`callstream setup\` has not made`,
    remedy: "Remove it if nobody needs it, or choose another indexPrefix"
  })

/** An index cannot be changed in place. */
export const conflict = (index: string, fields: ReadonlyArray<string>) =>
  new Failure.Fatal({
    reason: `the index ${index} has ${listed(fields)} in another form, which cannot be changed in place`,
    remedy:
      "Choose another indexPrefix, or delete the index, run `callstream setup` again and fill it with `callstream backfill --sink`"
  })

const reasonOf = (lacking: ReadonlyArray<Found>): string => {
  const names = (kind: string) => lacking.filter(({ verdict }) => verdict.kind === kind).map(({ index }) => index)
  const missing = names("missing")
  const outdated = names("outdated")
  return [
    ...(missing.length === 0 ? [] : [`the cluster has no ${listed(missing)}`]),
    ...(outdated.length === 0 ? [] : [`${listed(outdated)} lacks what this release needs`])
  ].join(", and ")
}

const listed = (names: ReadonlyArray<string>): string =>
  names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`
