/**
 * The stream of call recordings: rows of `/files`.
 *
 * A row has no id, and its file name may come an hour after it: what identifies it is transaction, start and agent. Should
 * two rows of an answer share these, the second has an ordinal and both a warning. There is no interaction GUID in a row,
 * so it joins no conversation by itself; `filename` ends in the `mediaUrl` of the stored object, which does.
 *
 * Source: Recordings API, Files (read 2026-11-20).
 */
import { eventTypes, Instant, type Json, type Recording } from "@callstream/model"
import { Row, type Source } from "@callstream/core"
import type { Api } from "./Api.ts"
import type { Config } from "./Config.ts"
import { agentIdsOf, millisOf, pairsOf, queueIdsOf, queueNameOf, timeOf, unlessZero, unreadableOf } from "./Fields.ts"
import { listStream } from "./Walk.ts"
import { FileRow } from "./Wire.ts"
import { Broken } from "./Xml.ts"

const rowOf = Row.checked(FileRow)

/** What identifies a row; `undefined` for one whose start cannot be read. */
const subjectOf = (row: FileRow, start: number | undefined): string | undefined => {
  const agent = typeof row.agentID === "string" ? row.agentID : ""
  return start === undefined ? undefined : `${row.transactionID}/${Instant.fromMillis(start)}/${agent}`
}

/** Makes the stream; `now` is the clock at the first start. */
export const filesStream = (api: Api, config: Config, now: number): Source.SourceStream => {
  const { tenant, timezone } = config
  const recordsOf = (rows: ReadonlyArray<Json | Broken>) => fileRecords(rows, tenant, timezone)
  const list = { name: "files", kind: "file", type: eventTypes.recording, keyOf: keyOf(timezone), recordsOf } as const
  return listStream(list, api, config, now)
}

const keyOf = (zone: string) => (row: Json) => {
  const file = rowOf(row)
  return "unreadable" in file
    ? JSON.stringify(row)
    : (subjectOf(file, millisOf(file.startDate, zone)) ?? JSON.stringify(row))
}

/** The records of an answer's rows, by position. */
export const fileRecords = (
  rows: ReadonlyArray<Json | Broken>,
  tenant: string,
  zone: string
): ReadonlyArray<Source.SourceRecord | Source.Unreadable> => {
  const met = new Map<string, number>()
  const read = rows.map((value) => {
    if (value instanceof Broken) return unreadableOf(value)
    const row = rowOf(value)
    if ("unreadable" in row) return row
    const start = millisOf(row.startDate, zone)
    const key = subjectOf(row, start)
    if (start === undefined || key === undefined)
      return { unreadable: "startDate is not a time with its offset", raw: value }
    met.set(key, (met.get(key) ?? 0) + 1)
    return { row, start, key, ordinal: met.get(key) ?? 1 }
  })
  return read.map((one): Source.SourceRecord | Source.Unreadable => {
    if ("unreadable" in one) return one
    const { key, ordinal, row, start } = one
    const shared = (met.get(key) ?? 1) > 1
    return {
      type: eventTypes.recording,
      subject: ordinal === 1 ? key : `${key}#${ordinal}`,
      born: start,
      op: "upsert",
      content: Row.fromParsed(row),
      normalize: () => normalizeFile(row, tenant, zone, shared)
    }
  })
}

/** Which way a call went, by its channel, where the channel is no number. Direct access calls an agent. */
const virtualChannels: Readonly<Record<string, "inbound" | "outbound">> = {
  "#virtual_outbound#": "outbound",
  "#virtual_daa#": "inbound"
}

const directionOf = (channel: string | undefined, notes: Row.Notes): Recording["direction"] => {
  if (channel === undefined) return undefined
  return channel.startsWith("#") ? Row.oneOf(channel, virtualChannels, "channel", notes) : "inbound"
}

/** A number, not a name: either may stand in `phoneNumber`. */
const numberForm = /^\+?\d[\d ().-]*$/

/** The recording of a row. */
export const normalizeFile = (row: FileRow, tenant: string, zone: string, shared: boolean): Source.Normalized => {
  const notes = new Row.Notes()
  const address = Row.text(row.phoneNumber, "phoneNumber", notes)
  const number = address !== undefined && numberForm.test(address) ? address : undefined
  const channel = Row.text(row.channel, "channel", notes)
  const direction = directionOf(channel, notes)
  const startedAt = timeOf(row.startDate, zone, "startDate", notes)
  const wrapUpCodes = pairsOf(row.wrapUpCode, "wrapUpCode", notes).map(({ listName, name }) =>
    Row.present({ list: Row.text(listName, "listName", notes), code: Row.text(name, "name", notes) })
  )
  if (shared) notes.warn("transactionID", "is shared by another row of the same start and agent")
  const data: Recording = Row.present({
    kind: "call" as const,
    direction,
    callerNumber: direction === "inbound" ? number : undefined,
    calleeNumber: direction === "outbound" ? number : undefined,
    address,
    tenantId: tenant,
    transactionIds: [row.transactionID],
    agentIds: agentIdsOf(row.agentID, notes),
    queueIds: queueIdsOf(row.queueID, notes),
    queueName: queueNameOf(row.queueName, notes),
    channel,
    startedAt,
    durationMs: Row.millis(row.duration, "duration", notes, 1000),
    filename: Row.text(row.filename, "filename", notes),
    wrapUpCodes: wrapUpCodes.length === 0 ? undefined : wrapUpCodes,
    caseId: unlessZero(row.caseID, "caseID", notes),
    accountNumber: unlessZero(row.accountNumber, "accountNumber", notes),
    extVar1: unlessZero(row.extVar1, "extVar1", notes),
    extVar2: unlessZero(row.extVar2, "extVar2", notes),
    outDialCode: Row.text(row.outDialCode, "outDialCode", notes),
    warnings: notes.warnings,
    raw: Row.fromParsed(row)
  })
  return startedAt === undefined ? { data } : { time: startedAt, data }
}
