// Which rows a Work Analytics request means: PBXes, window, extensions, and the keyset cursor.
// Source: OpenAPI file "work_analytics_historical", guide "Call Detail Records"; 8x8-apis, sections 4.2 and 4.3
// (read 2026-11-20).
import type { Knobs } from "./Knobs.ts"
import type { CallRecord } from "./Records.ts"
import { fromWall, isZone } from "./Time.ts"
import type { World } from "./World.ts"

/** The largest page. */
const maxPageSize = 7000

/** How far back the vendor answers; what is older is cut from a window without an error. */
const horizonYears = 2

/** A place in a walk: the last row of a page. */
export interface Cursor {
  readonly pbx: string
  readonly callId: string
  readonly legId?: string
  readonly startedAt: number
}

/** base64 without padding of `pbx_callId[_legId]_startTimeUTC`. */
export const writeCursor = (row: Cursor): string => {
  const leg = row.legId === undefined ? "" : `_${row.legId}`
  return Buffer.from(`${row.pbx}_${row.callId}${leg}_${row.startedAt}`).toString("base64").replace(/=+$/, "")
}

/** Reads a cursor from the right, for a PBX name may have underscores. */
export const readCursor = (text: string, legs: boolean): Cursor | undefined => {
  const plain = Buffer.from(text, "base64").toString("utf8")
  const match = (legs ? /^(.+)_(\d+)_(\d+)_(-?\d+)$/ : /^(.+)_(\d+)_(-?\d+)$/).exec(plain)
  if (match === null) return undefined
  const [, pbx = "", callId = "", third = "", fourth] = match
  return fourth === undefined
    ? { pbx, callId, startedAt: Number(third) }
    : { pbx, callId, legId: third, startedAt: Number(fourth) }
}

/** Newest first; rows of one millisecond by PBX, call, leg. */
export const compareRows = (a: Cursor, b: Cursor): number =>
  b.startedAt - a.startedAt ||
  (a.pbx < b.pbx ? -1 : a.pbx > b.pbx ? 1 : 0) ||
  Number(a.callId) - Number(b.callId) ||
  Number(a.legId ?? 0) - Number(b.legId ?? 0)

/** A request for rows, read. */
export interface WorkQuery {
  readonly pbxes: ReadonlyArray<string>
  readonly from: number
  readonly to: number
  readonly zone: string
  readonly pageSize: number
  readonly scrollId: string | undefined
  readonly accepts: (row: CallRecord) => boolean
  /** All parameters but scrollId, to know the query again. */
  readonly name: string
}

/** What is wrong with a request: a bad parameter, or a PBX that the user may not see. */
export type Refusal = { readonly bad: string } | { readonly denied: string }

const naive = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/

/** `YYYY-MM-DD HH:MM:SS` on the zone's clocks. */
const readTime = (text: string, zone: string): number | undefined => {
  if (!naive.test(text)) return undefined
  const wall = Date.parse(`${text.replace(" ", "T")}Z`)
  return Number.isNaN(wall) ? undefined : fromWall(zone, wall)
}

const extensions = (query: URLSearchParams, field: string) =>
  query
    .get(field)
    ?.split(",")
    .filter((one) => one !== "")

const has = (list: ReadonlyArray<string>, row: CallRecord, field: string) => list.includes(String(row.row[field]))

const partyTest = (query: URLSearchParams): ((row: CallRecord) => boolean) | string => {
  const [caller, callee, either] = ["caller", "callee", "callerOrCallee"].map((field) => extensions(query, field))
  if (either !== undefined && (caller !== undefined || callee !== undefined)) {
    return "callerOrCallee is not allowed with caller or callee"
  }
  if ([caller, callee, either].some((list) => (list?.length ?? 0) > 125)) return "maximum 125 values are allowed"
  return (row) =>
    (caller === undefined || has(caller, row, "caller")) &&
    (callee === undefined || has(callee, row, "callee")) &&
    (either === undefined || has(either, row, "caller") || has(either, row, "callee"))
}

const readPbxes = (text: string, { knobs, pbxNames }: World): ReadonlyArray<string> | Refusal => {
  const mine = [...pbxNames].filter((name) => !knobs.workDenied.includes(name))
  if (text === "allpbxes") return mine
  const asked = text.split(",")
  const denied = asked.find((name) => !mine.includes(name))
  return denied === undefined ? asked : { denied }
}

/** The instant of a row that the window tests. */
const instantOf = (legs: boolean, query: URLSearchParams, knobs: Knobs): ((row: CallRecord) => number) => {
  if (legs && query.get("isConnectTime") === "true") return (row) => row.connectedAt
  return !legs && knobs.workWindow === "start" ? (row) => row.startedAt : (row) => row.disconnectedAt
}

/** Simplified legs: none of the calls that a queue or ring group makes to its members. */
const simplified = (row: CallRecord): boolean => row.row["parentCallId"] === null

/** Reads a request's parameters. */
export const readWorkQuery = (
  query: URLSearchParams,
  legs: boolean,
  world: World,
  now: number
): WorkQuery | Refusal => {
  const { knobs } = world
  const required = ["pbxId", "startTime", "endTime", "timeZone", "pageSize"]
  const missing = required.find((name) => (query.get(name) ?? "") === "")
  if (missing !== undefined) return { bad: `Required parameter '${missing}' is not present` }
  const zone = query.get("timeZone") ?? ""
  if (!isZone(zone)) return { bad: `Unknown timeZone ${zone}` }
  const start = readTime(query.get("startTime") ?? "", zone)
  const end = readTime(query.get("endTime") ?? "", zone)
  if (start === undefined || end === undefined) return { bad: "startTime and endTime must be YYYY-MM-DD HH:MM:SS" }
  const pageSize = Number(query.get("pageSize"))
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > maxPageSize) {
    return { bad: `pageSize must be between 1 and ${maxPageSize}` }
  }
  const party = partyTest(query)
  if (typeof party === "string") return { bad: party }
  const names = readPbxes(query.get("pbxId") ?? "", world)
  if ("denied" in names || "bad" in names) return names
  const oldest = new Date(now)
  oldest.setUTCFullYear(oldest.getUTCFullYear() - horizonYears)
  const from = Math.max(start, oldest.getTime())
  const to = knobs.workEnds === "inclusive" ? end : end - 1
  const instant = instantOf(legs, query, knobs)
  const all = legs && query.get("isSimplified") === "true" ? simplified : () => true
  const relevant = [...query].filter(([name]) => name !== "scrollId" && name !== "page")
  return {
    pbxes: names,
    from,
    to,
    zone,
    pageSize,
    scrollId: query.get("scrollId") ?? undefined,
    accepts: (row) => {
      const at = instant(row)
      return at >= from && at <= to && names.includes(row.pbx) && all(row) && party(row)
    },
    name: `${JSON.stringify(relevant.toSorted(([a], [b]) => (a < b ? -1 : 1)))} ${from}`
  }
}
