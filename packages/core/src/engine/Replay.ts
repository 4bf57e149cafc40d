/**
 * What can be done with dead letters of one partition at work: sending them again to the sink that refused, fetching or
 * reading them again, dropping them. Each is one commit with what it leads to, so that a crash neither loses a letter nor
 * its record; done twice it does no harm.
 */
import { Clock, Deferred, Effect, Option, Schema } from "effect"
import { type Event, fingerprint, Op } from "@callstream/model"
import type {
  Again,
  Closed,
  PartitionState,
  PendingRow,
  SeenRow,
  StateFailed,
  StoredDeadLetter
} from "../state/State.ts"
import type { Admission, Desk, Port, Post } from "./Admission.ts"
import type { Batch, Entry, Tally } from "./Batch.ts"
import * as Books from "./Books.ts"
import type { Ledger } from "./Ledger.ts"
import type { Walk } from "./Progress.ts"
import type { Reader } from "./Reader.ts"

/** A partition at work. */
export interface Workplace {
  readonly state: PartitionState
  readonly ports: ReadonlyArray<Port>
  readonly admission: Admission
  readonly ledger: Ledger
  readonly reader: Reader
  /** Numbers of letters that are being sent again. */
  readonly sending: Set<number>
}

/** What became of dead letters. */
export interface Outcome {
  readonly delivered: number
  /** Refused, unreadable or failed once more. */
  readonly refused: number
  /** Closed without sending: a newer version was sent since, or its sink no longer wants it. */
  readonly closed: number
  /** On their way: still to be fetched, or being sent for another request. */
  readonly later: number
  /** Not to be sent again by what was kept. */
  readonly impossible: number
  readonly dropped: number
  /** Sentences about single letters. */
  readonly said: ReadonlyArray<string>
}

export const nothing: Outcome = {
  delivered: 0,
  refused: 0,
  closed: 0,
  later: 0,
  impossible: 0,
  dropped: 0,
  said: []
}

export const together = (a: Outcome, b: Outcome): Outcome => ({
  delivered: a.delivered + b.delivered,
  refused: a.refused + b.refused,
  closed: a.closed + b.closed,
  later: a.later + b.later,
  impossible: a.impossible + b.impossible,
  dropped: a.dropped + b.dropped,
  said: [...a.said, ...b.said]
})

/** How often what was begun is looked at. */
const lookMs = 1000

const closing = ({ key, number, stage }: StoredDeadLetter): Closed => ({ key, number, stage })

/** Whether a letter is still open, as far as is committed. */
const isOpen = ({ ledger }: Workplace, { key, stage }: StoredDeadLetter): boolean =>
  ledger.letters.get(key)?.has(stage) === true

const emptyBatch: Omit<Batch, "number"> = {
  entries: [],
  books: Books.empty,
  pending: [],
  fetched: [],
  deadLetters: []
}

/** Enters a batch that `prepare` makes while nothing else is admitted, and waits for its commit. */
const committed = <A>(
  { admission }: Workplace,
  prepare: (
    desk: Desk
  ) => Effect.Effect<
    { readonly batch: Partial<Batch>; readonly posts?: ReadonlyArray<Post>; readonly result: A },
    StateFailed
  >
): Effect.Effect<readonly [A, ReadonlyArray<Tally>], StateFailed> =>
  Effect.gen(function* () {
    const done = Deferred.makeUnsafe<ReadonlyArray<Tally>>()
    const result = yield* admission.alone((desk) =>
      Effect.gen(function* () {
        const { batch, posts, result } = yield* prepare(desk)
        const told = (tallies: ReadonlyArray<Tally>) => void Deferred.doneUnsafe(done, Effect.succeed(tallies))
        yield* desk.enter({ ...emptyBatch, ...batch, committed: told }, posts ?? [])
        return result
      })
    )
    return [result, yield* Deferred.await(done)] as const
  })

/** Forgets letters. */
export const drop = (at: Workplace, letters: ReadonlyArray<StoredDeadLetter>): Effect.Effect<Outcome, StateFailed> =>
  Effect.map(
    committed(at, () => Effect.succeed({ batch: { closed: letters.map(closing) }, result: letters.length })),
    ([dropped]) => ({ ...nothing, dropped })
  )

/** Sends letters of one sink to that sink again, those that are the newest of their entity. */
export const resend = Effect.fn("Replay.resend")(function* (
  at: Workplace,
  sink: string,
  letters: ReadonlyArray<StoredDeadLetter>
) {
  const port = at.ports.find(({ outlet }) => outlet.name === sink)
  if (port === undefined) {
    return impossible(letters, `the file has no sink ${sink} that takes from this source`)
  }
  // Two requests may name the same letter; the first one sends it.
  const own = letters.filter(({ number }) => !at.sending.has(number))
  for (const { number } of own) at.sending.add(number)
  const done = Effect.sync(() => own.forEach(({ number }) => at.sending.delete(number)))
  return yield* Effect.ensuring(resendOwn(at, port, own, letters.length - own.length), done)
})

const resendOwn = Effect.fnUntraced(function* (
  at: Workplace,
  port: Port,
  letters: ReadonlyArray<StoredDeadLetter>,
  later: number
) {
  const [{ cut, outdated, sent }, tallies] = yield* committed(at, () =>
    Effect.gen(function* () {
      const seen = yield* at.state.seen(letters.map(({ key }) => key))
      const entries: Array<Entry> = []
      const numbers = new Map<string, number>()
      const outdated: Array<StoredDeadLetter> = []
      const cut: Array<StoredDeadLetter> = []
      for (const letter of letters) {
        const row = seen.get(letter.key)
        const event = eventOf(letter)
        if (!isOpen(at, letter) || (row !== undefined && event !== undefined && row.id !== event.id)) {
          outdated.push(letter)
        } else if (event === undefined) cut.push(letter)
        else {
          numbers.set(letter.key, letter.number)
          const asof = row === undefined ? event.asof : String(row.asof)
          entries.push({
            key: letter.key,
            bytes: JSON.stringify(letter.payload).length,
            event: { ...event, asof }
          })
        }
      }
      return {
        batch: { closed: outdated.map(closing) },
        posts: entries.length === 0 ? [] : [{ port, kind: "replayed" as const, entries, numbers }],
        result: { outdated, cut, sent: entries }
      }
    })
  )
  const books = tallies[0]?.books ?? Books.emptySink
  return together(impossible(cut, "its payload was longer than a mebibyte and is cut"), {
    ...nothing,
    later,
    delivered: books.stored + books.superseded,
    refused: books.refused,
    closed: outdated.length + sent.length - books.stored - books.superseded - books.refused,
    said: [
      ...outdated.map(({ number }) => `Dead letter ${number} was closed: a newer version was sent since.`),
      ...(tallies[0]?.deadLetters ?? []).map(
        ({ number, reason }) => `Dead letter ${number} is still refused: ${reason}`
      )
    ]
  } satisfies Outcome)
})

export const impossible = (letters: ReadonlyArray<StoredDeadLetter>, why: string): Outcome => ({
  ...nothing,
  impossible: letters.length,
  said: letters.map(({ number }) => `Dead letter ${number} cannot be sent again: ${why}.`)
})

const decodeEvent = Schema.decodeUnknownOption(
  Schema.Struct({
    id: Schema.String,
    type: Schema.String,
    source: Schema.String,
    subject: Schema.String,
    time: Schema.optionalKey(Schema.String),
    op: Op,
    conversation: Schema.optionalKey(Schema.String),
    asof: Schema.String,
    dataschema: Schema.String,
    data: Schema.optionalKey(Schema.Json)
  })
)

/** The event of a letter; `undefined` for one that was cut. */
const eventOf = ({ payload }: StoredDeadLetter): Event | undefined => Option.getOrUndefined(decodeEvent(payload))

/** Fetches contents again that could not be fetched, with all their tries. */
export const fetch = Effect.fn("Replay.fetch")(function* (at: Workplace, letters: ReadonlyArray<StoredDeadLetter>) {
  const contents = letters.flatMap((letter) => {
    const content = letter.again
    return content !== undefined && "token" in content && isOpen(at, letter) ? [{ letter, content }] : []
  })
  const due = yield* Clock.currentTimeMillis
  const [begun] = yield* committed(at, (desk) =>
    Effect.gen(function* () {
      const pending = yield* desk.pending(contents.map(({ letter }) => letter.key))
      const rows = contents.flatMap(({ content, letter }): ReadonlyArray<PendingRow> =>
        pending.has(letter.key) ? [] : [{ ...content, key: letter.key, attempts: 0, due }]
      )
      return { batch: { pending: rows, closed: contents.map(({ letter }) => closing(letter)) }, result: rows }
    })
  )
  const later = yield* untried(at, begun)
  const failed = begun.filter(({ key }) => at.ledger.letters.get(key)?.has("content") === true)
  return {
    ...nothing,
    delivered: begun.length - later - failed.length,
    refused: failed.length,
    closed: contents.length - begun.length,
    later
  } satisfies Outcome
})

/** Waits until contents were asked for; how many are to be asked for again. */
const untried = Effect.fnUntraced(function* ({ state }: Workplace, rows: ReadonlyArray<PendingRow>) {
  while (true) {
    const pending = (yield* state.pending(rows.map(({ key }) => key))).filter((row) => row !== undefined)
    if (pending.every(({ attempts }) => attempts > 0)) return pending.length
    yield* Effect.sleep(lookMs)
  }
})

/** Reads the ranges of letters again, in which their rows then count as new. */
export const read = Effect.fn("Replay.read")(function* (
  at: Workplace,
  request: number,
  letters: ReadonlyArray<StoredDeadLetter>
) {
  const { ledger, reader, state } = at
  const found = letters.filter((letter) => letter.again !== undefined && "from" in letter.again && isOpen(at, letter))
  if (found.length > 0) {
    const seen = yield* state.seen(found.map(({ key }) => key))
    const rows = found.flatMap(({ key }) => {
      const row = seen.get(key)
      return row === undefined ? [] : [forgotten(row)]
    })
    const started = yield* Clock.currentTimeMillis
    const begun = Deferred.makeUnsafe<void>()
    reader.order({
      request,
      walks: () => walksOf(found, request, started),
      rows,
      closed: found.map(closing),
      begun: () => void Deferred.doneUnsafe(begun, Effect.void)
    })
    yield* Deferred.await(begun)
  }
  while (ledger.progress().walks.some((walk) => walk.request === request)) yield* Effect.sleep(lookMs)
  const refused = found.filter((letter) => isOpen(at, letter)).length
  return { ...nothing, delivered: found.length - refused, refused } satisfies Outcome
})

/** A row that what comes next differs from, whatever it is. */
const forgotten = (row: SeenRow): SeenRow => ({
  ...row,
  content: fingerprint("forgotten", row.key, "upsert", null)
})

/** Walks over the ranges of letters; ranges that touch are one. */
const walksOf = (letters: ReadonlyArray<StoredDeadLetter>, request: number, started: number): ReadonlyArray<Walk> => {
  const ranges = letters.flatMap(({ again }) => (again !== undefined && "from" in again ? [again] : []))
  const walks: Array<Walk> = []
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = walks.at(-1)
    if (last !== undefined && from <= last.to) walks.splice(-1, 1, { ...last, to: Math.max(last.to, to) })
    else walks.push({ purpose: "backfill", from, to, started, next: from, spans: [], request })
  }
  return walks
}

/** How a letter can be tried again. */
export type Way = "send" | "fetch" | "read" | "none"

export const wayOf = ({ again, stage }: { readonly again?: Again; readonly stage: string }): Way => {
  if (stage.startsWith("sink:")) return "send"
  if (again === undefined) return "none"
  return "token" in again ? "fetch" : "read"
}

/** Tries letters again, each in its way. */
export const replay = Effect.fn("Replay.replay")(function* (
  at: Workplace,
  request: number,
  letters: ReadonlyArray<StoredDeadLetter>
) {
  const ways = Map.groupBy(letters, wayOf)
  let outcome = impossible(
    ways.get("none") ?? [],
    "what its range or content was is not known; backfill reads a range again"
  )
  for (const [stage, ofSink] of Map.groupBy(ways.get("send") ?? [], (letter) => letter.stage)) {
    outcome = together(outcome, yield* resend(at, stage.slice("sink:".length), ofSink))
  }
  const contents = ways.get("fetch") ?? []
  if (contents.length > 0) outcome = together(outcome, yield* fetch(at, contents))
  const rows = ways.get("read") ?? []
  return rows.length > 0 ? together(outcome, yield* read(at, request, rows)) : outcome
})
