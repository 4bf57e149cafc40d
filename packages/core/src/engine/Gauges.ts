/** Shows the status of a source's partitions as metrics: what each is doing, and how far it is behind. */
import { Effect, Metric } from "effect"
import { lagSeconds, partitionState } from "../telemetry/Metrics.ts"
import type { Activity, PartitionStatus } from "./Status.ts"

const states = ["running", "backing off", "parked"] as const

const stateOf = (activity: Activity): (typeof states)[number] =>
  activity === "backing off" || activity === "parked" ? activity : "running"

/** Sets the gauges each time it is called; who is no longer there is in no state. */
export const make = (pipeline: string) => {
  let shown: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map()
  return Effect.fnUntraced(function* (partitions: ReadonlyArray<PartitionStatus>) {
    const gone = new Map(shown)
    const set = (labels: Readonly<Record<string, string>>, current: string | undefined) =>
      Effect.forEach(
        states,
        (state) =>
          Metric.update(Metric.withAttributes(partitionState, { ...labels, state }), state === current ? 1 : 0),
        { discard: true }
      )
    const now = new Map<string, Readonly<Record<string, string>>>()
    for (const { activity, lagMs, partition, source, stream } of partitions) {
      const labels = { pipeline, source, stream, partition }
      const name = JSON.stringify([stream, partition])
      now.set(name, labels)
      gone.delete(name)
      if (lagMs !== undefined) yield* Metric.update(Metric.withAttributes(lagSeconds, labels), lagMs / 1000)
      yield* set(labels, stateOf(activity))
    }
    for (const labels of gone.values()) yield* set(labels, undefined)
    shown = now
  })
}
