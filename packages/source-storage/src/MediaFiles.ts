/**
 * Files of media: where each goes, and how it gets there. Bytes are written to a part beside it, which a later try goes on
 * with, and it takes its name only when it is whole. Nothing of the vendor's names is part of a path but what is harmless.
 * What is made here is for its owner only: people speak in it.
 */
import { createHash, type Hash, hash } from "node:crypto"
import { createReadStream } from "node:fs"
import { mkdir, open, rename, rm, stat } from "node:fs/promises"
import { dirname, extname, join } from "node:path"
import { Effect, Stream } from "effect"
import { Failure, Row } from "@callstream/core"
import { millisOf } from "./ObjectReader.ts"
import type { StorageObject } from "./Wire.ts"

export interface MediaFile {
  readonly id: string
  readonly objectName: string
  /** Where it is when it is whole. */
  readonly path: string
  /** Where it grows; another one for another content. */
  readonly part: string
  /** MD5 of the bytes, where the checksum is one. */
  readonly md5?: string
  /** Its length, where the vendor says it. */
  readonly bytes?: number
}

/** The MD5 of an object's bytes: a checksum with `-1` behind it is another thing. */
export const md5Of = ({ checksum, checksumType }: StorageObject): string | undefined =>
  typeof checksum === "string" &&
  /^[0-9a-f]{32}$/i.test(checksum) &&
  (typeof checksumType !== "string" || checksumType === "" || checksumType.toUpperCase() === "MD5")
    ? checksum.toLowerCase()
    : undefined

const endings: Readonly<Record<string, string>> = {
  "audio/mpeg": ".mp3",
  "audio/wav": ".wav",
  "audio/x-wav": ".wav",
  "video/mp4": ".mp4",
  "video/webm": ".webm"
}

/** Of a name that has a usual one; else of the media type. */
const endingOf = ({ mimeType, objectName }: StorageObject): string => {
  const own = typeof objectName === "string" ? extname(objectName).toLowerCase() : ""
  if (/^\.[a-z0-9]{1,8}$/.test(own)) return own
  return typeof mimeType === "string" && Object.hasOwn(endings, mimeType) ? (endings[mimeType] ?? "") : ""
}

/** A text that is safe as a file's name on any system: itself where it is harmless. */
const safe = (text: string): string =>
  /^[A-Za-z0-9][\w-]{0,99}$/.test(text) ? text : hash("sha256", text).slice(0, 40)

/** The file of an object, `token` being its version. */
export const fileOf = (folder: string, region: string, row: StorageObject, token: string): MediaFile => {
  const created = millisOf(row.createdTime)
  const day = created === undefined ? "undated" : new Date(created).toISOString().slice(0, 10)
  const path = join(folder, safe(region), day, `${safe(row.id)}${endingOf(row)}`)
  const md5 = md5Of(row)
  const bytes = Row.count(row.storedBytes, "storedBytes", new Row.Notes())
  return {
    id: row.id,
    objectName: typeof row.objectName === "string" ? row.objectName : "",
    path,
    part: `${path}.${hash("sha256", token).slice(0, 8)}.part`,
    ...(md5 === undefined ? {} : { md5 }),
    ...(bytes === undefined ? {} : { bytes })
  }
}

/** What errors call the folder. */
export const folderEndpoint = "media.folder"

const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "unknown reason"

/** Rights are a person's affair, all else may mend: a full disk, a network drive that is away. */
const trouble = (cause: unknown): Failure.Unavailable | Failure.Denied => {
  const code = codeOf(cause)
  const reason = code === "ENOSPC" || code === "EDQUOT" ? `is full (${code})` : `cannot be written to (${code})`
  return ["EACCES", "EPERM", "EROFS", "ENOTDIR"].includes(code)
    ? new Failure.Denied({
        endpoint: folderEndpoint,
        reason,
        remedy: "Name a folder that the user who runs this may write to",
        scope: "stream"
      })
    : new Failure.Unavailable({ endpoint: folderEndpoint, reason })
}

const io = <A>(run: () => Promise<A>) => Effect.tryPromise({ try: run, catch: trouble })

/** Makes the folder of a file. */
export const makeRoom = (path: string) =>
  Effect.asVoid(io(() => mkdir(dirname(path), { recursive: true, mode: 0o700 })))

export const remove = (path: string) => io(() => rm(path, { force: true }))

/** The length of a file; `undefined` where there is none. */
export const lengthOf = (path: string) =>
  io(() =>
    stat(path).then(
      ({ size }) => size,
      (cause: unknown) => (codeOf(cause) === "ENOENT" ? undefined : Promise.reject(cause))
    )
  )

/** The MD5 of the bytes of a file, so far. */
const hashOf = (path: string) =>
  io(async () => {
    const md5 = createHash("md5")
    for await (const chunk of createReadStream(path)) md5.update(chunk)
    return md5
  })

/** Whether the file is there with these very bytes; what cannot be told from another is not. */
export const isThere = Effect.fnUntraced(function* ({ bytes, md5, path }: MediaFile) {
  const length = yield* lengthOf(path)
  if (length === undefined || md5 === undefined || (bytes !== undefined && length !== bytes)) return false
  return (yield* hashOf(path)).digest("hex") === md5
})

/** What was written of a file: its length and the MD5 of all of it. */
export interface Written {
  readonly bytes: number
  readonly md5: string
}

/** More came than a file may have. */
export const tooLarge = "is larger than maxBytes"

/** Writes a body to a file, behind the bytes it has or in their place. What came before a failure stays. */
export const write = <E>(
  path: string,
  body: Stream.Stream<Uint8Array, E>,
  { most, start }: { readonly start: number; readonly most: number }
): Effect.Effect<Written, E | Failure.Unavailable | Failure.Denied | Failure.BadAnswer> =>
  Effect.gen(function* (): Effect.fn.Return<Written, E | Failure.Unavailable | Failure.Denied | Failure.BadAnswer> {
    let md5: Hash = start === 0 ? createHash("md5") : yield* hashOf(path)
    let bytes = start
    yield* Effect.acquireUseRelease(
      io(() => open(path, start === 0 ? "w" : "a", 0o600)),
      (file) =>
        Stream.runForEach(
          body,
          (chunk): Effect.Effect<void, Failure.Unavailable | Failure.Denied | Failure.BadAnswer> => {
            bytes += chunk.length
            if (bytes > most) return Effect.fail(new Failure.BadAnswer({ endpoint: folderEndpoint, reason: tooLarge }))
            md5 = md5.update(chunk)
            return io(async () => {
              for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten
            })
          }
        ).pipe(Effect.andThen(io(() => file.sync()))),
      (file) => Effect.ignore(io(() => file.close()))
    )
    return { bytes, md5: md5.digest("hex") }
  })

/** What is written already, of a part that needs no more. */
export const measure = Effect.fnUntraced(function* (path: string, bytes: number) {
  const md5 = yield* hashOf(path)
  return { bytes, md5: md5.digest("hex") } satisfies Written
})

/** What is wrong with what was written; `undefined`: nothing. */
export const wrongWith = (file: MediaFile, { bytes, md5 }: Written): string | undefined => {
  if (file.md5 !== undefined)
    return md5 === file.md5 ? undefined : "its content does not have the checksum of the object"
  return file.bytes === undefined || bytes === file.bytes
    ? undefined
    : `its content has ${bytes} bytes, and the object says ${file.bytes}`
}

/** Gives a whole file its name. */
export const finish = Effect.fnUntraced(function* (from: string, file: MediaFile) {
  yield* makeRoom(file.path)
  yield* io(() => rename(from, file.path))
})
