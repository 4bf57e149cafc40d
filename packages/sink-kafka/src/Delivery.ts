/**
 * Writes, in the order they come, on their way to partitions. What is on its way stays in its partition's queue until the
 * broker has answered for it, also when a write is given up because it took too long: the runner then brings the same
 * events again, and they join those that are waiting. So an outage of any length leaves nothing twice.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { Result } from "effect"
import type { Event } from "@callstream/model"
import { Failure, Sink } from "@callstream/core"
import type { ClusterView, Driver, TopicView } from "./drivers/Driver.ts"
import { type Entry, Lane, type Queue } from "./Lane.ts"
import { partitionOf } from "./Partitioner.ts"
import { batchOverhead, type KafkaRecord } from "./Record.ts"
import type { Topics } from "./Topics.ts"
import { failureOf, missing } from "./Trouble.ts"

export interface DeliveryOptions {
  readonly driver: Driver
  readonly brokers: ReadonlyArray<string>
  readonly topics: Topics
  readonly encode: (event: Event) => KafkaRecord | string
  readonly view: ClusterView
  readonly producers: number
  readonly deliveryTimeoutMs: number
  readonly maxMessageBytes?: number
  /** Whether a record that is too large as it is may become small enough. */
  readonly compressed: boolean
}

export type Written = { readonly answers: ReadonlyArray<Sink.Answer> } | { readonly failure: Failure.SinkFailure }

/** A write that is waited for. */
interface Waiting {
  readonly entries: ReadonlyArray<Entry>
  readonly done: () => void
}

/** What a topic takes when this login may not ask (Kafka's default). */
const usualLimit = 1_048_588

/** The most that is tried of what may be compressed: brokers read no larger request (`socket.request.max.bytes`, 100 MiB). */
const largestTry = 64 * 1024 * 1024

/** How often the partitions of the topics are looked at again, milliseconds; Java's producer has the same. */
const viewAge = 300_000

/** How long a batch may be under way before it is asked whether the cluster is well, milliseconds. */
const patienceMs = 120_000

/** How long closing waits for what is under way, milliseconds. */
const closeMs = 5000

export class Delivery {
  private readonly options: DeliveryOptions
  private readonly lanes: ReadonlyArray<Lane>
  private readonly queues = new Map<string, Queue>()
  /** Events that were not answered for yet, and what was refused without being sent. */
  private readonly held = new Map<Event, Entry | string>()
  private readonly writes = new Set<Waiting>()
  private view: ClusterView
  private viewed = Date.now()

  constructor(options: DeliveryOptions) {
    this.options = options
    this.view = options.view
    this.lanes = Array.from({ length: options.producers }, () => new Lane(options.driver, () => this.review()))
  }

  /** Resolves with an answer for each event; or with a failure, and then the same events are to come again. */
  async write(events: ReadonlyArray<Event>): Promise<Written> {
    this.refresh()
    // A topic that was gone may be there again, with as many partitions as somebody gave it.
    const gone = await this.gone(events)
    if (gone.length > 0) return { failure: missing("describe topics", gone) }
    const given = events.map((event) => this.enter(event))
    const entries = given.filter((entry) => typeof entry !== "string")
    const lanes = new Set<Lane>()
    for (const { queue } of entries) {
      queue.paused = undefined
      lanes.add(queue.lane)
    }
    for (const lane of lanes) lane.start()
    if (!(await this.settled(entries))) {
      const late = entries.find(({ state }) => state === "waiting")
      if (late !== undefined) return { failure: await this.explain(late.queue) }
    }
    for (const event of events) this.held.delete(event)
    return { answers: given.map(answerOf) }
  }

  /** Lets what is under way end, for a while and where there is hope, and closes the producers. */
  async close(): Promise<void> {
    const end = Date.now() + closeMs
    while (this.lanes.some(hasHope) && Date.now() < end) await sleep(10)
    for (const queue of this.queues.values()) queue.entries.length = 0
    await Promise.race([Promise.all(this.lanes.map((lane) => lane.close())), sleep(closeMs, undefined, { ref: false })])
  }

  /** The place of an event, the same when it comes again; or why it is refused. */
  private enter(event: Event): Entry | string {
    const known = this.held.get(event)
    if (known !== undefined) return known
    const made = this.make(event)
    this.held.set(event, made)
    if (typeof made !== "string") made.queue.entries.push(made)
    return made
  }

  private make(event: Event): Entry | string {
    const topic = this.options.topics.of(event)
    if (Result.isFailure(topic)) return topic.failure
    const record = this.options.encode(event)
    if (typeof record === "string") return record
    const seen = this.view.topics.get(topic.success)
    const limit = this.limitOf(seen)
    if (record.bytes + batchOverhead > (this.options.compressed ? Math.max(limit, largestTry) : limit)) {
      return `the record has ${record.bytes} bytes, and topic ${topic.success} takes ${limit} (max.message.bytes)`
    }
    const partition = partitionOf(record.key, seen?.partitions ?? 1)
    return { queue: this.queueOf(topic.success, partition, limit), record, state: "waiting" }
  }

  private limitOf(seen: TopicView | undefined): number {
    return this.options.maxMessageBytes ?? seen?.maxMessageBytes ?? usualLimit
  }

  private queueOf(topic: string, partition: number, limit: number): Queue {
    const name = `${topic} ${partition}`
    const known = this.queues.get(name)
    if (known !== undefined) {
      known.limit = limit
      return known
    }
    const lane = this.lanes[this.queues.size % this.lanes.length]
    if (lane === undefined) throw new RangeError("There is no producer")
    const queue: Queue = { topic, partition, lane, entries: [], limit, paused: undefined, suspects: 0, step: 0 }
    lane.queues.push(queue)
    this.queues.set(name, queue)
    return queue
  }

  /** Waits until each entry is settled or its queue paused; false when that took too long. */
  private settled(entries: ReadonlyArray<Entry>): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (inTime: boolean): void => {
        clearTimeout(timer)
        this.writes.delete(waiting)
        resolve(inTime && entries.every(({ state }) => state !== "waiting"))
      }
      const waiting: Waiting = { entries, done: () => end(true) }
      const timer = setTimeout(() => end(false), this.options.deliveryTimeoutMs)
      this.writes.add(waiting)
      this.review()
    })
  }

  private review(): void {
    for (const { done, entries } of this.writes) {
      if (entries.every(({ queue, state }) => state !== "waiting" || queue.paused !== undefined)) done()
    }
  }

  /** Why a queue does not move, in a failure. A client that hangs, though the cluster is well, gets a new producer. */
  private async explain({ lane, paused, topic }: Queue): Promise<Failure.SinkFailure> {
    const { brokers, deliveryTimeoutMs } = this.options
    const endpoint = `produce ${topic}`
    const heard = lane.lastTrouble
    const recent = heard !== undefined && Date.now() - heard.at < deliveryTimeoutMs ? heard.trouble : undefined
    const trouble = paused ?? recent
    const waited = lane.sending === undefined ? 0 : Date.now() - lane.sending
    if (trouble?.kind === "missing" || waited > patienceMs) {
      const view = await this.look()
      if (view !== undefined && !view.topics.has(topic)) return missing(endpoint, [topic])
      lane.doubt(view?.topics.get(topic)?.leaderless === 0 && waited > patienceMs)
    }
    return trouble === undefined
      ? new Failure.Unavailable({ endpoint, reason: `no acknowledgement within ${deliveryTimeoutMs / 1000} s` })
      : failureOf(trouble, endpoint, brokers)
  }

  /** Which topics of these events are not there; those that were not are looked for. */
  private async gone(events: ReadonlyArray<Event>): Promise<ReadonlyArray<string>> {
    const { names, of } = this.options.topics
    if (names.every((name) => this.view.topics.has(name))) return []
    await this.look()
    const wanted = new Set(events.map((event) => Result.getOrElse(of(event), () => undefined)))
    return names.filter((name) => wanted.has(name) && !this.view.topics.has(name))
  }

  /** Partitions may have been added. */
  private refresh(): void {
    if (Date.now() - this.viewed < viewAge) return
    this.viewed = Date.now()
    void this.look()
  }

  private async look(): Promise<ClusterView | undefined> {
    try {
      const view = await this.options.driver.describe(this.options.topics.names)
      // A topic without a leader tells nothing of its partitions.
      if ([...view.topics.values()].every(({ leaderless }) => leaderless === 0)) this.view = view
      return view
    } catch {
      return undefined
    }
  }
}

/** Whether what a lane has under way may be answered soon: not while nobody answers at all. */
const hasHope = ({ idle, lastTrouble }: Lane): boolean =>
  !idle && lastTrouble?.trouble.kind !== "unreachable" && lastTrouble?.trouble.kind !== "timeout"

const answerOf = (entry: Entry | string): Sink.Answer => {
  if (typeof entry === "string") return Sink.refused(entry)
  const { state } = entry
  return typeof state === "object" ? Sink.refused(state.refused) : Sink.stored
}
