// Work Analytics historical: login, call records, call legs, the list of PBXes.
// Written from the OpenAPI file "work_analytics_historical" and the guide "Call Detail Records" (read 2026-11-20);
// 8x8-apis, section 4.
import { credentials } from "./Credentials.ts"
import { header, json, segment, type Api, type Ask, type Reply } from "./Http.ts"
import type { CallRecord } from "./Records.ts"
import { pbxes } from "./Staff.ts"
import { Tokens } from "./Tokens.ts"
import { compareRows, readCursor, readWorkQuery, writeCursor, type Cursor, type WorkQuery } from "./WorkQuery.ts"
import { callLegRow, callRecordRow } from "./WorkRows.ts"
import type { World } from "./World.ts"

/** 400 for a wrong API key, on the token call and on data calls. Source: OpenAPI file, "Invalid API Key". */
const invalidKey = json(400, {
  status: 400,
  message: "Invalid 8x8-apikey",
  code: "SHA001",
  details: [
    {
      type: "invalidValue",
      location: "header",
      path: ["8x8-apikey"],
      hint: "Please provide valid apikey. If you don't have one, please sign up and create a developer account"
    }
  ]
})

const invalidToken = (description: string) => json(401, { error: "invalid_token", error_description: description })

const noData = { meta: { totalRecordCount: 0, scrollId: "No Data" }, data: [] }
const nothing = { meta: { totalRecordCount: 0, scrollId: null }, data: null }

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")

const timeStamp = (now: number) => new Date(now).toISOString().replace("Z", "+0000")

const bad = (ask: Ask, message: string): Reply =>
  json(400, { timeStamp: timeStamp(ask.now), status: 400, error: "Bad Request", message, path: ask.path })

const denied = (ask: Ask, pbx: string): Reply => {
  const message = `user(${credentials.workanalytics.username}) does not have access to pbxId(${pbx}) to make this request.`
  const path = ask.path.replace("/analytics/work/", "/api/analytics/report/external/")
  return json(403, {
    timeStamp: timeStamp(ask.now),
    status: 403,
    error: "Access Denied",
    exception: message,
    message,
    path
  })
}

/** GET /v2/pbxes/: maps the opaque PBX id to the name. HAL, as in `work_analytics_customer_data`. */
const pbxList = (ask: Ask): Reply => {
  const size = Math.max(1, Number(ask.query.get("size") ?? 20) || 20)
  const number = Math.max(0, Number(ask.query.get("page") ?? 0) || 0)
  const totalPages = Math.ceil(pbxes.length / size)
  const href = (page: number) => `${ask.path}?page=${page}&size=${size}`
  const next = number + 1 < totalPages ? { next: { href: href(number + 1) } } : {}
  const shown = pbxes.slice(number * size, (number + 1) * size)
  return json(200, {
    _embedded: { pbxList: shown.map(({ id, name }) => ({ id, name, deleted: false })) },
    _links: { self: { href: href(number) }, ...next },
    page: { size, totalElements: pbxes.length, totalPages, number }
  })
}

/** Work Analytics over a world. */
export const workAnalyticsApi = (world: World, tokenSeconds: number): Api => {
  const tokens = new Tokens(tokenSeconds, (id, now) => {
    const iat = Math.floor(now / 1000)
    return `${base64url({ alg: "RS256" })}.${base64url({ iat, exp: iat + tokenSeconds, jti: id })}.${id}`
  })
  /** What a scrollId was given out for, and when its walk began; only looked at when a knob makes it matter. */
  const given = new Map<string, { readonly query: string; readonly begun: number }>()
  let endless = 0
  let shift: Api["shift"] | undefined

  const login = (ask: Ask): Reply => {
    const { password, username } = credentials.workanalytics
    const form = new URLSearchParams(ask.body.toString("utf8"))
    const right = form.get("username") === username && form.get("password") === (world.knobs.workPassword ?? password)
    if (!right || world.knobs.workNeverOpened) {
      return json(400, { error_description: "USER_NOTFOUND_ERROR", error: "invalid_grant" })
    }
    return json(200, { access_token: tokens.issue(ask.now), token_type: "bearer", expires_in: tokens.seconds })
  }

  const refused = (ask: Ask): Reply | undefined => {
    switch (tokens.standingOf(ask)) {
      case "good":
        return undefined
      case "expired":
        return invalidToken(world.knobs.workExpired)
      default:
        return invalidToken("Cannot convert access token to JSON")
    }
  }

  /** One page: rows after the cursor, and the cursor at the last of them. */
  const page = <A extends CallRecord>(
    ask: Ask,
    query: WorkQuery,
    rows: ReadonlyArray<A>,
    at: Cursor | undefined,
    show: (row: A) => unknown
  ): Reply => {
    const { workEndless, workNulls, workScrollChanged, workScrollSeconds } = world.knobs
    const next = at === undefined ? 0 : rows.findIndex((row) => compareRows(at, row) < 0)
    const from = next === -1 && workEndless ? rows.length - 1 : next
    const shown = from === -1 ? [] : rows.slice(from, from + query.pageSize)
    const last = shown.at(-1)
    if (last === undefined) return json(200, workNulls ? nothing : noData)
    // A place before the beginning of time is behind every row, and another one each time.
    const scrollId = writeCursor(next === -1 ? { ...last, startedAt: -++endless } : last)
    if (workScrollChanged === "reject" || workScrollSeconds !== Infinity) {
      given.set(scrollId, { query: query.name, begun: given.get(query.scrollId ?? "")?.begun ?? ask.now })
    }
    const ended = from + query.pageSize >= rows.length && !world.knobs.workLastScrollId
    return json(200, {
      meta: { totalRecordCount: rows.length, ...(ended ? {} : { scrollId }) },
      data: shown.map(show)
    })
  }

  /** The cursor that a request carries; a reply when it is not one. */
  const cursorOf = (ask: Ask, query: WorkQuery, legs: boolean): Cursor | undefined | Reply => {
    const { scrollId } = query
    if (scrollId === undefined || scrollId === "") return undefined
    if (scrollId === "No Data") return world.knobs.workNoData === "restart" ? undefined : bad(ask, "Invalid scrollId")
    const { workScrollChanged, workScrollSeconds } = world.knobs
    const origin = given.get(scrollId)
    const changed = workScrollChanged === "reject" && origin?.query !== query.name
    const late = workScrollSeconds !== Infinity && ask.now > (origin?.begun ?? -Infinity) + workScrollSeconds * 1000
    const cursor = changed || late ? undefined : readCursor(scrollId, legs)
    return cursor ?? bad(ask, "Invalid scrollId")
  }

  const rows = (ask: Ask, legs: boolean): Reply => {
    const query = readWorkQuery(ask.query, legs, world, ask.now)
    if ("bad" in query) return bad(ask, query.bad)
    if ("denied" in query) return denied(ask, query.denied)
    const cursor = cursorOf(ask, query, legs)
    if (cursor !== undefined && "status" in cursor) return cursor
    if (legs) {
      const all = world.callLegs.view(query.name, (list) => list.filter(query.accepts).toSorted(compareRows))
      return page(ask, query, all, cursor, (leg) => callLegRow(leg, query.zone))
    }
    const all = world.callRecords.view(query.name, (list) => list.filter(query.accepts).toSorted(compareRows))
    shift = (how) => {
      const [first] = all
      if (first === undefined) return
      if (how === "remove") world.callRecords.remove(world.callRecords.keyOf(first))
      else world.callRecords.put({ ...first, callId: world.nextCallId(first.pbx) })
    }
    return page(ask, query, all, cursor, (record) => callRecordRow(record, query.zone, world.knobs))
  }

  const handle = (ask: Ask): Reply => {
    if (header(ask, "8x8-apikey") !== credentials.workanalytics.apiKey) return invalidKey
    const path = ask.path.slice("/analytics/work".length).replace(/\/+$/, "").split("/").map(segment).join("/")
    if (path === "/v1/oauth/token") return ask.method === "POST" ? login(ask) : { status: 405 }
    const refusal = refused(ask)
    if (refusal !== undefined) return refusal
    if (ask.method !== "GET") return { status: 405 }
    switch (path) {
      case "/v2/call-records":
        return rows(ask, false)
      case "/v2/call-legs":
        return rows(ask, true)
      case "/v1/cdr":
        return rows(ask, ask.query.get("isCallRecord") !== "true")
      case "/v2/pbxes":
      case "/v2/customer-data/pbxes":
        return pbxList(ask)
      default:
        return { status: 404 }
    }
  }

  return { handle, shift: (how) => shift?.(how), expireTokens: () => tokens.expireAll() }
}
