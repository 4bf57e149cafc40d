/** The sinks alone, beside the clients below them. */
import { plugin as recentcalls } from "@callstream/source-recentcalls"
import type { SinkJob, SinkMeasured } from "./Job.ts"
import { median } from "./Median.ts"
import { withPlace } from "./Places.ts"
import { measureSink, withVendor } from "./Processes.ts"
import { rounded } from "./Rounded.ts"
import type { Servers } from "./Servers.ts"

export const sinkCases = ["sink-kafka", "sink-kafkajs", "sink-opensearch"] as const
export type SinkCase = (typeof sinkCases)[number]

const sinks = { "sink-kafka": "kafka", "sink-kafkajs": "kafkajs", "sink-opensearch": "opensearch" } as const

const forms = ["ours", "alone"] as const

export type SinkRound = Readonly<Record<SinkJob["form"], SinkMeasured>>

/** Writes that are not measured, 9,000 records. */
const warmUp = 6

/** Runs of both forms, in turns; of the records those after the first ones are measured. */
export const sinkRoundsOf = (
  name: SinkCase,
  records: number,
  count: number,
  servers: Servers
): Promise<ReadonlyArray<SinkRound>> =>
  withVendor("recentcalls", records, async (vendor) => {
    const sink = sinks[name]
    const server = sink === "opensearch" ? "opensearch" : "kafka"
    const address = await servers(server)
    const rounds: Array<SinkRound> = []
    for (let i = 0; i < count; i++) {
      const measured = new Map<SinkJob["form"], SinkMeasured>()
      for (const form of i % 2 === 0 ? forms : forms.toReversed()) {
        const run = await withPlace(server, address, recentcalls.events, (place) =>
          measureSink({ sink, form, records, warmUp, vendor, place })
        )
        measured.set(form, run)
      }
      rounds.push(Object.fromEntries(measured) as SinkRound)
    }
    return rounds
  })

/** What a case prints: medians over the rounds. */
export const sinkResult = (name: SinkCase, rounds: ReadonlyArray<SinkRound>) => {
  const form = (which: SinkJob["form"]) => {
    const of = (what: keyof SinkMeasured) => median(rounds.map((round) => round[which][what]))
    return {
      recordsPerSecond: Math.round(of("records") / of("seconds")),
      megabytesPerSecond: rounded(of("bytes") / 1e6 / of("seconds"), 1),
      cpuSeconds: rounded(of("cpuSeconds"), 2)
    }
  }
  const ratio = (what: keyof SinkMeasured) =>
    rounded(median(rounds.map(({ alone, ours }) => alone[what] / ours[what])), 2)
  return {
    name,
    records: rounds[0]?.ours.records ?? 0,
    ...form("ours"),
    peakMemoryMiB: Math.round(median(rounds.map(({ ours }) => ours.peakMemoryMiB))),
    ratio: ratio("seconds"),
    cpuRatio: ratio("cpuSeconds"),
    alone: form("alone")
  }
}
