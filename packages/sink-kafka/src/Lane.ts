/**
 * One producer and the partitions it serves: one batch of one partition is under way at a time, the form in which neither
 * client loses or doubles. A batch that a broker refuses is halved until the record that is refused stands alone.
 */
import type { Driver, Producer } from "./drivers/Driver.ts"
import { batchOverhead, type KafkaRecord } from "./Record.ts"
import { spell, type Trouble, troubleOf } from "./Trouble.ts"

/** An event on its way. */
export interface Entry {
  readonly queue: Queue
  readonly record: KafkaRecord
  state: "waiting" | "stored" | { readonly refused: string }
}

/** What waits for one partition, in order. */
export interface Queue {
  readonly topic: string
  readonly partition: number
  readonly lane: Lane
  entries: Array<Entry>
  /** Largest batch, bytes. */
  limit: number
  /** Why nothing is sent at present: until the next write asks again. */
  paused: Trouble | undefined
  /** After a refusal: how many entries at the front may be the reason, and how many of them go in a batch. */
  suspects: number
  step: number
}

/** Batches larger than this wait for each other without being faster. */
const usualBatch = 1024 * 1024

/** Sequence numbers have 31 bits, and one of the clients does not begin anew. */
const mostRecords = 1_000_000_000

/** How long a topic may be missing before that is believed: brokers that start do not know all at once. */
const missingMs = 5000

/** Twice the longest pause of a client between tries, and the time of one, milliseconds. */
const longestPauseMs = 30_000

/** What no waiting mends: attempts end at once, so that a wrong password is not tried again and again. */
const hopeless: ReadonlySet<Trouble["kind"]> = new Set(["login", "rights", "tls", "tls-ca", "tls-name", "settings"])

export class Lane {
  readonly queues: Array<Queue> = []
  /** The last attempt that failed, and when. */
  lastTrouble: { readonly trouble: Trouble; readonly at: number } | undefined
  /** Since when the batch under way is. */
  sending: number | undefined
  private readonly driver: Driver
  private readonly settled: () => void
  private producer: Producer | undefined
  private sent = 0
  private running = false
  private missingSince: number | undefined
  private wellSince: number | undefined
  private verdict: Trouble | undefined

  /** `settled` hears when entries were settled or a queue was paused. */
  constructor(driver: Driver, settled: () => void) {
    this.driver = driver
    this.settled = settled
  }

  get idle(): boolean {
    return !this.running
  }

  /** Sends what waits. */
  start(): void {
    if (this.running) return
    this.running = true
    void this.run()
  }

  /** Gives the producer up: what is under way is rejected, and its outcome unknown. */
  renew(): void {
    const given = this.producer
    this.producer = undefined
    this.sent = 0
    void given?.close().catch(() => undefined)
  }

  /**
   * Hears whether the cluster is well while a batch has been under way for long. When it has been well for longer than a
   * client pauses between tries, the client is not believed: the batch goes again with another producer.
   */
  doubt(well: boolean): void {
    this.wellSince = well ? (this.wellSince ?? Date.now()) : undefined
    if (this.wellSince !== undefined && Date.now() - this.wellSince > longestPauseMs) this.renew()
  }

  async close(): Promise<void> {
    const given = this.producer
    this.producer = undefined
    await given?.close().catch(() => undefined)
  }

  private async run(): Promise<void> {
    for (let turn = 0; ; turn++) {
      const ready = this.queues.filter(({ entries, paused }) => entries.length > 0 && paused === undefined)
      const queue = ready[turn % Math.max(1, ready.length)]
      if (queue === undefined) break
      await this.send(queue)
    }
    // In the same turn as the look at the queues, or a write that comes between would start nothing.
    this.running = false
  }

  private async send(queue: Queue): Promise<void> {
    const batch = cut(queue)
    try {
      if (this.sent > mostRecords) this.renew()
      this.verdict = undefined
      this.missingSince = undefined
      this.wellSince = undefined
      this.sending = Date.now()
      this.producer ??= this.driver.producer((trouble) => this.hear(trouble))
      await this.producer.send(
        queue.topic,
        queue.partition,
        batch.map(({ record }) => record)
      )
      this.sent += batch.length
      this.lastTrouble = undefined
      this.take(queue, batch.length, "stored")
    } catch (error) {
      this.renew()
      this.judge(queue, batch.length, this.verdict ?? troubleOf(error))
    } finally {
      this.sending = undefined
    }
    this.settled()
  }

  private hear(trouble: Trouble): void {
    const at = Date.now()
    this.lastTrouble = { trouble, at }
    this.missingSince = trouble.kind === "missing" ? (this.missingSince ?? at) : undefined
    const gone = this.missingSince !== undefined && at - this.missingSince > missingMs
    if (this.verdict === undefined && (gone || hopeless.has(trouble.kind))) {
      this.verdict = trouble
      this.renew()
    }
  }

  private judge(queue: Queue, count: number, trouble: Trouble): void {
    if (trouble.kind === "too-large" || trouble.kind === "invalid") {
      if (count === 1) {
        this.take(queue, 1, { refused: spell(trouble) })
      } else {
        queue.suspects = Math.max(queue.suspects, count)
        queue.step = Math.ceil(count / 2)
      }
      return
    }
    this.lastTrouble = { trouble, at: Date.now() }
    // What is wrong with the connection is wrong for all partitions of this producer.
    const concerned = trouble.kind === "missing" || trouble.kind === "replicas" ? [queue] : this.queues
    for (const each of concerned) each.paused = trouble
  }

  private take(queue: Queue, count: number, state: Entry["state"]): void {
    for (const entry of queue.entries.splice(0, count)) entry.state = state
    if (queue.suspects > 0) {
      queue.suspects = Math.max(0, queue.suspects - count)
      queue.step *= 2
    }
  }
}

/** The next batch of a queue; it stays in the queue until it is answered. */
const cut = ({ entries, limit, step, suspects }: Queue): ReadonlyArray<Entry> => {
  const most = suspects > 0 ? Math.min(step, suspects) : Infinity
  const room = Math.min(limit, usualBatch) - batchOverhead
  let size = 0
  let count = 0
  for (const { record } of entries) {
    if (count > 0 && (count >= most || size + record.bytes > room)) break
    size += record.bytes
    count += 1
  }
  return entries.slice(0, count)
}
