/**
 * Takes the records of a page into the pipeline: classifies them, writes the seen-index, enters the batch, and puts its
 * events into the sinks' buffers. One at a time per partition, so that numbers, versions and buffers keep one order.
 */
import { Clock, Effect, Semaphore } from "effect"
import type { SourceRecord, Unreadable, Window } from "../contract/Source.ts"
import type { Step } from "../contract/Step.ts"
import type { PartitionState, PendingRow, SeenRow, StateFailed } from "../state/State.ts"
import { type Batch, type Entry, type Kind, tally, type Tally } from "./Batch.ts"
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
  /** The range that is being read. */
  readonly window?: Window
  /** Sinks that get what is unchanged, too. */
  readonly refill?: ReadonlyArray<string>
  /** What the source or its completion has to add. */
  readonly more?: Pick<Batch, "fetched" | "deadLetters" | "closed" | "gone" | "committed"> & {
    readonly rows: ReadonlyArray<SeenRow>
  }
}

/** Events for one sink. */
export interface Post {
  readonly port: Port
  readonly kind: Kind
  readonly entries: ReadonlyArray<Entry>
  /** Numbers of the dead letters they are of, by key. */
  readonly numbers?: ReadonlyMap<string, number>
}

/** What may be done while nothing else is admitted. */
export interface Desk {
  /** What is pending of these contents, as uncommitted batches will leave it. */
  readonly pending: (keys: Iterable<string>) => Effect.Effect<ReadonlyMap<string, PendingRow>, StateFailed>
  /** Enters a batch, and hands its events to the sinks. */
  readonly enter: (batch: Omit<Batch, "number">, posts: ReadonlyArray<Post>) => Effect.Effect<void>
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
  readonly admit: (arrival: Arrival) => Effect.Effect<void, StateFailed>
  /** Does something while nothing is admitted; not to be interrupted. */
  readonly alone: <A, E>(work: (desk: Desk) => Effect.Effect<A, E>) => Effect.Effect<A, E>
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
  const turn = Semaphore.makeUnsafe(1)
  /** A wait within what is not to be interrupted. */
  const unlessAborted = (wait: Effect.Effect<void>) => Effect.raceFirst(Effect.interruptible(wait), options.aborting)
  const admitted = Signal.make()
  const handed = Signal.make()
  /** Waits for the state's disk, or for room in the sinks' buffers, while the next page is classified. */
  let toHand: Handing | undefined
  let number = options.nextBatch
  /** Contents as uncommitted batches will leave them; `undefined`: none. */
  const overlay = new Map<string, { readonly batch: number; readonly row: PendingRow | undefined }>()

  const pendingOf = Effect.fnUntraced(function* (keys: Iterable<string>) {
    const wanted = [...keys]
    const pending = new Map<string, PendingRow>()
    for (const row of yield* state.pending(wanted)) if (row !== undefined) pending.set(row.key, row)
    for (const key of wanted) {
      const ahead = overlay.get(key)
      if (ahead?.row !== undefined) pending.set(key, ahead.row)
      else if (ahead !== undefined) pending.delete(key)
    }
    return pending
  })

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
    const seen = yield* state.seen(keys)
    const pending = contents.size === 0 ? new Map<string, PendingRow>() : yield* pendingOf(contents)
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

  /** Not to be interrupted: a batch that was entered is handed to all sinks. */
  const turned = <A, E>(work: Effect.Effect<A, E>) => turn.withPermits(1)(Effect.uninterruptible(work))

  // A generator made for each batch would keep the batch alive: V8 puts a new function's map where only a full collection
  // looks. So it is made once, and gets what it needs as parameters.
  const admitInTurn = Effect.fnUntraced(function* ({ bytes, more, progress, refill, rows, window }: Arrival) {
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
      steps,
      ...(window === undefined ? {} : { window }),
      ...(refill === undefined ? {} : { refill })
    })
    const changed = more === undefined ? found.changed : [...found.changed, ...more.rows]
    const safe =
      changed.length + found.readAgain.length === 0
        ? Effect.void
        : yield* state.offer(batchNumber, changed, found.readAgain, now)
    yield* unlessAborted(room)
    const { rows: _rows, ...added } = more ?? { rows: [] }
    const batch: Batch = {
      number: batchNumber,
      entries: found.entries,
      books: found.books,
      pending: found.pending,
      ...added,
      fetched: more === undefined ? found.fetched : [...found.fetched, ...more.fetched],
      deadLetters: more === undefined ? found.deadLetters : [...found.deadLetters, ...more.deadLetters],
      ...(progress === undefined ? {} : { progress })
    }
    // Of one entity, what is unchanged comes before what has changed.
    const posts = ports.flatMap((port): ReadonlyArray<Post> => {
      const again = found.refills.get(port.outlet.name) ?? []
      const fresh: Post = { port, kind: "new", entries: batch.entries }
      return again.length === 0 ? [fresh] : [{ port, kind: "refilled", entries: again }, fresh]
    })
    hand(batch, posts, safe, now)
  })
  const admit = (arrival: Arrival) => turned(admitInTurn(arrival))

  const hand = (batch: Batch, posts: ReadonlyArray<Post>, safe: Handing["safe"], now: number) => {
    for (const row of batch.pending) overlay.set(row.key, { batch: batch.number, row })
    for (const { key } of batch.fetched) overlay.set(key, { batch: batch.number, row: undefined })
    const offers = new Map<Outlet, ReadonlyArray<Item>>()
    const tallies = posts.map((post) => {
      const { outlet } = post.port
      const counted = tally(outlet.name, post.kind)
      const items = itemsFor(post, counted, now, batch.number)
      if (items.length > 0) offers.set(outlet, [...(offers.get(outlet) ?? []), ...items])
      return counted
    })
    ledger.enter(batch, tallies)
    ledger.answered()
    if (offers.size === 0) return
    const offering = Effect.forEach(offers, ([outlet, items]) => outlet.offer(items), {
      concurrency: "unbounded",
      discard: true
    })
    toHand = { safe, offering }
    admitted.notify()
  }

  const desk: Desk = {
    pending: pendingOf,
    enter: Effect.fnUntraced(function* (batch, posts) {
      yield* unlessAborted(ledger.below(mostInFlight))
      yield* unlessAborted(room)
      hand({ ...batch, number: number++ }, posts, Effect.void, yield* Clock.currentTimeMillis)
    })
  }

  const itemsFor = ({ entries, kind, numbers, port }: Post, tally: Tally, now: number, batch: number) => {
    const { outlet, types } = port
    const wanted = types === undefined ? entries : entries.filter(({ event }) => types.has(event.type))
    const { dropped, kept, refused } = Steps.apply(port.steps, wanted)
    tally.books.emitted = entries.length
    tally.books.unwanted = entries.length - wanted.length + dropped.length
    tally.books.refused = refused.length
    tally.waiting = kept.length
    const lane: Lane = {
      tally,
      uri,
      answered: ledger.answered,
      reissue: (entry, above) => reissue(entry, above, batch),
      letter: (entry, reason, at) => {
        const before = entries.find(({ event }) => event.id === entry.event.id) ?? entry
        const letter = numbers?.get(entry.key)
        return {
          ...letterOf(before, `sink:${outlet.name}`, reason, at),
          ...(letter === undefined ? {} : { number: letter })
        }
      }
    }
    for (const { entry, reason } of refused) tally.deadLetters.push(lane.letter(entry, reason, now))
    // A letter whose sink no longer wants it is done with.
    if (kind === "replayed") {
      const sent = new Set([...kept, ...refused.map(({ entry }) => entry)].map(({ key }) => key))
      for (const { key } of entries) if (!sent.has(key)) tally.delivered.push(key)
    }
    return kept.map((entry): Item => ({ entry, lane }))
  }

  /** Raises the floor of an entity above what a sink holds, and gives its newest event that version. */
  const reissue = (entry: Entry, above: number, batch: number) =>
    turn
      .withPermits(1)(
        Effect.gen(function* () {
          const row = (yield* state.seen([entry.key])).get(entry.key)
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
    alone: (work) => turned(work(desk)),
    handing,
    settling: (key) => overlay.has(key),
    forget: (batches) => {
      const through = batches.at(-1)?.number ?? 0
      for (const [key, ahead] of overlay) if (ahead.batch <= through) overlay.delete(key)
    }
  }
}
