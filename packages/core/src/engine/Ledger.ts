/**
 * Batches in flight of one partition, in order, and what the sinks said of them. A checkpoint moves only over a
 * contiguous prefix that every sink has answered for good.
 */
import { Clock, Effect } from "effect"
import { entityKey } from "@callstream/model"
import type { Closed, Commit, DeadLetter, PartitionState, StateFailed } from "../state/State.ts"
import type { Batch, Tally } from "./Batch.ts"
import * as Books from "./Books.ts"
import type { Progress } from "./Progress.ts"
import * as Signal from "./Signal.ts"

interface Slot {
  readonly batch: Batch
  readonly tallies: ReadonlyArray<Tally>
}

export interface Ledger {
  /** Enters a batch; the tallies are where the answers of sinks are written down. */
  readonly enter: (batch: Batch, tallies: ReadonlyArray<Tally>) => void
  /** Some answers came. */
  readonly answered: () => void
  /** Commits what is ready, for ever. */
  readonly committing: Effect.Effect<never, StateFailed>
  /** Waits until nothing is in flight. */
  readonly empty: Effect.Effect<void>
  /** Waits until fewer than this many batches are in flight. */
  readonly below: (most: number) => Effect.Effect<void>
  readonly inFlight: () => number
  /** Committed books and progress. */
  readonly books: () => Books.Books
  readonly progress: () => Progress
  /** Open dead letters: key to stages. */
  readonly letters: ReadonlyMap<string, ReadonlySet<string>>
}

export interface LedgerOptions {
  readonly progress: Progress
  readonly books: Books.Books
  readonly deadLetters: ReadonlyArray<{ readonly key: string; readonly stage: string }>
  readonly commit: (commit: Commit) => Effect.Effect<void, StateFailed>
  /** Open dead letters as the state has them. */
  readonly letters: PartitionState["letters"]
  /** Called after each commit with what it added. */
  readonly committed: (batches: ReadonlyArray<Batch>, added: Books.Books) => Effect.Effect<void>
}

export const make = (options: LedgerOptions): Ledger => {
  const slots: Array<Slot> = []
  const answers = Signal.make()
  const commits = Signal.make()
  const letters = new Map<string, Set<string>>()
  for (const { key, stage } of options.deadLetters) bury(letters, key, stage)
  let books = options.books
  let progress = options.progress

  const ready = (): ReadonlyArray<Slot> => {
    const end = slots.findIndex(({ tallies }) => tallies.some((sink) => sink.waiting > 0))
    return slots.slice(0, end === -1 ? slots.length : end)
  }

  const commitReady = Effect.gen(function* () {
    const prefix = ready()
    const last = prefix.at(-1)
    if (last === undefined) return false
    const now = yield* Clock.currentTimeMillis
    const added = prefix.reduce((sum, slot) => Books.add(sum, booksOf(slot)), Books.empty)
    const deadLetters = prefix.flatMap(({ batch, tallies }) => [
      ...batch.deadLetters,
      ...tallies.flatMap((sink) => sink.deadLetters)
    ])
    const named = prefix.flatMap(({ batch }) => batch.closed ?? [])
    const closed: ReadonlyArray<Closed> = letters.size === 0 ? named : [...named, ...closedBy(prefix, letters)]
    const after = prefix.findLast(({ batch }) => batch.progress !== undefined)?.batch.progress ?? progress
    const through = last.batch.number
    const total = Books.add(books, added)
    yield* options.commit({
      through,
      progress: { ...after, batch: through },
      books: total,
      pending: prefix.flatMap(({ batch }) => batch.pending),
      fetched: prefix.flatMap(({ batch }) => batch.fetched),
      deadLetters: deadLetters.map((letter): DeadLetter => ({ ...letter, at: now })),
      closed
    })
    books = total
    progress = after
    for (const { key, stage } of closed) unbury(letters, key, stage)
    for (const { key, stage } of deadLetters) bury(letters, key, stage)
    if (named.length > 0) {
      // Whether a letter of a number was still there, the state alone knows.
      const open = yield* options.letters
      letters.clear()
      for (const { key, stage } of open) bury(letters, key, stage)
    }
    slots.splice(0, prefix.length)
    for (const { batch, tallies } of prefix) batch.committed?.(tallies)
    yield* options.committed(
      prefix.map(({ batch }) => batch),
      added
    )
    commits.notify()
    return true
  })

  const committing = Effect.gen(function* () {
    while (true) {
      const more = answers.next()
      if (!(yield* Effect.uninterruptible(commitReady))) yield* more
    }
  })

  const below = (most: number) =>
    Effect.gen(function* () {
      while (true) {
        const more = commits.next()
        if (slots.length < most) return
        yield* more
      }
    })

  return {
    enter: (batch, tallies) => void slots.push({ batch, tallies }),
    answered: answers.notify,
    committing,
    empty: below(1),
    below,
    inFlight: () => slots.length,
    books: () => books,
    progress: () => progress,
    letters
  }
}

const bury = (letters: Map<string, Set<string>>, key: string, stage: string) => {
  const stages = letters.get(key)
  if (stages === undefined) letters.set(key, new Set([stage]))
  else stages.add(stage)
}

const unbury = (letters: Map<string, Set<string>>, key: string, stage: string) => {
  const stages = letters.get(key)
  stages?.delete(stage)
  if (stages?.size === 0) letters.delete(key)
}

const booksOf = ({ batch, tallies }: Slot): Books.Books => {
  const sinks: Record<string, Books.SinkBooks> = {}
  for (const { books, kind, sink } of tallies) {
    if (kind === "new") sinks[sink] = { ...sinks[sink], ...books }
    else sinks[sink] = { ...(sinks[sink] ?? Books.emptySink), [kind]: { ...books } }
  }
  for (const sink of batch.gone ?? []) {
    const before = sinks[sink] ?? Books.emptySink
    sinks[sink] = { ...before, gone: (sinks[sink]?.gone ?? 0) + 1 }
  }
  return { ...batch.books, sinks }
}

/** The key of a row that could not be read, by what it was of. */
export const unreadableKey = (subject: string): string => entityKey("unreadable", subject)

/** Dead letters that a newer version has made obsolete: read after all, or delivered to the sink that refused. */
const closedBy = (
  slots: ReadonlyArray<Slot>,
  letters: ReadonlyMap<string, ReadonlySet<string>>
): ReadonlyArray<Closed> => {
  const unread = [...letters.values()].some((stages) => stages.has("read"))
  const ofSource = (key: string) =>
    [...(letters.get(key) ?? [])].filter((stage) => !stage.startsWith("sink:")).map((stage) => ({ key, stage }))
  return slots.flatMap(({ batch, tallies }) => [
    ...batch.entries.flatMap(({ event, key }) =>
      unread ? [...ofSource(key), ...ofSource(unreadableKey(event.subject))] : ofSource(key)
    ),
    ...tallies.flatMap(({ delivered, sink }) =>
      delivered.filter((key) => letters.get(key)?.has(`sink:${sink}`)).map((key) => ({ key, stage: `sink:${sink}` }))
    )
  ])
}
