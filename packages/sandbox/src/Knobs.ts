// What the vendor's documents leave open, as switches. The defaults are the working assumptions; each switch has another
// answer that a client must survive too. Where nothing else is said a knob is about the API its name begins with.

/** How an API limits its callers: so many requests in so many seconds, told in one of the ways 8x8 uses elsewhere. */
export interface RateLimit {
  readonly requests: number
  readonly seconds: number
  /** `seconds` or `date`: Retry-After. `reset`: `x-ratelimit-reset` in Unix seconds. `none`: a bare 429. */
  readonly header: "seconds" | "date" | "reset" | "none"
}

/** Names of the four APIs, as in `baseUrls`. */
export type ApiName = "storage" | "recordings" | "recentcalls" | "workanalytics"

/** The switches. All have a default, see `defaultKnobs`. */
export interface Knobs {
  /** Scales every delay between a call's end and what appears about it: 0 at once, 1 as at the vendor. Default 1. */
  readonly delay: number
  /** Rate limits per API. Default none: the vendor documents none for these four. */
  readonly rateLimits: Partial<Record<ApiName, RateLimit>>

  /** The API key's secret now in force, after somebody made a new one. Default: that of `credentials`. */
  readonly storageSecret: string | undefined
  /** What a `limit` above 100 gets: `reject` (400, the default) or `clamp` to 100. */
  readonly storageLimit: "reject" | "clamp"
  /** Error bodies: the service's own `{"message"}` (default), Apigee's `{"fault"}`, `html`, or `empty`. */
  readonly storageErrors: "message" | "fault" | "html" | "empty"
  /** Adds `total` to a page. Default false: the samples have none. */
  readonly storageTotal: boolean
  /** What ends a list: `lastPage` is true (default), or never, and only a page without objects does. */
  readonly storageEnd: "lastPage" | "empty"
  /** Keeps milliseconds inside stored times, while the wire shows seconds and filters compare milliseconds. Default true. */
  readonly fractionalTimes: boolean
  /** Revoking, archiving, restoring moves `updatedTime`. Default true. */
  readonly stateMovesUpdated: boolean
  /** How filters compare tags: as numbers if both read as numbers (default), or as text. */
  readonly tagComparison: "numeric" | "text"
  /** All objects of a call share a bucket. Default true. */
  readonly oneBucketPerCall: boolean
  /** Shapes of JSON content: `plain` (one shape), `variants` (several), `garbage` (some are not JSON, or empty; some of Recent Calls' `postCallSurvey` break off). Default `variants`. */
  readonly bodies: "plain" | "variants" | "garbage"
  /** The reply to `presignUrl=true`: `{url}` (default), `{presignedUrl}`, a JSON string, or bare text. */
  readonly presign: "url" | "presignedUrl" | "json" | "text"
  /** Seconds that a presigned URL lives. Default 1800. */
  readonly presignSeconds: number
  /** Status for a region that is not provisioned. Default 404. */
  readonly regionError: 403 | 404 | 500
  /** Filters on `createdTime` answer 500, as on one account. Default false. */
  readonly createdTimeFails: boolean
  /** Filters on `updatedTime` do too, which leaves reading newest first. Default false. */
  readonly updatedTimeFails: boolean
  /** The key may list, but content is answered with 403: a key for metadata only. Default false. */
  readonly contentDenied: boolean
  /** Content can be asked for from a byte on (`Range`). Default true. */
  readonly contentRanges: boolean
  /** `storedBytes` as a number (default), or as a string as the OpenAPI file says. */
  readonly storedBytes: "number" | "string"
  /** `POST /bulk/download/start` answers one object (default), or a list of them. */
  readonly bulkReply: "object" | "list"
  /** Members of a zip are named like their objects (default), in folders and without `:` and `+`, or all alike. */
  readonly bulkNames: "objectName" | "altered" | "alike"
  /** How often a zip that is said to be ready is answered with 500 all the same. Default 0. */
  readonly bulkEarly: number
  /** How a bulk download ends. Default DONE. */
  readonly bulkEnd: "DONE" | "PARTIAL_DONE" | "FAILED" | "IN_PROGRESS"

  /** The tenant's own zone: used where a request has no `tz`. Default America/Los_Angeles. */
  readonly recordingsZone: string
  /** Order of rows by start. Default ascending. */
  readonly recordingsOrder: "ascending" | "descending"
  /** Is the second date of `d` part of the range? Default false. */
  readonly recordingsToInclusive: boolean
  /** Share of XML answers that are malformed in the ways the documents show. Default 0. */
  readonly recordingsMalformed: number
  /** JSON of a single row: an array of one (default), or a bare object. */
  readonly recordingsJsonSingle: "array" | "object"
  /** JSON of no rows: `{"recordings":{"file":[]}}` (default), `{"recordings":""}`, `{"recordings":null}` or `{}`. */
  readonly recordingsJsonNone: "array" | "text" | "null" | "missing"
  /** Status of a failed login: 401 (newer document, default) or 403 (older). */
  readonly recordingsLogin: 401 | 403
  /** The token now in force, after somebody made a new one and so revoked that of `credentials`. Default: not rotated. */
  readonly recordingsToken: string | undefined
  /** How `wrapUpCode` is nested: codes in `transactionCodes` (newer, default), or always an empty element (older). */
  readonly recordingsWrapUp: "nested" | "empty"
  /** `older` hosts (mycontactual.com and the like) have no transcripts, no JSON and no codes, and refuse logins with 403. Default `newer`. */
  readonly recordingsFamily: "newer" | "older"
  /** `transactionID` of a row that is written so badly, in any format, that nobody can read it. Default none. */
  readonly recordingsBrokenRow: string | undefined
  /** The server ignores `n` and gives the first page again. Default false. */
  readonly recordingsIgnoresN: boolean
  /** Chats have one transcript per transaction: give some GUIDs two. Default false. */
  readonly transcriptsPerTransaction: boolean

  /** Which instant `timeRange` tests. Default start. */
  readonly recentRange: "start" | "end"
  /** Are the ends of `timeRange` part of it? Default inclusive. */
  readonly recentEnds: "inclusive" | "exclusive"
  /** Order of rows. Default newest first; `unsettled` is another one at each request. */
  readonly recentOrder: "newest" | "oldest" | "unsettled"
  /** How many more rows `hits` tells than there are. Default 0. */
  readonly recentMissing: number
  /** `hits`, `page` and `rows` of the answer as numbers (default), or as texts. */
  readonly recentNumbers: "number" | "text"
  /** Dates begin with the month, as documented (default), or with the day. */
  readonly recentDates: "month" | "day"
  /** The token now in force, after 8x8 gave out a new one. Default: that of `credentials`. */
  readonly recentToken: string | undefined
  /** Which span wins when both are given: `duration` (the guide, default) or `timeRange` (the OpenAPI file). */
  readonly recentBothSpans: "duration" | "timeRange"
  /** Status of a failed login. Default 401. */
  readonly recentLogin: 401 | 403
  /** The API is retired and answers with this. Default false. */
  readonly recentRetired: false | 403 | 404 | 410
  /** All range filters are required, as the OpenAPI file says. Default false. */
  readonly recentFiltersRequired: boolean
  /** Echoes this zone instead of the one asked for, and renders in it. Default none. */
  readonly recentZone: string | undefined
  /** Days of history that Recent Calls and Recordings still know. Default no limit. */
  readonly keepDays: number
  /** `transactionId` starts again at 1 after so many. Default 1,000,000. */
  readonly transactionModulus: number

  /** Which instant the window of call-records tests. Default disconnect, like call-legs. */
  readonly workWindow: "start" | "disconnect"
  /** Is `endTime` part of the window? Default inclusive. */
  readonly workEnds: "inclusive" | "exclusive"
  /** What sending `scrollId=No Data` gets: 400 (default) or the first page again. */
  readonly workNoData: "reject" | "restart"
  /** The last page with rows has a `scrollId` too (default); false leaves it out. */
  readonly workLastScrollId: boolean
  /** Changing other parameters while scrolling: ignored (default), or 400. */
  readonly workScrollChanged: "ignore" | "reject"
  /** Seconds after its first page in which a walk has to end; later its `scrollId` gets 400. Default no limit. */
  readonly workScrollSeconds: number
  /** The page that would end a walk gives the last row again, with another `scrollId`, for ever. Default false. */
  readonly workEndless: boolean
  /** The page that ends a walk has `null` for rows and place, instead of none and `No Data`. Default false. */
  readonly workNulls: boolean
  /** The user's password now in force, after somebody changed it. Default: that of `credentials`. */
  readonly workPassword: string | undefined
  /** `error_description` of an expired token. */
  readonly workExpired: string
  /** `callLegCount` as the guide's string (default) or the OpenAPI file's number. */
  readonly workLegCount: "string" | "number"
  /** PBXes for which the user has no right: 403 for a request that names one; left out of `allpbxes`. Default none. */
  readonly workDenied: ReadonlyArray<string>
  /** The user has never opened Work Analytics in a browser: logging in fails. Default false. */
  readonly workNeverOpened: boolean
}

/** The working assumptions of the vendor's open questions. */
export const defaultKnobs: Knobs = {
  delay: 1,
  rateLimits: {},
  storageSecret: undefined,
  storageLimit: "reject",
  storageErrors: "message",
  storageTotal: false,
  storageEnd: "lastPage",
  fractionalTimes: true,
  stateMovesUpdated: true,
  tagComparison: "numeric",
  oneBucketPerCall: true,
  bodies: "variants",
  presign: "url",
  presignSeconds: 1800,
  regionError: 404,
  createdTimeFails: false,
  updatedTimeFails: false,
  contentDenied: false,
  contentRanges: true,
  storedBytes: "number",
  bulkReply: "object",
  bulkNames: "objectName",
  bulkEarly: 0,
  bulkEnd: "DONE",
  recordingsZone: "America/Los_Angeles",
  recordingsOrder: "ascending",
  recordingsToInclusive: false,
  recordingsMalformed: 0,
  recordingsJsonSingle: "array",
  recordingsJsonNone: "array",
  recordingsLogin: 401,
  recordingsToken: undefined,
  recordingsWrapUp: "nested",
  recordingsFamily: "newer",
  recordingsBrokenRow: undefined,
  recordingsIgnoresN: false,
  transcriptsPerTransaction: false,
  recentRange: "start",
  recentEnds: "inclusive",
  recentOrder: "newest",
  recentMissing: 0,
  recentNumbers: "number",
  recentDates: "month",
  recentToken: undefined,
  recentBothSpans: "duration",
  recentLogin: 401,
  recentRetired: false,
  recentFiltersRequired: false,
  recentZone: undefined,
  keepDays: Infinity,
  transactionModulus: 1_000_000,
  workWindow: "disconnect",
  workEnds: "inclusive",
  workNoData: "reject",
  workLastScrollId: true,
  workScrollChanged: "ignore",
  workScrollSeconds: Infinity,
  workEndless: false,
  workNulls: false,
  workPassword: undefined,
  workExpired: "Access token expired",
  workLegCount: "string",
  workDenied: [],
  workNeverOpened: false
}

/** True for an object whose keys are knobs and whose values are of the kind that the knob has, or undefined. */
export const isKnobs = (value: unknown): value is Partial<Knobs> => {
  const known: Readonly<Record<string, unknown>> = { ...defaultKnobs }
  return (
    typeof value === "object" &&
    value !== null &&
    Object.entries(value).every(([name, given]) => {
      const kind = typeof known[name]
      return Object.hasOwn(known, name) && (kind === "undefined" || kind === typeof given || name === "recentRetired")
    })
  )
}
