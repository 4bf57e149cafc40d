/** From the text of a page to records with what the sources have for it: envelope, rows, fields. All are new ones. */
import { Effect, Result, Schema } from "effect"
import type { Source } from "@callstream/core"
import { recordOf } from "../../../packages/source-recentcalls/src/Calls.ts"
import { RecentCallsPage } from "../../../packages/source-recentcalls/src/Wire.ts"
import { fileRecords } from "../../../packages/source-recordings/src/Files.ts"
import { readRows } from "../../../packages/source-recordings/src/Rows.ts"
import { readObject } from "../../../packages/source-storage/src/ObjectRecords.ts"
import { ObjectsPage } from "../../../packages/source-storage/src/Wire.ts"
import { callRecords } from "../../../packages/source-workanalytics/src/CallRecords.ts"
import { RowsPage } from "../../../packages/source-workanalytics/src/Wire.ts"
import type { DecodeJob } from "../Job.ts"

type Rows = ReadonlyArray<Source.SourceRecord | Source.Unreadable>

const callsPage = Schema.decodeUnknownResult(RecentCallsPage)
const rowsPage = Schema.decodeUnknownResult(RowsPage)
const objectsPage = Schema.decodeUnknownResult(ObjectsPage)

/** Every type is wanted; content is not fetched. */
const everything: ReadonlySet<string> = new Set()
const never = () => false

const rows: Readonly<Record<DecodeJob["decode"], (text: string) => Rows>> = {
  recentcalls: (text) => {
    const { data } = Result.getOrThrow(callsPage(JSON.parse(text)))
    return data.map((row) => recordOf(row, "GMT"))
  },
  workanalytics: (text) => {
    const { data } = Result.getOrThrow(rowsPage(JSON.parse(text)))
    return (data ?? []).map((row) => callRecords.recordOf(row, "acmecorp"))
  },
  recordings: (text) =>
    fileRecords(Result.getOrThrow(Effect.runSync(readRows(text, "json", "file"))), "acmecorp01", "UTC"),
  storage: (text) => {
    const { content } = Result.getOrThrow(objectsPage(JSON.parse(text)))
    return (content ?? []).flatMap((row) => readObject(row, never, everything).records)
  }
}

/** The records of a page. */
export const ours = (source: DecodeJob["decode"], text: string): ReadonlyArray<object> =>
  rows[source](text).map((row) => {
    if ("unreadable" in row) throw new Error(`A row of ${source} cannot be read: ${row.unreadable}`)
    return row.normalize().data ?? {}
  })
