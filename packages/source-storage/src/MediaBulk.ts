/**
 * Downloads many files in zips that the API packs. What a zip has is seen when it is there: members do not always have the
 * names of their objects, two may have one name, and some may be missing. So a member is known by its bytes, by its name
 * only where these have no MD5, and whatever did not come is left to single downloads.
 *
 * Sources: "Bulk Download" (read 2026-11-20): a zip has at most 2 GB, and is asked after every 15 to 30 s. In practice one
 * that is not ready is answered with 500, and an answer may list several zips.
 */
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { Clock, Effect, Stream } from "effect"
import { Zip } from "effect/encoding"
import type { Failure } from "@callstream/core"
import type { Api, Job } from "./Api.ts"
import * as MediaFiles from "./MediaFiles.ts"

/** What one zip may hold. */
const largestZip = 2_000_000_000
/** Objects of one zip. */
export const mostObjects = 100
const pollMs = 15_000
/** A zip that is not ready by then is given up. */
const patienceMs = 30 * 60_000
/** Waits before a zip is asked for again that was said to be ready and was not. */
const notReadyMs = [15_000, 60_000, 120_000]

const ended: ReadonlySet<string> = new Set(["DONE", "PARTIAL_DONE", "FAILED", "CANCELLED"])

/** Downloads what it can of these files into `folder`, and gives those that are there now. */
export const downloadBulk = Effect.fn("Storage.downloadBulk")(function* (
  api: Api,
  region: string,
  files: ReadonlyArray<MediaFiles.MediaFile>,
  { folder, most }: { readonly folder: string; readonly most: number }
): Effect.fn.Return<ReadonlySet<MediaFiles.MediaFile>, Failure.SourceFailure> {
  const missing = new Set(files)
  for (const group of groupsOf(files)) {
    const jobs = yield* startOf(api, region, group)
    for (const job of jobs) {
      const status = yield* awaitJob(api, region, job)
      if (status === "DONE" || status === "PARTIAL_DONE") yield* unpack(api, region, job, missing, { folder, most })
    }
  }
  return new Set(files.filter((file) => !missing.has(file)))
})

/** Parts the files so that each part fits into a zip. */
const groupsOf = (files: ReadonlyArray<MediaFiles.MediaFile>): ReadonlyArray<ReadonlyArray<MediaFiles.MediaFile>> => {
  const groups: Array<Array<MediaFiles.MediaFile>> = []
  let size = Infinity
  for (const file of files) {
    const bytes = file.bytes ?? 0
    if (bytes >= largestZip) continue
    const group = groups.at(-1)
    if (group === undefined || size + bytes > largestZip || group.length >= mostObjects) {
      groups.push([file])
      size = bytes
    } else {
      group.push(file)
      size += bytes
    }
  }
  return groups
}

/** A refusal concerns these objects: asked for one by one they will say why. */
const startOf = (api: Api, region: string, group: ReadonlyArray<MediaFiles.MediaFile>) =>
  api
    .startBulk(
      region,
      group.map(({ id }) => id)
    )
    .pipe(
      Effect.catchTag("BadAnswer", () => Effect.succeed<ReadonlyArray<Job>>([])),
      Effect.catchTag("Denied", (denied) =>
        denied.scope === "source" ? Effect.fail(denied) : Effect.succeed<ReadonlyArray<Job>>([])
      )
    )

/** Waits until a zip has ended; one that never does is cancelled. */
const awaitJob = Effect.fnUntraced(function* (api: Api, region: string, job: Job) {
  const until = (yield* Clock.currentTimeMillis) + patienceMs
  let { status } = job
  while (!ended.has(status)) {
    if ((yield* Clock.currentTimeMillis) >= until) {
      yield* Effect.ignore(api.cancelBulk(region, job.zipName))
      return "CANCELLED"
    }
    yield* Effect.sleep(pollMs)
    status = yield* api
      .bulkStatus(region, job.zipName)
      .pipe(Effect.catchTag("BadAnswer", () => Effect.succeed("FAILED")))
  }
  return status
})

const unpack = Effect.fnUntraced(function* (
  api: Api,
  region: string,
  { zipName }: Job,
  missing: Set<MediaFiles.MediaFile>,
  place: { readonly folder: string; readonly most: number }
) {
  const fetch = api.bulkZip(region, zipName, ({ status }, body) =>
    status === 200
      ? body.pipe(
          Stream.pipeThroughChannel(Zip.decode()),
          Stream.runForEach(({ body: bytes, header }) =>
            header.type === "Directory" ? Effect.void : extract(header.path, bytes, missing, place)
          ),
          // A zip that breaks off has given what it has: the rest is fetched one by one.
          Effect.catchTag("ZipError", () => Effect.void)
        )
      : Effect.void
  )
  for (const waitMs of [...notReadyMs, 0]) {
    const outcome = yield* Effect.result(fetch)
    if (outcome._tag === "Success") return
    const { failure } = outcome
    if (failure._tag === "BadAnswer") return
    if (failure._tag !== "Unavailable" || failure.endpoint === MediaFiles.folderEndpoint) return yield* failure
    if (failure.status !== 500) return
    yield* Effect.sleep(waitMs)
  }
})

/** Writes a member to the disk, finds out whose it is, and puts it there. */
const extract = Effect.fnUntraced(function* <E>(
  name: string,
  bytes: Stream.Stream<Uint8Array, E>,
  missing: Set<MediaFiles.MediaFile>,
  { folder, most }: { readonly folder: string; readonly most: number }
) {
  const part = join(folder, ".zips", `${randomUUID()}.part`)
  yield* MediaFiles.makeRoom(part)
  yield* Effect.gen(function* () {
    const written = yield* MediaFiles.write(part, bytes, { start: 0, most })
    const file = ownerOf(name, written, [...missing])
    if (file === undefined) return
    yield* MediaFiles.finish(part, file)
    missing.delete(file)
  }).pipe(Effect.ensuring(Effect.ignore(MediaFiles.remove(part))))
})

/** The file that a member is: by its MD5, else by name and length, where that leaves no doubt. */
export const ownerOf = (
  name: string,
  written: MediaFiles.Written,
  files: ReadonlyArray<MediaFiles.MediaFile>
): MediaFiles.MediaFile | undefined => {
  const same = files.find(({ md5 }) => md5 === written.md5)
  if (same !== undefined) return same
  const named = files.filter(
    (file) => file.md5 === undefined && file.bytes === written.bytes && isNamed(name, file.objectName)
  )
  return named.length === 1 ? named[0] : undefined
}

/** Whether a member's name may be that of an object: folders, numbers and a suffix are the packer's, as may be `:` and `+`. */
export const isNamed = (member: string, objectName: string): boolean => {
  const own = plain(objectName)
  const given = plain(member.split(/[/\\]/).at(-1) ?? "")
  return (
    own !== "" && (given === own || given.endsWith(own) || own.endsWith(given) || given.replace(/-\d+$/, "") === own)
  )
}

/** Without the ending, and with what is odd in a file's name made alike. */
const plain = (name: string): string => name.replace(/\.[A-Za-z0-9]{1,8}$/, "").replace(/[^A-Za-z0-9-]/g, "_")
