/** All that stands in the indices of a prefix, read as any program would, with nothing of the sink's. */
import type { Event, Op } from "@callstream/model"

export interface Document {
  readonly index: string
  readonly id: string
  /** The version that the node keeps. */
  readonly version: number
  /** The event that the document was made of. */
  readonly event: Event
}

interface Hit {
  readonly _index: string
  readonly _id: string
  readonly _version: number
  readonly _source: Event & { readonly unindexed?: Readonly<Record<string, unknown>>; readonly op: Op }
}

interface Answer {
  readonly _scroll_id: string
  readonly hits: { readonly hits: ReadonlyArray<Hit>; readonly total: { readonly value: number } }
}

const ask = async (node: string, method: string, path: string, body: unknown): Promise<Answer> => {
  const answer = await fetch(`${node}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body)
  })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
  // The node's own format; tests that read nonsense fail where they compare.
  return (await answer.json()) as Answer
}

/** Less what is there to be found by; with the fields that could not be indexed where they were. */
const eventOf = ({ _source: source }: Hit): Event => {
  const { asof, conversation, data, dataschema, id, op, subject, time, type, unindexed } = source
  return {
    id,
    type,
    source: source.source,
    subject,
    op,
    asof,
    dataschema,
    ...(time === undefined ? {} : { time }),
    ...(conversation === undefined ? {} : { conversation }),
    ...(data === undefined ? {} : { data: { ...Object(data), ...unindexed } })
  }
}

/** Every document behind a name or pattern, once, whatever happens meanwhile. */
export const readIndices = async (node: string, target: string): Promise<ReadonlyArray<Document>> => {
  await ask(node, "POST", `/${target}/_refresh`, {})
  const found: Array<Document> = []
  let page = await ask(node, "POST", `/${target}/_search?scroll=1m`, { size: 1000, version: true, sort: ["_doc"] })
  while (page.hits.hits.length > 0) {
    for (const hit of page.hits.hits) {
      found.push({ index: hit._index, id: hit._id, version: hit._version, event: eventOf(hit) })
    }
    page = await ask(node, "POST", "/_search/scroll", { scroll: "1m", scroll_id: page._scroll_id })
  }
  await ask(node, "DELETE", "/_search/scroll", { scroll_id: page._scroll_id })
  return found
}

/** How many documents there are, as soon as the node can say. */
export const countDocuments = async (node: string, target: string): Promise<number> => {
  await ask(node, "POST", `/${target}/_refresh`, {})
  const { hits } = await ask(node, "POST", `/${target}/_search`, { size: 0, track_total_hits: true })
  return hits.total.value
}
