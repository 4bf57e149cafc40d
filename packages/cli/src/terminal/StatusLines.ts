/** What a terminal shows of running pipelines: one line per stream, and one for each sink that has something to say. */
import type { PartitionStatus, PipelineStatus, SinkStatus } from "@callstream/core"

export interface StatusOptions {
  /** Longest line, characters. */
  readonly columns: number
  readonly colors: boolean
  /** Time since `before`, milliseconds. */
  readonly elapsedMs: number
  readonly before?: PipelineStatus
}

/** One stream, its partitions together. */
interface StreamLine {
  readonly name: string
  readonly activity: string
  readonly records: number
  readonly rate: number
  readonly lagMs: number | undefined
  readonly budget: PartitionStatus["budget"]
  readonly pending: number
  readonly deadLetters: number
  readonly gaps: number
  readonly reason: string | undefined
}

/** The lines, each at most `columns` long. */
export const lines = (status: PipelineStatus, options: StatusOptions): ReadonlyArray<string> => {
  const streams = group(status.partitions).map((partitions) => streamLine(partitions, options))
  const rows = streams.map(({ activity, lagMs, name, rate, records }): ReadonlyArray<string> => [
    name,
    activity,
    `${count(records)} read`,
    `${count(rate)}/s`,
    lagMs === undefined ? "" : `lag ${duration(lagMs)}`
  ])
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)))
  const [width = 0] = widths
  const drawn = streams.map((stream, index) => {
    const parts = [
      // Numbers stand at the right of their column; a column that all leave empty is none.
      ...(rows[index] ?? []).flatMap((cell, column) => {
        const wide = widths[column] ?? 0
        return wide === 0 ? [] : [column === 2 || column === 3 ? cell.padStart(wide) : cell.padEnd(wide)]
      }),
      ...(stream.pending === 0 ? [] : [`${count(stream.pending)} to fetch`]),
      ...(stream.deadLetters === 0 ? [] : [`${count(stream.deadLetters)} dead`]),
      ...(stream.gaps === 0 ? [] : [`${count(stream.gaps)} gap${stream.gaps === 1 ? "" : "s"}`]),
      ...(stream.budget === undefined ? [] : [allowance(stream.budget)]),
      ...(stream.reason === undefined ? [] : [stream.reason])
    ]
    return paint(cut(parts.join("  ").trimEnd(), options.columns), stream, options)
  })
  return [...drawn, ...status.sinks.flatMap((sink) => sinkLine(sink, width, options))]
}

const group = (partitions: ReadonlyArray<PartitionStatus>): ReadonlyArray<ReadonlyArray<PartitionStatus>> => [
  ...Map.groupBy(partitions, ({ source, stream }) => `${source}\n${stream}`).values()
]

/** What needs attention most speaks for the stream. */
const urgency = ["parked", "backing off", "catching up", "following", "idle", "done"]

const streamLine = (partitions: ReadonlyArray<PartitionStatus>, { before, elapsedMs }: StatusOptions): StreamLine => {
  const sum = (of: (partition: PartitionStatus) => number) =>
    partitions.reduce((total, partition) => total + of(partition), 0)
  const worst = partitions.toSorted((a, b) => urgency.indexOf(a.activity) - urgency.indexOf(b.activity))[0]
  const { source = "", stream = "" } = worst ?? {}
  const records = sum(({ books }) => books.read)
  const earlier = before?.partitions.filter((partition) => partition.source === source && partition.stream === stream)
  const had = earlier?.reduce((total, { books }) => total + books.read, 0) ?? records
  const lags = partitions.flatMap(({ lagMs }) => (lagMs === undefined ? [] : [lagMs]))
  return {
    name: `${source}/${stream}`,
    activity: worst?.activity ?? "idle",
    records,
    rate: elapsedMs > 0 ? Math.max(0, Math.round(((records - had) * 1000) / elapsedMs)) : 0,
    lagMs: lags.length === 0 ? undefined : Math.max(...lags),
    budget: worst?.budget,
    pending: sum(({ pending }) => pending),
    deadLetters: sum(({ deadLetters }) => deadLetters),
    gaps: sum(({ gaps }) => gaps.length),
    reason: worst?.activity === "parked" || worst?.activity === "backing off" ? worst.reason : undefined
  }
}

/** Requests a second that the far side gets at most, at present. */
const allowance = ({ pausedUntil, perSecond }: NonNullable<PartitionStatus["budget"]>): string =>
  pausedUntil === undefined ? `${Number(perSecond.toPrecision(2))} req/s` : "paused"

const sinkLine = (sink: SinkStatus, width: number, options: StatusOptions): ReadonlyArray<string> => {
  if (sink.activity === "idle" || sink.activity === "running") return []
  const text = `${`→ ${sink.name}`.padEnd(width)}  ${sink.activity}  ${count(sink.buffered.records)} waiting  ${sink.reason ?? ""}`
  return [paint(cut(text.trimEnd(), options.columns), { activity: sink.activity, deadLetters: 0 }, options)]
}

const paint = (
  text: string,
  { activity, deadLetters }: { readonly activity: string; readonly deadLetters: number },
  { colors }: StatusOptions
): string => {
  const color = activity === "parked" ? "31" : activity === "backing off" || deadLetters > 0 ? "33" : undefined
  return colors && color !== undefined ? `\u001b[${color}m${text}\u001b[0m` : text
}

const cut = (text: string, columns: number): string =>
  text.length <= columns ? text : `${text.slice(0, columns - 1)}…`

/** `12,345`. */
export const count = (value: number): string => value.toLocaleString("en-US")

/** `2026-02-03 14:27`, in UTC. */
export const minute = (at: number): string => new Date(at).toISOString().slice(0, 16).replace("T", " ")

/** A length of time in its two largest units: `3d 4h`, `2min 5s`, `0s`. */
export const duration = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const parts: ReadonlyArray<readonly [number, string]> = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"]
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  if (first === -1) return "0s"
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(" ")
}
