/**
 * The two loops that Callstream is measured by, written as one would by hand: pages with undici's `request` and
 * `JSON.parse`, one after another; a checkpoint a page (a small file, written and renamed); no retries, schemas,
 * seen-index or metrics.
 *
 * The same-work loop makes our events, and its log has the very bytes that ours has. The bare loop passes the vendor's
 * rows on as they are. Files are synced about as often as sink-local does it, every 2,500 records.
 */
import { closeSync, fdatasync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { request } from "@effect/platform-node/Undici"
import { CloudEvent, Conversation, type Event, eventTypes, fingerprint } from "@callstream/model"
import { normalize } from "../../packages/source-recentcalls/src/CallsNormalize.ts"
import type { RecentCall } from "../../packages/source-recentcalls/src/Wire.ts"
import { conversationOf, normalizeMedium } from "../../packages/source-storage/src/Normalize.ts"
import { readTags } from "../../packages/source-storage/src/ObjectReader.ts"
import type { StorageObject } from "../../packages/source-storage/src/Wire.ts"
import type { Job, Vendor } from "./Job.ts"

const json = async (url: string, options: Parameters<typeof request>[1]) => {
  const { body, statusCode } = await request(url, options)
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}: ${text}`)
  return JSON.parse(text)
}

async function* recentcalls({ baseUrls, credentials, from, to }: Vendor): AsyncGenerator<ReadonlyArray<RecentCall>> {
  const { apiKey, region, tenantId, token } = credentials.recentcalls
  const headers = { "8x8-apikey": apiKey, "content-type": "application/json", token }
  for (let page = 1, read = 0; ; page++) {
    const body = JSON.stringify({ tenantId, page, rows: 5000, timeRange: `${from}-${to}`, timezone: "GMT" })
    const { data, hits } = await json(`${baseUrls.recentcalls}/${region}`, { method: "POST", headers, body })
    yield data
    read += data.length
    if (read >= hits) return
  }
}

async function* storage({ baseUrls, credentials, from, to }: Vendor): AsyncGenerator<ReadonlyArray<StorageObject>> {
  const { clientId, clientSecret } = credentials.storage
  const login = await json(`${baseUrls.storage}/oauth/v2/token`, {
    method: "POST",
    headers: {
      authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
      "content-type": "application/x-www-form-urlencoded"
    },
    body: "grant_type=client_credentials"
  })
  const headers = { authorization: `Bearer ${login.access_token}` }
  const filter = encodeURIComponent(`updatedTime=ge=${from};updatedTime=lt=${to}`)
  const query = `filter=${filter}&sortField=updatedTime&sortDirection=ASC&limit=100`
  for (let pageKey = 0; ; pageKey += 100) {
    const url = `${baseUrls.storage}/storage/us-east/v3/objects?${query}&pageKey=${pageKey}`
    const { content, lastPage } = await json(url, { headers })
    yield content
    if (lastPage) return
  }
}

const callEvent = (row: RecentCall, asof: string): Event => {
  const source = `8x8/recentcalls/${String(row.tenantId)}`
  const { type, dataschema, short } = eventTypes.call
  return {
    id: fingerprint(`${source}#calls#${short}`, row.callId, "upsert", row as never),
    type,
    source,
    subject: row.callId,
    op: "upsert",
    conversation: Conversation.ofInteraction(row.callId),
    asof,
    dataschema,
    ...normalize(row, "GMT")
  }
}

const objectEvent = (row: StorageObject, asof: string): Event => {
  const source = "8x8/storage/us-east"
  const { type, dataschema, short } = eventTypes.recording
  const tags = readTags(row.tags)
  return {
    id: fingerprint(`${source}#objects#${short}`, row.id, "upsert", row as never),
    type,
    source,
    subject: row.id,
    op: "upsert",
    conversation: conversationOf(row.type, tags) ?? "",
    asof,
    dataschema,
    ...normalizeMedium(row, tags, "call", {})
  }
}

const sync = promisify(fdatasync)

/** Appends to `NAME.jsonl` in a folder. */
const openLog = (folder: string) => {
  mkdirSync(folder)
  const files = new Map<string, number>()
  const dirty = new Set<number>()
  let unsynced = 0
  const flush = async () => {
    await Promise.all([...dirty].map((fd) => sync(fd)))
    dirty.clear()
    unsynced = 0
  }
  return {
    append: async (texts: ReadonlyMap<string, string>, records: number) => {
      for (const [name, text] of texts) {
        const fd = files.get(name) ?? openSync(join(folder, `${name}.jsonl`), "a")
        files.set(name, fd)
        writeSync(fd, text)
        dirty.add(fd)
      }
      unsynced += records
      if (unsynced >= 2500) await flush()
    },
    close: async () => {
      await flush()
      for (const fd of files.values()) closeSync(fd)
    }
  }
}

/** Runs a loop; gives how many records it passed on. */
export const run = async ({ folder, loop, sink, source, vendor }: Job): Promise<number> => {
  const log = sink === "log" ? openLog(join(folder, "events")) : undefined
  const checkpoint = join(folder, "checkpoint.json")
  let count = 0
  const pass = async (rows: ReadonlyArray<unknown>, events: ReadonlyArray<Event> | undefined) => {
    const texts = new Map<string, string>()
    if (log !== undefined && events === undefined) {
      texts.set("rows", rows.map((row) => `${JSON.stringify(row)}\n`).join(""))
    } else if (log !== undefined && events !== undefined) {
      for (const event of events) {
        const day = event.time?.slice(0, 10) ?? "undated"
        texts.set(day, `${texts.get(day) ?? ""}${CloudEvent.toJson(event)}\n`)
      }
    }
    await log?.append(texts, rows.length)
    count += rows.length
    writeFileSync(`${checkpoint}.new`, JSON.stringify({ read: count }))
    renameSync(`${checkpoint}.new`, checkpoint)
  }
  if (source === "recentcalls") {
    for await (const rows of recentcalls(vendor)) {
      const asof = String(Date.now())
      await pass(rows, loop === "bare" ? undefined : rows.map((row) => callEvent(row, asof)))
    }
  } else {
    for await (const rows of storage(vendor)) {
      const asof = String(Date.now())
      await pass(rows, loop === "bare" ? undefined : rows.map((row) => objectEvent(row, asof)))
    }
  }
  await log?.close()
  return count
}
