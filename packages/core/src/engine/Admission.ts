/**
 * Takes the records of a page into the pipeline: classifies them, writes the seen-index, enters the batch, and puts its
 * events into the sinks' buffers. One at a time per partition, so that numbers, versions and buffers keep one order.
 */
import { Clock, Effect, Semaphore } from "effect"
import type { SourceRecord, Unreadable } from "../contract/Source.ts"
import type { Step } from "../contract/Step.ts"
import type { PartitionState, SeenRow, StateFailed } from "../state/State.ts"
import type { Batch, Entry, Tally } from "./Batch.ts"
import { classify, keyed, type Keyed, letterOf } from "./Classifier.ts"
import type { Ledger } from "./Ledger.ts"
import type { Item, Lane, Outlet } from "./Outlet.ts"
import type { Progress } from "./Progress.ts"
import * as Signal from "./Signal.ts"
import * as Steps from "./Steps.ts"

/** A sink as one source sees it. */
export interface Port {
  readonly outlet: Outlet
  /** Types it takes; absent: all. */
  readonly types?: ReadonlySet<string>
  readonly steps: ReadonlyArray<Step>
}

export interface Arrival {
  readonly rows: ReadonlyArray<SourceRecord | Unreadable>
  readonly bytes: number
  /** The partition's progress once this is done. */
  readonly progress?: Progress
  /** What the source or its completion has to add. */
  readonly more?: Pick<Batch, "fetched" | "deadLetters"> & { readonly rows: ReadonlyArray<SeenRow> }
}

export interface AdmissionOptions {
  readonly uri: string
  readonly stream: string
  readonly revision: number
  readonly state: PartitionState
  readonly ledger: Ledger
  readonly steps: ReadonlyArray<Step>
  readonly ports: ReadonlyArray<Port>
  readonly nextBatch: number
  /** Ends when draining has lasted too long: nothing waits for room any more. */
  readonly aborting: Effect.Effect<void>
}

export interface Admission {
  /** Not to be interrupted: a batch that was entered is handed to all sinks. */
  readonly admit: (arrival: Arrival) => Effect.Effect<void, StateFailed>
  /** Hands what was admitted to the sinks, in order, once the state is safe on its disk; for ever. */
  readonly handing: Effect.Effect<never, StateFailed>
  /** This content is done with, in a batch that waits for its commit. */
  readonly settling: (key: string) => boolean
  /** A commit is done: what it wrote need not be remembered any more. */
  readonly forget: (batches: ReadonlyArray<Batch>) => void
}

/** Most batches that may wait for their commit. */
const mostInFlight = 256

/** A batch on its way to the sinks. */
interface Handing {
  readonly safe: Effect.Effect<void, StateFailed>
  readonly offering: Effect.Effect<void>
}

export const make = (options: AdmissionOptions): Admission => {
  const { ledger, ports, revision, state, steps, uri } = options
  const stream = `${uri}#${options.stream}`
  const names = ports.map(({ outlet }) => outlet.name)
  const turn = Semaphore.makeUnsafe(1)
  /** A wait within what is not to be interrupted. */
  const unlessAborted = (wait: Effect.Effect<void>) => Effect.raceFirst(Effect.interruptible(wait), options.aborting)
  const admitted = Signal.make()
  const handed = Signal.make()
  /** Waits for the state's disk, or for room in the sinks' buffers, while the next page is classified. */
  let toHand: Handing | undefined
  let number = options.nextBatch
  /** Tokens of contents as uncommitted batches will leave them; `undefined`: none. */
  const overlay = new Map<string, { readonly batch: number; readonly token: string | undefined }>()

  const known = Effect.fnUntraced(function* (rows: ReadonlyArray<Keyed>) {
    const keys: Array<string> = []
    const contents = new Set<string>()
    for (const row of rows) {
      keys.push(row.key)
      if ("unreadable" in row) continue
      if (row.contentKey !== undefined) {
        keys.push(row.contentKey)
        contents.add(row.contentKey)
      }
      if (row.record.fetched !== undefined || row.record.op === "delete") contents.add(row.key)
    }
    const seen = new Map<string, SeenRow>()
    for (const row of yield* state.seen(keys)) if (row !== undefined) seen.set(row.key, row)
    const pending = new Map<string, string>()
    if (contents.size > 0) {
      for (const row of yield* state.pending([...contents])) if (row !== undefined) pending.set(row.key, row.token)
      for (const key of contents) {
        const ahead = overlay.get(key)
        if (ahead?.token !== undefined) pending.set(key, ahead.token)
        else if (ahead !== undefined) pending.delete(key)
      }
    }
    return { seen, pending }
  })

  const room = Effect.gen(function* () {
    while (true) {
      const more = handed.next()
      if (toHand === undefined) return
      yield* more
    }
  })

  const handing = Effect.gen(function* () {
    while (true) {
      const more = admitted.next()
      if (toHand === undefined) {
        yield* more
        continue
      }
      yield* toHand.safe
      yield* unlessAborted(toHand.offering)
      toHand = undefined
      handed.notify()
    }
  })

  const admit = ({ bytes, more, progress, rows }: Arrival) =>
    turn.withPermits(1)(
      Effect.uninterruptible(
        Effect.gen(function* () {
          yield* unlessAborted(ledger.below(mostInFlight))
          const now = yield* Clock.currentTimeMillis
          const table = keyed(stream, rows)
          const batchNumber = number++
          const found = classify(table, yield* known(table), {
            uri,
            revision,
            batch: batchNumber,
            now,
            bytes,
            steps
          })
          const changed = more === undefined ? found.changed : [...found.changed, ...more.rows]
          const safe =
            changed.length + found.readAgain.length === 0
              ? Effect.void
              : yield* state.offer(batchNumber, changed, found.readAgain, now)
          yield* unlessAborted(room)
          const batch: Batch = {
            number: batchNumber,
            entries: found.entries,
            books: found.books,
            pending: found.pending,
            fetched: more === undefined ? found.fetched : [...found.fetched, ...more.fetched],
            deadLetters: more === undefined ? found.deadLetters : [...found.deadLetters, ...more.deadLetters],
            ...(progress === undefined ? {} : { progress })
          }
          for (const { key, token } of batch.pending) overlay.set(key, { batch: batchNumber, token })
          for (const { key } of batch.fetched) overlay.set(key, { batch: batchNumber, token: undefined })
          const tallies = ledger.enter(batch, names)
          const offers = ports.map((port) => {
            const tally = tallies.get(port.outlet.name)
            return tally === undefined ? [] : itemsFor(port, tally, batch.entries, now, batchNumber)
          })
          ledger.answered()
          const offering = Effect.forEach(ports, ({ outlet }, i) => outlet.offer(offers[i] ?? []), {
            concurrency: "unbounded",
            discard: true
          })
          if (batch.entries.length === 0) return
          toHand = { safe, offering }
          admitted.notify()
        })
      )
    )

  const itemsFor = (port: Port, tally: Tally, entries: ReadonlyArray<Entry>, now: number, batch: number) => {
    const { outlet, types } = port
    const wanted = types === undefined ? entries : entries.filter(({ event }) => types.has(event.type))
    const { dropped, kept, refused } = Steps.apply(port.steps, wanted)
    tally.books.emitted = entries.length
    tally.books.unwanted = entries.length - wanted.length + dropped.length
    tally.books.refused = refused.length
    for (const { entry, reason } of refused) tally.deadLetters.push(letterOf(entry, `sink:${outlet.name}`, reason, now))
    tally.waiting = kept.length
    const lane: Lane = {
      tally,
      uri,
      answered: ledger.answered,
      reissue: (entry, above) => reissue(entry, above, batch)
    }
    return kept.map((entry): Item => ({ entry, lane }))
  }

  /** Raises the floor of an entity above what a sink holds, and gives its newest event that version. */
  const reissue = (entry: Entry, above: number, batch: number) =>
    turn
      .withPermits(1)(
        Effect.gen(function* () {
          const [row] = yield* state.seen([entry.key])
          if (row === undefined || row.id !== entry.event.id) return undefined
          const now = yield* Clock.currentTimeMillis
          const asof = Math.max(now, above + 1)
          yield* Effect.flatten(state.offer(batch, [{ ...row, asof }], [], now))
          yield* Effect.logWarning(`A sink holds a newer version of an entity than was ever sent: ${entry.event.type}`)
          return { ...entry, event: { ...entry.event, asof: String(asof) } }
        })
      )
      .pipe(Effect.catch(() => Effect.undefined))

  return {
    admit,
    handing,
    settling: (key) => overlay.has(key),
    forget: (batches) => {
      const through = batches.at(-1)?.number ?? 0
      for (const [key, ahead] of overlay) if (ahead.batch <= through) overlay.delete(key)
    }
  }
}
