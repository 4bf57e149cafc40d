/**
 * From events to what the writer thread takes: the lines of the log, and what is searched (`Documents.ts` says what that
 * is). Runs in the stream's thread.
 */
import { CloudEvent, type Event, type EventType } from "@callstream/model"
import { documentOf } from "./Document.ts"
import type { Batch, Document, FilePart, Spare } from "./Messages.ts"

export interface Encoded {
  readonly batch: Batch
  /** Which event of the write stands at each place of the batch. */
  readonly order: ReadonlyArray<number>
  /** Why an event of the write is not in the batch. */
  readonly refused: ReadonlyMap<number, string>
}

/** Memory for a batch's text, of some size or larger. */
export type Take = (bytes: number) => Spare

/** What a line needs at least for the first guess, bytes. */
const usualLine = 1024

/** Encodes a write. `types` absent: nothing is to be searched. */
export const encode = (
  events: ReadonlyArray<Event>,
  types: ReadonlyMap<string, EventType.EventType> | undefined,
  take: Take
): Encoded => {
  const text = new TextBuffer(take, events.length * usualLine)
  const order: Array<number> = []
  const refused = new Map<number, string>()
  const sizes = new Uint32Array(events.length)
  const asofs = new Float64Array(events.length)
  const entities: Array<string> = []
  const ids: Array<string> = []
  const documents: Array<Document | null> = []
  const parts: Array<FilePart> = []
  for (const [day, indices] of byDay(events)) {
    const before = order.length
    for (const index of indices) {
      const event = events[index]
      if (event === undefined) continue
      const line = lineOf(event)
      const asof = Number(event.asof)
      if (line === undefined || !Number.isSafeInteger(asof)) {
        refused.set(index, line === undefined ? "its data is not JSON" : "its asof is not a number of milliseconds")
        continue
      }
      const place = order.push(index) - 1
      sizes[place] = text.add(line)
      asofs[place] = asof
      entities.push(`${event.source}\n${event.type}\n${event.subject}`)
      ids.push(event.id)
      if (types !== undefined) documents.push(event.op === "delete" ? null : documentOf(event, types.get(event.type)))
    }
    if (order.length > before) parts.push({ name: `${day}.jsonl`, count: order.length - before })
  }
  const batch = { text: text.bytes(), sizes, parts, entities, ids, asofs }
  return { batch: types === undefined ? batch : { ...batch, documents }, order, refused }
}

/** Indices of events by the day they belong to, in order. */
const byDay = (events: ReadonlyArray<Event>): ReadonlyMap<string, ReadonlyArray<number>> => {
  const days = new Map<string, Array<number>>()
  for (const [index, { time }] of events.entries()) {
    const day = dayOf(time)
    const indices = days.get(day)
    if (indices === undefined) days.set(day, [index])
    else indices.push(index)
  }
  return days
}

const encoder = new TextEncoder()

/** Lines one after another, in memory that grows when it must. */
class TextBuffer {
  private readonly take: Take
  private memory: Uint8Array<ArrayBuffer>
  private length = 0

  constructor(take: Take, bytes: number) {
    this.take = take
    this.memory = new Uint8Array(take(bytes))
  }

  /** Adds a line and its end; gives its bytes. */
  add(line: string): number {
    const most = line.length * 3 + 1
    if (this.length + most > this.memory.length) {
      const larger = new Uint8Array(this.take(Math.max(this.memory.length * 2, this.length + most)))
      larger.set(this.bytes())
      this.memory = larger
    }
    const { written } = encoder.encodeInto(line, this.memory.subarray(this.length))
    this.memory[this.length + written] = newline
    this.length += written + 1
    return written + 1
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.memory.subarray(0, this.length)
  }
}

const newline = 10

/** Data that JSON cannot say (a third party's) must not stop the events beside it. */
const lineOf = (event: Event): string | undefined => {
  try {
    return CloudEvent.toJson(event)
  } catch {
    return undefined
  }
}

const utcForm = /^(?:19[7-9]\d|20\d\d|21\d\d)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T[\d:.]+Z$/u

/** The file of a time: its day in UTC, `undated` where there is none or it is outside the years 1970 to 2199. */
export const dayOf = (time: string | undefined): string => {
  if (time === undefined) return "undated"
  if (utcForm.test(time)) return time.slice(0, 10)
  const millis = Date.parse(time)
  return millis >= 0 && millis < firstOf2200 ? new Date(millis).toISOString().slice(0, 10) : "undated"
}

const firstOf2200 = Date.UTC(2200, 0, 1)
