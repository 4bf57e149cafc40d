/** Shows the status of partitions and sinks as metrics: what each is doing, and how far a partition is behind. */
import { Effect, Metric } from "effect"
import { lagSeconds, partitionState, sinkState } from "../telemetry/Metrics.ts"
import type { Activity, PartitionStatus, SinkStatus } from "./Status.ts"

const states = ["running", "backing off", "parked"] as const

const stateOf = (activity: Activity | SinkStatus["activity"]): (typeof states)[number] =>
  activity === "backing off" || activity === "parked" ? activity : "running"

/** 1 for the current state, 0 for the others; without one, 0 for all. */
const show = (
  gauge: typeof partitionState,
  labels: Readonly<Record<string, string>>,
  current: (typeof states)[number] | undefined
) =>
  Effect.forEach(
    states,
    (state) => Metric.update(Metric.withAttributes(gauge, { ...labels, state }), state === current ? 1 : 0),
    { discard: true }
  )

/** Sets the gauges of sinks. */
export const ofSinks = (pipeline: string, sinks: ReadonlyArray<SinkStatus>) =>
  Effect.forEach(sinks, ({ activity, name }) => show(sinkState, { pipeline, sink: name }, stateOf(activity)), {
    discard: true
  })

/** Sets the gauges of a source's partitions each time it is called; who is no longer there is in no state. */
export const make = (pipeline: string) => {
  let shown: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map()
  return Effect.fnUntraced(function* (partitions: ReadonlyArray<PartitionStatus>) {
    const gone = new Map(shown)
    const now = new Map<string, Readonly<Record<string, string>>>()
    for (const { activity, lagMs, partition, source, stream } of partitions) {
      const labels = { pipeline, source, stream, partition }
      const name = JSON.stringify([stream, partition])
      now.set(name, labels)
      gone.delete(name)
      if (lagMs !== undefined) yield* Metric.update(Metric.withAttributes(lagSeconds, labels), lagMs / 1000)
      yield* show(partitionState, labels, stateOf(activity))
    }
    for (const labels of gone.values()) yield* show(partitionState, labels, undefined)
    shown = now
  })
}
