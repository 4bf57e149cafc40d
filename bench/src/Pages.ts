/** The vendor's pages as a script by hand reads them: undici's `request` and `JSON.parse`, one after another, no retries. */
import { request } from "@effect/platform-node/Undici"
import type { RecentCall } from "../../packages/source-recentcalls/src/Wire.ts"
import type { StorageObject } from "../../packages/source-storage/src/Wire.ts"
import type { Vendor } from "./Job.ts"

const json = async (url: string, options: Parameters<typeof request>[1]) => {
  const { body, statusCode } = await request(url, options)
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}: ${text}`)
  return JSON.parse(text)
}

/** Recent Calls, 5,000 rows a page. */
export async function* recentcalls({
  baseUrls,
  credentials,
  from,
  to
}: Vendor): AsyncGenerator<ReadonlyArray<RecentCall>> {
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

/** Stored objects of us-east, 100 a page. */
export async function* storage({
  baseUrls,
  credentials,
  from,
  to
}: Vendor): AsyncGenerator<ReadonlyArray<StorageObject>> {
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
