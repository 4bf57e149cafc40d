/** Downloads one file: goes on where an earlier try broke off, checks what came, and only then gives it its name. */
import { Effect } from "effect"
import type { Failure, Source } from "@callstream/core"
import type { Api, Take } from "./Api.ts"
import * as MediaFiles from "./MediaFiles.ts"

/** Asks for the bytes of a file from one on. */
type From = (
  fromByte: number,
  take: Take<Source.Fetched, Failure.SourceFailure>
) => Effect.Effect<Source.Fetched, Failure.SourceFailure>

const stored: Source.Fetched = { records: [], bytes: 0 }

/** What a status that carries no bytes means for what was asked for. */
export const statusMeans = (status: number): Source.Fetched => {
  switch (status) {
    case 404:
    case 410:
      return { gone: `its content is not there (${status})` }
    // Archived since it was listed, or a key that may not download; neither ends soon, and a dead letter tells it.
    case 403:
    case 409:
      return { later: `its content may not be read now (${status}): it may be archived, or the key may not download` }
    default:
      return { later: `its content was answered with status ${status}` }
  }
}

/** Downloads a file from the API itself. */
export const fromApi =
  (api: Api, region: string, id: string): From =>
  (fromByte, take) =>
    api.download(region, id, fromByte, take)

/** Downloads a file from where the API says it is; a link that has expired is asked for once more. */
export const fromLink =
  (api: Api, region: string, id: string): From =>
  (fromByte, take) =>
    Effect.gen(function* (): Effect.fn.Return<Source.Fetched, Failure.SourceFailure> {
      for (const isLast of [false, true]) {
        const link = yield* api.presign(region, id)
        if (typeof link === "number") return statusMeans(link)
        const answer = yield* api.follow(link, fromByte, (head, body) =>
          head.status === 403 && !isLast ? Effect.succeed(undefined) : take(head, body)
        )
        if (answer !== undefined) return answer
      }
      return statusMeans(403)
    })

/** Downloads a file, and says what became of it. */
export const download = Effect.fn("Storage.download")(function* (
  file: MediaFiles.MediaFile,
  from: From,
  most: number
): Effect.fn.Return<Source.Fetched, Failure.SourceFailure> {
  if (file.bytes !== undefined && file.bytes > most) return { failed: MediaFiles.tooLarge }
  if (yield* MediaFiles.isThere(file)) return stored
  yield* MediaFiles.makeRoom(file.part)
  const length = (yield* MediaFiles.lengthOf(file.part)) ?? 0
  if (length > 0 && length === file.bytes) return yield* judge(file, yield* MediaFiles.measure(file.part, length))
  const start = file.bytes !== undefined && length > file.bytes ? 0 : length
  const take: Take<Source.Fetched, Failure.SourceFailure> = Effect.fnUntraced(function* ({ headers, status }, body) {
    const partial = status === 206 && start > 0
    if (partial && !(headers["content-range"] ?? "").startsWith(`bytes ${start}-`)) {
      yield* MediaFiles.remove(file.part)
      return { later: "its content was given from another byte on than was asked for" }
    }
    if (status === 416) {
      yield* MediaFiles.remove(file.part)
      return { later: "its content ends before what was there of it" }
    }
    if (status !== 200 && status !== 204 && !partial) return statusMeans(status)
    return yield* judge(file, yield* MediaFiles.write(file.part, body, { start: partial ? start : 0, most }))
  })
  return yield* Effect.tapErrorTag(from(start, take), "BadAnswer", () => Effect.ignore(MediaFiles.remove(file.part)))
})

/** A file that is short of its length is gone on with; one that is wrong is begun anew. */
const judge = Effect.fnUntraced(function* (file: MediaFiles.MediaFile, written: MediaFiles.Written) {
  const wrong = MediaFiles.wrongWith(file, written)
  if (wrong === undefined) {
    yield* MediaFiles.finish(file.part, file)
    return stored
  }
  if (file.bytes === undefined || written.bytes >= file.bytes) yield* MediaFiles.remove(file.part)
  return { later: wrong } satisfies Source.Fetched
})
