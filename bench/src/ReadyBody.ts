/** Raw `_bulk` over undici, with bodies that are ready. */
import { request } from "@effect/platform-node/Undici"
import type { Line } from "../../packages/sink-opensearch/src/bulk/Encoder.ts"
import { filterPath } from "../../packages/sink-opensearch/src/bulk/Judgement.ts"
import type { Place } from "./Job.ts"

/** The body of one request. */
export const readyBody = (lines: ReadonlyArray<Line>): Buffer => Buffer.from(lines.map(({ text }) => text).join(""))

/** Sends one; any error in the answer is one. */
export const bulk = async ({ address }: Place, body: Buffer): Promise<void> => {
  const query = `require_alias=true&timeout=10s&filter_path=${encodeURIComponent(filterPath)}`
  const answer = await request(`${address}/_bulk?${query}`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body
  })
  const text = await answer.body.text()
  if (answer.statusCode !== 200 || JSON.parse(text).errors !== false) {
    throw new Error(`_bulk answered ${answer.statusCode}: ${text.slice(0, 500)}`)
  }
}
