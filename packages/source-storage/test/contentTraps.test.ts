/** The traps of contents, logins and zips, one test each. The numbers are those of our list. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, type Scope } from "effect"
import type { Knobs, StoredObject } from "@callstream/sandbox"
import { until } from "@callstream/testkit"
import { requests } from "../src/Api.ts"
import { contentOf, dataOf, heldOf, ids, objectOf, queriesOf, requestsOf, subjectsOf, working } from "./Working.ts"

const wait = Duration.seconds(5)

const trap = (title: string, test: Effect.Effect<void, unknown, Scope.Scope>) => it.live(`trap ${title}`, () => test)

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "callstream-media-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** Ids of the objects whose files are there, sorted; names of others as they are. */
const filesIn = (place: string) =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name.replace(/\.mp3$/, ""))
    .toSorted()

const soundOf = (n: number, more: Partial<StoredObject> = {}) => {
  const body = `sound of ${n}`
  const { checksum, storedBytes, ...rest } = contentOf(n, "callcenterrecording", body, more)
  return { ...rest, objectName: `${n}:+1.mp3`, mimeType: "audio/mpeg", checksum, storedBytes }
}

describe("contents", () => {
  trap(
    "19: content that is no JSON, or nothing at all, is an event with its text and a warning",
    Effect.gen(function* () {
      const bodies = ["{", "", " ", "null", "[1,2", "<html>", '{"result":"well"}', "\u0000\u0007"]
      const rig = yield* working(bodies.map((body, n) => contentOf(n, "summary", body)))
      const outcome = yield* rig.run()
      assert.isTrue(outcome.complete)
      assert.strictEqual(outcome.status.deadLetters, 0)
      const seen = bodies.map((_, n) => dataOf(heldOf(rig, n)["summary"])["warnings"])
      assert.deepStrictEqual(seen, [
        ["the content is not JSON"],
        ["the content is empty"],
        ["the content is empty"],
        ["the content has no summary"],
        ["the content is not JSON"],
        ["the content is not JSON"],
        undefined,
        ["the content is not JSON"]
      ])
    }).pipe(Effect.scoped)
  )

  for (const presign of ["url", "presignedUrl", "json", "text"] as const) {
    trap(
      `19: a link comes as ${presign}, and one that has expired is asked for again`,
      Effect.gen(function* () {
        const place = yield* folder
        const settings = { media: { folder: place, by: "presigned" }, regions: ["us-east"] }
        const rig = yield* working([soundOf(0), soundOf(1)], { settings, knobs: { presign } })
        rig.sandbox.faults.add({ kind: "status", status: 403, times: 1, match: { pathIncludes: "/presigned/" } })
        assert.isTrue((yield* rig.run()).complete)
        assert.deepStrictEqual(filesIn(place), ids(2))
        assert.lengthOf(requestsOf(rig, "presignUrl=true"), 3)
        // No link, and no signature, is said to anybody.
        assert.notInclude(rig.overheard.lines.join("\n"), "X-Amz-")
      }).pipe(Effect.scoped)
    )
  }
})

describe("the login", () => {
  trap(
    "20: holds as long as it says, in seconds and not in what issued_at is in",
    Effect.gen(function* () {
      const rig = yield* working([objectOf(0)], { settings: { poll: "10 s" }, tokenSeconds: 100 })
      const { pipeline } = yield* rig.start()
      const logins = () => requestsOf(rig, "/oauth/").length
      while (queriesOf(rig).length < 30) yield* Effect.andThen(pipeline.status, rig.clock.sleep(wait))
      // Some 150 s have passed: renewed once or twice, a tenth of its life before its end, and never refused.
      assert.isAtLeast(logins(), 2)
      assert.isAtMost(logins(), 4)
      assert.deepStrictEqual(
        rig.sandbox.requests().filter(({ status }) => status === 401),
        []
      )
    }).pipe(Effect.scoped)
  )

  trap(
    "20: that expires between two pages is renewed once for all who wait for it",
    Effect.gen(function* () {
      const objects = Array.from({ length: 60 }, (_, n) => contentOf(n, "summary", '{"result":"well"}'))
      const rig = yield* working([...objects, objectOf(60, { region: "uk" })])
      for (const skip of [1, 20])
        rig.sandbox.faults.add({ kind: "expire-token", times: 1, skip, match: { pathIncludes: "/v3/objects" } })
      assert.isTrue((yield* rig.run()).complete)
      assert.deepStrictEqual(subjectsOf(rig), ids(61))
      assert.strictEqual(requestsOf(rig, "/oauth/").length, 3)
    }).pipe(Effect.scoped)
  )

  trap(
    "20: that is refused twice parks the source, and tells where to look",
    Effect.gen(function* () {
      const rig = yield* working([objectOf(0)])
      rig.sandbox.faults.add({ kind: "expire-token", match: { pathIncludes: "/v3/" } })
      yield* rig.run()
      const [park] = yield* rig.parks
      assert.include(park?.reason, "refused our credentials (401)")
      assert.include(park?.remedy, "8x8 Admin Console under API Keys")
      assert.isAtMost(requestsOf(rig, "/oauth/").length, 4)
    }).pipe(Effect.scoped)
  )
})

describe("zips", () => {
  const cases: Readonly<Record<string, Partial<Knobs>>> = {
    "answered with a list": { bulkReply: "list" },
    "that lack an object": { bulkEnd: "PARTIAL_DONE" },
    "that fail": { bulkEnd: "FAILED" },
    "that are not ready though they say so": { bulkEarly: 1 },
    "that are never ready though they say so": { bulkEarly: 100 },
    "that are never done": { bulkEnd: "IN_PROGRESS" },
    "whose members have altered names": { bulkNames: "altered" },
    "whose members have one name": { bulkNames: "alike" }
  }
  for (const [title, knobs] of Object.entries(cases)) {
    trap(
      `21: zips ${title} lose and mix up nothing`,
      Effect.gen(function* () {
        const place = yield* folder
        const settings = { media: { folder: place, by: "bulk" }, regions: ["us-east"] }
        const parted = { checksum: "27b75edcb0305a6a6a87d60a1e01f1a4-1" }
        const objects = [soundOf(0), soundOf(1), soundOf(2, parted), soundOf(3, parted)]
        const rig = yield* working(objects, { settings, knobs })
        const { pipeline } = yield* rig.start()
        if (knobs.bulkEnd === "IN_PROGRESS") {
          yield* until(rig, () => requestsOf(rig, "/download/status/").length > 2)
          rig.clock.advance("31 minutes")
        }
        while (filesIn(place).length < 4 || filesIn(place).some((name) => name.endsWith(".part"))) {
          yield* Effect.andThen(pipeline.status, rig.clock.sleep(wait))
        }
        assert.deepStrictEqual(filesIn(place), ids(4))
        // All that is in the zip is taken from there.
        if (knobs.bulkEarly === 1 || knobs.bulkNames === "altered" || knobs.bulkReply === "list") {
          assert.deepStrictEqual(requestsOf(rig, "/content"), [])
        }
        const sent = rig.sandbox
          .requests()
          .filter(({ method }) => method !== "GET")
          .map(({ method, path }) => `${method} ${path}`)
        for (const each of sent) {
          assert.match(
            each,
            /^POST \/(?:oauth\/v2\/token|storage\/us-east\/v3\/bulk\/download\/(?:start|cancel\/download-us-east-1-\d+\.zip))$/
          )
        }
      }).pipe(Effect.scoped)
    )
  }
})

describe("what may be sent", () => {
  it("is a closed list, and nothing on it changes or deletes an object", () => {
    assert.deepStrictEqual(requests, [
      "POST /oauth/v2/token",
      "GET /storage/{region}/v3/regions",
      "GET /storage/{region}/v3/objects",
      "GET /storage/{region}/v3/objects/{id}/content",
      "POST /storage/{region}/v3/bulk/download/start",
      "GET /storage/{region}/v3/bulk/download/status/{zipName}",
      "GET /storage/{region}/v3/bulk/download/{zipName}",
      "POST /storage/{region}/v3/bulk/download/cancel/{zipName}"
    ])
  })
})
