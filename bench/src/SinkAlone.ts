/**
 * A sink without a pipeline: our `write`, given events as the runner gives them, and what is below it alone, with a plain
 * loop that makes the same batches of the same events. Two writes are under way at a time, as the runner has it.
 */
import { Effect } from "effect"
import type { Event } from "@callstream/model"
import { plugin as kafka } from "@callstream/sink-kafka"
import { plugin as opensearch } from "@callstream/sink-opensearch"
import { plugin as recentcalls } from "@callstream/source-recentcalls"
import { encode, targetsOf } from "../../packages/sink-opensearch/src/bulk/Encoder.ts"
import { callEvent } from "./Events.ts"
import type { SinkJob, SinkMeasured } from "./Job.ts"
import { recentcalls as pages } from "./Pages.ts"
import { kafkaSettings, openSearchSettings, services, sinkPlace } from "./Settings.ts"
import { costOf } from "./Cost.ts"
import { bulk, readyBody } from "./ReadyBody.ts"
import { kafkaJsLanes, platformaticLanes, readyBatches, sendBatches } from "./ReadyBatches.ts"

/** Events of a write: as the runner cuts them, which takes an event for three times its row. */
const perWrite = 1500

const underWay = 2

/** Runs something for each, so many at a time. */
const forEach = async <A>(items: ReadonlyArray<A>, act: (item: A) => Promise<unknown>): Promise<void> => {
  const left = items.values()
  const worker = async () => {
    for (const item of left) await act(item)
  }
  await Promise.all(Array.from({ length: underWay }, worker))
}

const writesOf = async ({ records, vendor }: SinkJob): Promise<ReadonlyArray<ReadonlyArray<Event>>> => {
  const events: Array<Event> = []
  for await (const rows of pages(vendor)) {
    const asof = String(Date.now())
    for (const row of rows) events.push(callEvent(row, asof))
  }
  if (events.length !== records) throw new Error(`The sandbox gave ${events.length} calls, not ${records}`)
  return Array.from({ length: Math.ceil(records / perWrite) }, (_, i) => events.slice(i * perWrite, (i + 1) * perWrite))
}

/** Runs all writes, and measures those after the first ones. */
const measured = async <A>(warmUp: number, writes: ReadonlyArray<A>, write: (one: A) => Promise<unknown>) => {
  await forEach(writes.slice(0, warmUp), write)
  return costOf(() => forEach(writes.slice(warmUp), write))
}

const ours = (job: SinkJob, writes: ReadonlyArray<ReadonlyArray<Event>>) =>
  Effect.gen(function* () {
    const { place, warmUp } = job
    const where = sinkPlace(recentcalls.events)
    const sink = yield* job.sink === "opensearch"
      ? opensearch.open(yield* openSearchSettings(place), where)
      : kafka.open(yield* kafkaSettings(place, job.sink === "kafkajs" ? "kafkajs" : "platformatic"), where)
    return yield* Effect.promise(() =>
      measured(warmUp, writes, async (events) => {
        const answers = await Effect.runPromise(sink.write(events))
        if (!answers.every(({ _tag }) => _tag === "stored")) throw new Error("not all events were stored")
      })
    )
  }).pipe(Effect.provide(services), Effect.scoped, Effect.runPromise)

/** Runs one form of one sink. What the other form needs is not kept. */
export const run = async (job: SinkJob): Promise<SinkMeasured> => {
  const { form, place, sink, warmUp } = job
  const writes = await writesOf(job)
  const records = writes.slice(warmUp).reduce((sum, { length }) => sum + length, 0)
  const total = <A>(of: (events: ReadonlyArray<Event>) => A, sizeOf: (made: A) => number) =>
    writes.slice(warmUp).reduce((sum, events) => sum + sizeOf(of(events)), 0)
  if (sink === "opensearch") {
    const targets = targetsOf(place.prefix, recentcalls.events)
    const bodyOf = (events: ReadonlyArray<Event>) => readyBody(encode(events, targets).lines)
    const bytes = total(bodyOf, ({ length }) => length)
    if (form === "ours") return { ...(await ours(job, writes)), bytes, records }
    return { ...(await measured(warmUp, writes, (events) => bulk(place, bodyOf(events)))), bytes, records }
  }
  const batchesOf = (events: ReadonlyArray<Event>) => readyBatches(place, events)
  const bytes = total(batchesOf, (ready) => ready.bytes)
  if (form === "ours") return { ...(await ours(job, writes)), bytes, records }
  const lanes = sink === "kafkajs" ? await kafkaJsLanes(place) : platformaticLanes(place)
  try {
    return { ...(await measured(warmUp, writes, (events) => sendBatches(lanes, batchesOf(events)))), bytes, records }
  } finally {
    await Promise.all(lanes.map(({ close }) => close()))
  }
}
