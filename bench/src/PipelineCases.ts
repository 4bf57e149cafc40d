/** Whole pipelines, from the sandbox to a sink, beside the two loops by hand. */
import type { Job, LoopName, Measured, SinkName, SourceName } from "./Job.ts"
import { median } from "./Median.ts"
import { typesFor, withPlace } from "./Places.ts"
import { measure, withVendor } from "./Processes.ts"
import { rounded } from "./Rounded.ts"
import type { Servers } from "./Servers.ts"

export interface PipelineCase {
  readonly name: string
  readonly source: SourceName
  readonly sink: SinkName
  readonly records: number
  /** Run only when it is named, or with `--long`. */
  readonly long: boolean
}

const sources: ReadonlyArray<SourceName> = ["recentcalls", "storage"]
const sinks: ReadonlyArray<SinkName> = ["count", "log", "kafka", "opensearch"]

export const pipelineCases: ReadonlyArray<PipelineCase> = sources.flatMap((source) =>
  sinks.flatMap((sink) => [
    { name: `${source}-${sink}-100k`, source, sink, records: 100_000, long: false },
    { name: `${source}-${sink}-1m`, source, sink, records: 1_000_000, long: true }
  ])
)

const loops: ReadonlyArray<LoopName> = ["ours", "same-work", "bare"]

export type Round = Readonly<Record<LoopName, Measured>>

/** Runs of ours and of the two loops, in turns, each into a place of its own. */
export const roundsOf = (
  { records, sink, source }: Pick<PipelineCase, "records" | "sink" | "source">,
  count: number,
  servers: Servers
): Promise<ReadonlyArray<Round>> =>
  withVendor(source, records, async (vendor, folder) => {
    const run = async (loop: LoopName): Promise<Measured> => {
      const job: Job = { loop, source, sink, records, vendor, folder }
      if (sink === "count" || sink === "log") return measure(job)
      return withPlace(sink, await servers(sink), typesFor(loop, source), (place) => measure({ ...job, place }))
    }
    // The first answers of the sandbox, and of a server, are slower than all that follow.
    await run("bare")
    const rounds: Array<Round> = []
    for (let i = 0; i < count; i++) {
      const measured = new Map<LoopName, Measured>()
      for (const loop of i % 2 === 0 ? loops : loops.toReversed()) measured.set(loop, await run(loop))
      rounds.push(Object.fromEntries(measured) as Round)
    }
    return rounds
  })

/** What a case prints: medians over the rounds. */
export const pipelineResult = (
  { name, records }: Pick<PipelineCase, "name" | "records">,
  rounds: ReadonlyArray<Round>
) => {
  const of = (loop: LoopName, what: keyof Measured) => median(rounds.map((round) => round[loop][what]))
  const ratio = (loop: LoopName, what: keyof Measured) =>
    rounded(median(rounds.map((round) => round[loop][what] / round.ours[what])), 2)
  const loop = (name: LoopName) => ({
    recordsPerSecond: Math.round(records / of(name, "seconds")),
    cpuSeconds: rounded(of(name, "cpuSeconds"), 2)
  })
  return {
    name,
    records,
    ...loop("ours"),
    peakMemoryMiB: Math.round(of("ours", "peakMemoryMiB")),
    ratio: ratio("same-work", "seconds"),
    bareRatio: ratio("bare", "seconds"),
    cpuRatio: ratio("same-work", "cpuSeconds"),
    bareCpuRatio: ratio("bare", "cpuSeconds"),
    loops: { sameWork: loop("same-work"), bare: loop("bare") }
  }
}
