/**
 * Fetches the contents that are pending, oldest first, and admits what comes as batches of its own. What fails is tried
 * again for about a day, then becomes a dead letter.
 */
import { Clock, Effect } from "effect"
import { fingerprint } from "@callstream/model"
import type { SourceFailure } from "../contract/Failure.ts"
import type { Fetched, Partition, PendingContent, SourceRecord, SourceStream, Unreadable } from "../contract/Source.ts"
import { RequestPurpose } from "../net/RateBudget.ts"
import type { DeadLetter, PartitionState, PendingRow, SeenRow, StateFailed } from "../state/State.ts"
import type { Admission } from "./Admission.ts"
import * as Backoff from "./Backoff.ts"
import { contentOf as againOf, goneToken } from "./Classifier.ts"
import * as Signal from "./Signal.ts"

export interface Completion {
  /** Fetches for ever; a failure is the partition's affair. */
  readonly run: Effect.Effect<never, SourceFailure | StateFailed>
  /** Contents may be pending that were not before. */
  readonly wake: () => void
  /** Nothing is pending or being fetched. */
  readonly idle: () => boolean
  /** Waits while more is due than can be fetched soon, so that listing does not run ahead without end. */
  readonly keptUp: Effect.Effect<void>
}

export interface CompletionOptions {
  readonly stream: SourceStream
  readonly partition: Partition
  readonly state: PartitionState
  readonly admission: Admission
  readonly asked: Effect.Effect<void, StateFailed>
}

/** Contents asked for together unless the stream says otherwise; bounds what their bodies may take in memory. */
const together = 16
/** Contents that may be due before listing waits. */
const backlog = 2_000
/** With the patient back-off, about a day. */
const mostAttempts = 30

export const make = ({ admission, asked, partition, state, stream }: CompletionOptions): Completion => {
  const woken = Signal.make()
  const done = Signal.make()
  const types = new Map(stream.types.map((type) => [type.type, type]))
  let idle = false
  let behind = false
  let wakes = 0

  const contentOf = (row: PendingRow): PendingContent | undefined => {
    const type = types.get(row.type)
    return type === undefined ? undefined : { type, subject: row.subject, token: row.token, request: row.request }
  }

  const complete = Effect.fnUntraced(function* (
    rows: ReadonlyArray<PendingRow>,
    fetch: NonNullable<SourceStream["fetch"]>
  ) {
    const contents = rows.map(contentOf)
    const known = contents.filter((content) => content !== undefined)
    const purpose = rows.every(({ refill }) => refill !== undefined) ? "backfill" : "completion"
    const answers = yield* Effect.provideService(fetch(partition, known), RequestPurpose, purpose)
    yield* asked
    const now = yield* Clock.currentTimeMillis
    const arrived: Array<SourceRecord | Unreadable> = []
    const fetched: Array<{ readonly key: string; readonly token: string }> = []
    const deadLetters: Array<DeadLetter> = []
    const ended: Array<PendingRow> = []
    const gone = new Set<PendingRow>()
    const postponed: Array<PendingRow> = []
    let bytes = 0
    let at = 0
    for (const [i, row] of rows.entries()) {
      const answer: Fetched =
        contents[i] === undefined
          ? { failed: `is of type ${row.type}, which this version does not know` }
          : (answers[at++] ?? { later: "no answer" })
      if ("records" in answer) {
        arrived.push(...answer.records)
        bytes += answer.bytes
        if (!answer.records.some((record) => "fetched" in record)) ended.push(row)
      } else if ("later" in answer && row.attempts + 1 < mostAttempts) {
        const wait = yield* Backoff.delay(row.attempts + 1, Backoff.patient, answer.afterMs)
        postponed.push({ ...row, attempts: row.attempts + 1, due: now + wait })
      } else {
        ended.push(row)
        if ("gone" in answer) {
          gone.add(row)
          continue
        }
        const reason = "later" in answer ? answer.later : answer.failed
        deadLetters.push({
          key: row.key,
          stage: "content",
          type: row.type,
          subject: row.subject,
          reason,
          payload: row.request,
          again: againOf(row),
          at: now
        })
      }
    }
    for (const { key, token } of ended) fetched.push({ key, token })
    if (postponed.length > 0) yield* state.postpone(postponed)
    if (arrived.length + ended.length > 0) {
      // What was delivered once is remembered as that, though it is gone by now.
      const remembered = yield* tokensOf(
        ended.filter((row) => !gone.has(row) || row.refill === undefined),
        gone
      )
      const missed = [...gone].flatMap((row) => row.refill ?? [])
      yield* admission.admit({ rows: arrived, bytes, more: { fetched, deadLetters, rows: remembered, gone: missed } })
    }
  })

  /** The seen-index remembers the tokens of contents that ended without an event: they are not fetched again. */
  const tokensOf = Effect.fnUntraced(function* (rows: ReadonlyArray<PendingRow>, gone: ReadonlySet<PendingRow>) {
    const seen = yield* state.seen(rows.map(({ key }) => key))
    return rows.map((row): SeenRow => {
      const { key } = row
      const token = gone.has(row) ? goneToken(row.token) : row.token
      const content = fingerprint(stream.name, key, "upsert", null)
      const none = { key, content, id: "", asof: 0, revision: stream.revision, batch: 0, doubt: false }
      return { ...(seen.get(key) ?? none), token }
    })
  })

  const run = Effect.gen(function* () {
    const { fetch } = stream
    if (fetch === undefined) {
      idle = true
      return yield* Effect.never
    }
    while (true) {
      const more = woken.next()
      const seen = wakes
      const now = yield* Clock.currentTimeMillis
      const due = yield* state.due(now, backlog)
      behind = due.length === backlog
      if (!behind) done.notify()
      const rows = due.filter(({ key }) => !admission.settling(key)).slice(0, stream.fetchAtOnce ?? together)
      if (due.length > 0) {
        idle = false
        yield* rows.length > 0 ? complete(rows, fetch) : more
        continue
      }
      const next = yield* state.nextDue
      idle = next === undefined && seen === wakes
      done.notify()
      yield* next === undefined ? more : Effect.raceFirst(more, Effect.sleep(Math.max(1, next - now)))
    }
  })

  return {
    run,
    wake: () => {
      wakes += 1
      if (stream.fetch !== undefined) idle = false
      woken.notify()
    },
    idle: () => idle,
    keptUp: Effect.gen(function* () {
      while (true) {
        const more = done.next()
        if (!behind) return
        yield* more
      }
    })
  }
}
