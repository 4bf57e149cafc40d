/** Pages of the four APIs as they come over the wire, with rows of the sandbox's company and as many as a page has. */
import { Effect } from "effect"
import { start, type StreamName } from "@callstream/sandbox"
import type { DecodeJob } from "../Job.ts"

interface Kind {
  readonly stream: StreamName
  /** Rows of a page, as the sources ask for them. */
  readonly rows: number
  readonly pageOf: (rows: ReadonlyArray<unknown>) => unknown
}

const kinds: Readonly<Record<DecodeJob["decode"], Kind>> = {
  recentcalls: {
    stream: "recentcalls/calls",
    rows: 5000,
    pageOf: (data) => ({ hits: data.length, data, timezone: "GMT" })
  },
  workanalytics: {
    stream: "workanalytics/call-records",
    rows: 7000,
    pageOf: (data) => ({ meta: { totalRecordCount: data.length, scrollId: "FGluY2x1ZGVfY29udGV4dF91dWlk" }, data })
  },
  recordings: { stream: "recordings/files", rows: 50, pageOf: (file) => ({ recordings: { file } }) },
  storage: {
    stream: "storage/objects",
    rows: 100,
    pageOf: (content) => ({ content, lastPage: false, pageKey: content.length, pageSize: content.length })
  }
}

/** Of objects only the recordings of calls are taken: those the mapping by hand is for. */
const isMeant = (row: unknown): boolean =>
  typeof row === "object" &&
  row !== null &&
  (!("objectState" in row) || Reflect.get(row, "type") === "callcenterrecording")

/** The text of a page. */
export const pageText = (source: DecodeJob["decode"]): Promise<string> =>
  Effect.gen(function* () {
    const { pageOf, rows, stream } = kinds[source]
    const sandbox = yield* start({ calls: 300, now: Date.UTC(2026, 9, 1) })
    const found = sandbox.records(stream, { rows: true }).flatMap(({ row }) => (isMeant(row) ? [row] : []))
    return JSON.stringify(pageOf(Array.from({ length: rows }, (_, i) => found[i % found.length])))
  }).pipe(Effect.scoped, Effect.runPromise)
