/** The sink at a prefix of its own on a real node, and what stands there, read with nothing of ours. */
import { randomUUID } from "node:crypto"
import { Effect, Layer, Schema, type Scope } from "effect"
import { FetchHttpClient } from "effect/http"
import { type Failure, type Plugin, RateBudget, type Sink } from "@callstream/core"
import { type Event, type EventType, eventTypes } from "@callstream/model"
import { inject } from "vitest"
import type {} from "@callstream/testkit/servers"
import { OpenSearchConfig, plugin } from "../../src/index.ts"

/** The nodes that the run shares. */
export const nodes = inject("opensearch")

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
export const ask = async (url: string, method: string, path: string, body?: unknown): Promise<any> => {
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
    const { hits } = await ask(url, "POST", `/${prefix}*/_search`, {
      size: 5000,
      version: true,
      sort: [{ source: "asc" }, { type: "asc" }, { subject: "asc" }],
      ...(after === undefined ? {} : { search_after: after })
    })
    for (const { _source, _version } of hits.hits) found.push({ event: eventOf(_source), version: _version })
    after = hits.hits.at(-1)?.sort
    if (after === undefined) return found
  }
}

const eventOf = ({ group: _, names: __, numbers: ___, text: ____, unindexed, ...event }: any): Event =>
  unindexed === undefined ? event : { ...event, data: { ...event.data, ...unindexed } }
