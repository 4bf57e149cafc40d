// Customer Experience Recent Calls: POST /customerexperience/v1/recentCallData/{region}.
// Written from the guide "Recent Calls" and the withdrawn OpenAPI file (both read 2026-11-20); 8x8-apis, section 3.
import { credentials } from "./Credentials.ts"
import { header, json, type Api, type Ask, type Reply } from "./Http.ts"
import type { Knobs } from "./Knobs.ts"
import { random, type Random } from "./Random.ts"
import type { RecentCall } from "./Records.ts"
import { fromWall, isZone, offsetAt, wallClock } from "./Time.ts"
import type { World } from "./World.ts"

/** The most rows of a page. */
const maxRows = 5000

const day = 86_400_000

const bad = (message: string): Reply => json(400, { message })

/** `MM/DD/YYYY` and `HH:mm:ss` in a zone, without offset. */
const dates = (zone: string, at: number, first: Knobs["recentDates"]) => {
  const wall = wallClock(zone, at)
  const [month, day] = [wall.slice(5, 7), wall.slice(8, 10)]
  const callDateOnly = `${first === "month" ? `${month}/${day}` : `${day}/${month}`}/${wall.slice(0, 4)}`
  const callTime = wall.slice(11, 19)
  return { callDate: `${callDateOnly} ${callTime}`, callDateOnly, callTime }
}

/** A row as it is shown in a zone. */
export const recentCallRow = (call: RecentCall, zone: string, first: Knobs["recentDates"] = "month") => ({
  ...call.row,
  ...dates(zone, call.startedAt, first)
})

/** A text or number of the body; nothing else has a meaning there. */
const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "")

const list = (value: unknown): ReadonlyArray<string> =>
  text(value)
    .split(/[\s,]+/)
    .filter((id) => id !== "")

const number = (value: unknown): number => Number.parseFloat(text(value)) || 0

/** Bounds of `range:X,Y`, `sec:X,Y` or `min:X,Y` in the row's unit; -1 is no bound. */
const bounds = (given: unknown, units: Readonly<Record<string, number>>): readonly [number, number] | undefined => {
  const match = /^(\w+):(-?\d+),(-?\d+)$/.exec(text(given))
  const unit = units[match?.[1] ?? ""]
  if (match === null || unit === undefined) return undefined
  const [low, high] = [Number(match[2]), Number(match[3])]
  return [low === -1 ? -Infinity : low * unit, high === -1 ? Infinity : high * unit]
}

const counts = { range: 1 }
const durations = { sec: 1000, min: 60_000 }

const ranges: Readonly<Record<string, readonly [Readonly<Record<string, number>>, (call: RecentCall) => number]>> = {
  agentHoldCount: [counts, (call) => call.holdCount],
  agentMuteCount: [counts, (call) => call.muteCount],
  transferCount: [counts, (call) => number(call.row["transferCount"])],
  callDuration: [durations, (call) => number(call.row["callDuration"])],
  timeInQueue: [durations, (call) => number(call.row["waitTime"])],
  timeInIVR: [durations, (call) => number(call.row["timeInIVR"])],
  agentCallDuration: [durations, (call) => number(call.row["agentCallHandlingDuration"])],
  agentHoldDuration: [durations, (call) => number(call.row["holdDuration"])]
}

const idLists: Readonly<Record<string, (call: RecentCall) => ReadonlyArray<string>>> = {
  tenantAgents: (call) => list(call.row["agentId"]),
  tenantQueues: (call) => list(call.row["queueId"]),
  tenantGroups: (call) => list(call.row["agentGroup"]),
  tenantChannels: (call) => [call.channelId]
}

/** The span of a word such as `today`, with edges in the zone. Weeks begin on Monday. */
const wordSpan = (word: string, zone: string, now: number): readonly [number, number] | undefined => {
  const wall = now + offsetAt(zone, now)
  const midnight = Math.floor(wall / day) * day
  const date = new Date(midnight)
  const monday = midnight - ((date.getUTCDay() + 6) % 7) * day
  const month = (offset: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1)
  const spans: Readonly<Record<string, readonly [number, number]>> = {
    today: [midnight, midnight + day],
    yesterday: [midnight - day, midnight],
    week: [monday, monday + 7 * day],
    month: [month(0), month(1)]
  }
  if (word === "allhistory") return [-Infinity, Infinity]
  const span = spans[word]
  return span === undefined ? undefined : [fromWall(zone, span[0]), fromWall(zone, span[1]) - 1]
}

/** What a body asks for, or what is wrong with it. */
export interface RecentQuery {
  readonly page: number
  readonly rows: number
  readonly zone: string
  readonly from: number
  readonly to: number
  readonly accepts: (call: RecentCall) => boolean
  /** Is there any filter beside the span? */
  readonly filtered: boolean
  /** Everything but page and rows, to know the query again. */
  readonly name: string
}

const readSpan = (world: World, body: Record<string, unknown>, zone: string, now: number) => {
  const { duration, timeRange } = body
  const useWord = duration !== undefined && (timeRange === undefined || world.knobs.recentBothSpans === "duration")
  if (useWord)
    return wordSpan(text(duration), zone, now) ?? "duration must be one of today, yesterday, week, month, allhistory"
  if (timeRange === undefined) return "Either duration or timeRange is required"
  const match = /^(\d+)-(\d+)$/.exec(text(timeRange))
  if (match === null) return "timeRange must be startEpochMilliseconds-endEpochMilliseconds without spaces"
  const [from, to] = [Number(match[1]), Number(match[2])]
  return world.knobs.recentEnds === "inclusive" ? ([from, to] as const) : ([from, to - 1] as const)
}

const readFilters = (world: World, body: Record<string, unknown>) => {
  const tests: Array<(call: RecentCall) => boolean> = []
  for (const [field, [units, valueOf]] of Object.entries(ranges)) {
    if (body[field] === undefined) {
      if (world.knobs.recentFiltersRequired) return `${field} is required`
      continue
    }
    const range = bounds(body[field], units)
    if (range === undefined) return `${field} is malformed`
    tests.push((call) => valueOf(call) >= range[0] && valueOf(call) <= range[1])
  }
  for (const [field, idsOf] of Object.entries(idLists)) {
    const wanted = body[field]
    if (wanted === undefined) continue
    if (!Array.isArray(wanted)) return `${field} must be an array`
    if (wanted.length > 0) tests.push((call) => idsOf(call).some((id) => wanted.includes(id)))
  }
  const names = body["callerName"]
  if (names !== undefined && (!Array.isArray(names) || names.length > 1)) return "callerName must have one value"
  const [name]: ReadonlyArray<unknown> = names ?? []
  if (name !== undefined) {
    const part = text(name).toLowerCase()
    tests.push(({ row }) => `${row["callerName"]}\n${row["callerNumber"]}`.toLowerCase().includes(part))
  }
  return tests
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const parseBody = (bytes: Buffer): Record<string, unknown> | undefined => {
  try {
    const body: unknown = JSON.parse(bytes.toString("utf8"))
    return isObject(body) ? body : undefined
  } catch {
    return undefined
  }
}

/** Reads and checks a request's body. A text says what is wrong. */
export const readQuery = (world: World, bytes: Buffer, now: number): RecentQuery | string => {
  const body = parseBody(bytes)
  if (body === undefined) return "The body is not a JSON object"
  if (body["tenantId"] !== credentials.recentcalls.tenantId) return "Unknown tenantId"
  const page = Number(body["page"] ?? Number.NaN)
  const rows = Number(body["rows"] ?? Number.NaN)
  if (!Number.isInteger(page) || page < 1) return "page must be 1 or more"
  if (!Number.isInteger(rows) || rows < 1 || rows > maxRows) return `rows must be between 1 and ${maxRows}`
  const zone = world.knobs.recentZone ?? text(body["timezone"] ?? "GMT")
  if (!isZone(zone)) return "Unknown timezone"
  const span = readSpan(world, body, zone, now)
  if (typeof span === "string") return span
  const tests = readFilters(world, body)
  if (typeof tests === "string") return tests
  const name = JSON.stringify({ ...body, page: 0, rows: 0, span })
  return {
    page,
    rows,
    zone,
    from: span[0],
    to: span[1],
    name,
    filtered: tests.length > 0,
    accepts: (call) => tests.every((test) => test(call))
  }
}

/** The page around its rows. */
export const envelope = (
  query: RecentQuery,
  hits: number,
  data: ReadonlyArray<unknown>,
  write: (number: number) => number | string = (number) => number
) => ({
  hits: write(hits),
  alertBellCount: 0,
  sortColumn: null,
  data,
  autoRefresh: null,
  columns: [],
  timezone: query.zone,
  sortOrder: null,
  page: write(query.page),
  rows: write(query.rows)
})

/** What every request must pass before its body is read. */
export const admit = (world: World, ask: Ask): Reply | undefined => {
  const { recentLogin, recentRetired, recentToken } = world.knobs
  if (recentRetired !== false) return json(recentRetired, { message: "This API is no longer available" })
  if (!/^\/customerexperience\/v1\/recentCallData\/(us|uk)\/?$/.test(ask.path))
    return json(404, { message: "Not found" })
  if (ask.method !== "POST") return json(405, { message: "Method not allowed" })
  const { apiKey, token } = credentials.recentcalls
  if (header(ask, "8x8-apikey") !== apiKey || header(ask, "token") !== (recentToken ?? token)) {
    return json(recentLogin, { message: "Authentication error" })
  }
  return /^application\/json\b/i.test(header(ask, "content-type") ?? "")
    ? undefined
    : bad("Content-Type must be application/json")
}

/** The same rows in another order. */
const mixed = (rows: ReadonlyArray<RecentCall>, r: Random): ReadonlyArray<RecentCall> =>
  rows
    .map((row) => ({ row, at: r.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ row }) => row)

/** The Recent Calls API over a world. */
export const recentCallsApi = (world: World): Api => {
  let listed: ReadonlyArray<RecentCall> = []
  let asked = 0

  const matching = (query: RecentQuery, now: number) => {
    const { keepDays, recentOrder, recentRange } = world.knobs
    const oldest = Math.floor(now / 60_000) * 60_000 - keepDays * day
    const instant = (call: RecentCall) =>
      recentRange === "start" ? call.startedAt : call.startedAt + number(call.row["callDuration"])
    return world.recentCalls.view(`${query.name} ${oldest}`, (all) => {
      const sign = recentOrder === "newest" ? -1 : 1
      return all
        .filter((call) => instant(call) >= query.from && instant(call) <= query.to)
        .filter((call) => call.startedAt >= oldest && query.accepts(call))
        .toSorted((a, b) => sign * (a.startedAt - b.startedAt) || sign * (a.callId < b.callId ? -1 : 1))
    })
  }

  return {
    handle: (ask) => {
      const refused = admit(world, ask)
      if (refused !== undefined) return refused
      const query = readQuery(world, ask.body, ask.now)
      if (typeof query === "string") return bad(query)
      const { recentDates, recentMissing, recentNumbers, recentOrder } = world.knobs
      listed = matching(query, ask.now)
      asked += 1
      const shown = recentOrder === "unsettled" ? mixed(listed, random(world.seed, "order", asked)) : listed
      const from = (query.page - 1) * query.rows
      const data = shown.slice(from, from + query.rows).map((call) => recentCallRow(call, query.zone, recentDates))
      const write = (number: number) => (recentNumbers === "text" ? String(number) : number)
      return json(200, envelope(query, listed.length + recentMissing, data, write))
    },
    shift: (how) => {
      const [first] = listed
      if (first === undefined) return
      if (how === "remove") world.recentCalls.remove(first.callId)
      else {
        const callId = first.callId.replace(
          /^(int-[0-9a-f]+-.{20}).{5}/,
          `$1${String(world.recentCalls.version).padStart(5, "0")}`
        )
        world.recentCalls.put({ ...first, callId, row: { ...first.row, callId } })
      }
    },
    expireTokens: () => {}
  }
}
