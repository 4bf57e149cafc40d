// The contact center's Recordings API: recording files and chat transcripts, read only. DELETE, and GET below
// `/files/<folder>`, never get here: the server refuses and remembers them.
// Written from "Recordings API" in its newer and older form (read 2026-11-20); 8x8-apis, section 2.
import { credentials } from "./Credentials.ts"
import { header, segment, type Api, type Ask, type Reply } from "./Http.ts"
import { random } from "./Random.ts"
import type { ChatTranscript, MetaData, RecordingFile } from "./Records.ts"
import { listReply, oneReply, type Format } from "./RecordingsFormat.ts"
import { BadQuery, readRecordingsQuery, type RecordingsQuery } from "./RecordingsQuery.ts"
import { fileRow, transcriptRow } from "./RecordingsRows.ts"
import type { Table, World } from "./World.ts"

/** Rows of an answer. */
const pageRows = 50

const fileFields = [
  "agentID",
  "phoneNumber",
  "channel",
  "caseID",
  "duration",
  "filename",
  "queueID",
  "queueName",
  "accountNumber",
  "transactionID",
  "extVar1",
  "extVar2",
  "outDialCode"
]
const transcriptFields = [
  "agentID",
  "agentName",
  "contactID",
  "contactName",
  "queueID",
  "queueName",
  "channelID",
  "channelName",
  "caseID",
  "targetIP",
  "transactionID",
  "interactionGUID",
  "transcriptType",
  "duration"
]

interface Row {
  readonly startedAt: number
  readonly endedAt: number
  readonly row: Readonly<Record<string, string>>
  readonly metaData?: ReadonlyArray<MetaData>
}

const accepts = (query: RecordingsQuery) => {
  const { metaName, metaValue } = query
  const meta = ({ fieldName, fieldValue }: MetaData) =>
    fieldName.includes(metaName ?? "") && fieldValue.includes(metaValue ?? "")
  const hasMeta = metaName !== undefined || metaValue !== undefined
  return (row: Row): boolean =>
    query.spans.every(({ from, of, to }) => {
      const at = of === "start" ? row.startedAt : row.endedAt
      return at >= from && at < to
    }) &&
    query.equal.every(([field, value]) => row.row[field] === value) &&
    (!hasMeta || (row.metaData ?? []).some(meta))
}

const failed = (status: number, message = ""): Reply => ({
  status,
  headers: { "content-type": "text/plain;charset=UTF-8" },
  body: message
})

/** The row once more, under another transaction. */
const fileAgain = (file: RecordingFile, version: number): RecordingFile => ({
  ...file,
  row: { ...file.row, transactionID: String(900_000_000 + version) }
})

const transcriptAgain = (transcript: ChatTranscript, version: number): ChatTranscript => ({
  ...transcript,
  row: { ...transcript.row, transactionID: String(900_000_000 + version) }
})

/** The Recordings API over a world. */
export const recordingsApi = (world: World): Api => {
  let shift: Api["shift"] | undefined
  let answers = 0

  const malformed = (): number | undefined => {
    const r = random(world.seed, "malformed", answers++)
    return r.chance(world.knobs.recordingsMalformed) ? r.int(0, 3) : undefined
  }

  const list = <A extends Row>(
    ask: Ask,
    table: Table<A>,
    fields: ReadonlyArray<string>,
    change: (row: A, version: number) => A
  ): { readonly zone: string; readonly rows: ReadonlyArray<A> } => {
    const { keepDays, recordingsIgnoresN, recordingsOrder, recordingsToInclusive, recordingsZone } = world.knobs
    const defaults = { zone: recordingsZone, now: ask.now, toInclusive: recordingsToInclusive }
    const query = readRecordingsQuery(ask.query, fields, defaults)
    const test = accepts(query)
    const oldest = Math.floor(ask.now / 60_000) * 60_000 - keepDays * 86_400_000
    const sign = recordingsOrder === "ascending" ? 1 : -1
    const { skip, ...name } = query
    const rows = table.view(`${JSON.stringify(name)} ${oldest}`, (all) =>
      all
        .filter((row) => row.startedAt >= oldest && test(row))
        .toSorted(
          (a, b) =>
            sign * (a.startedAt - b.startedAt) || Number(a.row["transactionID"]) - Number(b.row["transactionID"])
        )
    )
    shift = (how) => {
      const [first] = rows
      if (first === undefined) return
      if (how === "remove") table.remove(table.keyOf(first))
      else table.put(change(first, table.version))
    }
    const from = recordingsIgnoresN ? 0 : skip
    return { zone: query.zone, rows: rows.slice(from, from + pageRows) }
  }

  const files = (ask: Ask, format: Format): Reply => {
    const { rows, zone } = list(ask, world.files, fileFields, fileAgain)
    const columns = ["startDate", ...fileFields, "wrapUpCode"]
    const page = { name: "file", columns, rows: rows.map((file) => fileRow(file, zone, world.knobs)) }
    return listReply(format, page, world.knobs, malformed())
  }

  const transcripts = (ask: Ask, format: Format): Reply => {
    const { rows, zone } = list(ask, world.transcripts, transcriptFields, transcriptAgain)
    const columns = ["startDate", ...transcriptFields, "metaDatas"]
    const page = { name: "transcript", columns, rows: rows.map((row) => transcriptRow(row, zone, false)) }
    return listReply(format, page, world.knobs, malformed())
  }

  const transcript = (ask: Ask, guid: string, format: Format): Reply => {
    if (format === "csv") return failed(400, "A transcript has no CSV form")
    const found = [...world.transcripts.rows.values()].find((each) => each.row.interactionGUID === guid)
    if (found === undefined) return failed(404, "Not found")
    const zone = ask.query.get("tz") ?? world.knobs.recordingsZone
    return oneReply(format, "transcript", transcriptRow(found, zone, true))
  }

  const loggedIn = (ask: Ask): boolean => {
    const { tenant, token } = credentials.recordings
    const right = `${tenant}:${world.knobs.recordingsToken ?? token}`
    return header(ask, "authorization") === `Basic ${Buffer.from(right).toString("base64")}`
  }

  const handle = (ask: Ask): Reply => {
    const older = world.knobs.recordingsFamily === "older"
    const recordingsLogin = older ? 403 : world.knobs.recordingsLogin
    if (!loggedIn(ask)) {
      const challenge = recordingsLogin === 401 ? { "www-authenticate": 'Basic realm="recordings"' } : {}
      return { ...failed(recordingsLogin, "The request was not allowed"), headers: challenge }
    }
    if (ask.method !== "GET") return failed(400, "Only GET is allowed")
    const path = ask.path.slice("/api/recordings".length).replace(/\/+$/, "")
    const match = /^\/(files|transcripts)(?:\/([^/]+?))?(?:\.(xml|csv|json))?$/.exec(path)
    if (match === null) return failed(404, "Not found")
    const [, what, id, ending] = match
    const format: Format = ending === "csv" || ending === "json" ? ending : "xml"
    if (older && (what === "transcripts" || format === "json")) return failed(404, "Not found")
    try {
      if (what === "transcripts" && id !== undefined) return transcript(ask, segment(id), format)
      if (id !== undefined) return failed(404, "Not found")
      return what === "files" ? files(ask, format) : transcripts(ask, format)
    } catch (error) {
      if (error instanceof BadQuery) return failed(400, error.message)
      throw error
    }
  }

  return { handle, shift: (how) => shift?.(how), expireTokens: () => {} }
}
