/**
 * The stream of media: what is to be downloaded. It reads the same list as the stream of objects, but only objects that
 * can be downloaded, on its own and after its own cursor, so that long downloads delay no event. It emits none: it puts
 * files into a folder, and the runner remembers, per object and checksum, which.
 */
import { hash } from "node:crypto"
import { access, constants, mkdir } from "node:fs/promises"
import { resolve } from "node:path"
import { Duration, Effect, Semaphore } from "effect"
import { eventTypes, type Json } from "@callstream/model"
import { type Failure, Row, Settings, Source } from "@callstream/core"
import { type Api, pageLimit } from "./Api.ts"
import type { Config } from "./Config.ts"
import { inTurn } from "./Content.ts"
import { downloadBulk, mostObjects } from "./MediaBulk.ts"
import { download, fromApi, fromLink } from "./MediaDownload.ts"
import { fileOf, folderEndpoint, isThere, type MediaFile } from "./MediaFiles.ts"
import { millisOf } from "./ObjectReader.ts"
import type { ReadObject } from "./ObjectRecords.ts"
import { mediaTypes, mediumOf, mediumType } from "./ObjectTypes.ts"
import { largest, partitionsOf } from "./Objects.ts"
import { Cursor, makePages } from "./ObjectWalk.ts"
import { StorageObject } from "./Wire.ts"

type MediaConfig = NonNullable<Config["media"]>

/** Fields that a download needs. */
const fields = [
  "id",
  "type",
  "mimeType",
  "objectName",
  "checksumType",
  "checksum",
  "storedBytes",
  "createdTime"
] as const

const rowOf = Row.checked(StorageObject)

/** The stream of objects tells what cannot be read. */
const nothing: ReadObject = { records: [] }

/** Reads a row: it announces the file. */
export const readMedium = (value: unknown): ReadObject => {
  const row = rowOf(value)
  if ("unreadable" in row || Row.isDeep(row)) return nothing
  const { checksum, id } = row
  const updatedAt = millisOf(row.updatedTime)
  const place = { id, ...(updatedAt === undefined ? {} : { updatedAt }) }
  if (row.objectState !== "AVAILABLE") return { records: [], ...place }
  const medium = mediumOf(row.type)
  const type = medium === undefined ? eventTypes.object : mediumType(medium)
  const request: Record<string, Json> = {}
  for (const field of fields) if (row[field] !== undefined) request[field] = Row.fromParsed(row[field])
  const token = typeof checksum === "string" && checksum !== "" ? checksum : `${id} ${updatedAt ?? ""}`
  const record: Source.SourceRecord = {
    type,
    subject: id,
    op: "upsert",
    content: { id, token: hash("sha256", token) },
    normalize: () => ({}),
    pending: { type, subject: id, token, request },
    announces: true,
    ...(updatedAt === undefined ? {} : { version: updatedAt })
  }
  return { records: [record], ...place }
}

/** The types that are downloaded. */
export const downloaded = ({ types }: Config, media: MediaConfig): ReadonlyArray<string> =>
  (media.types ?? mediaTypes).filter((type) => types?.includes(type) ?? true)

/** Makes the stream; `directory` is what the folder is relative to. */
export const mediaStream = (
  api: Api,
  config: Config,
  media: MediaConfig,
  directory: string,
  now: number
): Source.SourceStream => {
  const folder = resolve(directory, media.folder)
  const permits = Semaphore.makeUnsafe(media.concurrency)
  const part = { types: downloaded(config, media), available: true }

  const single = (region: string, file: MediaFile) => {
    const from = media.by === "presigned" ? fromLink : fromApi
    return permits.withPermits(1)(download(file, from(api, region, file.id), media.maxBytes))
  }

  const fetch = Effect.fn("Storage.media")(function* (
    region: string,
    contents: ReadonlyArray<Source.PendingContent>
  ): Effect.fn.Return<ReadonlyArray<Source.Fetched>, Failure.SourceFailure> {
    const files = contents.map(({ request, token }) => {
      const row = rowOf(request)
      return "unreadable" in row ? row.unreadable : fileOf(folder, region, row, token)
    })
    const wanted: Array<MediaFile> = []
    if (media.by === "bulk" && files.length > 1) {
      for (const file of files) if (typeof file !== "string" && !(yield* isThere(file))) wanted.push(file)
    }
    const bulk = downloadBulk(api, region, wanted, { folder, most: media.maxBytes })
    const there = wanted.length > 1 ? yield* permits.withPermits(1)(bulk) : new Set<MediaFile>()
    return yield* inTurn(files, media.concurrency, (file) => {
      if (typeof file === "string") return Effect.succeed<Source.Fetched>({ failed: file })
      if (there.has(file)) return Effect.succeed<Source.Fetched>({ records: [], bytes: 0 })
      return single(region, file)
    })
  })

  return Source.stream({
    name: "media",
    types: [eventTypes.recording, eventTypes.voicemail, eventTypes.screenRecording, eventTypes.object],
    axis: "updated",
    walk: "keyset",
    batch: pageLimit,
    revision: 1,
    timing: Settings.timing(config, now),
    window: { largest, smallest: Duration.seconds(1) },
    partitions: partitionsOf(api, config),
    fetchAtOnce: media.by === "bulk" ? mostObjects : 4 * media.concurrency,
    leavesFiles: true,
    fetch: ({ name }, contents) => fetch(name, contents),
    Cursor,
    page: makePages(api, part, readMedium)
  })
}

/** Whether the folder can be written to. */
export const checkFolder = (media: MediaConfig, directory: string): Effect.Effect<Source.CheckLine> => {
  const folder = resolve(directory, media.folder)
  return Effect.tryPromise(async () => {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
  }).pipe(
    Effect.as<Source.CheckLine>({ subject: "media", ok: true, detail: `${media.folder} can be written to` }),
    Effect.catch(() =>
      Effect.succeed<Source.CheckLine>({
        subject: "media",
        ok: false,
        detail: `${folderEndpoint}: ${media.folder} cannot be written to. Name a folder that the user who runs this may write to`
      })
    )
  )
}
