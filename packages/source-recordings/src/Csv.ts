/**
 * Reads the vendor's CSV: strictly, and should that fail, line by line, so that a row that makes no sense is told apart
 * from its neighbours. What was cut off in the middle is none.
 *
 * Source: Recordings API, Responses (read 2026-11-20); it shows no sample.
 */
import { Effect, Result, Stream } from "effect"
import { Csv } from "effect/encoding"
import type { JsonObject } from "@callstream/model"
import { Broken } from "./Xml.ts"

/** Rows by column, or what is wrong. */
export const parseCsv = Effect.fnUntraced(function* (
  body: string
): Effect.fn.Return<Result.Result<ReadonlyArray<JsonObject | Broken>, string>> {
  const text = body.replace(/^\uFEFF/, "")
  if (text.trim() === "") return Result.succeed([])
  const strict = yield* Stream.make(text).pipe(
    Stream.pipeThroughChannel(Csv.decodeString({ ignoreEmptyLines: true })),
    Stream.runCollect,
    Effect.result
  )
  if (Result.isSuccess(strict)) {
    const [columns = [], ...rows] = strict.success
    if (columns.includes("startDate") && rows.every((cells) => cells.length === columns.length))
      return Result.succeed(rows.map(rowOf(columns)))
  }
  return byLine(text)
})

const rowOf =
  (columns: ReadonlyArray<string>) =>
  (cells: ReadonlyArray<string>): JsonObject =>
    Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ""]))

/** Rows that make no sense before the whole does not. */
const mostBroken = 50
/** Characters of a row that may have line breaks inside quotes. */
const longestRow = 64 * 1024

const byLine = (text: string): Result.Result<ReadonlyArray<JsonObject | Broken>, string> => {
  const columns = recordAt(text, 0)
  if (columns === undefined || !columns.cells.includes("startDate")) return Result.fail("CSV that cannot be read")
  const make = rowOf(columns.cells)
  const rows: Array<JsonObject | Broken> = []
  let broken = 0
  for (let at = columns.end; at < text.length;) {
    const record = recordAt(text, at)
    if (record !== undefined && record.cells.length === columns.cells.length) {
      rows.push(make(record.cells))
      at = record.end
      continue
    }
    const end = text.indexOf("\n", at)
    const line = text.slice(at, end === -1 ? text.length : end).trim()
    at = end === -1 ? text.length : end + 1
    if (line === "") continue
    broken += 1
    if (text.slice(at).trim() === "") return Result.fail("CSV whose last row is not whole")
    if (broken > mostBroken) return Result.fail("CSV that cannot be read")
    rows.push(new Broken("the row is CSV that cannot be read", line))
  }
  return Result.succeed(rows)
}

/** The record that begins here, and where the next one does; `undefined` if a quote is not closed. */
const recordAt = (
  text: string,
  from: number
): { readonly cells: ReadonlyArray<string>; readonly end: number } | undefined => {
  const cells: Array<string> = []
  const limit = Math.min(text.length, from + longestRow)
  let at = from
  while (at <= limit) {
    let cell = ""
    if (text[at] === '"') {
      let open = at + 1
      for (;;) {
        const quote = text.indexOf('"', open)
        if (quote === -1 || quote > limit) return undefined
        cell += text.slice(open, quote)
        at = quote + 1
        if (text[at] !== '"') break
        cell += '"'
        open = at + 1
      }
      if (at < text.length && !/[,\r\n]/.test(text[at] ?? "")) return undefined
    } else {
      const end = at
      while (at < limit && text[at] !== "," && text[at] !== "\n") at += 1
      cell = text.slice(end, at).replace(/\r$/, "")
    }
    cells.push(cell)
    if (text[at] === ",") {
      at += 1
      continue
    }
    const line = text.startsWith("\r\n", at) ? at + 2 : at + 1
    return at < text.length && text[at] !== "\n" && text[at] !== "\r" ? undefined : { cells, end: line }
  }
  return undefined
}
