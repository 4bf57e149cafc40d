import { createHash, hash, randomBytes } from "node:crypto"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Knobs, Sandbox, StoredObject } from "@callstream/sandbox"
import { plugin } from "@callstream/source-storage"
import { now as epoch, makeRig, type Rig } from "@callstream/testkit"
import { fileOf } from "../src/MediaFiles.ts"
import { isNamed, ownerOf } from "../src/MediaBulk.ts"

const region = "us-east"
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`

/** The bytes of the n-th recording. */
const bytesOf = (n: number, length = 50_000 + n) =>
  createHash("shake256", { outputLength: length }).update(`${n}`).digest()

const recording = (n: number, more: Partial<StoredObject> = {}): StoredObject => {
  const body = bytesOf(n)
  return {
    region,
    id: id(n),
    type: "callcenterrecording",
    mimeType: "audio/mpeg",
    objectName: `int-19:+4${n}.mp3`,
    checksumType: "MD5",
    checksum: hash("md5", body),
    customerId: "customer",
    userId: "user",
    storedBytes: body.length,
    createdAt: epoch - 3_600_000,
    updatedAt: epoch - 3_600_000 + n * 1000,
    objectState: "AVAILABLE",
    bucketId: "bucket",
    tags: [],
    shared: false,
    body: () => body,
    ...more
  }
}

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "callstream-media-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A pipeline that downloads what the sandbox has, with a folder of its own. */
const rigOf = Effect.fnUntraced(function* (
  objects: ReadonlyArray<StoredObject>,
  media: Readonly<Record<string, unknown>> = {},
  knobs: Partial<Knobs> = {},
  time?: { readonly speed: number }
) {
  const place = yield* folder
  const settings = ({ baseUrls, credentials }: Sandbox) => ({
    baseUrl: baseUrls.storage,
    ...credentials.storage,
    since: new Date(epoch - 86_400_000).toISOString(),
    lag: "0",
    poll: "1 h",
    lookback: [],
    rate: { perSecond: 1000, concurrency: 8 },
    regions: [region],
    media: { folder: place, ...media }
  })
  const rig = yield* makeRig(plugin, settings, { calls: 0, knobs }, time)
  for (const object of objects) rig.sandbox.company.putObject(object)
  return { rig, place }
})

/** The files there are, by name, with their bytes' MD5; parts too. */
const filesIn = (place: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => [
        join(parentPath, name).slice(place.length + 1),
        hash("md5", readFileSync(join(parentPath, name)))
      ])
  )

const whole = (...objects: ReadonlyArray<StoredObject>) =>
  Object.fromEntries(
    objects.map((object) => [`${region}/2026-11-20/${object.id}.mp3`, hash("md5", object.body?.() ?? Buffer.alloc(0))])
  )

const requestsOf = ({ sandbox }: Rig, part: string) => sandbox.requests().filter(({ path }) => path.includes(part))

const three = [1, 2, 3].map((n) => recording(n))

describe("media", () => {
  for (const by of ["single", "presigned", "bulk"]) {
    it.live(`are downloaded once each (${by}), and again only for another content`, () =>
      Effect.gen(function* () {
        const { place, rig } = yield* rigOf(three, { by })
        const first = yield* rig.run()
        assert.isTrue(first.complete)
        assert.deepStrictEqual(filesIn(place), whole(...three))
        for (const entry of readdirSync(place, { recursive: true, withFileTypes: true })) {
          const { mode } = statSync(join(entry.parentPath, entry.name))
          assert.strictEqual(mode & 0o777, entry.isFile() ? 0o600 : 0o700, entry.name)
        }
        // What they are is told by events, that they were downloaded by none.
        assert.deepStrictEqual(
          rig.sink.log.map(({ type }) => type),
          three.map(() => "callstream.recording.v1")
        )
        rig.sandbox.clearRequests()
        rig.sandbox.company.touchObject(region, id(1), { reviewed: "yes" })
        rig.clock.advance("10 minutes")
        yield* rig.run()
        assert.deepStrictEqual([...requestsOf(rig, "/content"), ...requestsOf(rig, "/bulk")], [])

        rig.sandbox.company.replaceContent(region, id(2), "another call")
        rig.clock.advance("10 minutes")
        yield* rig.run()
        assert.strictEqual(readFileSync(join(place, region, "2026-11-20", `${id(2)}.mp3`), "utf8"), "another call")
      }).pipe(Effect.scoped)
    )
  }

  it.live("are only those of the types that are named, and only what is available", () =>
    Effect.gen(function* () {
      const objects = [
        recording(1),
        recording(2, { type: "screenrecording" }),
        recording(3, { objectState: "ARCHIVED" }),
        recording(4, { type: "summary" })
      ]
      const { place, rig } = yield* rigOf(objects, { types: ["callcenterrecording"] })
      yield* rig.run()
      assert.deepStrictEqual(filesIn(place), whole(recording(1)))
      rig.sandbox.company.setObjectState(region, id(3), "AVAILABLE")
      rig.clock.advance("10 minutes")
      yield* rig.run()
      assert.deepStrictEqual(filesIn(place), whole(recording(1), recording(3)))
    }).pipe(Effect.scoped)
  )

  it.live("go on where a download broke off, and take their name when they are whole", () =>
    Effect.gen(function* () {
      const { place, rig } = yield* rigOf([recording(1)])
      rig.sandbox.faults.add({ kind: "reset-mid-body", times: 1, match: { pathIncludes: "/content" } })
      const outcome = yield* rig.runToTheEnd()
      assert.isTrue(outcome.complete)
      assert.deepStrictEqual(filesIn(place), whole(recording(1)))
      const asked = requestsOf(rig, "/content").map(({ status }) => status)
      assert.deepStrictEqual(asked, [200, 206])
    }).pipe(Effect.scoped)
  )

  it.live("begin anew where the store cannot go on, or what was there is of another content", () =>
    Effect.gen(function* () {
      const { place, rig } = yield* rigOf([recording(1)], {}, { contentRanges: false })
      const row = { id: id(1), type: "callcenterrecording", objectName: "x.mp3", createdTime: "2026-11-20T11:00:00" }
      const { checksum } = recording(1)
      const { part } = fileOf(place, region, { ...row, checksum }, checksum)
      mkdirSync(dirname(part), { recursive: true })
      writeFileSync(part, randomBytes(1000))
      yield* rig.runToTheEnd()
      assert.deepStrictEqual(filesIn(place), whole(recording(1)))
    }).pipe(Effect.scoped)
  )

  it.live("that do not have their checksum never take their name", () =>
    Effect.gen(function* () {
      const wrong = recording(1, { checksum: hash("md5", "something else") })
      const parted = recording(2, { checksum: `${hash("md5", "something else")}-2` })
      const { place, rig } = yield* rigOf([wrong, parted, recording(3)])
      const outcome = yield* rig.run()
      assert.isFalse(outcome.complete)
      assert.strictEqual(outcome.status.partitions.find(({ stream }) => stream === "media")?.pending, 1)
      assert.deepStrictEqual(filesIn(place), whole(parted, recording(3)))
    }).pipe(Effect.scoped)
  )

  it.live("that are gone are not asked for again", () =>
    Effect.gen(function* () {
      const { place, rig } = yield* rigOf([recording(1, { body: undefined }), recording(2)])
      const outcome = yield* rig.run()
      assert.isTrue(outcome.complete)
      assert.deepStrictEqual(filesIn(place), whole(recording(2)))
      assert.strictEqual(outcome.status.deadLetters, 0)
    }).pipe(Effect.scoped)
  )

  it.live("of a folder that cannot be written to park their stream alone", () =>
    Effect.gen(function* () {
      const place = yield* folder
      writeFileSync(join(place, "taken"), "")
      const { rig } = yield* rigOf([recording(1)], { folder: join(place, "taken") })
      yield* rig.run()
      const parks = yield* rig.parks
      assert.deepStrictEqual(
        parks.map(({ reason }) => reason),
        ["media.folder: cannot be written to (ENOTDIR)"]
      )
      assert.lengthOf(rig.sink.log, 1)
    }).pipe(Effect.scoped)
  )

  it.live("of 200 MB are never in memory whole", () =>
    Effect.gen(function* () {
      const chunk = bytesOf(0, 1024 * 1024)
      const body = Buffer.concat(Array.from({ length: 200 }, () => chunk))
      const large = recording(1, { storedBytes: body.length, checksum: hash("md5", body), body: () => body })
      // So many bytes take their time, and that of the wall.
      const { place, rig } = yield* rigOf([large], {}, {}, { speed: 1 })
      let most = 0
      const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 5)
      const held = process.memoryUsage().arrayBuffers
      yield* rig.run()
      clearInterval(watch)
      assert.strictEqual(statSync(join(place, region, "2026-11-20", `${id(1)}.mp3`)).size, body.length)
      // The sandbox in this process holds what it has not sent yet; a client that collects would double that.
      assert.isBelow(most - held, 100 * 1024 * 1024)
    }).pipe(Effect.scoped)
  )
})

describe("a file's place", () => {
  it("is inside its folder, whatever the vendor's names are", () => {
    const hostile = { id: "../../etc/passwd", type: "meeting", objectName: "x.mp3/../../y.s h", createdTime: "never" }
    const { part, path } = fileOf("/media", "../up", hostile, "token")
    assert.match(path, /^\/media\/[0-9a-f]{40}\/undated\/[0-9a-f]{40}$/)
    assert.match(part, /^\/media\/[0-9a-f]{40}\/undated\/[0-9a-f]{40}\.[0-9a-f]{8}\.part$/)
    assert.strictEqual(basename(fileOf("/m", "uk", { id: "a", type: "m", mimeType: "video/mp4" }, "").path), "a.mp4")
  })
})

describe("a file's length", () => {
  it("is what the object says in a number or a text, and unknown where it says nothing", () => {
    const lengthOf = (storedBytes: unknown) => fileOf("/m", "uk", { id: "a", type: "m", storedBytes }, "").bytes
    assert.deepStrictEqual([12, "12", 0, "0"].map(lengthOf), [12, 12, 0, 0])
    assert.deepStrictEqual(["", " ", null, undefined, true, [], -1, "many"].map(lengthOf), Array(8).fill(undefined))
  })
})

describe("a member of a zip", () => {
  const file = (objectName: string, bytes: number, md5?: string) => {
    const place = { id: objectName, objectName, path: "", part: "", bytes }
    return md5 === undefined ? place : { ...place, md5 }
  }

  it("is the object whose bytes it has, whatever it is called", () => {
    const files = [file("a.mp3", 10, "x"), file("b.mp3", 10, "y")]
    assert.strictEqual(ownerOf("a.mp3", { bytes: 10, md5: "y" }, files), files[1])
    assert.isUndefined(ownerOf("a.mp3", { bytes: 10, md5: "z" }, files))
  })

  it("without an MD5 is known by name and length, unless two could be meant", () => {
    const files = [file("a.mp3", 10), file("b.mp3", 10), file("b.mp3", 10)]
    assert.strictEqual(ownerOf("calls/a.mp3", { bytes: 10, md5: "z" }, files), files[0])
    assert.isUndefined(ownerOf("a.mp3", { bytes: 11, md5: "z" }, files))
    assert.isUndefined(ownerOf("b.mp3", { bytes: 10, md5: "z" }, files))
  })

  it("may have folders, a number, a suffix, and other characters in its name", () => {
    for (const name of ["int-1:+44.mp3", "x/int-1_+44.mp3", "int-1__44-2.mp3", "2026_int-1__44.mp3", "int-1:+44"]) {
      assert.isTrue(isNamed(name, "int-1:+44.mp3"), name)
    }
    assert.isFalse(isNamed("int-2.mp3", "int-1:+44.mp3"))
  })
})
