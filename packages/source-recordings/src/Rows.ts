/**
 * From an answer in any of the three formats to rows of one form (`Wire.ts`): whatever the format, the same row is the
 * same, and so has the same id.
 *
 * XML is documented. CSV and JSON are not: JSON is read as a mirror of the XML, with a bare object for one row and `""`,
 * `null`, `{}` or nothing for none (as the sibling Statistics API has it); nested values in a CSV cell are read as
 * `list=name;list=name`. Source: Recordings API (read 2026-11-20).
 */
import { Effect, Result, Stream } from "effect"
import { Csv } from "effect/encoding"
import type { Json, JsonObject } from "@callstream/model"
import { Row } from "@callstream/core"
import { parseXml } from "./Xml.ts"

export type Format = "xml" | "csv" | "json"

/** What an answer is about. */
export type Kind = "file" | "transcript"

/** Rows, or what is wrong with the answer: it follows `answered with`. */
export type Read<A> = Result.Result<A, string>

/** The rows of a list. */
export const readRows = Effect.fnUntraced(function* (
  body: string,
  format: Format,
  kind: Kind
): Effect.fn.Return<Read<ReadonlyArray<Json>>> {
  const parsed = yield* parse(body, format)
  if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
  const found = rowsIn(parsed.success, kind)
  return found === undefined
    ? Result.fail(`${format} that has no list of ${kind}s`)
    : Result.succeed(found.map((row) => canonical(row)))
})

/** One transcript with its messages. */
export const readTranscript = Effect.fnUntraced(function* (
  body: string,
  format: Exclude<Format, "csv">
): Effect.fn.Return<Read<Json>> {
  const parsed = yield* parse(body, format)
  if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
  const root = parsed.success
  const one = isObject(root) && "interactionGUID" in root ? [root] : rowsIn(root, "transcript")
  const [row] = one ?? []
  return row === undefined ? Result.fail(`${format} that has no transcript`) : Result.succeed(canonical(row))
})

/** The answer as JSON, in which CSV and XML are what their JSON would be. */
const parse = Effect.fnUntraced(function* (body: string, format: Format) {
  if (format === "xml") {
    const root = yield* parseXml(body)
    return root === undefined
      ? Result.fail(`XML that cannot be read (${body.length} characters)`)
      : Result.succeed<Json>({ [root.name]: root.node })
  }
  if (format === "csv") {
    const rows = yield* csvRows(body)
    return Result.isFailure(rows) ? rows : Result.succeed<Json>(rows.success)
  }
  try {
    return Result.succeed(Row.fromParsed(JSON.parse(body)))
  } catch {
    return Result.fail(`something that is not JSON (${body.length} characters)`)
  }
})

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

/** The rows of a mirror of the XML; `undefined` where there is no telling. */
const rowsIn = (root: Json, kind: Kind): ReadonlyArray<Json> | undefined => {
  if (isList(root)) return root
  if (!isObject(root)) return undefined
  const inside = root["recordings"] ?? root[kind] ?? root[`${kind}s`]
  if (inside === undefined) return Object.keys(root).length === 0 || root["recordings"] === null ? [] : undefined
  if (typeof inside === "string") return inside.trim() === "" ? [] : undefined
  if (isList(inside)) return inside
  if (!isObject(inside)) return undefined
  // The element itself, where the root is the row: one transcript.
  if ("startDate" in inside) return [inside]
  const rows = inside[kind] ?? inside[`${kind}s`]
  if (rows === undefined || rows === null || rows === "") return Object.keys(inside).length > 1 ? undefined : []
  return isList(rows) ? rows : [rows]
}

/** Cells by column. Fewer cells than columns are a row that was cut off. */
const csvRows = Effect.fnUntraced(function* (body: string) {
  const text = body.replace(/^\uFEFF/, "")
  const read = yield* Stream.make(text).pipe(
    Stream.pipeThroughChannel(Csv.decodeString({ ignoreEmptyLines: true })),
    Stream.runCollect,
    Effect.result
  )
  if (text.trim() === "") return Result.succeed<ReadonlyArray<JsonObject>>([])
  if (Result.isFailure(read)) return Result.fail("CSV that cannot be read")
  const [columns = [], ...rows] = read.success
  if (!columns.includes("startDate")) return Result.fail("CSV without a column startDate")
  if (rows.some((cells) => cells.length !== columns.length)) return Result.fail("CSV with a row of another length")
  return Result.succeed(
    rows.map((cells): JsonObject => Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ""])))
  )
})

/** What XML nests: the names of what is in each item. */
const nested: Readonly<Record<string, readonly [first: string, second: string]>> = {
  wrapUpCode: ["listName", "name"],
  metaDatas: ["fieldName", "fieldValue"]
}

/** A row in the one form: texts, lists, and nothing that is empty. What is no object stays as it is, to be reported. */
const canonical = (row: Json): Json => {
  if (!isObject(row)) return row
  const made: Record<string, Json> = {}
  for (const [name, value] of Object.entries(row)) {
    const names = Object.hasOwn(nested, name) ? nested[name] : undefined
    const read = name === "messages" ? messagesIn(value) : names === undefined ? plain(value) : pairsIn(value, names)
    if (read !== undefined) made[name] = read
  }
  return made
}

/** A text, or what is nested in the same way; `undefined` for what is empty. */
const plain = (value: Json | undefined): Json | undefined => {
  if (typeof value === "string") return value.trim() === "" ? undefined : value
  if (value === undefined || value === null) return undefined
  if (typeof value !== "object") return String(value)
  if (isList(value)) {
    const items = value.map(plain).filter((item) => item !== undefined)
    return items.length === 0 ? undefined : items
  }
  const made: Record<string, Json> = {}
  for (const [name, inner] of Object.entries(value)) {
    const read = plain(inner)
    if (read !== undefined) made[name] = read
  }
  return Object.keys(made).length === 0 ? undefined : made
}

/** All pairs inside a value, however deep they are nested; in a cell they are parted by `;` and `=`. */
const pairsIn = (value: Json, names: readonly [string, string]): Json | undefined => {
  const [first, second] = names
  if (typeof value === "string") {
    const pairs = value.split(";").flatMap((part): ReadonlyArray<JsonObject> => {
      const at = part.indexOf("=")
      const made = at === -1 ? { [second]: part } : { [first]: part.slice(0, at), [second]: part.slice(at + 1) }
      const read = plain(made)
      return isObject(read) ? [read] : []
    })
    return pairs.length === 0 ? undefined : pairs
  }
  const found: Array<Json> = []
  const look = (inner: Json): void => {
    if (isList(inner)) return inner.forEach(look)
    if (!isObject(inner)) return
    const read = first in inner || second in inner ? plain(inner) : undefined
    if (read === undefined) Object.values(inner).forEach(look)
    else found.push(read)
  }
  look(value)
  return found.length === 0 ? undefined : found
}

/** The messages of a chat, in order; one that is empty is one too. */
const messagesIn = (value: Json): Json | undefined => {
  const inside = isObject(value) ? (value["message"] ?? undefined) : value
  if (inside === undefined || inside === "" || inside === null) return undefined
  return (isList(inside) ? inside : [inside]).map((message) => plain(message) ?? {})
}
