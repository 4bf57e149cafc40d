/** The sink at a prefix of its own on a real node, and what stands there, read with nothing of ours. */
import { randomUUID } from "node:crypto"
import { Effect, Layer, Schema, type Scope } from "effect"
import { FetchHttpClient } from "effect/http"
import { type Failure, type Plugin, RateBudget, type Sink } from "@callstream/core"
import { type Event, type EventType, eventTypes } from "@callstream/model"
import { inject } from "vitest"
import type { SharedOpenSearch } from "@callstream/testkit/servers"
import { OpenSearchConfig, plugin } from "../../src/index.ts"

/** The nodes that the run shares. */
export const nodes: SharedOpenSearch = inject("opensearch")

/** Type of the events that tests write, with which an index of its own is made quickly. */
export const noteType: ReadonlyArray<EventType.EventType> = [eventTypes.note]

export const newPrefix = (): string => `t${randomUUID().slice(0, 13)}-`

export type Given = typeof OpenSearchConfig.Encoded

/** Settings as they stand in a file, set up by opening. */
export const settings = (given: Given): OpenSearchConfig =>
  Schema.decodeUnknownSync(OpenSearchConfig)(
    { setup: "auto", replicas: 0, ...given },
    { onExcessProperty: "error", errors: "all" }
  )

export const place = (types: ReadonlyArray<EventType.EventType> = noteType): Plugin.SinkPlace => ({
  pipeline: "test",
  name: "search",
  directory: "/",
  types
})

/** What the command gives a plugin. */
export const provided = <A, E>(effect: Effect.Effect<A, E, Plugin.PluginServices>): Effect.Effect<A, E, Scope.Scope> =>
  Effect.provide(effect, services)

const services = Layer.mergeAll(FetchHttpClient.layer, RateBudget.RateBudgets.layer)

export const open = (
  given: Given,
  types?: ReadonlyArray<EventType.EventType>
): Effect.Effect<Sink.Sink, Failure.SinkFailure, Scope.Scope> => provided(plugin.open(settings(given), place(types)))

/** Asks a node as anybody would. */
export const ask = async (url: string, method: string, path: string, body?: unknown): Promise<unknown> => {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) })
  })
  return answer.json()
}

/** A prefix that is empty, and is so again in the end. */
export const prefixAt = (url: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.sync(newPrefix), (prefix) =>
    Effect.promise(async () => {
      await ask(url, "DELETE", `/${prefix}*?expand_wildcards=all`)
      await ask(url, "DELETE", `/_index_template/${prefix}*`)
      await ask(url, "DELETE", `/_component_template/${prefix}*`)
    })
  )

/** All documents under a prefix as the events they were, and the version that the node keeps with each. */
export const documentsAt = async (
  url: string,
  prefix: string
): Promise<ReadonlyArray<{ readonly event: Event; readonly version: number }>> => {
  await ask(url, "POST", `/${prefix}*/_refresh`)
  const found: Array<{ event: Event; version: number }> = []
  let after: ReadonlyArray<unknown> | undefined
  while (true) {
    const answer = await ask(url, "POST", `/${prefix}*/_search`, {
      size: 5000,
      version: true,
      sort: [{ source: "asc" }, { type: "asc" }, { subject: "asc" }],
      ...(after === undefined ? {} : { search_after: after })
    })
    const { hits } = pageOf(answer).hits
    for (const { _source, _version } of hits) found.push({ event: eventOf(_source), version: _version })
    after = hits.at(-1)?.sort
    if (after === undefined) return found
  }
}

const pageOf = Schema.decodeUnknownSync(
  Schema.Struct({
    hits: Schema.Struct({
      hits: Schema.Array(
        Schema.Struct({
          _source: Schema.Record(Schema.String, Schema.Unknown),
          _version: Schema.Int,
          sort: Schema.Array(Schema.Unknown)
        })
      )
    })
  })
)

/** What a document has beside the event. */
const added = new Set(["group", "names", "numbers", "text", "unindexed"])

const eventOf = (source: Readonly<Record<string, unknown>>): Event => {
  const { data, unindexed } = source
  const event = Object.fromEntries(Object.entries(source).filter(([name]) => !added.has(name)))
  if (unindexed !== undefined) event["data"] = Object.assign({}, data, unindexed)
  // Whoever asks compares it with an event.
  return event as unknown as Event
}
