// The query language of the Recordings API: dates, offset, field and metadata filters.
// Source: Recordings API, "Dates", "Keep in Mind", "Pagination", "Query Variables" (read 2026-11-20); 8x8-apis, 2.4.
import { fromWall, isZone, offsetAt } from "./Time.ts"

const day = 86_400_000
const tolerance = 5000

/** Thrown for a query that the vendor would answer with 400. */
export class BadQuery extends Error {}

interface Moment {
  readonly at: number
  /** A bare date or a constant such as `today`: the whole day is meant where one is given alone. */
  readonly wholeDay: boolean
}

const dashed = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?(Z|[+-]\d\d:?\d\d)?$/
const compact = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?)?(Z|[+-]\d\d:?\d\d)?$/

const zoneShift = (text: string): number => {
  if (text === "Z") return 0
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text) ?? []
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

/** `today`, `today-7d`, `2007-08-05`, `2007-08-05 13:15Z`, `20070805T1315Z`; in the zone unless it names its own. */
const readMoment = (text: string, zone: string, now: number): Moment => {
  const constant = /^today(?:-(\d+)d)?$/.exec(text)
  if (constant !== null) {
    const wall = Math.floor((now + offsetAt(zone, now)) / day) * day
    return { at: fromWall(zone, wall - Number(constant[1] ?? 0) * day), wholeDay: true }
  }
  const match = dashed.exec(text) ?? compact.exec(text)
  if (match === null) throw new BadQuery(`Not a date: ${text}`)
  const [, year, month, date, hours, minutes, seconds, own] = match
  const wall = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(date),
    Number(hours ?? 0),
    Number(minutes ?? 0),
    Number(seconds ?? 0)
  )
  return { at: own === undefined ? fromWall(zone, wall) : wall - zoneShift(own), wholeDay: hours === undefined }
}

/** A span of time, `[from, to)`, and which end of a call it tests. */
interface Span {
  readonly from: number
  readonly to: number
  readonly of: "start" | "finish"
}

const nextDay = (zone: string, at: number) => fromWall(zone, at + offsetAt(zone, at) + day)

const readRange = (text: string, zone: string, now: number, toInclusive: boolean): Span => {
  const [first = "", second, ...more] = text.split(",")
  if (more.length > 0) throw new BadQuery("d has at most two dates")
  const { at: from } = readMoment(first, zone, now)
  if (second === undefined) return { from, to: nextDay(zone, from), of: "start" }
  return { from, to: readMoment(second, zone, now).at + (toInclusive ? 1 : 0), of: "start" }
}

/** A request for rows, read. */
export interface RecordingsQuery {
  readonly zone: string
  readonly spans: ReadonlyArray<Span>
  /** Rows to skip: `n` - 1. */
  readonly skip: number
  readonly equal: ReadonlyArray<readonly [field: string, value: string]>
  readonly metaName: string | undefined
  readonly metaValue: string | undefined
}

/** Reads a query. Of `start-date` and `finish-date` only the first counts when both are there. Throws `BadQuery`. */
export const readRecordingsQuery = (
  query: URLSearchParams,
  fields: ReadonlyArray<string>,
  defaults: { readonly zone: string; readonly now: number; readonly toInclusive: boolean }
): RecordingsQuery => {
  const zone = query.get("tz") ?? defaults.zone
  if (!isZone(zone)) throw new BadQuery(`Unknown time zone ${zone}`)
  const n = query.get("n") ?? "1"
  if (!/^[1-9]\d*$/.test(n)) throw new BadQuery("n must be 1 or more")
  const spans: Array<Span> = []
  const range = query.get("d")
  if (range !== null) spans.push(readRange(range, zone, defaults.now, defaults.toInclusive))
  const near = (text: string, of: "start" | "finish"): Span => {
    const { at } = readMoment(text, zone, defaults.now)
    return { from: at - tolerance, to: at + tolerance + 1, of }
  }
  const start = query.get("start-date")
  const finish = query.get("finish-date")
  if (start !== null) spans.push(near(start, "start"))
  else if (finish !== null) spans.push(near(finish, "finish"))
  return {
    zone,
    spans,
    skip: Number(n) - 1,
    equal: [...query].filter(([field]) => fields.includes(field)),
    metaName: query.get("metaData_fieldName") ?? undefined,
    metaValue: query.get("metaData_fieldValue") ?? undefined
  }
}
