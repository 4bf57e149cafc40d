/** What stands in the cluster under a prefix, and what is to be said of each index. Reads only. */
import { Effect } from "effect"
import { Failure } from "@callstream/core"
import type { EventType } from "@callstream/model"
import type { Answered, Client } from "../Client.ts"
import type { OpenSearchConfig } from "../Config.ts"
import { writeIndex } from "../document/Names.ts"
import { unexpected } from "../Trouble.ts"
import { contains, differenceOf } from "./Difference.ts"
import { isKeys, type Keys } from "./JsonSchema.ts"
import { aliasesOf, analysis, layout, mappingOf } from "./Templates.ts"

/** What is to be said of an index. */
export type Verdict =
  | { readonly kind: "ready" }
  | { readonly kind: "missing" }
  /** Somebody else's index of that name. */
  | { readonly kind: "foreign" }
  | { readonly kind: "newer"; readonly version: number }
  /** Cannot be changed in place. */
  | { readonly kind: "conflict"; readonly fields: ReadonlyArray<string> }
  | {
      readonly kind: "outdated"
      readonly fields: ReadonlyArray<string>
      readonly aliases: boolean
      /** Its id is not that of the others, or it has none. */
      readonly id: boolean
    }

export interface Found {
  readonly type: EventType.EventType
  readonly index: string
  readonly verdict: Verdict
}

export interface Surveyed {
  /** The id of the prefix's indices; absent where there is no index yet. Of several the first in order is meant. */
  readonly id: string | undefined
  readonly found: ReadonlyArray<Found>
}

/** Names in one path; a node reads 4 kB of it. */
const together = 10

/** Asks for something that need not be there. */
export const existing = (client: Client, path: string, query?: Readonly<Record<string, string | boolean>>) =>
  client.request("GET", path, query === undefined ? {} : { query }).pipe(
    Effect.flatMap((answer: Answered): Effect.Effect<Keys, Failure.SinkFailure> => {
      if (answer.status === 404) return Effect.succeed({})
      if (answer.status === 200 && isKeys(answer.body)) return Effect.succeed(answer.body)
      return Effect.fail(unexpected(`GET ${path}`, answer))
    })
  )

/** Looks at the indices of these types. */
export const survey = Effect.fn("SinkOpenSearch.survey")(function* (
  client: Client,
  config: OpenSearchConfig,
  types: ReadonlyArray<EventType.EventType>
) {
  const { indexPrefix } = config
  yield* noNamesakes(types)
  const indices = types.map((type) => writeIndex(indexPrefix, type))
  const there = new Map<string, unknown>()
  for (let start = 0; start < indices.length; start += together) {
    const names = indices.slice(start, start + together).join(",")
    const answer = yield* existing(client, `/${names}`, { ignore_unavailable: true })
    for (const [name, index] of Object.entries(answer)) there.set(name, index)
  }
  const all = yield* existing(client, `/${indexPrefix}*/_mapping`, {
    expand_wildcards: "open,closed",
    filter_path: "*.mappings._meta.callstream"
  })
  const ids = Object.values(all)
    .map((index) => aboutOf(at(index, "mappings")))
    .filter((about) => about?.["prefix"] === indexPrefix)
    .flatMap((about) => (typeof about?.["id"] === "string" ? [about["id"]] : []))
  const id = ids.toSorted()[0]
  const found = types.map((type, place): Found => {
    const index = indices[place] ?? ""
    return { type, index, verdict: verdictOf(config, type, there.get(index), id) }
  })
  return { id, found } satisfies Surveyed
})

/** Two types of one name would share an index: nobody could tell their records apart. */
const noNamesakes = (types: ReadonlyArray<EventType.EventType>) => {
  const byName = new Map<string, string>()
  for (const { short, type, version } of types) {
    const name = `${short}.v${version}`
    const other = byName.get(name)
    if (other !== undefined && other !== type) {
      return Effect.fail(
        new Failure.Fatal({
          reason: `the types ${other} and ${type} would share one index, for only their vendor differs`,
          remedy: "Give each a sink of its own, with types and another indexPrefix"
        })
      )
    }
    byName.set(name, type)
  }
  return Effect.void
}

const verdictOf = (
  config: OpenSearchConfig,
  type: EventType.EventType,
  index: unknown,
  id: string | undefined
): Verdict => {
  if (!isKeys(index)) return { kind: "missing" }
  const mappings = at(index, "mappings")
  const about = aboutOf(mappings)
  const version = about?.["version"]
  if (typeof version !== "number") return { kind: "foreign" }
  if (version > layout) return { kind: "newer", version }
  const wanted = mappingOf(config, type)
  const { added, changed } = differenceOf(mappings, wanted)
  const analyzed = contains(at(at(at(index, "settings"), "index"), "analysis"), analysis)
  if (changed.length > 0 || !analyzed) {
    return { kind: "conflict", fields: analyzed ? changed : [...changed, "the analysis of text"] }
  }
  const aliases = !contains(at(index, "aliases"), aliasesOf(config.indexPrefix, type))
  const named = about?.["id"] !== id || id === undefined
  return added.length > 0 || aliases || named || version < layout
    ? { kind: "outdated", fields: added, aliases, id: named }
    : { kind: "ready" }
}

const at = (value: unknown, key: string): Keys => {
  const inside = isKeys(value) ? value[key] : undefined
  return isKeys(inside) ? inside : {}
}

/** What an index or a template says of itself. */
export const aboutOf = (mappings: Keys): Keys | undefined => {
  const about = at(mappings, "_meta")["callstream"]
  return isKeys(about) ? about : undefined
}
