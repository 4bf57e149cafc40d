/** Writes to OpenSearch: `_bulk` over undici's `request`, 5 MB a request, as ours has it; any error in an answer ends it. */
import { request } from "@effect/platform-node/Undici"
import type { Event } from "@callstream/model"
import { documentOf } from "../../packages/sink-opensearch/src/document/Document.ts"
import type { Place } from "./Job.ts"
import { rowsOf, typeOf } from "./Names.ts"
import { gathering, type Row, type Writer } from "./Writer.ts"

const most = { records: 5000, bytes: 5_000_000 }

export const openIndices = ({ address, prefix }: Place): Writer => {
  const batch = gathering<string>(
    most,
    (lines) => lines.length,
    async (all) => {
      const { body, statusCode } = await request(`${address}/_bulk?filter_path=errors,items.*.error`, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson" },
        body: all.join("")
      })
      const text = await body.text()
      if (statusCode !== 200 || JSON.parse(text).errors !== false) {
        throw new Error(`_bulk answered ${statusCode}: ${text.slice(0, 500)}`)
      }
    }
  )

  const eventLines = (event: Event): string => {
    const { asof, source, subject, type } = event
    const action = {
      _index: `${prefix}${typeOf(type).short}-v1`,
      _id: `${source} ${type} ${subject}`,
      version_type: "external_gte",
      version: Number(asof),
      require_alias: true
    }
    return `${JSON.stringify({ index: action })}\n${JSON.stringify(documentOf(event, typeOf(type)))}\n`
  }

  const rowLines = ({ id, row }: Row): string =>
    `${JSON.stringify({ index: { _index: rowsOf(prefix), _id: id } })}\n${JSON.stringify(row)}\n`

  return {
    write: (page) => batch.add("rows" in page ? page.rows.map(rowLines) : page.events.map(eventLines)),
    close: batch.flush
  }
}
