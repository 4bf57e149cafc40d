/** The traps that every API has, one test each, and how many requests all this takes. The numbers are those of our list. */
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, type Scope } from "effect"
import type { Fault, RateLimit, StoredObject } from "@callstream/sandbox"
import type { Rig } from "@callstream/testkit"
import {
  contentOf,
  dataOf,
  epoch,
  heldOf,
  ids,
  interaction,
  objectOf,
  requestsOf,
  settingsOf,
  subjectsOf,
  working
} from "./Working.ts"

const trap = (title: string, test: Effect.Effect<void, unknown, Scope.Scope>) => it.live(`trap ${title}`, () => test)

const list = { pathIncludes: "/objects?" }
const spread = (count: number) => Array.from({ length: count }, (_, n) => objectOf(n))

/** An event is known by its entity and id: a repeat has both. */
const identities = ({ sink }: Rig) => sink.log.map(({ id, subject, type }) => `${type} ${subject} ${id}`)

describe("what went wrong", () => {
  const failures: Readonly<Record<string, Fault>> = {
    "answers of 500": { kind: "500", skip: 1 },
    "pages that are cut short": { kind: "truncate", skip: 1 },
    "login pages with a status of 200": { kind: "html", skip: 1 }
  }
  for (const [title, fault] of Object.entries(failures)) {
    trap(
      `47: ${title} move nothing on, are visible, and are made good later`,
      Effect.gen(function* () {
        const rig = yield* working(spread(320), { settings: { regions: ["us-east"] } })
        const mend = rig.sandbox.faults.add({ ...fault, match: list })
        const failed = yield* rig.run()
        assert.isFalse(failed.complete)
        assert.isBelow(rig.sink.held.size, 320)
        mend()
        rig.clock.advance("2 hours")
        const outcome = yield* rig.runToTheEnd()
        assert.isTrue(outcome.complete)
        assert.deepStrictEqual(subjectsOf(rig), ids(320))
        assert.deepStrictEqual(outcome.status.partitions[0]?.gaps, [])
        assert.strictEqual(new Set(identities(rig)).size, 320)
      }).pipe(Effect.scoped)
    )
  }

  trap(
    "47: a range that is bad for good becomes a gap as small as may be, and all around it arrives",
    Effect.gen(function* () {
      const rig = yield* working(spread(150), { settings: { regions: ["us-east"] } })
      // Whatever window has the second of the 77th object is answered with a page that is cut short.
      const bad = epoch - 3_600_000 + 77_000
      rig.sandbox.faults.add({
        kind: "status",
        status: 200,
        body: '{"content":[{"id',
        match: { pathIncludes: `ge%3D${bad}%3B` }
      })
      rig.sandbox.faults.add({ kind: "truncate", times: 3, match: list })
      yield* rig.run()
      const held = subjectsOf(rig)
      assert.isAtLeast(held.length, 149)
    }).pipe(Effect.scoped)
  )

  trap(
    "48: a process that dies between writing and committing repeats events with the ids they had",
    Effect.gen(function* () {
      const objects = Array.from({ length: 40 }, (_, n) => contentOf(n, "summary", `{"result":"${n}"}`))
      for (const step of [2, 3, 4, 5]) {
        yield* Effect.scoped(
          Effect.gen(function* () {
            const rig = yield* working(objects, { settings: { regions: ["us-east"] } })
            yield* Effect.scoped(
              Effect.flatMap(rig.start({ once: true, cut: { step, happens: true } }), ({ cutOff }) => cutOff)
            )
            yield* rig.run()
            assert.deepStrictEqual(subjectsOf(rig), ids(40))
            assert.strictEqual(new Set(identities(rig)).size, 80)
          })
        )
      }
    })
  )

  trap(
    "49: a vendor whose clock is behind ours loses nothing",
    Effect.gen(function* () {
      const behind = Duration.toMillis(Duration.minutes(10))
      const late: { rig?: Rig } = {}
      const clock = () => (late.rig?.clock.now() ?? epoch) - behind
      const rig = yield* working([objectOf(0)], { clock, settings: { regions: ["us-east"] } })
      late.rig = rig
      yield* rig.run()
      rig.clock.advance("1 minute")
      rig.sandbox.company.putObject(objectOf(1, { updatedAt: clock() - 5000 }))
      yield* rig.run()
      assert.deepStrictEqual(subjectsOf(rig), ids(2))
    }).pipe(Effect.scoped)
  )

  const limits: ReadonlyArray<RateLimit["header"]> = ["seconds", "date", "reset", "none"]
  for (const header of limits) {
    trap(
      `50: a limit that is told by ${header} is obeyed`,
      Effect.gen(function* () {
        const rateLimits = { storage: { requests: 5, seconds: 1, header } }
        const rig = yield* working(spread(1500), { knobs: { rateLimits }, settings: { regions: ["us-east"] } })
        const outcome = yield* rig.runToTheEnd()
        assert.isTrue(outcome.complete)
        assert.lengthOf(subjectsOf(rig), 1500)
        const asked = rig.sandbox.requests()
        assert.isBelow(asked.filter(({ status }) => status === 429).length, asked.length / 3)
      }).pipe(Effect.scoped)
    )
  }

  for (const storageErrors of ["message", "fault", "html", "empty"] as const) {
    trap(
      `50: an error with a body that is ${storageErrors} is understood by its status`,
      Effect.gen(function* () {
        const settings = { regions: ["us-east", "mars-north"] }
        const rig = yield* working([objectOf(0)], { knobs: { storageErrors }, settings })
        yield* rig.run()
        assert.deepStrictEqual(subjectsOf(rig), ids(1))
        const [park] = yield* rig.parks
        assert.include(park?.reason, "is not there (404)")
        assert.include(park?.remedy, "Check that mars-north is a region of the account")
      }).pipe(Effect.scoped)
    )
  }

  trap(
    "51: no secret, token, link or number is in any log, error, span or metric",
    Effect.gen(function* () {
      const number = "+14085550123"
      const tags = [
        { key: "callId", value: interaction },
        { key: "callerId", value: number },
        { key: "duration", value: number }
      ]
      const rig = yield* working([objectOf(0, { tags }), contentOf(1, "summary", `{"result":"${number}`, { tags })])
      for (const kind of ["html", "truncate", "500", "reset"] as const) {
        rig.sandbox.faults.add({ kind, times: 2, skip: 1, match: { pathIncludes: "/v3/" } })
      }
      yield* rig.runToTheEnd()
      yield* rig.check()
      yield* rig.check({ ...settingsOf(rig.sandbox), clientSecret: "another-secret" })
      const said = rig.overheard.lines.join("\n")
      assert.isAbove(rig.sentSecrets.size, 1)
      for (const secret of [
        ...rig.sentSecrets,
        rig.sandbox.credentials.storage.clientSecret,
        "another-secret",
        number
      ]) {
        assert.notInclude(said, secret)
      }
    }).pipe(Effect.scoped)
  )

  trap(
    "52: numbers of people and ids of calls stay the texts they are",
    Effect.gen(function* () {
      const facts = {
        callerId: "+14085550123",
        calleeId: "0014085550123",
        callId: "1667337742543",
        extensionId: "9007199254740993",
        transactionId: "00166",
        branchId: "1e5"
      }
      const tags = Object.entries(facts).map(([key, value]) => ({ key, value }))
      const rig = yield* working([objectOf(0, { type: "callrecording", tags })])
      yield* rig.run()
      assert.deepInclude(dataOf(heldOf(rig, 0)["recording"]), {
        callerNumber: "+14085550123",
        calleeNumber: "0014085550123",
        callId: "1667337742543",
        extensionId: "9007199254740993",
        transactionIds: ["00166"],
        branchId: "1e5"
      })
    }).pipe(Effect.scoped)
  )
})

describe("requests", () => {
  const counts = [0, 1, 100, 101, 1000, 4321]
  for (const count of counts) {
    it.live(`of ${count} objects are hardly more than there are pages`, () =>
      Effect.gen(function* () {
        const day = 86_400_000
        const objects = Array.from({ length: count }, (_, n): StoredObject => {
          const updatedAt = epoch - 29 * day + Math.floor((n * 29 * day) / Math.max(1, count))
          return n % 50 === 0 ? contentOf(n, "summary", `{"result":"${n}"}`, { updatedAt }) : objectOf(n, { updatedAt })
        })
        const settings = { regions: ["us-east"], since: new Date(epoch - 30 * day).toISOString() }
        const rig = yield* working(objects, { settings, days: 40 })
        const outcome = yield* rig.run()
        assert.isTrue(outcome.complete)
        assert.lengthOf(subjectsOf(rig), count)
        const contents = Math.ceil(count / 50)
        const least = Math.max(1, Math.ceil(count / 100)) + contents + 1
        assert.isAtMost(rig.sandbox.requests().length, Math.ceil(least * 1.05))
        assert.lengthOf(requestsOf(rig, "/content"), contents)
        assert.lengthOf(requestsOf(rig, "/oauth/"), 1)
      }).pipe(Effect.scoped)
    )
  }
})

describe("check", () => {
  it.live("proves list, contents and media of each region on their own, and says what an admin has to give", () =>
    Effect.gen(function* () {
      const rig = yield* working([contentOf(0, "summary", "{}"), contentOf(1, "callcenterrecording", "sound")])
      const settings = { ...settingsOf(rig.sandbox), media: { folder: join(import.meta.filename, "media") } }
      assert.deepStrictEqual(
        (yield* rig.check()).map(({ detail, ok }) => [ok, detail]),
        [
          [true, "the key may read us-east; objects changed in the last 24 hours"],
          [true, "they may be downloaded"],
          [true, "the key may read uk; no objects changed in the last 24 hours"],
          [true, "uk has none yet: whether they may be downloaded is not known"]
        ]
      )
      rig.sandbox.setKnobs({ contentDenied: true })
      const lines = yield* rig.check(settings)
      assert.deepStrictEqual(
        lines.map(({ ok }) => ok),
        [false, true, false, false, true, true, true]
      )
      assert.include(
        lines[2]?.detail,
        "the newest may not be downloaded (403). Check that the key may read there: a Super Admin"
      )
    }).pipe(Effect.scoped)
  )
})
