/**
 * The contents of objects: which is to be fetched, and what a fetched one becomes. Content is fetched beside the walk over
 * objects, once per checksum, retried by the runner; only what was fetched is an event. How bodies are read: `Bodies.ts`.
 *
 * Sources: the OpenAPI file and "Cloud Storage Service Objects" (read 2026-11-20); no body of an error is documented.
 */
import { hash } from "node:crypto"
import { Effect } from "effect"
import type { Json } from "@callstream/model"
import { type Failure, type Http, Row, type Source } from "@callstream/core"
import type { Api } from "./Api.ts"
import { readBody } from "./Bodies.ts"
import { normalizeContent } from "./ContentNormalize.ts"
import { statusMeans } from "./MediaDownload.ts"
import { md5Of } from "./MediaFiles.ts"
import { conversationOf } from "./Normalize.ts"
import { millisOf, readTags } from "./ObjectReader.ts"
import { type ContentKind, contentKindOf, contentType, type DurationUnits } from "./ObjectTypes.ts"
import { StorageObject } from "./Wire.ts"

/** Tags that a content's record is made of: what a request carries has to stay small. */
const kept: ReadonlySet<string> = new Set([
  "callId",
  "tenantId",
  "ipbxid",
  "pbxname",
  "transactionId",
  "agentId",
  "queueNumber",
  "queueName",
  "language",
  "provider",
  "result",
  "sourceId",
  "sourceObjectId",
  "sourceObjectType",
  "contentObjectType",
  "pcsId",
  "pcsQuestionNumber",
  "originalCallId",
  "speaker",
  "startTime",
  "duration",
  "direction",
  "address",
  "callerId",
  "callerName",
  "calleeId",
  "calleeName"
])

/** Fields that it is made of. */
const fields = [
  "id",
  "type",
  "mimeType",
  "objectName",
  "checksumType",
  "checksum",
  "createdTime",
  "updatedTime"
] as const

/** A content to fetch. Its request is the part of the object that is needed again: built only if it is stored. */
class ObjectContent implements Source.PendingContent {
  readonly type: Source.PendingContent["type"]
  readonly subject: string
  readonly token: string
  readonly #row: StorageObject

  constructor(row: StorageObject, kind: ContentKind, updatedAt: number | undefined) {
    const { checksum, id } = row
    this.type = contentType(kind)
    this.subject = id
    this.token = typeof checksum === "string" && checksum !== "" ? checksum : `${id} ${updatedAt ?? ""}`
    this.#row = row
  }

  get request(): Json {
    const request: Record<string, Json> = {}
    for (const field of fields) {
      const value = this.#row[field]
      if (value !== undefined) request[field] = Row.fromParsed(value)
    }
    const { tags } = this.#row
    if (Array.isArray(tags)) {
      request["tags"] = tags.filter(
        (tag) => kept.has(String(tag?.key)) && tag?.value !== "" && tag?.value !== null && !Row.isDeep(tag?.value)
      )
    }
    return request
  }
}

/** What is to be fetched for an object. */
export const pendingOf = (
  row: StorageObject,
  kind: ContentKind,
  updatedAt: number | undefined
): Source.PendingContent => new ObjectContent(row, kind, updatedAt)

const requestOf = Row.checked(StorageObject)

/** Requests in flight for one call of `fetchContents`; the budget has its own limit. */
const together = 4

/** Fetches contents, and answers by position. When nobody answers at all, that is the region's trouble, not theirs. */
export const fetchContents = Effect.fn("Storage.contents")(function* (
  api: Api,
  region: string,
  contents: ReadonlyArray<Source.PendingContent>,
  units: DurationUnits
) {
  return yield* inTurn(contents, together, (content) => fetchOne(api, region, content, units))
})

/** Fetches some at a time, and answers by position. When nobody answers at all, that is the far side's trouble. */
export const inTurn = Effect.fnUntraced(function* <A>(
  wanted: ReadonlyArray<A>,
  concurrency: number,
  fetch: (one: A) => Effect.Effect<Source.Fetched, Failure.SourceFailure>
): Effect.fn.Return<ReadonlyArray<Source.Fetched>, Failure.SourceFailure> {
  let down: Failure.Unavailable | undefined
  let answered = false
  const fetched = yield* Effect.forEach(
    wanted,
    (one) =>
      fetch(one).pipe(
        Effect.tap(() => Effect.sync(() => (answered = true))),
        Effect.catchTags({
          BadAnswer: ({ message }) => Effect.succeed<Source.Fetched>({ failed: message }),
          Unavailable: (failure) => {
            if (isOutage(failure)) down ??= failure
            else answered = true
            return Effect.succeed(later(failure.message, failure.retryAfterMs))
          }
        })
      ),
    { concurrency }
  )
  return down !== undefined && !answered ? yield* down : fetched
})

/** Says nothing of the content that was asked for. */
const isOutage = ({ status }: Failure.Unavailable): boolean => status === undefined || status === 429 || status === 503

const later = (reason: string, afterMs?: number): Source.Fetched =>
  afterMs === undefined ? { later: reason } : { later: reason, afterMs }

const fetchOne = Effect.fnUntraced(function* (
  api: Api,
  region: string,
  content: Source.PendingContent,
  units: DurationUnits
) {
  const row = requestOf(content.request)
  if ("unreadable" in row) return { failed: row.unreadable } satisfies Source.Fetched
  const answer = yield* api.content(region, row.id)
  return judge(row, content.token, answer, units)
})

/** What an answer of the content endpoint means. */
const judge = (row: StorageObject, token: string, answer: Http.HttpAnswer, units: DurationUnits): Source.Fetched => {
  const { body, status } = answer
  if (status !== 200 && status !== 204) return statusMeans(status)
  const md5 = md5Of(row)
  if (md5 !== undefined && hash("md5", body) !== md5)
    return { later: "its content does not have the checksum of the object" }
  return { records: [recordOf(row, token, answer, units)], bytes: body.length }
}

/** The record of a content. What it says is its body; a change of the object's tags alone is none of it. */
const recordOf = (
  row: StorageObject,
  token: string,
  answer: Http.HttpAnswer,
  units: DurationUnits
): Source.SourceRecord | Source.Unreadable => {
  const kind = contentKindOf(row.type)
  if (kind === undefined) return { unreadable: "is of a type without readable content", raw: null, subject: row.id }
  const tags = readTags(row.tags)
  const body = readBody(answer.body, kind, answer.headers["content-type"])
  const conversation = conversationOf(row.type, tags)
  const version = millisOf(row.updatedTime)
  return {
    type: contentType(kind),
    subject: row.id,
    op: "upsert",
    content: { id: row.id, body: body.json === undefined ? body.text : body.json },
    normalize: () => normalizeContent(row, tags, kind, body, units),
    fetched: token,
    ...(conversation === undefined ? {} : { conversation }),
    ...(version === undefined ? {} : { version })
  }
}
