// Cloud Storage Service: login, regions, objects, their content, buckets. Bulk downloads are in StorageDownloads.
// Written from the OpenAPI file and "Cloud Storage Service Objects" (read 2026-11-20); 8x8-apis, section 1.
import { createHash } from "node:crypto"
import { credentials } from "./Credentials.ts"
import { header, json, segment, type Api, type Ask, type Reply } from "./Http.ts"
import type { StoredObject } from "./Records.ts"
import { regions } from "./Staff.ts"
import { downloadsApi } from "./StorageDownloads.ts"
import { refused, storageError } from "./StorageErrors.ts"
import { inOrder, readObjectQuery, type ObjectQuery } from "./StorageQuery.ts"
import { objectRow } from "./StorageRows.ts"
import { naiveUtc } from "./Time.ts"
import { Tokens } from "./Tokens.ts"
import { keys, type World } from "./World.ts"

/** Regions that the vendor has; the company is in two of them. */
const vendorRegions = new Set(["us-west", "us-east", "uk", "ap", "ca"])

/** POST /oauth/v2/token. All values are texts, `issued_at` in ms. Source: 8x8-apis, section 1.2. */
const login = ({ knobs }: World, tokens: Tokens, ask: Ask): Reply => {
  const { clientId } = credentials.storage
  const clientSecret = knobs.storageSecret ?? credentials.storage.clientSecret
  if (ask.method !== "POST") return json(405, { ErrorCode: "invalid_request", Error: "Method not allowed" })
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`
  if (header(ask, "authorization") !== basic) {
    return json(401, { ErrorCode: "invalid_client", Error: "Client credentials are invalid" })
  }
  if (new URLSearchParams(ask.body.toString("utf8")).get("grant_type") !== "client_credentials") {
    return json(400, { ErrorCode: "invalid_request", Error: "Required param : grant_type" })
  }
  const products = ["storage"]
  return json(200, {
    refresh_token_expires_in: "0",
    api_product_list: `[${products.join(", ")}]`,
    api_product_list_json: products,
    "developer.email": "integrations@acme.example",
    token_type: "BearerToken",
    issued_at: String(ask.now),
    client_id: clientId,
    access_token: tokens.issue(ask.now),
    scope: "",
    expires_in: String(tokens.seconds),
    refresh_count: "0",
    status: "approved"
  })
}

const md5 = (text: string) => createHash("md5").update(text).digest("hex")

const signature = (region: string, id: string, until: string) => md5(`presigned ${region} ${id} ${until}`)

/** What the store behind presigned links answers to one that is wrong or too old. */
const denied = (message: string): Reply => ({
  status: 403,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`
})

/** What a storage API is made with. */
export interface StorageOptions {
  readonly tokenSeconds: number
  /** The sandbox's own URL, for presigned links. */
  readonly origin: () => string
  /** Answers list requests of region us-east in the company's stead. */
  readonly bulk: ((ask: Ask) => Reply) | undefined
}

/** Cloud Storage over a world. */
export const storageApi = (world: World, { bulk, origin, tokenSeconds }: StorageOptions): Api => {
  const tokens = new Tokens(tokenSeconds, (id) => id.slice(0, 28))
  const downloads = downloadsApi(world, (region, zip, now) => presignedUrl(region, `zip/${zip}`, now))
  let listed: ReadonlyArray<StoredObject> = []
  const error = (status: number, message: string) => storageError(world, status, message)

  const presignedUrl = (region: string, id: string, now: number) => {
    const until = String(now + world.knobs.presignSeconds * 1000)
    const expires = `X-Amz-Expires=${world.knobs.presignSeconds}&X-Sandbox-Until=${until}`
    return `${origin()}/storage/${region}/presigned/${encodeURIComponent(id)}?${expires}&X-Amz-Signature=${signature(region, id, until)}`
  }

  const presignReply = (url: string): Reply => {
    switch (world.knobs.presign) {
      case "url":
        return json(200, { url })
      case "presignedUrl":
        return json(200, { presignedUrl: url })
      case "json":
        return json(200, url)
      default:
        return { status: 200, headers: { "content-type": "text/plain" }, body: url }
    }
  }

  const matching = (region: string, query: ObjectQuery) => {
    const sort = `${region}|${query.sortField}|${query.descending}`
    return world.objects.view(`${sort}|${query.filter}`, () =>
      world.objects
        .view(sort, (all) =>
          all.filter((object) => object.region === region).toSorted(inOrder(query.sortField, query.descending))
        )
        .filter(query.accepts)
    )
  }

  const list = (region: string, ask: Ask): Reply => {
    const query = readObjectQuery(ask.query, world.knobs)
    if (typeof query === "string") return error(400, query)
    const { createdTimeFails, updatedTimeFails } = world.knobs
    if ((query.usesCreatedTime && createdTimeFails) || (query.usesUpdatedTime && updatedTimeFails)) {
      return error(500, "Internal server error")
    }
    listed = matching(region, query)
    const { limit, offset } = query
    const rows = listed.slice(offset, offset + limit)
    return json(200, {
      content: rows.map((object) => objectRow(object, world.knobs)),
      lastPage: world.knobs.storageEnd === "lastPage" && offset + limit >= listed.length,
      pageKey: offset + limit,
      pageSize: rows.length,
      ...(world.knobs.storageTotal ? { total: listed.length } : {})
    })
  }

  /** All of them, or from the byte that was asked for. */
  const bytes = (body: Buffer, type: string, ask: Ask): Reply => {
    const headers = { "content-type": type }
    const from = /^bytes=(\d+)-$/.exec(header(ask, "range") ?? "")?.[1]
    if (from === undefined || !world.knobs.contentRanges) return { status: 200, headers, body }
    if (Number(from) >= body.length) return { status: 416, headers: { "content-range": `bytes */${body.length}` } }
    const range = `bytes ${from}-${body.length - 1}/${body.length}`
    return { status: 206, headers: { ...headers, "content-range": range }, body: body.subarray(Number(from)) }
  }

  const content = (object: StoredObject, ask: Ask): Reply => {
    if (object.objectState !== "AVAILABLE" || object.body === undefined) return error(404, "Object content not found")
    if (world.knobs.contentDenied) return error(403, "Download is not permitted")
    if (ask.query.get("presignUrl") === "true") return presignReply(presignedUrl(object.region, object.id, ask.now))
    return bytes(object.body(), object.mimeType, ask)
  }

  /** POST /objects/{id}/restore: accepted, done within a day, archived again after `expirationDays`. */
  const restore = (object: StoredObject, ask: Ask): Reply => {
    if (object.objectState !== "ARCHIVED") return error(400, "Only archived objects can be restored")
    const asked = ask.body.length === 0 ? 7 : Number(/"expirationDays"\s*:\s*(\d+)/.exec(ask.body.toString())?.[1] ?? 7)
    if (asked < 1 || asked > 10) return error(400, "expirationDays must be between 1 and 10")
    const become = (objectState: "AVAILABLE" | "ARCHIVED", at: number) => () => {
      const now = world.objects.get(keys.object(object.region, object.id))
      const updatedAt = world.knobs.stateMovesUpdated ? at : object.updatedAt
      if (now !== undefined) world.objects.put({ ...now, objectState, updatedAt })
    }
    const back = world.after(ask.now, 3_600_000)
    const gone = back + asked * 86_400_000
    world.plan(back, become("AVAILABLE", back))
    world.plan(gone, become("ARCHIVED", gone))
    return json(202, { id: object.id, objectState: object.objectState })
  }

  const one = (region: string, ask: Ask, id: string, part: string | undefined): Reply => {
    const object = world.objects.get(keys.object(region, id))
    if (object === undefined) return error(404, "Object not found")
    if (part === "restore") return ask.method === "POST" ? restore(object, ask) : error(405, "Method not allowed")
    if (ask.method !== "GET") return error(405, "Method not allowed")
    if (part === "content") return content(object, ask)
    if (part !== undefined && part !== "metadata") return error(404, "Not found")
    return json(200, objectRow(object, world.knobs))
  }

  /** The bucket's objects, all of them for no id, at most 100. */
  const bucket = (region: string, id: string | undefined): Reply => {
    const inside = [...world.objects.rows.values()]
      .filter((object) => object.region === region && object.objectState === "AVAILABLE")
      .filter((object) => id === undefined || object.bucketId === id)
    const [first] = inside
    if (first === undefined) return error(404, "Bucket not found")
    return json(200, {
      bucketId: first.bucketId,
      customerId: first.customerId,
      userId: first.userId,
      createdTime: naiveUtc(Math.min(...inside.map(({ createdAt }) => createdAt))),
      updatedTime: naiveUtc(Math.max(...inside.map(({ updatedAt }) => updatedAt))),
      tags: [],
      objectList: inside.slice(0, 100).map((object) => objectRow(object, world.knobs))
    })
  }

  /** A presigned link carries its own right: no token, but an end. */
  const presigned = (region: string, ask: Ask, id: string): Reply => {
    const until = ask.query.get("X-Sandbox-Until") ?? ""
    if (ask.query.get("X-Amz-Signature") !== signature(region, id, until)) return denied("Signature does not match")
    if (Number(until) <= ask.now) return denied("Request has expired")
    if (id.startsWith("zip/")) return downloads.zip(region, id.slice(4))
    const object = world.objects.get(keys.object(region, id))
    if (object?.body === undefined) return { status: 404 }
    return bytes(object.body(), object.mimeType, ask)
  }

  const handle = (ask: Ask): Reply => {
    if (ask.path === "/oauth/v2/token") return login(world, tokens, ask)
    const [, , region = "", version, what, id, part, ...more] = ask.path.replace(/\/+$/, "").split("/").map(segment)
    if (version === "presigned") return presigned(region, ask, what ?? "")
    const standing = tokens.standingOf(ask)
    if (standing !== "good") return refused(standing)
    if (version !== "v3") return error(404, "Not found")
    if (!vendorRegions.has(region)) return error(world.knobs.regionError, `Unknown region ${region}`)
    if (what === "regions" && ask.method === "GET") return json(200, regions)
    if (!regions.some((each) => each === region)) return error(world.knobs.regionError, `No storage in ${region}`)
    if (what === "bulk")
      return downloads.handle(
        region,
        ask,
        [part, ...more].filter((name) => name !== undefined)
      )
    if (what === "objects" && id !== undefined) return one(region, ask, id, part)
    if (ask.method !== "GET") return error(405, "Method not allowed")
    if (what === "objects") return bulk !== undefined && region === "us-east" ? bulk(ask) : list(region, ask)
    return what === "buckets" ? bucket(region, id) : error(404, "Not found")
  }

  return {
    handle,
    expireTokens: () => tokens.expireAll(),
    shift: (how) => {
      const [first] = listed
      const now = first === undefined ? undefined : world.objects.get(keys.object(first.region, first.id))
      if (now === undefined) return
      const updatedAt = Math.max(world.clock(), now.updatedAt + 1)
      if (how === "remove") world.objects.put({ ...now, updatedAt })
      else
        world.objects.put({
          ...now,
          id: `${now.id.slice(0, 24)}${md5(`${now.id} ${updatedAt} ${world.objects.version}`).slice(0, 12)}`
        })
    }
  }
}
