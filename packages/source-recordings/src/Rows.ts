/**
 * From an answer in any of the three formats to rows of one form (`Wire.ts`): whatever the format, the same row is the
 * same, and so has the same id.
 *
 * XML is documented. CSV and JSON are not: JSON is read as a mirror of the XML, with a bare object for one row and `""`,
 * `null`, `{}` or nothing for none (as the sibling Statistics API has it); nested values in a CSV cell are read as
 * `list=name;list=name`. Source: Recordings API (read 2026-11-20).
 */
import { Effect, Result } from "effect"
import type { Json, JsonObject } from "@callstream/model"
import { Row } from "@callstream/core"
import { parseCsv } from "./Csv.ts"
import { Broken, parseXml, salvageXml } from "./Xml.ts"

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
): Effect.fn.Return<Read<ReadonlyArray<Json | Broken>>> {
  const parsed = yield* parse(body, format, kind)
  if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
  const found = rowsIn(parsed.success, kind)
  return found === undefined
    ? Result.fail(`${format} that has no list of ${kind}s`)
    : Result.succeed(found.map((row) => canonical(row)))
})

/** One transcript with its messages; of several, as a chat has that was passed on, that of the transaction. */
export const readTranscript = Effect.fnUntraced(function* (
  body: string,
  format: Exclude<Format, "csv">,
  transaction?: string
): Effect.fn.Return<Read<Json | Broken>> {
  const parsed = yield* parse(body, format, "transcript")
  if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
  const root = parsed.success
  const rows = (isObject(root) && "interactionGUID" in root ? [root] : (rowsIn(root, "transcript") ?? [])).map(
    canonical
  )
  const row = rows.find((each) => !(each instanceof Broken) && isObject(each) && each["transactionID"] === transaction)
  const [first] = rows
  return first === undefined ? Result.fail(`${format} that has no transcript`) : Result.succeed(row ?? first)
})

/** An answer as JSON, in which CSV and XML are what their JSON would be. */
type Parsed = Json | ReadonlyArray<Json | Broken>

const parse = Effect.fnUntraced(function* (
  body: string,
  format: Format,
  kind: Kind
): Effect.fn.Return<Result.Result<Parsed, string>> {
  const size = `(${body.length} characters)`
  if (format === "csv") return yield* parseCsv(body)
  if (isBomb(body)) return Result.fail(`more elements than rows can have ${size}`)
  if (format === "xml") {
    const root = yield* parseXml(body)
    if (root !== undefined) return Result.succeed<Json>({ [root.name]: root.node })
    const rows = yield* salvageXml(body, kind)
    return rows === undefined ? Result.fail(`XML that cannot be read ${size}`) : Result.succeed(rows)
  }
  const json = jsonOf(body.replace(/^\uFEFF/, ""))
  return json === undefined ? Result.fail(`something that is not JSON ${size}`) : Result.succeed(json)
})

/** Control characters are not allowed in JSON, and come all the same where people type. */
const jsonOf = (text: string): Json | undefined => {
  for (const attempt of [text, text.replace(controls, " ")]) {
    try {
      return Row.fromParsed(oddNumber.test(attempt) ? JSON.parse(attempt, asWritten) : JSON.parse(attempt))
    } catch {
      continue
    }
  }
  return undefined
}

/** A number that does not read back as it was written: of many digits, or with a point. */
const oddNumber = /[:[,]\s*-?\d+(?:\d{15}|[.eE])/

/** Ids are texts: one that was written as a number keeps its digits. */
const asWritten = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === "number" ? (context?.source ?? value) : value

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const controls = /[\u0000-\u001f]/g

/** Elements or objects that fifty rows, or the messages of a chat, do not come near. */
const mostElements = 500_000
/** Below this an answer is small whatever is in it, characters. */
const small = 1024 * 1024

/** Whether a large answer consists of little but the beginnings of elements. */
const isBomb = (text: string): boolean => {
  if (text.length < small) return false
  let count = 0
  for (const begin of ["<", "{", "["]) {
    for (let at = text.indexOf(begin); at !== -1; at = text.indexOf(begin, at + 1)) {
      count += 1
      if (count > mostElements) return true
    }
  }
  return false
}

const isObject = (value: Parsed | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

const isRows = (value: Parsed): value is ReadonlyArray<Json | Broken> => Array.isArray(value)

/** The rows of a mirror of the XML; `undefined` where there is no telling. */
const rowsIn = (root: Parsed, kind: Kind): ReadonlyArray<Json | Broken> | undefined => {
  if (isRows(root)) return root
  if (!isObject(root)) return undefined
  const inside = root["recordings"] ?? root[kind] ?? root[`${kind}s`]
  if (inside === undefined) return Object.keys(root).length === 0 || root["recordings"] === null ? [] : undefined
  if (typeof inside === "string") return inside.trim() === "" ? [] : undefined
  if (isList(inside)) return inside
  if (!isObject(inside)) return undefined
  // The element itself, where the root is the row: one transcript.
  if ("startDate" in inside) return [inside]
  const kinds = `${kind}s`
  const rows = inside[kind] ?? inside[kinds]
  // An error inside, or rows by another name, are not a list that is empty.
  if (rows === undefined || rows === null || rows === "")
    return Object.keys(inside).every((name) => name === kind || name === kinds) ? [] : undefined
  return isList(rows) ? rows : [rows]
}

/** No field of the vendor's: setting it would change what an object is. */
const reserved = "__proto__"

/** What XML nests: the names of what is in each item. */
const nested: Readonly<Record<string, readonly [first: string, second: string]>> = {
  wrapUpCode: ["listName", "name"],
  metaDatas: ["fieldName", "fieldValue"]
}

/** Levels within a row: codes have four. */
const deepest = 16

const isDeeper = (value: Json, levels: number): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner: Json) => isDeeper(inner, levels - 1)))

/** A row in the one form: texts, lists, and nothing that is empty. What is no object stays as it is, to be reported. */
const canonical = (row: Json | Broken): Json | Broken => {
  if (row instanceof Broken) return row
  if (isDeeper(row, deepest)) return new Broken("the row is nested too deep", "")
  if (!isObject(row)) return row
  const made: Record<string, Json> = {}
  for (const [name, value] of Object.entries(row)) {
    if (name === reserved) continue
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
    if (name === reserved) continue
    const read = plain(inner)
    if (read !== undefined) made[name] = read
  }
  return Object.keys(made).length === 0 ? undefined : made
}

/** All pairs inside a value, however deep they are nested; in a cell they are parted by `;` and `=`. */
const pairsIn = (value: Json, names: readonly [string, string]): Json | undefined => {
  const [first, second] = names
  if (typeof value === "string") {
    const inside = /^\s*[[{]/.test(value) ? jsonOf(value) : undefined
    if (inside !== undefined) return isDeeper(inside, deepest) ? undefined : pairsIn(inside, names)
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
