// Bulk downloads of Cloud Storage: a job packs objects into a zip, is polled, and is fetched when done.
// Source: OpenAPI file, "Bulk Downloads", and 8x8-apis, section 1.3 (read 2026-11-20). DELETE /bulk never gets here.
import { json, type Ask, type Reply } from "./Http.ts"
import type { Knobs } from "./Knobs.ts"
import type { StoredObject } from "./Records.ts"
import { storageError } from "./StorageErrors.ts"
import { zip, type Member } from "./Zip.ts"
import { keys, type World } from "./World.ts"

type Status = "NOT_STARTED" | "IN_PROGRESS" | "DONE" | "FAILED" | "CANCELLED" | "PARTIAL_DONE"

interface Job {
  readonly region: string
  readonly zipName: string
  readonly objects: ReadonlyArray<StoredObject>
  status: Status
  polls: number
  /** How often it was asked for when it was ready. */
  early: number
}

const readIds = (body: Buffer): ReadonlyArray<string> | undefined => {
  try {
    const ids: unknown = JSON.parse(body.toString("utf8"))
    return Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === "string") ? ids : undefined
  } catch {
    return undefined
  }
}

/**
 * Members are named like their objects; a name that is there already gets a number, as two parts of one call need. The knob
 * has the other ways: in folders and without odd characters, or all alike.
 */
const members = (objects: ReadonlyArray<StoredObject>, { bulkNames }: Knobs): ReadonlyArray<Member> => {
  const seen = new Map<string, number>()
  return objects.map((object) => {
    const count = seen.get(object.objectName) ?? 0
    seen.set(object.objectName, count + 1)
    const own = count === 0 ? object.objectName : object.objectName.replace(/(\.\w+)?$/, `-${count}$1`)
    const altered = `${object.type}/${own.replace(/[:+]/g, "_")}`
    const name = bulkNames === "objectName" ? own : bulkNames === "altered" ? altered : "recording.mp3"
    return { name, at: object.updatedAt, bytes: object.body?.() ?? Buffer.alloc(0) }
  })
}

/** The `bulk/download` part of Cloud Storage. A job is under way at its first poll and has ended at the second. */
export const downloadsApi = (world: World, presign: (region: string, zipName: string, now: number) => string) => {
  const jobs = new Map<string, Job>()
  const error = (status: number, message: string) => storageError(world, status, message)

  const show = (job: Job, ask: Ask) => ({
    zipName: job.zipName,
    status: job.status,
    content: job.objects.map(({ id }) => id),
    ...(job.status === "DONE" && ask.query.get("presignUrl") === "true"
      ? { url: presign(job.region, job.zipName, ask.now) }
      : {})
  })

  const reply = (job: Job, ask: Ask): Reply =>
    json(200, world.knobs.bulkReply === "list" ? [show(job, ask)] : show(job, ask))

  const poll = (job: Job) => {
    if (job.status === "NOT_STARTED") job.status = "IN_PROGRESS"
    else if (job.status === "IN_PROGRESS" && job.polls > 0) job.status = world.knobs.bulkEnd
    job.polls++
  }

  const begin = (region: string, ask: Ask): Reply => {
    const ids = readIds(ask.body)
    if (ids === undefined) return error(400, "The body must be an array of object ids")
    const objects = ids
      .map((id) => world.objects.get(keys.object(region, id)))
      .filter((object) => object?.objectState === "AVAILABLE")
      .filter((object) => object !== undefined)
    if (objects.length === 0) return error(404, "No such objects")
    const zipName = `download-${region}-${jobs.size + 1}-${ask.now}.zip`
    const job: Job = { region, zipName, objects, status: "NOT_STARTED", polls: 0, early: 0 }
    jobs.set(zipName, job)
    return reply(job, ask)
  }

  /** The zip itself. One that is not ready answers 500, as it does in practice; PARTIAL_DONE lacks its last object. */
  const fetchZip = (region: string, name: string): Reply => {
    const job = jobs.get(name)
    if (job?.region !== region) return error(404, "No such download")
    if (job.status !== "DONE" && job.status !== "PARTIAL_DONE") return error(500, "The archive is not ready")
    if (job.early++ < world.knobs.bulkEarly) return error(500, "The archive is not ready")
    const objects = job.status === "DONE" ? job.objects : job.objects.slice(0, -1)
    return { status: 200, headers: { "content-type": "application/zip" }, body: zip(members(objects, world.knobs)) }
  }

  const handle = (region: string, ask: Ask, [verb = "", name]: ReadonlyArray<string>): Reply => {
    const job = name === undefined ? undefined : jobs.get(name)
    const route = `${ask.method} ${verb}`
    if (route === "POST start") return begin(region, ask)
    if (route === "PUT clear") {
      const cleared = [...jobs.values()].map((each) => show(each, ask))
      jobs.clear()
      return json(200, cleared)
    }
    if (route === "GET status" && name === undefined)
      return json(
        200,
        [...jobs.values()].map((each) => show(each, ask))
      )
    if (route === "GET status" && job !== undefined) {
      poll(job)
      return reply(job, ask)
    }
    if (route === "POST cancel" && job !== undefined) {
      job.status = "CANCELLED"
      return reply(job, ask)
    }
    if (ask.method === "GET" && name === undefined && verb !== "status") return fetchZip(region, verb)
    return error(404, "No such download")
  }

  return { handle, zip: fetchZip }
}
