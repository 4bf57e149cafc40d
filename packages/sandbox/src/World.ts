// Everything that exists at the vendor, and what is still to come: six tables, and a queue of changes that have a time.
// A change becomes visible when the clock has reached its time; nothing here runs by itself, each request advances it.
import { pbxes } from "./Staff.ts"
import type { Knobs } from "./Knobs.ts"
import type { CallLeg, CallRecord, ChatTranscript, RecentCall, RecordingFile, StoredObject } from "./Records.ts"

/** Records of one kind by key. `version` moves at every change, so that sorted views can be kept. */
export class Table<A> {
  readonly rows = new Map<string, A>()
  readonly keyOf: (row: A) => string
  version = 0
  #views = new Map<string, { readonly version: number; readonly rows: ReadonlyArray<A> }>()

  constructor(keyOf: (row: A) => string) {
    this.keyOf = keyOf
  }

  get(key: string): A | undefined {
    return this.rows.get(key)
  }

  put(row: A): A {
    this.version++
    this.rows.set(this.keyOf(row), row)
    return row
  }

  remove(key: string): boolean {
    this.version++
    return this.rows.delete(key)
  }

  /** A view computed from all rows, kept under its name until the table changes. */
  view(name: string, compute: (rows: ReadonlyArray<A>) => ReadonlyArray<A>): ReadonlyArray<A> {
    const known = this.#views.get(name)
    if (known?.version === this.version) return known.rows
    if (this.#views.size >= 32) this.#views.clear()
    const rows = compute([...this.rows.values()])
    this.#views.set(name, { version: this.version, rows })
    return rows
  }
}

interface Coming {
  readonly at: number
  readonly order: number
  readonly apply: () => void
}

/** What makes one world differ from another. */
export interface WorldOptions {
  readonly seed: number
  readonly now: number
  readonly clock: () => number
  readonly knobs: Knobs
}

/** The keys of the records, as `Truth` names them. */
export const keys = {
  object: (region: string, id: string) => `${region} ${id}`,
  file: (file: RecordingFile) =>
    `${file.row.transactionID}|${new Date(file.startedAt).toISOString()}|${file.row.agentID}` +
    (file.ordinal === undefined ? "" : `|${file.ordinal}`),
  transcript: (transcript: ChatTranscript) => `${transcript.row.interactionGUID}|${transcript.row.transactionID}`,
  record: (pbx: string, callId: string) => `${pbx} ${callId}`,
  leg: (pbx: string, callId: string, legId: string) => `${pbx} ${callId}/${legId}`
}

/** The vendor's data and its future. */
export class World {
  readonly objects = new Table<StoredObject>((row) => keys.object(row.region, row.id))
  readonly recentCalls = new Table<RecentCall>((row) => row.callId)
  readonly files = new Table<RecordingFile>(keys.file)
  readonly transcripts = new Table<ChatTranscript>(keys.transcript)
  readonly callRecords = new Table<CallRecord>((row) => keys.record(row.pbx, row.callId))
  /** PBXes that the user of Work Analytics may see: the company's, and those of rows that tests have put in. */
  readonly pbxNames = new Set<string>(pbxes.map(({ name }) => name))
  readonly callLegs = new Table<CallLeg>((row) => keys.leg(row.pbx, row.callId, row.legId))

  readonly seed: number
  readonly now: number
  readonly clock: () => number
  /** May be exchanged while the world runs. */
  knobs: Knobs
  /** No time in the history lies at or after this; while the history is made it is `now`, later there is no such limit. */
  horizon: number
  /** No time that is planned lies before this: what is stored about an old call that is added late is new. */
  earliest = -Infinity
  #transactions = 0
  #callIds = new Map<string, number>()
  #coming: Array<Coming> = []
  #sorted = true
  #order = 0

  constructor(options: WorldOptions) {
    this.seed = options.seed
    this.now = options.now
    this.clock = options.clock
    this.knobs = options.knobs
    this.horizon = options.now
  }

  /**
   * The time some delay after an instant, scaled by the knob `delay`. What would lie past the horizon is drawn in before
   * it, so that a history is complete at its end and nothing in it bears the very time of its end.
   */
  after(instant: number, delay: number): number {
    const scaled = delay * this.knobs.delay
    const room = Math.max(0, this.horizon - instant)
    const wait = scaled < room ? scaled : scaled === 0 ? 0 : (room * scaled) / (room + scaled)
    const at = Math.max(instant + wait, this.earliest)
    return this.knobs.fractionalTimes ? Math.floor(at) : Math.floor(at / 1000) * 1000
  }

  /** Has every view computed anew: a knob has changed. */
  touch(): void {
    for (const table of [
      this.objects,
      this.recentCalls,
      this.files,
      this.transcripts,
      this.callRecords,
      this.callLegs
    ]) {
      table.version++
    }
  }

  /** The next transaction id: a small counter that starts again, as the knob says. */
  nextTransaction(): number {
    return (this.#transactions++ % this.knobs.transactionModulus) + 1
  }

  /** The next callId of a PBX: a counter that was seeded with a time; both PBXes count from the same one, so they meet. */
  nextCallId(pbx: string): string {
    const last = this.#callIds.get(pbx) ?? 1666686434949
    this.#callIds.set(pbx, last + 3)
    return String(last + 3)
  }

  /** Has a change happen at a time. Changes of one time happen in the order in which they were planned. */
  plan(at: number, apply: () => void): void {
    this.#coming.push({ at, order: this.#order++, apply })
    this.#sorted = false
  }

  /** Lets everything happen that is planned up to an instant. */
  advance(to: number): void {
    if (this.#coming.length === 0) return
    if (!this.#sorted) {
      this.#coming.sort((a, b) => a.at - b.at || a.order - b.order)
      this.#sorted = true
    }
    if ((this.#coming[0]?.at ?? Infinity) > to) return
    const until = this.#coming.findIndex((coming) => coming.at > to)
    const due = this.#coming.splice(0, until === -1 ? this.#coming.length : until)
    for (const coming of due) coming.apply()
    this.advance(to)
  }
}
