/** Everything a pipeline says – logs of every level, spans, metrics –, to be searched for what must not be in it. */
import { Cause, Context, Logger, Metric, References, Tracer } from "effect"

export class Overheard {
  readonly #lines: Array<string> = []
  readonly #spans: Array<Tracer.NativeSpan> = []
  readonly #services = Context.empty().pipe(
    Context.add(
      Logger.CurrentLoggers,
      new Set([Logger.make((entry) => void this.#lines.push(Logger.formatJson.log(entry)))])
    ),
    Context.add(References.MinimumLogLevel, "All"),
    Context.add(
      Tracer.Tracer,
      Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          this.#spans.push(span)
          return span
        }
      })
    ),
    Context.add(Metric.MetricRegistry, new Map())
  )

  /** What a pipeline runs with. */
  get services() {
    return this.#services
  }

  /** Adds what somebody else said: a status, a line of `check`. */
  add(said: unknown): void {
    this.#lines.push(JSON.stringify(said))
  }

  /** All of it, a line each. */
  get lines(): ReadonlyArray<string> {
    return [
      ...this.#lines,
      ...this.#spans.map(({ attributes, events, name, status }) =>
        [name, ...[...attributes].flat(), ...events.flat(), failureOf(status)].map(String).join(" ")
      ),
      ...Metric.snapshotUnsafe(this.#services).map(({ attributes, id }) => `${id} ${JSON.stringify(attributes)}`)
    ]
  }
}

/** How a span failed. What it gave is said to nobody. */
const failureOf = (status: Tracer.SpanStatus): string =>
  status._tag === "Ended" && status.exit._tag === "Failure" ? Cause.pretty(status.exit.cause) : ""
