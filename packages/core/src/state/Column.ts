/** Reading and writing columns: what SQLite gives is checked, so that a damaged file is told instead of believed. */
import type { Json } from "@callstream/model"
import { Schema } from "effect"
import type { SQLOutputValue } from "node:sqlite"
import { Books } from "../engine/Books.ts"
import { Progress } from "../engine/Progress.ts"
import { damaged } from "./Fault.ts"
import { Again } from "./State.ts"

type Value = SQLOutputValue | undefined

/** A row as an array, as node:sqlite types it. */
export type Row = Readonly<Record<number, SQLOutputValue>>

const ProgressText = Schema.fromJsonString(Progress)
const BooksText = Schema.fromJsonString(Books)
export const encodeProgress = Schema.encodeSync(ProgressText)
export const encodeBooks = Schema.encodeSync(BooksText)
const decodeProgressText = Schema.decodeUnknownSync(ProgressText)
const decodeBooksText = Schema.decodeUnknownSync(BooksText)

const decodeAgain = Schema.decodeUnknownSync(Schema.fromJsonString(Again))
const decodeNames = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Schema.String)))

/** Ranges of batches, `(after, through]`, whose rows were offered, but not known to be delivered; in order. */
const Doubts = Schema.Array(Schema.Tuple([Schema.Int, Schema.Int]))
export type Doubts = typeof Doubts.Type
const decodeDoubts = Schema.decodeUnknownSync(Schema.fromJsonString(Doubts))

/** Reads columns of the state at this path. Each function throws `StateFailed` for a value that cannot be. */
export const make = (path: string) => {
  const reading = <A>(what: string, read: () => A): A => {
    try {
      return read()
    } catch {
      throw damaged(path, what)
    }
  }
  const text = (value: Value): string => {
    if (typeof value !== "string") throw damaged(path, "a text")
    return value
  }
  const number = (value: Value): number => {
    if (typeof value !== "number") throw damaged(path, "a number")
    return value
  }
  return {
    text,
    number,
    blob: (value: Value): Uint8Array => {
      if (!(value instanceof Uint8Array)) throw damaged(path, "a block")
      return value
    },
    optionalText: (value: Value): string | undefined => (value === null ? undefined : text(value)),
    optionalNumber: (value: Value): number | undefined => (value === null ? undefined : number(value)),
    json: (value: Value): Json => reading("a JSON value", (): Json => JSON.parse(text(value))),
    progress: (value: Value): Progress | undefined =>
      value === null ? undefined : reading("the progress of a partition", () => decodeProgressText(value)),
    again: (value: Value): Again | undefined =>
      value === null ? undefined : reading("how to try a dead letter again", () => decodeAgain(value)),
    names: (value: Value): ReadonlyArray<string> | undefined =>
      value === null ? undefined : reading("a list of sinks", () => decodeNames(value)),
    doubts: (value: Value): Doubts => reading("the ranges in doubt", () => decodeDoubts(value)),
    books: (value: Value): Books | undefined =>
      value === null ? undefined : reading("the books of a partition", () => decodeBooksText(value))
  }
}

export type Columns = ReturnType<typeof make>
