/** What the tests of this sink share: the plugin opened with settings as in a file, events, and the drivers. */
import { inject } from "vitest"
import { Effect, Layer, Schema, type Scope } from "effect"
import { FetchHttpClient } from "effect/http"
import { type Event, EventType, type Json } from "@callstream/model"
import { type Failure, type Plugin, RateBudget, type Sink, type Source } from "@callstream/core"
import { KafkaConfig, plugin } from "@callstream/sink-kafka"
import type { SharedKafka } from "@callstream/testkit/servers"

/** The broker that the whole test run shares; nobody breaks it. */
export const shared = (): SharedKafka => inject("kafka")

export const drivers = ["platformatic", "kafkajs"] as const
export type DriverName = (typeof drivers)[number]

export const long = process.env["CALLSTREAM_LONG"] !== undefined

const services = Layer.mergeAll(FetchHttpClient.layer, RateBudget.RateBudgets.layer)

/** A type with the least of data. */
export const countType = EventType.make("test.count.v1", Schema.Struct({ n: Schema.Finite }))

export const place = (types: ReadonlyArray<EventType.EventType> = [countType]): Plugin.SinkPlace => ({
  pipeline: "test",
  name: "bus",
  directory: import.meta.dirname,
  types
})

export type Settings = Readonly<Record<string, unknown>> & { readonly brokers: ReadonlyArray<string> }

export const decode = (settings: Settings): KafkaConfig => Schema.decodeUnknownSync(KafkaConfig)(settings)

export const open = (
  settings: Settings,
  types?: ReadonlyArray<EventType.EventType>
): Effect.Effect<Sink.Sink, Failure.SinkFailure, Scope.Scope> =>
  Effect.suspend(() => plugin.open(decode(settings), place(types))).pipe(Effect.provide(services))

const provided = <A, E>(asked: Effect.Effect<A, E, Plugin.PluginServices> | undefined): Effect.Effect<A, E> =>
  (asked ?? Effect.die("the plugin does not have it")).pipe(Effect.provide(services), Effect.scoped)

export const check = (settings: Settings): Effect.Effect<ReadonlyArray<Source.CheckLine>> =>
  provided(plugin.check?.(decode(settings), place()))

export const setup = (settings: Settings, dryRun: boolean): Effect.Effect<ReadonlyArray<string>, Failure.SinkFailure> =>
  provided(plugin.setup?.(decode(settings), place(), { dryRun }))

let names = 0

/** A prefix that no other test has. */
export const newPrefix = (): string => `t${process.pid}-${Date.now().toString(36)}-${names++}.`

/** The n-th event: of one of 50 conversations, `size` bytes more or less. */
export const event = (n: number, over: Partial<Event<Json>> & { readonly size?: number } = {}): Event<Json> => {
  const { size = 0, ...changes } = over
  return {
    id: `id-${n}`,
    type: countType.type,
    source: "8x8/storage/us-east",
    subject: `subject-${n}`,
    time: "2026-02-03T14:27:27.493Z",
    op: "upsert",
    conversation: `conversation-${n % 50}`,
    asof: String(1_770_128_847_000 + n),
    dataschema: countType.dataschema,
    data: { n, ...(size === 0 ? {} : { filler: "x".repeat(size) }) },
    ...changes
  }
}

export const events = (from: number, count: number, size = 0): ReadonlyArray<Event<Json>> =>
  Array.from({ length: count }, (_, i) => event(from + i, { size }))
