/**
 * One partition, supervised: opens its state, reads, completes, commits; what fails starts again from the state, by
 * itself and without end. Stopping stops reading and waits for what is in flight.
 */
import { Cause, Clock, Deferred, Duration, Effect, Metric, Option } from "effect"
import { Text } from "@callstream/model"
import type { Denied, Fatal, SourceFailure } from "../contract/Failure.ts"
import type { Partition, SourceStream } from "../contract/Source.ts"
import type { Step } from "../contract/Step.ts"
import { Moving } from "../net/Http.ts"
import type { Address, PartitionState, StateFailed } from "../state/State.ts"
import { sinkRecords, sourceRecords } from "../telemetry/Metrics.ts"
import * as Admission from "./Admission.ts"
import * as Backoff from "./Backoff.ts"
import type { Batch } from "./Batch.ts"
import * as Books from "./Books.ts"
import * as Completion from "./Completion.ts"
import type { Gate } from "./Gate.ts"
import * as Ledger from "./Ledger.ts"
import { backfillsOf, initial, type Progress } from "./Progress.ts"
import * as Reader from "./Reader.ts"
import type { Workplace } from "./Replay.ts"
import * as Signal from "./Signal.ts"
import type { Activity, PartitionStatus, Trouble } from "./Status.ts"

export interface PartitionOptions {
  readonly pipeline: string
  readonly address: Address
  readonly stream: SourceStream
  readonly partition: Partition
  readonly state: PartitionState
  readonly steps: ReadonlyArray<Step>
  readonly ports: ReadonlyArray<Admission.Port>
  /** Of the source, the stream and this partition. */
  readonly gates: ReadonlyArray<{ readonly scope: Denied["scope"]; readonly gate: Gate }>
  /** Ends when the pipeline is to stop. */
  readonly stopping: Effect.Effect<void>
  /** Ends when draining has lasted too long. */
  readonly aborting: Effect.Effect<void>
  /** Called when something was committed. */
  readonly moved: () => void
  /** Reads nothing but what a person asked for. */
  readonly onlyRequests: boolean
}

export interface PartitionRunner {
  /** Ends when it was stopped and nothing is in flight. */
  readonly run: Effect.Effect<void, Fatal>
  readonly status: (now: number) => PartitionStatus
  /** Does something with the partition once it is at work, and again if it has to start again meanwhile. */
  readonly atWork: <A>(work: (at: Workplace) => Effect.Effect<A, StateFailed>) => Effect.Effect<A, StateFailed>
  /** It is at work now. */
  readonly works: () => boolean
  /** Committed progress. */
  readonly progress: () => Progress | undefined
  readonly address: Address
  readonly refilling: PartitionState["refilling"]
  /** Everything that there was when it started is read, delivered and committed; or a person has to act first. */
  readonly settled: (now: number) => boolean
}

interface Live extends Workplace {
  readonly completion: Completion.Completion
  readonly ended: Deferred.Deferred<void>
}

/** Rows of the seen-index are kept for this long after they were last read, or twice the longest lookback. */
const keepAtLeast = Duration.days(90)

export const make = (options: PartitionOptions): PartitionRunner => {
  const { address, gates, partition, pipeline, ports, state, stream } = options
  const labels = { pipeline, source: address.source, stream: address.stream, partition: address.partition }
  const closed = () => gates.map(({ gate }) => gate.closed()).find((park) => park !== undefined)
  let live: Live | undefined
  let crash: Trouble | undefined
  /** Why contents cannot be fetched at present, and how often that was tried. */
  let unfetched: (Trouble & { readonly attempt: number }) | undefined
  let pending = 0
  const begins = Signal.make()

  const pass = Effect.forEach(gates, ({ gate }) => gate.pass, { discard: true })
  const answered = Effect.suspend(() =>
    gates.some(({ gate }) => gate.kept())
      ? Effect.forEach(gates, ({ gate }) => gate.open, { discard: true })
      : Effect.void
  )
  const fetched = Effect.suspend(() => {
    unfetched = undefined
    return answered
  })
  const park = (failure: Denied) =>
    gates.find(({ scope }) => scope === failure.scope)?.gate.park(failure) ?? Effect.void

  const count = Effect.fnUntraced(function* (added: Books.Books) {
    const { sinks, ...outcomes } = added
    for (const [outcome, amount] of Object.entries(outcomes)) {
      if (amount === 0) continue
      const { partition: _partition, ...of } = labels
      yield* Metric.update(Metric.withAttributes(sourceRecords, { ...of, outcome }), amount)
    }
    for (const [sink, books] of Object.entries(sinks)) {
      const { gone: _gone, refilled, replayed, ...fresh } = books
      const named = (kind: string, counts: object | undefined) =>
        Object.entries(counts ?? {}).map(([outcome, amount]) => [`${kind}${outcome}`, Number(amount)] as const)
      const counts = [...named("", fresh), ...named("replayed_", replayed), ...named("refilled_", refilled)]
      for (const [outcome, amount] of counts) {
        if (amount > 0) yield* Metric.update(Metric.withAttributes(sinkRecords, { pipeline, sink, outcome }), amount)
      }
    }
  })

  /** Fetching contents is a loop of its own: a source that fails there is asked again later, like a page. */
  const completing = (completion: Completion.Completion) => {
    const stumble = Effect.fnUntraced(function* (failure: SourceFailure | StateFailed) {
      if (failure._tag === "Fatal" || failure._tag === "StateFailed") return yield* Effect.fail(failure)
      if (failure._tag === "Denied") yield* park(failure)
      const attempt = (unfetched?.attempt ?? 0) + 1
      const asked = failure._tag === "Unavailable" ? (failure.retryAfterMs ?? 0) : 0
      const wait = yield* Backoff.delay(attempt, Backoff.usual, asked)
      const now = yield* Clock.currentTimeMillis
      unfetched = { reason: failure.message, since: unfetched?.since ?? now, until: now + wait, attempt }
      yield* Effect.sleep(wait)
    })
    return Effect.forever(Effect.andThen(pass, Effect.catch(completion.run, stumble)))
  }

  /** Reckoned from the position: after a long stop or park, what the lookback is about to read again is still known. */
  const evicting = Effect.fnUntraced(function* (ledger: Ledger.Ledger) {
    const keep = Math.max(
      Duration.toMillis(keepAtLeast),
      ...stream.timing.lookback.map(({ span }) => 2 * Duration.toMillis(span))
    )
    while (true) {
      yield* state.evict(Math.min(yield* Clock.currentTimeMillis, ledger.progress().position) - keep)
      yield* Effect.sleep(Duration.days(1))
    }
  })

  const attempt = Effect.scoped(
    Effect.gen(function* () {
      const opened = yield* state.open
      pending = opened.pending
      const now = yield* Clock.currentTimeMillis
      const horizon = stream.horizon === undefined ? -Infinity : now - Duration.toMillis(stream.horizon)
      if (opened.progress === undefined && stream.timing.since < horizon) {
        yield* Effect.logWarning(
          `The vendor keeps nothing from before ${new Date(horizon).toISOString()}: reading begins there`
        )
      }
      const progress = opened.progress ?? initial(Math.max(stream.timing.since, horizon), now)
      const ledger = Ledger.make({
        progress,
        books: opened.books,
        deadLetters: opened.deadLetters,
        commit: state.commit,
        letters: state.letters,
        committed: Effect.fnUntraced(function* (batches: ReadonlyArray<Batch>, added: Books.Books) {
          admission.forget(batches)
          pending += batches.reduce((sum, batch) => sum + batch.pending.length - batch.fetched.length, 0)
          if (batches.some((batch) => batch.pending.length + batch.fetched.length > 0)) completion.wake()
          // What only follows is no reason to wait longer for a sibling that cannot be read.
          if (!level(yield* Clock.currentTimeMillis)) options.moved()
          yield* count(added)
        })
      })
      const ended = Deferred.makeUnsafe<void>()
      /** Who waits for room or a commit in what cannot be interrupted waits in vain. */
      const abandoned = Deferred.makeUnsafe<void>()
      const abandon = Deferred.succeed(abandoned, undefined)
      yield* Effect.forkScoped(Effect.andThen(options.aborting, abandon))
      yield* Effect.addFinalizer(() => Effect.andThen(abandon, Deferred.succeed(ended, undefined)))
      const admission = Admission.make({
        uri: Text.flat(partition.uri),
        stream: stream.name,
        revision: stream.revision,
        state,
        ledger,
        steps: options.steps,
        ports,
        nextBatch: opened.nextBatch,
        aborting: Deferred.await(abandoned)
      })
      const completion = Completion.make({ stream, partition, state, admission, asked: fetched })
      const reader = yield* Reader.make({
        labels,
        stream,
        partition,
        progress,
        admission,
        completion,
        pass,
        answered,
        park,
        onlyRequests: options.onlyRequests
      })
      live = { state, ports, admission, ledger, reader, completion, ended, sending: new Set() }
      crash = undefined
      begins.notify()
      const feeding = Effect.all([reader.run, completing(completion), evicting(ledger)], {
        concurrency: "unbounded",
        discard: true
      }).pipe(Effect.provideService(Moving, options.moved))
      const working = Effect.andThen(Effect.raceFirst(feeding, options.stopping), ledger.empty)
      const settling = Effect.onExit(Effect.raceFirst(ledger.committing, admission.handing), () => abandon)
      yield* Effect.raceFirst(working, settling)
    })
  )

  /** Nothing is left of what there was to do, or a person has to do something. */
  const level = (now: number): boolean =>
    gates.some(({ gate }) => gate.waits(now)) ||
    (live !== undefined &&
      crash === undefined &&
      live.reader.caughtUp(now) &&
      live.completion.idle() &&
      live.ledger.inFlight() === 0)

  const settled = (now: number): boolean => level(now) && live?.reader.moving() !== true

  const run = Effect.gen(function* () {
    const stopped = Deferred.makeUnsafe<void>()
    yield* Effect.forkChild(Effect.andThen(options.stopping, Deferred.succeed(stopped, undefined)))
    let since = 0
    for (let tries = 1; ; tries++) {
      const begun = yield* Clock.currentTimeMillis
      const exit = yield* Effect.exit(attempt)
      if (exit._tag === "Success") return
      if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.interrupt
      const failure = Cause.squash(exit.cause)
      if (isFatal(failure)) return yield* Effect.fail(failure)
      const now = yield* Clock.currentTimeMillis
      if (now - begun > 600_000) tries = 1
      if (tries === 1) since = now
      const reason = failure instanceof Error ? failure.message : String(failure)
      const wait = yield* Backoff.delay(tries, Backoff.usual)
      yield* Effect.logError(`${address.source}/${address.stream}/${address.partition} starts again: ${reason}`)
      yield* Effect.logDebug(exit.cause)
      crash = { reason, since, until: now + wait }
      if (Deferred.isDoneUnsafe(stopped)) return
      yield* Effect.raceFirst(Effect.sleep(wait), options.stopping)
    }
  })

  const atWork: PartitionRunner["atWork"] = (work) =>
    Effect.gen(function* () {
      while (true) {
        const more = begins.next()
        const at = live
        if (at === undefined || Deferred.isDoneUnsafe(at.ended)) {
          yield* more
          continue
        }
        const done = yield* Effect.raceFirst(
          Effect.map(work(at), Option.some),
          Effect.as(Deferred.await(at.ended), Option.none())
        )
        if (Option.isSome(done)) return done.value
      }
    })

  const troubled = (): Trouble | undefined =>
    crash ?? live?.reader.trouble() ?? (live?.completion.idle() === true ? undefined : unfetched)

  const activityOf = (): Activity => {
    if (closed() !== undefined) return "parked"
    if (troubled() !== undefined) return "backing off"
    return live === undefined ? "idle" : live.reader.activity()
  }

  const status = (now: number): PartitionStatus => {
    const park = closed()
    const trouble = troubled()
    const reason = park === undefined ? trouble?.reason : `${park.reason}. ${park.remedy}`
    const since = park?.since ?? trouble?.since
    const nextTry = park?.nextTry ?? trouble?.until
    const progress = live?.ledger.progress()
    return {
      ...address,
      activity: activityOf(),
      ...(reason === undefined ? {} : { reason }),
      ...(since === undefined ? {} : { since }),
      ...(nextTry === undefined ? {} : { nextTry }),
      ...(progress === undefined
        ? {}
        : {
            start: progress.start,
            position: progress.position,
            lagMs: Math.max(0, Math.min(now, stream.timing.until ?? now) - progress.position)
          }),
      gaps: progress?.gaps ?? [],
      ...backfillsOf(progress),
      books: live?.ledger.books() ?? Books.empty,
      pending: Math.max(0, pending),
      deadLetters:
        live === undefined ? 0 : [...live.ledger.letters.values()].reduce((sum, stages) => sum + stages.size, 0)
    }
  }

  return {
    run,
    status,
    atWork,
    works: () => live !== undefined && !Deferred.isDoneUnsafe(live.ended),
    progress: () => live?.ledger.progress(),
    address,
    refilling: state.refilling,
    settled
  }
}

const isFatal = (failure: unknown): failure is Fatal =>
  typeof failure === "object" && failure !== null && "_tag" in failure && failure._tag === "Fatal"
