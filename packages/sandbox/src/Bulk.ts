// Bulk mode, for benchmarks: two lists of any length that exist only as arithmetic. Row i has a time, and all else follows
// from i and a handful of pre-rendered rows, so memory is flat and a page costs little more than its bytes.
// Logins, validation and paging are those of the real handlers; what arithmetic cannot answer gets a 400 that says so.
import { comparisons, FiqlError, parse, type Comparison, type Expression } from "./Fiql.ts"
import { json, type Ask, type Reply } from "./Http.ts"
import { admit, envelope, readQuery } from "./RecentCallsApi.ts"
import { readObjectQuery } from "./StorageQuery.ts"
import { naiveUtc, offsetAt } from "./Time.ts"
import type { World } from "./World.ts"

/** How much of which list. Bulk rows are not in `records()`, and bulk objects have no content. */
export interface BulkOptions {
  /** Rows of Recent Calls, 50 a minute, the last one at `now`. */
  readonly recentcalls?: number
  /** Objects in region us-east, 20 a second by `updatedTime`, the last one at `now`: `callcenterrecording`, AVAILABLE. */
  readonly storage?: number
}

/** Milliseconds between two rows. */
const recentStep = 1200
const storageStep = 50

/** An object is created so long before it is updated. */
const createdBefore = 30_000

const two = (n: number) => (n < 10 ? `0${n}` : String(n))

/** Indices of the rows whose times lie in `[from, to]`, for rows every `step` ms up to `last`. */
const indices = (count: number, last: number, step: number, from: number, to: number) => {
  const first = last - (count - 1) * step
  const low = Math.max(0, Math.ceil((from - first) / step))
  const high = Math.min(count - 1, Math.floor((to - first) / step))
  return { first, low, high, size: Math.max(0, high - low + 1) }
}

/** Pieces of one row between which the variable values go. */
const recentParts = (i: number) => {
  const agent = `ag7rcjEueDRuGblqngm${String(1000 + i)}`
  const talk = 30_000 + ((i * 7919) % 600_000)
  const wait = (i * 331) % 60_000
  const number = `1${408 + (i % 90)}55501${two(i % 100)}`
  return {
    head: `{"callDuration":"${talk + wait + 9000}","queueId":"${571 + i}","agentCallHandlingDuration":"${talk}.0","callDate":"`,
    middle:
      `","agentId":"${agent}","muteDuration":${i % 3 === 0 ? i * 11 : 0},"scheduleHours":"Open","timeInIVR":"9000.0",` +
      `"agentGroup":"2577","transferCount":"0.0","postCallSurvey":"[]","callType":"Inbound","callerName":"Caller ${i}",` +
      `"dialedNumber":"14405550140","callDateOnly":"`,
    tail:
      `,"hungupBy":"Agent","holdDuration":"${i * 100}.0","voiceComment":"{}","abandonTime":"0.0","callerNumber":"${number}",` +
      `"callSubType":"Queued","totalScore":"","destinationNumber":"","voiceCommentFileNames":"","tenantId":"acmecorp01",` +
      `"maximumHoldDuration":"${i * 100}.0","waitTime":"${wait}.0","callerPhoneNumber":"${number}","callId":"int-`
  }
}

/** The Recent Calls list, newest first. */
export const bulkRecentCalls = (world: World, count: number) => {
  const parts = Array.from({ length: 32 }, (_, i) => recentParts(i))
  const last = Math.floor(world.now)

  const render = (first: number, from: number, size: number, zone: string): string => {
    let out = ""
    let quarter = Number.NaN
    let offset = 0
    let minute = Number.NaN
    let day = ""
    let clock = ""
    for (let n = 0; n < size; n++) {
      const i = from - n
      const at = first + i * recentStep
      const nextQuarter = Math.floor(at / 900_000)
      if (nextQuarter !== quarter) {
        quarter = nextQuarter
        offset = offsetAt(zone, at)
      }
      const wall = at + offset
      const nextMinute = Math.floor(wall / 60_000)
      if (nextMinute !== minute) {
        minute = nextMinute
        const date = new Date(wall)
        day = `${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}/${date.getUTCFullYear()}`
        clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:`
      }
      const time = clock + two(Math.floor(wall / 1000) - minute * 60)
      const { head, middle, tail } = parts[i % 32] ?? recentParts(0)
      const id = `${at.toString(16).padStart(11, "0")}-BulkRowBulkRow${String(i).padStart(11, "0")}`
      out += `${n === 0 ? "" : ","}${head}${day} ${time}${middle}${day}","callTime":"${time}","transactionId":"${i + 1}"${tail}${id}-phone-00-acmecorp01"}`
    }
    return out
  }

  return (ask: Ask): Reply => {
    const refused = admit(world, ask)
    if (refused !== undefined) return refused
    const query = readQuery(world, ask.body, ask.now)
    if (typeof query === "string") return json(400, { message: query })
    if (query.filtered) return json(400, { message: "Bulk mode of the sandbox has no filters" })
    const { first, high, size } = indices(count, last, recentStep, query.from, query.to)
    const skip = (query.page - 1) * query.rows
    const shown = Math.max(0, Math.min(query.rows, size - skip))
    const [before = "", after = ""] = JSON.stringify(envelope(query, size, [])).split('"data":[')
    const body = `${before}"data":[${render(first, high - skip, shown, query.zone)}${after}`
    return { status: 200, headers: { "content-type": "application/json" }, body }
  }
}

/** A span of `updatedTime`, or nothing. */
type Span = readonly [from: number, to: number]

const everything: Span = [-Infinity, Infinity]
const nothing: Span = [Infinity, -Infinity]

const timeSpan = ({ field, operator, values }: Comparison): Span => {
  const at = Number(values[0]) + (field === "createdTime" ? createdBefore : 0)
  switch (operator) {
    case "==":
      return [at, at]
    case "=gt=":
      return [at + 1, Infinity]
    case "=ge=":
      return [at, Infinity]
    case "=lt=":
      return [-Infinity, at - 1]
    case "=le=":
      return [-Infinity, at]
    default:
      throw new FiqlError(`bulk mode of the sandbox cannot answer ${field}${operator}`)
  }
}

const constants: Readonly<Record<string, string>> = { type: "callcenterrecording", objectState: "AVAILABLE" }

const leafSpan = (leaf: Comparison): Span => {
  const value = constants[leaf.field]
  if (value !== undefined) {
    const named = leaf.values.includes(value)
    return named === (leaf.operator === "==" || leaf.operator === "=in=") ? everything : nothing
  }
  if (leaf.field === "updatedTime" || leaf.field === "createdTime") return timeSpan(leaf)
  throw new FiqlError(`bulk mode of the sandbox has no filter on ${leaf.field}`)
}

/** The span that a filter means. Only `type` and `objectState`, which all rows share, may stand in an OR. */
const spanOf = (node: Expression): Span => {
  if (node.kind === "comparison") return leafSpan(node)
  const spans = node.parts.map(spanOf)
  if (node.kind === "and") return spans.reduce(([a, b], [c, d]) => [Math.max(a, c), Math.min(b, d)], everything)
  const timed = comparisons(node).some(({ field }) => constants[field] === undefined)
  if (timed) throw new FiqlError("bulk mode of the sandbox has no OR of times")
  return spans.some(([from]) => from === -Infinity) ? everything : nothing
}

const objectParts = (i: number) => {
  const tags = {
    ipbxid: "acmecorp",
    address: `1408555${1000 + i}`,
    agentId: `7rcjEueDRuGblqngm${1000 + i}`,
    duration: String(1000 * (30 + i)),
    tenantId: "acmecorp01",
    direction: i % 2 === 0 ? "INBOUND" : "OUTBOUND",
    queueName: "Level 3 Support",
    channelName: "Main Support"
  }
  const list = Object.entries(tags).map(([key, value]) => JSON.stringify({ key, value }))
  return {
    head: `","type":"callcenterrecording","mimeType":"audio/mpeg","objectName":"`,
    name: `.mp3","checksumType":"MD5","checksum":"27b75edcb0305a6a6a87d60a1e01f1a4-1","customerId":"0012J00002KTSANDBX","userId":"7rcjEueDRuGblqngm${1000 + i}","storedBytes":${38_000 + i * 640},"createdTime":"`,
    tags: `,"objectState":"AVAILABLE","bucketId":"d53d0b69-936d-42df-8232-ccc86a309eee","tags":[${list.join(",")},{"key":"callId","value":"`
  }
}

/** The list of objects of us-east. Rows can be ordered by the times and by id, which grow together. */
export const bulkObjects = (world: World, count: number) => {
  const parts = Array.from({ length: 32 }, (_, i) => objectParts(i))
  const last = Math.floor(world.now)

  const render = (first: number, from: number, step: 1 | -1, size: number): string => {
    let out = ""
    let second = -1
    let created = ""
    let updated = ""
    for (let n = 0; n < size; n++) {
      const i = from + n * step
      const at = first + i * storageStep
      const nextSecond = Math.floor(at / 1000)
      if (nextSecond !== second) {
        second = nextSecond
        created = naiveUtc(at - createdBefore)
        updated = naiveUtc(at)
      }
      const { head, name, tags } = parts[i % 32] ?? objectParts(0)
      const call = `int-${(at - createdBefore).toString(16).padStart(11, "0")}-BulkRowBulkRow${String(i).padStart(11, "0")}-phone-00-acmecorp01`
      const id = `00000000-0000-4000-8000-${i.toString(16).padStart(12, "0")}`
      out += `${n === 0 ? "" : ","}{"id":"${id}${head}${call}${name}${created}","updatedTime":"${updated}"${tags}${call}"},{"key":"transactionId","value":"${i + 1}"}],"shared":false}`
    }
    return out
  }

  return (ask: Ask): Reply => {
    const query = readObjectQuery(ask.query, world.knobs)
    if (typeof query === "string") return json(400, { message: query })
    if (!["createdTime", "updatedTime", "id"].includes(query.sortField)) {
      return json(400, { message: `Bulk mode of the sandbox cannot sort by ${query.sortField}` })
    }
    let span: Span = everything
    try {
      if (query.filter !== "") span = spanOf(parse(query.filter))
    } catch (error) {
      if (error instanceof FiqlError) return json(400, { message: error.message })
      throw error
    }
    const { first, high, low, size } = indices(count, last, storageStep, span[0], span[1])
    const { limit, offset } = query
    const shown = Math.max(0, Math.min(limit, size - offset))
    const from = query.descending ? high - offset : low + offset
    const rows = render(first, from, query.descending ? -1 : 1, shown)
    const total = world.knobs.storageTotal ? `,"total":${size}` : ""
    const tail = `],"lastPage":${offset + limit >= size},"pageKey":${offset + limit},"pageSize":${shown}${total}}`
    return { status: 200, headers: { "content-type": "application/json" }, body: `{"content":[${rows}${tail}` }
  }
}
