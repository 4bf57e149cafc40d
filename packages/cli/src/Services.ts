/** The layers of a process: how far sides are asked, and what they are asked with. Met here and nowhere else. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Effect, Layer, type Scope } from "effect"
import { type PipelineSpec, type Plugin, RateBudget } from "@callstream/core"
import type { EventType } from "@callstream/model"

/** What plugins may use. */
export const pluginServices: Layer.Layer<Exclude<Plugin.PluginServices, Scope.Scope>> = Layer.merge(
  NodeHttpClient.layerUndici,
  RateBudget.RateBudgets.layer
)

/** Runs what asks plugins: in a scope, with their services. */
export const withPlugins = <A, E>(effect: Effect.Effect<A, E, Plugin.PluginServices>): Effect.Effect<A, E> =>
  Effect.provide(Effect.scoped(effect), pluginServices)

/** The types that may arrive at a sink. */
export const typesOf = (
  spec: PipelineSpec.PipelineSpec,
  sink: PipelineSpec.SinkSpec
): ReadonlyArray<EventType.EventType> => {
  const found = new Map<string, EventType.EventType>()
  for (const { name, plugin } of spec.sources) {
    if (sink.from?.includes(name) === false) continue
    for (const type of plugin.events) if (sink.types?.includes(type.type) !== false) found.set(type.type, type)
  }
  return [...found.values()]
}

/** Where a sink stands, for its `check` and `setup`. */
export const sinkPlace = (spec: PipelineSpec.PipelineSpec, sink: PipelineSpec.SinkSpec): Plugin.SinkPlace => ({
  pipeline: spec.name,
  name: sink.name,
  directory: spec.directory,
  types: typesOf(spec, sink)
})
