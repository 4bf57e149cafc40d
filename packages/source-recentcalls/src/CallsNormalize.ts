/**
 * From a row of Recent Calls to a `Call`. Spelled out, field by field: it runs for every new record.
 *
 * Sources: "Recent Calls" (guide) and the withdrawn OpenAPI file (both read 2026-11-20).
 */
import { type Call, Instant, Text } from "@callstream/model"
import { Row, type Source } from "@callstream/core"
import type { RecentCall } from "./Wire.ts"

const directions = { Inbound: "inbound", Outbound: "outbound", Internal: "internal" } as const
const endings = { Agent: "agent", Customer: "customer", System: "system" } as const

/** Names of the zone that rows are asked for in. */
const utc = /^(?:(?:etc\/)?(?:gmt(?:[+-]?0)?|utc|uct|universal|zulu|greenwich)|z|(?:gmt|utc)?[+-]00:?00)$/i

/** Whether a page's zone is the one that was asked for; pages of one name follow each other. */
const zones = new Map<string, boolean>()
const isUtc = (zone: string): boolean => {
  const known = zones.get(zone)
  if (known !== undefined) return known
  if (zones.size >= 100) zones.clear()
  const is = utc.test(zone.trim())
  zones.set(zone, is)
  return is
}

/** The call of a row whose times are in `zone`. */
export const normalize = (row: RecentCall, zone: string): Source.Normalized => {
  const notes = new Row.Notes()
  const call: Row.Filling<Call> = { callId: row.callId }
  const tenantId = Row.text(row.tenantId, "tenantId", notes)
  if (tenantId !== undefined) call.tenantId = tenantId
  const transactionIds = Row.parts(row.transactionId, " ,", "transactionId", notes)
  if (transactionIds !== undefined) call.transactionIds = transactionIds
  const agentIds = Row.parts(row.agentId, ",", "agentId", notes)?.map(Row.withoutPrefix)
  if (agentIds !== undefined) call.agentIds = agentIds
  const agentGroupIds = Row.parts(row.agentGroup, ",", "agentGroup", notes)
  if (agentGroupIds !== undefined) call.agentGroupIds = agentGroupIds
  const queueIds = Row.parts(row.queueId, ",", "queueId", notes)
  if (queueIds !== undefined) call.queueIds = queueIds
  const direction = Row.oneOf(row.callType, directions, "callType", notes)
  if (direction !== undefined) call.direction = direction
  const callerNumber = Row.text(row.callerNumber, "callerNumber", notes)
  if (callerNumber !== undefined) call.callerNumber = callerNumber
  const callerName = Row.text(row.callerName, "callerName", notes)
  if (callerName !== undefined) call.callerName = callerName
  const callerPhoneNumber = Row.text(row.callerPhoneNumber, "callerPhoneNumber", notes)
  if (callerPhoneNumber !== undefined) call.callerPhoneNumber = callerPhoneNumber
  const calleeNumber = Row.text(row.destinationNumber, "destinationNumber", notes)
  if (calleeNumber !== undefined) call.calleeNumber = calleeNumber
  const dialedNumber = Row.text(row.dialedNumber, "dialedNumber", notes)
  if (dialedNumber !== undefined) call.dialedNumber = dialedNumber
  const startedAt = startOf(row, zone, notes)
  if (startedAt !== undefined) call.startedAt = startedAt
  const durationMs = Row.millis(row.callDuration, "callDuration", notes)
  if (durationMs !== undefined) call.durationMs = durationMs
  const handlingMs = Row.millis(row.agentCallHandlingDuration, "agentCallHandlingDuration", notes)
  if (handlingMs !== undefined) call.handlingMs = handlingMs
  const waitMs = Row.millis(row.waitTime, "waitTime", notes)
  if (waitMs !== undefined) call.waitMs = waitMs
  const ivrMs = Row.millis(row.timeInIVR, "timeInIVR", notes)
  if (ivrMs !== undefined) call.ivrMs = ivrMs
  const holdMs = Row.millis(row.holdDuration, "holdDuration", notes)
  if (holdMs !== undefined) call.holdMs = holdMs
  const longestHoldMs = Row.millis(row.maximumHoldDuration, "maximumHoldDuration", notes)
  if (longestHoldMs !== undefined) call.longestHoldMs = longestHoldMs
  const muteMs = Row.millis(row.muteDuration, "muteDuration", notes)
  if (muteMs !== undefined) call.muteMs = muteMs
  // 0 stands in every call that nobody gave up.
  const abandonedAfterMs = Row.millis(row.abandonTime, "abandonTime", notes)
  if (abandonedAfterMs !== undefined && abandonedAfterMs > 0) call.abandonedAfterMs = abandonedAfterMs
  const transferCount = Row.count(row.transferCount, "transferCount", notes)
  if (transferCount !== undefined) call.transferCount = transferCount
  const hungUpBy = Row.oneOf(row.hungupBy, endings, "hungupBy", notes)
  if (hungUpBy !== undefined) call.hungUpBy = hungUpBy
  const subType = Row.text(row.callSubType, "callSubType", notes)
  if (subType !== undefined) call.subType = subType
  const schedule = Row.text(row.scheduleHours, "scheduleHours", notes)
  if (schedule !== undefined) call.schedule = schedule
  const surveyScore = Row.number(row.totalScore, "totalScore", notes)
  if (surveyScore !== undefined) call.surveyScore = surveyScore
  const surveyAnswers = Row.json(row.postCallSurvey, "postCallSurvey", notes)
  if (surveyAnswers !== undefined) call.surveyAnswers = surveyAnswers
  const voiceComments = Row.json(row.voiceComment, "voiceComment", notes)
  if (voiceComments !== undefined) call.voiceComments = voiceComments
  const voiceCommentFilenames = Row.parts(row.voiceCommentFileNames, ",", "voiceCommentFileNames", notes)
  if (voiceCommentFilenames !== undefined) call.voiceCommentFilenames = voiceCommentFilenames
  if (notes.warnings !== undefined) call.warnings = notes.warnings
  call.raw = Row.fromParsed(row)
  return startedAt === undefined ? { data: call } : { time: startedAt, data: call }
}

/** Zones differ by quarters of an hour: a difference as large says that one of the two times is not in UTC. */
const quarter = 15 * 60_000
/** The farthest that a zone is from UTC. */
const farthest = 14 * 3_600_000
/** What a time without fractions, and a call that shows a little later, may differ by. */
const tolerance = 2 * 60_000

/** Whether a time is off as it is in another zone, or with day and month changed round; `local` is the text it is from. */
const isMisread = (millis: number, inside: number, local: string): boolean => {
  const off = Math.abs(millis - inside)
  const rest = off % quarter
  if (off <= farthest + tolerance && Math.min(rest, quarter - rest) <= tolerance) return true
  const [month = "", day = ""] = local.split("/", 2)
  const turned = instantOf(`${day}/${month}${local.slice(5)}`)
  return turned !== undefined && Math.abs(turned.millis - inside) <= farthest + tolerance
}

/**
 * When a call began: `callDate`, if it is in the zone we asked for. Else the time inside the interaction GUID, which is
 * in UTC, and a warning: a local time without offset is never guessed at (it stands for two instants in autumn).
 */
const startOf = (row: RecentCall, zone: string, notes: Row.Notes): string | undefined => {
  const inside = millisInGuid(row.callId)
  const local = Row.text(row.callDate, "callDate", notes)
  if (local !== undefined && isUtc(zone)) {
    const start = instantOf(local)
    if (start !== undefined) {
      if (inside === undefined || Math.abs(start.millis - inside) < quarter - tolerance) return start.instant
      if (!isMisread(start.millis, inside, local)) {
        notes.warn("callDate", "differs from the time in callId by 15 minutes or more")
        return start.instant
      }
      notes.warn("callDate", "is in another zone or order of day and month; startedAt is the time in callId")
      return Instant.fromMillis(inside)
    }
    notes.warn("callDate", "is not a time such as 01/13/2022 15:42:31")
  } else if (local !== undefined) {
    notes.warn("callDate", "is not in the zone that was asked for, GMT")
  }
  if (inside === undefined) return undefined
  if (local === undefined) notes.warn("callDate", "is missing; startedAt is the time in callId")
  return Instant.fromMillis(inside)
}

const dateForm = /^(\d\d)\/(\d\d)\/(\d{4})$/
const timeForm = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/

/** Midnight of a day `MM/DD/YYYY` in UTC as epoch milliseconds; `NaN` for what is no such day. */
const midnightOf = (text: string): number => {
  const [, month, day, year] = dateForm.exec(text) ?? []
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day))
  // February 30 would be a day in March.
  return new Date(midnight).getUTCDate() === Number(day) && Number(month) <= 12 ? midnight : Number.NaN
}

interface Day {
  readonly midnight: number
  /** `YYYY-MM-DDT` */
  readonly text: string
}

/** The days read of late: the rows of a page are of few days. */
const days = new Map<string, Day>()
const mostDays = 100

const dayOf = (text: string): Day => {
  const known = days.get(text)
  if (known !== undefined) return known
  if (days.size >= mostDays) days.clear()
  const day = { midnight: midnightOf(text), text: `${text.slice(6)}-${text.slice(0, 2)}-${text.slice(3, 5)}T` }
  days.set(text, day)
  return day
}

/** `MM/DD/YYYY HH:mm:ss` in UTC as epoch milliseconds and as an instant; `undefined` for what is no such time. */
const instantOf = (text: string): { readonly millis: number; readonly instant: string } | undefined => {
  const day = dayOf(text.slice(0, 10))
  const time = text.slice(11)
  if (!Instant.isMillis(day.midnight) || text.charAt(10) !== " " || !timeForm.test(time)) return undefined
  const seconds = two(time, 0) * 3600 + two(time, 3) * 60 + two(time, 6)
  return { millis: day.midnight + seconds * 1000, instant: Text.joined(day.text, time, ".000Z") }
}

/** The number of two digits at a place. */
const two = (text: string, at: number): number => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528

/** Epoch milliseconds inside an interaction GUID, its first 11 hex digits; `undefined` for an id of another form. */
export const millisInGuid = (callId: string): number | undefined => {
  if (!callId.startsWith("int-") || callId.charAt(15) !== "-") return undefined
  const millis = Number(`0x${callId.slice(4, 15)}`)
  return Instant.isMillis(millis) ? millis : undefined
}
