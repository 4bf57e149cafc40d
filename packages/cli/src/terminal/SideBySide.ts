/** An event for people: what the vendor sent beside what we make of it. */
import type { Event, Json } from "@callstream/model"

/** Lines of a value as JSON, none wider than a column. */
const linesOf = (value: unknown, width: number): ReadonlyArray<string> =>
  JSON.stringify(value, null, 2)
    .split("\n")
    .flatMap((line) => (line === "" ? [""] : (line.match(new RegExp(`.{1,${width}}`, "gu")) ?? [])))

const withoutRaw = (data: unknown): unknown =>
  typeof data === "object" && data !== null
    ? Object.fromEntries(Object.entries(data).filter(([name]) => name !== "raw"))
    : data

/**
 * The lines of an event: what identifies it, then two columns.
 *
 * @param raw the vendor's record; `undefined` where the source gives none
 * @param columns width in characters; at least 60 are used
 */
export const sideBySide = (event: Event, raw: Json | undefined, columns: number): ReadonlyArray<string> => {
  const { asof, conversation, data, id, op, source, subject, time, type } = event
  const about = { time, conversation, id, asof }
  const head = [
    `${op === "delete" ? "deleted: " : ""}${type}  ${source}  ${subject}`,
    Object.entries(about)
      .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
      .join("  ")
  ]
  if (data === undefined && raw === undefined) return [...head, ""]
  const width = Math.floor((Math.max(columns, 60) - 3) / 2)
  const left = ["raw, as the vendor sent it", ...(raw === undefined ? ["(none)"] : linesOf(raw, width))]
  const right = [
    "normalized, as a sink gets it",
    ...(data === undefined ? ["(none)"] : linesOf(withoutRaw(data), width))
  ]
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, row) =>
    `${(left[row] ?? "").padEnd(width)} │ ${right[row] ?? ""}`.trimEnd()
  )
  return [...head, ...rows, ""]
}
