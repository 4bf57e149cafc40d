// The three formats of the Recordings API. XML is as documented; the layouts of CSV and JSON are not documented and follow
// 8x8-apis, section 2.6 (read 2026-11-20).
import type { Reply } from "./Http.ts"
import type { Knobs } from "./Knobs.ts"

export type Format = "xml" | "csv" | "json"

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

/** An element; lists repeat it, an empty text closes it at once. */
const element = (name: string, value: unknown): string => {
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join("")
  if (typeof value === "object" && value !== null) {
    const inner = Object.entries(value).map(([field, item]) => element(field, item))
    return `<${name}>${inner.join("")}</${name}>`
  }
  return value === "" ? `<${name} />` : `<${name}>${escape(String(value))}</${name}>`
}

const declaration = "<?xml version='1.0' encoding='UTF-8' ?>\n"

/**
 * The ways in which the documents' own XML is malformed (S1, S3 of 8x8-apis section 2.6), and a byte order mark.
 * `which` picks one.
 */
const malform = (xml: string, which: number): string => {
  switch (which % 4) {
    case 0:
      return xml.replace("</queueName>", "</>")
    case 1:
      return xml.replace("</channelName>", "</channelname>").replace("</queueName>", "</queuename>")
    case 2:
      return xml.replace(/<\/recordings>$/, "%lt;/recordings>")
    default:
      return `\uFEFF${xml}`
  }
}

/** A value in one cell: nested pairs as `list=name`, several of them with `;` between. */
const cell = (value: unknown): string => {
  if (typeof value === "string") return value
  if (Array.isArray(value)) return value.map(cell).join(";")
  if (typeof value !== "object" || value === null) return ""
  const parts = Object.values(value)
  return parts.length === 2 ? parts.map(cell).join("=") : parts.map(cell).join(";")
}

const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

const csv = (columns: ReadonlyArray<string>, rows: ReadonlyArray<object>, broken: string | undefined): string =>
  [columns, ...rows.map((row) => Object.values(row).map(cell))]
    .map((line) => line.map(quoted).join(","))
    .map((line, i) => (isBroken(rows[i - 1], broken) ? `${line},"` : line))
    .map((line) => `${line}\r\n`)
    .join("")

/** Whether a row is the one that nobody can read. */
const isBroken = (row: object | undefined, transaction: string | undefined): boolean =>
  row !== undefined && transaction !== undefined && "transactionID" in row && row.transactionID === transaction

/** JSON mirrors the XML, with the ambiguities that such mirrors have: one row, and none. */
const json = (name: string, rows: ReadonlyArray<object>, knobs: Knobs): unknown => {
  const [first] = rows
  if (first !== undefined) {
    const bare = rows.length === 1 && knobs.recordingsJsonSingle === "object"
    return { recordings: { [name]: bare ? first : rows } }
  }
  switch (knobs.recordingsJsonNone) {
    case "array":
      return { recordings: { [name]: [] } }
    case "text":
      return { recordings: "" }
    case "null":
      return { recordings: null }
    default:
      return {}
  }
}

const types = { xml: "text/xml;charset=UTF-8", csv: "text/csv;charset=UTF-8", json: "application/json;charset=UTF-8" }

const reply = (format: Format, body: string): Reply => ({
  status: 200,
  headers: { "content-type": types[format] },
  body
})

export interface Page {
  /** `file` or `transcript`. */
  readonly name: string
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<object>
}

/** A list of rows. `malformed` breaks XML in one of its ways. */
export const listReply = (format: Format, page: Page, knobs: Knobs, malformed: number | undefined): Reply => {
  const { recordingsBrokenRow: broken } = knobs
  if (format === "json") {
    const rows = page.rows.map((row) => (isBroken(row, broken) ? { broken: row } : row))
    return reply(format, JSON.stringify(json(page.name, rows, knobs)))
  }
  if (format === "csv") return reply(format, csv(page.columns, page.rows, broken))
  const inner = page.rows
    .map((row) =>
      isBroken(row, broken) ? element(page.name, row).replace("</agentID>", "</agent>") : element(page.name, row)
    )
    .join("")
  const xml = `${declaration}<recordings>${inner}</recordings>`
  return reply(format, malformed === undefined ? xml : malform(xml, malformed))
}

/** One transcript with its messages; there is no CSV of it. */
export const oneReply = (format: "xml" | "json", name: string, row: object): Reply =>
  reply(format, format === "json" ? JSON.stringify({ [name]: row }) : declaration + element(name, row))
