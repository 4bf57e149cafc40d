/**
 * The way into one sink: a bounded buffer, from which writes are cut to the sink's size. It keeps the order of each
 * entity, sends again what was not taken, and parks when the sink refuses everything.
 */
import { Cause, Clock, Deferred, Duration, Effect, Exit, Metric, Semaphore } from "effect"
import type { Event } from "@callstream/model"
import { Denied, Fatal, ofSink, type SinkFailure, Unavailable } from "../contract/Failure.ts"
import type { Answer, Sink } from "../contract/Sink.ts"
import type { DeadLetter } from "../state/State.ts"
import { writeSeconds } from "../telemetry/Metrics.ts"
import * as Backoff from "./Backoff.ts"
import type { Entry, Tally } from "./Batch.ts"
import * as Signal from "./Signal.ts"
import type { SinkStatus, Trouble } from "./Status.ts"

/** An entry in a sink's buffer. */
export interface Item {
  readonly entry: Entry
  readonly lane: Lane
}

/** What the items of one batch have in common. */
export interface Lane {
  readonly tally: Tally
  /** Of the partition: a key is an entity's within it. */
  readonly uri: string
  /** Tells the partition that something of its batches was answered. */
  readonly answered: () => void
  /** The dead letter of an event that was refused. */
  readonly letter: (entry: Entry, reason: string, at: number) => DeadLetter
  /**
   * The far side holds a version above the last one issued: gives the event a higher `asof`. `undefined` when a newer
   * version of the entity is on its way already, or when it was done before.
   */
  readonly reissue?: (entry: Entry, above: number) => Effect.Effect<Entry | undefined>
}

/** The entity, over all partitions. */
const entityOf = ({ entry, lane }: Item): string => `${lane.uri}\n${entry.key}`

export interface Outlet {
  readonly name: string
  /** Puts a batch's items into the buffer; waits until there is room. */
  readonly offer: (items: ReadonlyArray<Item>) => Effect.Effect<void>
  readonly status: () => SinkStatus
  /** Opens the sink and writes to it, for ever; only what is fatal ends it. */
  readonly run: Effect.Effect<never, Fatal>
}

export interface OutletOptions {
  readonly pipeline: string
  readonly name: string
  readonly buffer: { readonly records: number; readonly bytes: number }
  /** Opens the sink; what it acquires lives as long as the pipeline. */
  readonly open: Effect.Effect<Sink, SinkFailure>
}

/** Refusals of one type in a row after which a sink parks instead of making dead letters of the stream. */
const refusalsToPark = 100

export const make = (options: OutletOptions): Outlet => {
  const { buffer, name, pipeline } = options
  const turn = Semaphore.makeUnsafe(1)
  const changed = Signal.make()
  let queue: Array<Item> = []
  let records = 0
  let bytes = 0
  let oldest = 0
  let writing = 0
  /** Entities that must wait: in a write at present, or to be sent again first. */
  const busy = new Set<string>()
  let later: ReadonlyArray<{ readonly item: Item; readonly due: number }> = []
  const refusals = new Map<string, number>()
  let sink: Sink | undefined
  let trouble: (Trouble & { readonly parked: boolean; readonly attempt: number }) | undefined

  // Made once, not for each batch: see `Admission.ts`.
  const offerInTurn = Effect.fnUntraced(function* (items: ReadonlyArray<Item>) {
    if (items.length === 0) return
    const size = items.reduce((sum, { entry }) => sum + entry.bytes, 0)
    while (true) {
      const room = changed.next()
      if (records === 0 || (records + items.length <= buffer.records && bytes + size <= buffer.bytes)) break
      yield* room
    }
    if (queue.length === 0) oldest = yield* Clock.currentTimeMillis
    for (const item of items) queue.push(item)
    records += items.length
    bytes += size
    changed.notify()
  })
  const offer = (items: ReadonlyArray<Item>) => turn.withPermits(1)(offerInTurn(items))

  /** The items of the next write, in order; entities that must wait stay where they are. */
  const cut = ({ limits, versioned }: Sink): ReadonlyArray<Item> => {
    const most = trouble === undefined ? limits.maxRecords : 1
    const write: Array<Item> = []
    const left: Array<Item> = []
    let size = 0
    let at = 0
    for (; at < queue.length && write.length < most; at++) {
      const item = queue[at]
      if (item === undefined) break
      // Texts for nothing, were they made for sinks that need no order.
      const entity = versioned && busy.size === 0 ? "" : entityOf(item)
      if (busy.has(entity)) {
        left.push(item)
        continue
      }
      if (write.length > 0 && size + item.entry.bytes > limits.maxBytes) break
      size += item.entry.bytes
      if (!versioned) busy.add(entity)
      write.push(item)
    }
    queue = left.length === 0 ? queue.slice(at) : [...left, ...queue.slice(at)]
    return write
  }

  const settle = (items: ReadonlyArray<Item>) => {
    for (const { entry } of items) {
      records -= 1
      bytes -= entry.bytes
    }
    for (const answered of new Set(items.map(({ lane }) => lane.answered))) answered()
  }

  const resend = (items: ReadonlyArray<Item>) => {
    if (items.length > 0) queue = [...items, ...queue]
  }

  /** Puts what was to come later, and is due, back to the front; says when the next one is. */
  const due = (now: number): number => {
    const ready = later.filter((waiting) => waiting.due <= now)
    later = later.filter((waiting) => waiting.due > now)
    for (const { item } of ready) busy.delete(entityOf(item))
    resend(ready.map(({ item }) => item))
    return Math.min(Infinity, ...later.map((waiting) => waiting.due))
  }

  const stumble = Effect.fnUntraced(function* (reason: string, parked: boolean, atLeastMs = 0) {
    const attempt = (trouble?.attempt ?? 0) + 1
    const wait = yield* Backoff.delay(attempt, parked ? Backoff.parked : Backoff.usual, atLeastMs)
    const now = yield* Clock.currentTimeMillis
    if (trouble === undefined || trouble.reason !== reason) {
      const say = parked ? Effect.logError : Effect.logWarning
      yield* say(`Sink ${name} ${parked ? "is parked" : "cannot be written to at present"}: ${reason}`)
    }
    trouble = { parked, reason, since: trouble?.since ?? now, until: now + wait, attempt }
  })

  const recovered = Effect.suspend(() => {
    if (trouble === undefined) return Effect.void
    trouble = undefined
    return Effect.logInfo(`Sink ${name} takes events again`)
  })

  /** Sorts the answers of a write; what is to go again goes back to the front, in order. */
  const judge = Effect.fnUntraced(function* (write: ReadonlyArray<Item>, answers: ReadonlyArray<Answer>, now: number) {
    const done: Array<Item> = []
    const again: Array<Item> = []
    let refusal: string | undefined
    for (const [i, item] of write.entries()) {
      const { entry, lane } = item
      const { tally } = lane
      const answer = answers[i] ?? { _tag: "later" as const }
      if (answer._tag === "stored" || answer._tag === "superseded") {
        if (answer._tag === "superseded" && Number(answer.asof ?? 0) > Number(entry.event.asof)) {
          const higher = yield* lane.reissue?.(entry, Number(answer.asof)) ?? Effect.undefined
          if (higher !== undefined) {
            const { reissue: _once, ...rest } = lane
            again.push({ entry: higher, lane: rest })
            continue
          }
        }
        if (refusals.size > 0) refusals.delete(entry.event.type)
        tally.books[answer._tag] += 1
        tally.delivered.push(entry.key)
        done.push(item)
      } else if (answer._tag === "refused") {
        // One that was refused before says nothing of those that come now.
        const row = tally.kind === "replayed" ? 0 : (refusals.get(entry.event.type) ?? 0) + 1
        if (row > 0) refusals.set(entry.event.type, row)
        if (row >= refusalsToPark) {
          refusal = `refused ${refusalsToPark} events of type ${entry.event.type} in a row, lastly: ${answer.reason}`
          again.push(item)
          continue
        }
        tally.books.refused += 1
        tally.deadLetters.push(lane.letter(entry, answer.reason, now))
        done.push(item)
      } else {
        busy.add(entityOf(item))
        later = [...later, { item, due: now + (answer.afterMs ?? (yield* Backoff.delay(1, Backoff.usual))) }]
      }
    }
    for (const { lane } of done) lane.tally.waiting -= 1
    return { done, again, refusal }
  })

  const writeOnce = Effect.fnUntraced(function* (to: Sink, write: ReadonlyArray<Item>) {
    const started = yield* Clock.currentTimeMillis
    const events: ReadonlyArray<Event> = write.map(({ entry }) => entry.event)
    const exit = yield* Effect.exit(to.write(events))
    const now = yield* Clock.currentTimeMillis
    yield* Metric.update(Metric.withAttributes(writeSeconds, { pipeline, sink: name }), (now - started) / 1000)
    writing -= 1
    if (busy.size > 0) for (const item of write) busy.delete(entityOf(item))
    if (Exit.isSuccess(exit)) {
      const { again, done, refusal } = yield* judge(write, exit.value, now)
      resend(again)
      settle(done)
      if (refusal !== undefined) yield* stumble(refusal, true)
      else yield* recovered
    } else {
      resend(write)
      const failure = Cause.squash(exit.cause)
      if (failure instanceof Fatal) return yield* failure
      if (failure instanceof Unavailable) yield* stumble(failure.message, false, failure.retryAfterMs)
      else if (failure instanceof Denied) yield* stumble(failure.message, true)
      // A defect of the sink: what it did is unknown, as with a failure; it may be better with the next write.
      else yield* stumble(`a defect: ${String(failure)}`, false)
    }
    changed.notify()
  })

  const opened = Effect.gen(function* () {
    while (true) {
      const result = yield* Effect.result(options.open)
      if (result._tag === "Success") {
        yield* recovered
        return result.success
      }
      const { failure } = result
      if (failure._tag === "Fatal") return yield* failure
      yield* failure._tag === "Denied"
        ? stumble(failure.message, true)
        : stumble(failure.message, false, failure.retryAfterMs)
      yield* Effect.sleep((trouble?.until ?? 0) - (yield* Clock.currentTimeMillis))
    }
  })

  const run = Effect.gen(function* () {
    const to = yield* opened
    sink = to
    const failed = Deferred.makeUnsafe<never, Fatal>()
    const linger = Duration.toMillis(to.limits.linger)
    const loop = Effect.gen(function* () {
      while (true) {
        const more = changed.next()
        const now = yield* Clock.currentTimeMillis
        const concurrency = trouble === undefined ? to.limits.concurrency : 1
        const next = due(now)
        if (queue.length === 0 || writing >= concurrency) {
          yield* next === Infinity ? more : Effect.raceFirst(more, Effect.sleep(next - now))
        } else if (trouble !== undefined && now < trouble.until) {
          yield* Effect.sleep(trouble.until - now)
        } else if (queue.length < to.limits.maxRecords && now < oldest + linger) {
          yield* Effect.raceFirst(more, Effect.sleep(oldest + linger - now))
        } else {
          const write = cut(to)
          if (write.length === 0) {
            yield* next === Infinity ? more : Effect.raceFirst(more, Effect.sleep(next - now))
            continue
          }
          writing += 1
          if (queue.length > 0) oldest = now
          const failure = (fatal: Fatal) => Deferred.fail(failed, fatal)
          yield* Effect.forkChild(Effect.catch(writeOnce(to, write), failure))
        }
      }
    })
    return yield* Effect.raceFirst(loop, Deferred.await(failed))
  }).pipe(Effect.mapError((failure) => ofSink(name, failure)))

  return {
    name,
    offer,
    run,
    status: () => ({
      name,
      activity:
        trouble === undefined ? (sink === undefined ? "idle" : "running") : trouble.parked ? "parked" : "backing off",
      ...(trouble === undefined ? {} : { reason: trouble.reason, since: trouble.since }),
      ...(sink === undefined ? {} : { identity: sink.identity }),
      buffered: { records, bytes }
    })
  }
}
