/**
 * What is counted, in the one vocabulary of the books: each name, its labels, its unit. Counted per batch or request,
 * never per record.
 */
import { Metric } from "effect"

/** Records read, by what became of them. Labels: pipeline, source, stream, outcome. */
export const sourceRecords = Metric.counter("callstream_source_records_total", {
  description: "Records read from a source, by outcome",
  incremental: true
})

/** Events per sink, by what became of them. Labels: pipeline, sink, outcome. */
export const sinkRecords = Metric.counter("callstream_sink_records_total", {
  description: "Events offered to a sink, by outcome",
  incremental: true
})

/** How far the read position is behind now. Labels: pipeline, source, stream, partition. */
export const lagSeconds = Metric.gauge("callstream_lag_seconds", {
  description: "How far reading is behind now, seconds"
})

/** 1 for the state a partition is in, 0 for the others. Labels: pipeline, source, stream, partition, state. */
export const partitionState = Metric.gauge("callstream_partition_state", {
  description: "State of a partition: running, backing off, parked"
})

/** 1 for the state a sink is in, 0 for the others. Labels: pipeline, sink, state. */
export const sinkState = Metric.gauge("callstream_sink_state", {
  description: "State of a sink: running, backing off, parked"
})

/** Dead letters that stand open. Labels: pipeline. */
export const deadLetters = Metric.gauge("callstream_dead_letters", { description: "Open dead letters" })

/** Answers of far sides. Labels: source, status. */
export const httpRequests = Metric.counter("callstream_http_requests_total", {
  description: "Answers to HTTP requests, by status",
  incremental: true
})

/** How long a sink took for a write. Labels: pipeline, sink. */
export const writeSeconds = Metric.histogram("callstream_sink_write_seconds", {
  description: "Duration of a write to a sink, seconds",
  boundaries: Metric.exponentialBoundaries({ start: 0.001, factor: 2, count: 16 })
})

/** How long a page took to arrive. Labels: pipeline, source, stream. */
export const pageSeconds = Metric.histogram("callstream_source_page_seconds", {
  description: "Duration of a page's request, seconds",
  boundaries: Metric.exponentialBoundaries({ start: 0.005, factor: 2, count: 16 })
})
