/** The status of a pipeline as its state alone has it: what `callstream status` shows, beside a running worker too. */
import { Effect } from "effect"
import { Books, type PartitionStatus, type PipelineStatus, Progress, Sqlite, State } from "@callstream/core"
import { count, duration, minute } from "./terminal/StatusLines.ts"

/** Opens a state to look at it, without its lock. */
export const read = <A, E>(path: string, look: Effect.Effect<A, E, State>) =>
  Effect.provide(look, Sqlite.layerReadOnly({ path }))

/** Reads the status; `now` is for the lag. */
export const status = Effect.fnUntraced(function* (pipeline: string, now: number) {
  const state = yield* State
  const overview = yield* state.overview
  const parks = yield* state.parks
  const sinks = yield* state.sinks
  const partitions = overview.map(
    ({ books, deadLetters, partition, pending, progress, source, stream }): PartitionStatus => {
      // A park of a whole source or stream has empty names below.
      const park = parks.find(
        (one) =>
          one.source === source &&
          (one.stream === "" || one.stream === stream) &&
          (one.partition === "" || one.partition === partition)
      )
      return {
        source,
        stream,
        partition,
        activity: park === undefined ? "idle" : "parked",
        ...(park === undefined
          ? {}
          : { reason: `${park.reason}. ${park.remedy}`, since: park.since, nextTry: park.nextTry }),
        ...(progress === undefined
          ? {}
          : { start: progress.start, position: progress.position, lagMs: Math.max(0, now - progress.position) }),
        gaps: progress?.gaps ?? [],
        ...Progress.backfillsOf(progress),
        books,
        pending,
        deadLetters
      }
    }
  )
  /** What was refused before its partitions were known. */
  const refused = parks
    .filter(
      (park) => !overview.some(({ source, stream }) => source === park.source && (park.stream || stream) === stream)
    )
    .map(({ nextTry, partition, reason, remedy, since, source, stream }): PartitionStatus => ({
      source,
      stream,
      partition,
      activity: "parked",
      reason: `${reason}. ${remedy}`,
      since,
      nextTry,
      gaps: [],
      books: Books.empty,
      pending: 0,
      deadLetters: 0
    }))
  return {
    pipeline,
    partitions: [...refused, ...partitions],
    sinks: sinks.map(({ completeSince, identity, name }) => ({
      name,
      activity: "idle" as const,
      buffered: { records: 0, bytes: 0 },
      ...(identity === "" ? {} : { identity }),
      ...(completeSince === undefined ? {} : { completeSince })
    })),
    deadLetters: yield* state.deadLetters.count
  } satisfies PipelineStatus
})

/** The status as text; `file` is named in what to do. */
export const text = (status: PipelineStatus, file: string): string => {
  const lines = [`Pipeline ${status.pipeline}`]
  for (const partition of status.partitions) {
    const { backfills, books, gaps, lagMs, pending, position, reason, source, start, stream } = partition
    const name = [source, stream].filter((part) => part !== "").join("/")
    lines.push("", `${name}  ${partition.partition}${partition.activity === "parked" ? "  PARKED" : ""}`)
    if (reason !== undefined) lines.push(`  ${reason}`)
    lines.push(
      start === undefined || position === undefined
        ? "  nothing read yet"
        : `  read up to ${minute(position)} UTC (${duration(lagMs ?? 0)} ago), from ${minute(start)}`
    )
    lines.push(
      `  ${count(books.read)} read: ${count(books.emitted)} new or changed, ${count(books.unchanged)} unchanged, ` +
        `${count(books.filtered)} left out by steps, ${count(books.unreadable)} unreadable`
    )
    for (const [name, sink] of Object.entries(books.sinks)) {
      const parts = [
        `${count(sink.stored)} stored`,
        ...(sink.superseded > 0 ? [`${count(sink.superseded)} superseded`] : []),
        ...(sink.unwanted > 0 ? [`${count(sink.unwanted)} not wanted`] : []),
        ...(sink.refused > 0 ? [`${count(sink.refused)} refused`] : []),
        ...(Books.waiting(sink) > 0 ? [`${count(Books.waiting(sink))} waiting`] : [])
      ]
      const again = [
        ...(sink.replayed === undefined ? [] : [`${count(sink.replayed.emitted)} dead letters sent again`]),
        ...(sink.refilled === undefined ? [] : [`${count(sink.refilled.emitted)} sent again by backfill`]),
        ...(sink.gone === undefined ? [] : [`${count(sink.gone)} contents gone before a backfill`])
      ]
      lines.push(`  to ${name}: ${[...parts, ...again].join(", ")}`)
    }
    if (pending > 0) lines.push(`  ${count(pending)} contents to fetch`)
    if (partition.deadLetters > 0) lines.push(`  ${count(partition.deadLetters)} dead letters`)
    for (const { from, next, refill, to } of backfills ?? []) {
      lines.push(
        `  backfill from ${minute(from)} to ${minute(to)}${refill === undefined ? "" : ` for ${refill.join(", ")}`}: ` +
          `${Math.floor((100 * (next - from)) / (to - from))} %`
      )
    }
    for (const gap of gaps) {
      lines.push(
        `  gap from ${minute(gap.from)} to ${minute(gap.to)}: ${gap.lastError} ` +
          `(tried ${gap.attempts}×, again after ${minute(gap.nextTry)})`
      )
    }
  }
  for (const { completeSince, name } of status.sinks) {
    if (completeSince !== undefined) {
      lines.push(
        "",
        `Sink ${name} has what came since ${minute(completeSince)} UTC. ` +
          `callstream backfill ${file} --sink ${name} sends it what was delivered before.`
      )
    }
  }
  return `${lines.join("\n")}\n`
}
