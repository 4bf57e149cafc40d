/**
 * What survives a crash, as one service per pipeline: progress and books per partition, the seen-index, contents still to
 * fetch, dead letters, parks, the sinks' identities, and requests of other processes. Only the runner writes it, but for
 * requests. Layers: `Sqlite.ts` (a file, or memory for tests).
 */
import { Context, type Effect, Schema } from "effect"
import type { Json } from "@callstream/model"
import type { Books } from "../engine/Books.ts"
import type { Progress } from "../engine/Progress.ts"

/** The state cannot be read or written: disk full, no rights, damaged. Transient for a running pipeline, said aloud. */
export class StateFailed extends Schema.TaggedError<StateFailed>()("StateFailed", {
  path: Schema.String,
  reason: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `The state ${this.path} ${this.reason}. ${this.remedy}`
  }
}

/** The state cannot be opened for good: another worker holds it, it is another pipeline's, or of a newer version. */
export class StateRefused extends Schema.TaggedError<StateRefused>()("StateRefused", {
  path: Schema.String,
  reason: Schema.String,
  remedy: Schema.String,
  /** A worker is running there: it can be asked. */
  inUse: Schema.optionalKey(Schema.Boolean)
}) {
  override get message(): string {
    return `The state ${this.path} ${this.reason}. ${this.remedy}`
  }
}

/** Where a partition's state is. */
export interface Address {
  readonly source: string
  readonly stream: string
  readonly partition: string
}

/** A row of the seen-index: the last version of an entity that was offered to the sinks. */
export interface SeenRow {
  /** `entityKey` of model. */
  readonly key: string
  /** `fingerprint` of model. */
  readonly content: string
  readonly id: string
  /** Epoch milliseconds. */
  readonly asof: number
  /** The vendor's version, where there is one. */
  readonly version?: number
  readonly revision: number
  /** The batch it was offered with. */
  readonly batch: number
  /** Offered, but not known to be delivered when the process before this one ended: it never suppresses. */
  readonly doubt: boolean
  /** For a fetched content: its token. */
  readonly token?: string
}

/** A content still to fetch. */
export interface PendingRow {
  /** Sinks that get it though it was delivered before: a backfill of theirs is on its way. */
  readonly refill?: ReadonlyArray<string>
  /** `entityKey` of the content. */
  readonly key: string
  readonly type: string
  readonly subject: string
  readonly token: string
  readonly request: Json
  readonly attempts: number
  /** When to try, epoch milliseconds on the clock. */
  readonly due: number
}

/** What another try of a dead letter needs, where it is more than the event: a range to read, or a content to fetch. */
export const Again = Schema.Union([
  Schema.Struct({ from: Schema.Finite, to: Schema.Finite }),
  Schema.Struct({
    type: Schema.String,
    subject: Schema.String,
    token: Schema.String,
    request: Schema.Json,
    refill: Schema.optionalKey(Schema.Array(Schema.String))
  })
])
export type Again = typeof Again.Type

/** A record with no further way: kept with its reason and all that is needed to look at it or send it again. */
export interface DeadLetter {
  /** The letter that this one is again, with a newer reason: it keeps its number. */
  readonly number?: number
  /** `entityKey`, or the fingerprint of a row whose entity is unknown. */
  readonly key: string
  /** `read`, `step`, `content`, or `sink:<name>`. */
  readonly stage: string
  readonly type?: string
  readonly subject?: string
  readonly reason: string
  /** The event as it was before the steps of the sink, or the raw row. */
  readonly payload: Json
  readonly again?: Again
  /** When, epoch milliseconds. */
  readonly at: number
}

export interface StoredDeadLetter extends DeadLetter, Address {
  /** Its number in this state, for `dead show`. */
  readonly number: number
}

/** A dead letter that is done with; with a number only that very one. */
export interface Closed {
  readonly key: string
  readonly stage: string
  readonly number?: number
}

/** One transaction: everything that batches up to `through` have led to. */
export interface Commit {
  readonly through: number
  readonly progress: Progress
  readonly books: Books
  /** Contents to fetch from now on; one with the same key replaces what was there. */
  readonly pending: ReadonlyArray<PendingRow>
  /** Contents that are done with: removed if they still have this token; without one, whatever it is. */
  readonly fetched: ReadonlyArray<{ readonly key: string; readonly token?: string }>
  /** New dead letters; one of the same key and stage replaces what was there. */
  readonly deadLetters: ReadonlyArray<DeadLetter>
  /** Dead letters that a newer, delivered version has closed, that were sent again, or dropped. */
  readonly closed: ReadonlyArray<Closed>
}

/** What a partition had when this process opened it. Rows above the committed batch are marked in doubt by then. */
export interface Opened {
  readonly progress: Progress | undefined
  readonly books: Books
  /** The next batch number: above every one ever used. */
  readonly nextBatch: number
  /** Keys of open dead letters, with their stages. */
  readonly deadLetters: ReadonlyArray<{ readonly key: string; readonly stage: string }>
  /** How many contents are still to be fetched. */
  readonly pending: number
}

export interface PartitionState {
  readonly open: Effect.Effect<Opened, StateFailed>
  /** Rows of the seen-index by key; there may be some that were not asked for. */
  readonly seen: (keys: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, SeenRow>, StateFailed>
  /**
   * Before a batch is offered: writes the rows of what changed, and that the others were read (for eviction). Gives what
   * waits until this is safe from a power cut, too; only then may the batch be offered.
   */
  readonly offer: (
    batch: number,
    changed: ReadonlyArray<SeenRow>,
    readAgain: ReadonlyArray<string>,
    now: number
  ) => Effect.Effect<Effect.Effect<void, StateFailed>, StateFailed>
  readonly commit: (commit: Commit) => Effect.Effect<void, StateFailed>
  /** Contents that are due, oldest first. */
  readonly due: (now: number, limit: number) => Effect.Effect<ReadonlyArray<PendingRow>, StateFailed>
  /** Pending rows, by position. */
  readonly pending: (keys: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<PendingRow | undefined>, StateFailed>
  /** When the next content is due; `undefined` when none is pending. */
  readonly nextDue: Effect.Effect<number | undefined, StateFailed>
  /** A content could not be fetched now: tried again later. */
  readonly postpone: (
    rows: ReadonlyArray<{
      readonly key: string
      readonly token: string
      readonly attempts: number
      readonly due: number
    }>
  ) => Effect.Effect<void, StateFailed>
  /** How many contents are to be fetched once more for this sink alone. */
  readonly refilling: (sink: string) => Effect.Effect<number, StateFailed>
  /** Keys of open dead letters, with their stages. */
  readonly letters: Effect.Effect<ReadonlyArray<{ readonly key: string; readonly stage: string }>, StateFailed>
  /** Forgets what was last read before the day of this instant, once for each such day; returns how many rows. */
  readonly evict: (before: number) => Effect.Effect<number, StateFailed>
}

/** A source, stream or partition that waits for a person. Empty names mean all below. */
export interface Park extends Address {
  /** Fingerprint of settings and secrets: with other ones it is tried at once. */
  readonly settings: string
  readonly reason: string
  readonly remedy: string
  readonly since: number
  readonly nextTry: number
}

export interface SinkRecord {
  readonly name: string
  readonly identity: string
  /** Since when the sink is complete, epoch milliseconds; absent: from the beginning. */
  readonly completeSince?: number
}

/** Something another process asks of the worker. */
export interface WorkRequest {
  readonly number: number
  readonly kind: string
  readonly payload: Json
  readonly state: "asked" | "taken" | "done" | "failed"
  /** What there is to say of it: progress while taken, the outcome afterwards. */
  readonly report?: Json
}

/** One partition, as it stands in the state. */
export interface PartitionOverview extends Address {
  readonly progress: Progress | undefined
  readonly books: Books
  readonly pending: number
  readonly deadLetters: number
}

export class State extends Context.Service<
  State,
  {
    readonly path: string
    readonly partition: (address: Address) => PartitionState
    /** Every partition there is, also those that the file no longer names. */
    readonly overview: Effect.Effect<ReadonlyArray<PartitionOverview>, StateFailed>
    readonly deadLetters: {
      /** Newest first; `before` is the number to go on below. */
      readonly list: (options: {
        readonly limit: number
        readonly before?: number
        readonly stage?: string
      }) => Effect.Effect<ReadonlyArray<StoredDeadLetter>, StateFailed>
      readonly show: (number: number) => Effect.Effect<StoredDeadLetter | undefined, StateFailed>
      readonly count: Effect.Effect<number, StateFailed>
      /** Forgets letters of partitions that do not run; gives how many there were. */
      readonly drop: (numbers: ReadonlyArray<number>) => Effect.Effect<number, StateFailed>
    }
    readonly parks: Effect.Effect<ReadonlyArray<Park>, StateFailed>
    readonly park: (park: Park) => Effect.Effect<void, StateFailed>
    readonly unpark: (address: Address) => Effect.Effect<void, StateFailed>
    readonly sinks: Effect.Effect<ReadonlyArray<SinkRecord>, StateFailed>
    readonly saveSink: (sink: SinkRecord) => Effect.Effect<void, StateFailed>
    /** When it comes back it is a new one. */
    readonly forgetSink: (name: string) => Effect.Effect<void, StateFailed>
    readonly requests: {
      readonly ask: (kind: string, payload: Json) => Effect.Effect<WorkRequest, StateFailed>
      readonly get: (number: number) => Effect.Effect<WorkRequest | undefined, StateFailed>
      /** The oldest that was asked for, now taken. Those a dead worker had taken are asked for again at the start. */
      readonly take: Effect.Effect<WorkRequest | undefined, StateFailed>
      readonly report: (
        number: number,
        state: "taken" | "done" | "failed",
        report: Json
      ) => Effect.Effect<void, StateFailed>
    }
  }
>()("core/State") {}
