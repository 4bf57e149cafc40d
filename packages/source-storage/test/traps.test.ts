/** The traps of reading a list of objects, one test each, where a user meets them. The numbers are those of our list. */
import { execFileSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Option, Schema, type Scope } from "effect"
import type { ObjectState } from "@callstream/sandbox"
import { until } from "@callstream/testkit"
import { Config } from "../src/Config.ts"
import { filterOf } from "../src/Api.ts"
import {
  contentOf,
  dataOf,
  epoch,
  heldOf,
  idOf,
  ids,
  interaction,
  objectOf,
  queriesOf,
  requestsOf,
  settingsOf,
  subjectsOf,
  working
} from "./Working.ts"

const many = (count: number, perSecond: number) =>
  Array.from({ length: count }, (_, n) =>
    objectOf(n, { updatedAt: epoch - 3_600_000 + Math.floor((n * 1000) / perSecond) })
  )

/** The states that an object goes through, with and without a content to fetch. */
const thereAndBack: ReadonlyArray<ObjectState> = [
  "AVAILABLE",
  "ARCHIVED",
  "AVAILABLE",
  "REVOKED",
  "AVAILABLE",
  "DELETED"
]

const trap = (title: string, test: Effect.Effect<void, unknown, Scope.Scope>) => it.live(`trap ${title}`, () => test)

describe("pages", () => {
  trap(
    "01: a walk ends at lastPage, where 245 rows give pageKey 300",
    Effect.gen(function* () {
      const rig = yield* working(many(245, 1), { knobs: {} })
      assert.isTrue((yield* rig.run({ settings: { ...settingsOf(rig.sandbox), regions: ["us-east"] } })).complete)
      assert.deepStrictEqual(subjectsOf(rig), ids(245))
      assert.lengthOf(queriesOf(rig), 3)
    }).pipe(Effect.scoped)
  )

  for (const updatedTimeFails of [false, true]) {
    for (const count of [3, 100, 205]) {
      trap(
        `01: a walk ends at an empty page where no page is the last (${count} objects${updatedTimeFails ? ", newest first" : ""})`,
        Effect.gen(function* () {
          const rig = yield* working(many(count, 1), {
            knobs: { storageEnd: "empty", updatedTimeFails },
            settings: { regions: ["us-east"] }
          })
          const outcome = yield* Effect.timeoutOption(rig.runToTheEnd(), "10 seconds")
          assert.isTrue(Option.isSome(outcome) && outcome.value.complete)
          assert.deepStrictEqual(subjectsOf(rig), ids(count))
        }).pipe(Effect.scoped)
      )
    }
  }

  trap(
    "02: the next page begins at an offset, not at a page's number nor one row later",
    Effect.gen(function* () {
      const rig = yield* working(many(245, 1000), { settings: { regions: ["us-east"] } })
      yield* rig.run()
      assert.deepStrictEqual(subjectsOf(rig), ids(245))
      // All are of one second: each page begins with the last row of the one before.
      assert.deepStrictEqual(
        queriesOf(rig).map((query) => query.get("pageKey")),
        ["0", "99", "198"]
      )
    }).pipe(Effect.scoped)
  )

  for (const storageLimit of ["reject", "clamp"] as const) {
    trap(
      `03: no more than 100 rows are asked for, of a vendor that would ${storageLimit} more`,
      Effect.gen(function* () {
        const rig = yield* working(many(230, 3), { knobs: { storageLimit } })
        assert.isTrue((yield* rig.run()).complete)
        assert.deepStrictEqual(subjectsOf(rig), ids(230))
        assert.deepStrictEqual(new Set(queriesOf(rig).map((query) => query.get("limit"))), new Set(["100"]))
      }).pipe(Effect.scoped)
    )
  }

  trap(
    "04: an object that is updated between two pages takes no neighbour with it",
    Effect.gen(function* () {
      const rig = yield* working(many(420, 3))
      rig.sandbox.faults.add({ kind: "shift-page", shift: "remove", match: { pathIncludes: "us-east/v3/objects?" } })
      yield* rig.run()
      assert.deepStrictEqual(subjectsOf(rig), ids(420))
    }).pipe(Effect.scoped)
  )

  trap(
    "05: more than 100 objects of one second arrive, also while some of them leave it",
    Effect.gen(function* () {
      const rig = yield* working([...many(365, 365), objectOf(365)])
      rig.sandbox.faults.add({
        kind: "shift-page",
        shift: "remove",
        times: 2,
        skip: 1,
        match: { pathIncludes: "us-east/v3/objects?" }
      })
      const outcome = yield* rig.runToTheEnd()
      assert.isTrue(outcome.complete)
      assert.deepStrictEqual(subjectsOf(rig), ids(366))
    }).pipe(Effect.scoped)
  )

  trap(
    "06: a Work recording that was created, which is begun, ten hours ago arrives when it is stored",
    Effect.gen(function* () {
      const rig = yield* working([objectOf(0)])
      yield* rig.run()
      rig.clock.advance("1 hour")
      const stored = rig.clock.now() - 2000
      rig.sandbox.company.putObject(
        objectOf(1, { type: "callrecording", createdAt: stored - 36_000_000, updatedAt: stored })
      )
      yield* rig.run()
      assert.deepStrictEqual(subjectsOf(rig), ids(2))
    }).pipe(Effect.scoped)
  )

  it("trap 07: times without a zone are UTC, wherever the machine is", () => {
    const reader = new URL("../src/ObjectReader.ts", import.meta.url).href
    const script = `import { millisOf } from ${JSON.stringify(reader)}
      for (const TZ of ["America/Los_Angeles", "Asia/Kolkata", "Europe/London", "UTC"]) {
        process.env.TZ = TZ
        const times = ["2026-03-08T02:30:00", "2026-11-01T01:30:00", "2026-10-25T01:30:00"]
        console.log(new Date(2026, 6, 1).getTimezoneOffset(), ...times.map(millisOf))
      }`
    const args = ["--conditions=@repo/source", "--input-type=module", "-e", script]
    const utc = [Date.UTC(2026, 2, 8, 2, 30), Date.UTC(2026, 10, 1, 1, 30), Date.UTC(2026, 9, 25, 1, 30)].join(" ")
    const said = execFileSync(process.execPath, args).toString().trim().split("\n")
    assert.deepStrictEqual(said, [`420 ${utc}`, `-330 ${utc}`, `-60 ${utc}`, `0 ${utc}`])
  })
})

describe("filters", () => {
  it("trap 08: times are milliseconds: settings in another form are refused, and no other is ever sent", () => {
    const accepts = (since: unknown) =>
      Exit.isSuccess(
        Schema.decodeUnknownExit(Config)(
          { clientId: "key", clientSecret: "secret", since },
          { onExcessProperty: "error" }
        )
      )
    assert.deepStrictEqual(
      ["2026-01-01", "2026-01-01T08:00:00Z", 1767225600, "1767225600", "2026-01-01T08:00:00"].map(accepts),
      [true, true, false, false, false]
    )
    assert.match(filterOf({ from: epoch, to: epoch + 1 }), /^updatedTime=ge=\d{13};updatedTime=lt=\d{13};/)
    for (const time of [epoch / 1000, epoch + 0.5, Number.NaN]) assert.throws(() => filterOf({ from: time }))
  })

  trap(
    "08: since the beginning of time is asked for in milliseconds too",
    Effect.gen(function* () {
      const rig = yield* working([objectOf(0)], { settings: { since: "1970-01-01", regions: ["us-east"] } })
      assert.isTrue((yield* rig.run()).complete)
      assert.deepStrictEqual(subjectsOf(rig), ids(1))
      for (const query of queriesOf(rig)) assert.match(query.get("filter") ?? "", /^updatedTime=ge=\d{12,13};/)
    }).pipe(Effect.scoped)
  )

  trap(
    "09: states and types are alternatives in parentheses, and everything is percent-encoded",
    Effect.gen(function* () {
      const objects = [
        objectOf(0),
        objectOf(1, { type: "summary", objectState: "REVOKED" }),
        objectOf(2, { type: "meeting" })
      ]
      const settings = { types: ["callcenterrecording", "summary"], regions: ["us-east"] }
      const rig = yield* working(objects, { settings })
      yield* rig.run()
      // An OR that binds too weakly would give the meeting too, an AND that does would give no summary.
      assert.deepStrictEqual(subjectsOf(rig), [idOf(0), idOf(1)])
      const [asked] = requestsOf(rig, "/objects?")
      const raw = asked?.path.split("?")[1] ?? ""
      assert.match(
        raw,
        /^filter=updatedTime%3Dge%3D\d{13}%3BupdatedTime%3Dlt%3D\d{13}%3B%28objectState%3D%3DAVAILABLE%2C(?:objectState%3D%3D[A-Z]+%2C)*objectState%3D%3DFAILED%29%3B%28type%3D%3Dcallcenterrecording%2Ctype%3D%3Dsummary%29&sortField=updatedTime&sortDirection=ASC&pageKey=0&limit=100$/
      )
    }).pipe(Effect.scoped)
  )

  trap(
    "10: where filters by time get 500, the list is read newest first, and that is said once",
    Effect.gen(function* () {
      const rig = yield* working(many(230, 1), {
        knobs: { updatedTimeFails: true },
        settings: { regions: ["us-east"] }
      })
      const outcome = yield* rig.runToTheEnd()
      assert.isTrue(outcome.complete)
      assert.deepStrictEqual(subjectsOf(rig), ids(230))
      assert.deepStrictEqual(outcome.status.partitions[0]?.gaps, [])
      const said = () => rig.overheard.lines.filter((line) => line.includes("answers filters by time with 500"))
      assert.lengthOf(said(), 1)
      assert.strictEqual(requestsOf(rig, "/objects?").filter(({ status }) => status === 500).length, 4)
    }).pipe(Effect.scoped)
  )

  trap(
    "10: what changes while it is read newest first arrives as it finally is",
    Effect.gen(function* () {
      const rig = yield* working(many(330, 1), {
        knobs: { updatedTimeFails: true },
        settings: { regions: ["us-east"] }
      })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { outcome } = yield* rig.start({ once: true })
          while (rig.sandbox.requests().filter(({ path }) => path.includes("DESC&pageKey=0&limit=100")).length === 0) {
            yield* rig.clock.sleep(Duration.millis(50))
          }
          for (const n of [3, 150, 229, 230, 329])
            rig.sandbox.company.touchObject("us-east", idOf(n), { reviewed: "yes" })
          yield* outcome
        })
      )
      rig.clock.advance("1 minute")
      yield* rig.runToTheEnd()
      assert.deepStrictEqual(subjectsOf(rig), ids(330))
      for (const n of [3, 150, 229, 230, 329]) {
        assert.propertyVal(dataOf(heldOf(rig, n)["recording"])["tags"], "reviewed", "yes")
      }
    }).pipe(Effect.scoped)
  )
})

describe("regions and states", () => {
  trap(
    "11: a region that fails does not stop another, and one id in both is two entities",
    Effect.gen(function* () {
      const rig = yield* working([objectOf(0), objectOf(0, { region: "uk" }), objectOf(1)])
      yield* rig.run()
      const sources = () => [...rig.sink.held.values()].map(({ source, subject }) => `${source} ${subject}`).toSorted()
      const all = [`8x8/storage/uk ${idOf(0)}`, `8x8/storage/us-east ${idOf(0)}`, `8x8/storage/us-east ${idOf(1)}`]
      assert.deepStrictEqual(sources(), all)

      for (const status of [500, 404, 403]) {
        const mend = rig.sandbox.faults.add({ kind: "status", status, match: { pathIncludes: "/uk/" } })
        rig.sandbox.company.touchObject("us-east", idOf(1), { attempt: String(status) })
        rig.clock.advance("2 minutes")
        const outcome = yield* rig.run()
        const states = new Map(outcome.status.partitions.map(({ activity, partition }) => [partition, activity]))
        assert.notStrictEqual(states.get("uk"), "done", String(status))
        assert.propertyVal(dataOf(heldOf(rig, 1)["recording"])["tags"], "attempt", String(status))
        mend()
      }
    }).pipe(Effect.scoped)
  )

  trap(
    "12: states are followed from available to gone and back, and content is fetched only when it is available",
    Effect.gen(function* () {
      const rig = yield* working([contentOf(0, "summary", '{"result":"all is well"}')])
      const seen: Array<unknown> = []
      for (const state of thereAndBack) {
        rig.sandbox.company.setObjectState("us-east", idOf(0), state)
        rig.sandbox.clearRequests()
        rig.clock.advance("1 minute")
        yield* rig.run()
        const { object, summary } = heldOf(rig, 0)
        seen.push([
          state,
          object?.op,
          dataOf(object)["state"],
          summary?.op,
          dataOf(summary)["text"],
          requestsOf(rig, "/content").length
        ])
      }
      assert.deepStrictEqual(seen, [
        ["AVAILABLE", "upsert", "available", "upsert", "all is well", 1],
        ["ARCHIVED", "upsert", "archived", "upsert", "all is well", 0],
        ["AVAILABLE", "upsert", "available", "upsert", "all is well", 0],
        ["REVOKED", "delete", undefined, "delete", undefined, 0],
        ["AVAILABLE", "upsert", "available", "upsert", "all is well", 1],
        ["DELETED", "delete", undefined, "delete", undefined, 0]
      ])
    }).pipe(Effect.scoped)
  )

  trap(
    "12: states are followed where they do not move updatedTime, as far as is read again",
    Effect.gen(function* () {
      const rig = yield* working([contentOf(0, "summary", '{"result":"all is well"}')], {
        knobs: { stateMovesUpdated: false },
        settings: { lookback: [{ span: "1 d", every: "1 h" }] }
      })
      const seen: Array<unknown> = []
      for (const state of thereAndBack) {
        rig.sandbox.company.setObjectState("us-east", idOf(0), state)
        rig.clock.advance("61 minutes")
        yield* rig.run()
        const { object, summary } = heldOf(rig, 0)
        seen.push([state, object?.op, dataOf(object)["state"], summary?.op, dataOf(summary)["text"]])
      }
      assert.deepStrictEqual(seen, [
        ["AVAILABLE", "upsert", "available", "upsert", "all is well"],
        ["ARCHIVED", "upsert", "archived", "upsert", "all is well"],
        ["AVAILABLE", "upsert", "available", "upsert", "all is well"],
        ["REVOKED", "delete", undefined, "delete", undefined],
        ["AVAILABLE", "upsert", "available", "upsert", "all is well"],
        ["DELETED", "delete", undefined, "delete", undefined]
      ])
    }).pipe(Effect.scoped)
  )

  trap(
    "13: an object that disappears keeps its record, and its content is not asked for again and again",
    Effect.gen(function* () {
      const rig = yield* working([contentOf(0, "summary", "{}"), objectOf(1)])
      rig.sandbox.faults.add({ kind: "status", status: 404, match: { pathIncludes: "/content" } })
      const outcome = yield* rig.run()
      assert.isTrue(outcome.complete)
      rig.sandbox.company.remove("storage/objects", "us-east", idOf(0))
      rig.sandbox.company.remove("storage/objects", "us-east", idOf(1))
      for (let runs = 0; runs < 3; runs++) {
        rig.clock.advance("1 day")
        yield* rig.run({ settings: { ...settingsOf(rig.sandbox), lookback: [{ span: "7 d", every: "1 h" }] } })
      }
      assert.deepStrictEqual(
        rig.sink.log.map(({ op, type }) => [op, type]),
        [
          ["upsert", "callstream.object.v1"],
          ["upsert", "callstream.recording.v1"]
        ]
      )
      assert.lengthOf(requestsOf(rig, "/content"), 1)
      assert.strictEqual(outcome.status.deadLetters, 0)
    }).pipe(Effect.scoped)
  )

  trap(
    "14: types, tags and states that nobody knows, and objects without tags, arrive",
    Effect.gen(function* () {
      const rig = yield* working([
        objectOf(0, { type: "hologram", tags: [{ key: "mood", value: "blue" }] }),
        objectOf(1, { tags: undefined }),
        objectOf(2, {
          tags: [
            { key: "agentId", value: "agA" },
            { key: "agentId", value: "B" },
            { key: "queueName", value: "" },
            { key: "duration", value: "7" },
            { key: "duration", value: "8" }
          ]
        })
      ])
      assert.isTrue((yield* rig.run()).complete)
      assert.deepInclude(dataOf(heldOf(rig, 0)["object"]), { objectType: "hologram", tags: { mood: "blue" } })
      assert.notProperty(dataOf(heldOf(rig, 1)["recording"]), "tags")
      const odd = dataOf(heldOf(rig, 2)["recording"])
      assert.deepInclude(odd, { agentIds: ["A", "B"], durationMs: 7 })
      assert.deepStrictEqual(odd["warnings"], ["tag duration comes more than once; the first is read"])
      assert.notProperty(odd, "queueName")
    }).pipe(Effect.scoped)
  )

  for (const storedBytes of ["number", "string"] as const) {
    trap(
      `15: sizes are numbers where the wire has a ${storedBytes}, and a checksum with -1 is no MD5`,
      Effect.gen(function* () {
        const body = '{"result":"well"}'
        const parted = contentOf(0, "summary", body, { checksum: "00000000000000000000000000000000-1" })
        const wrong = contentOf(1, "summary", body, { checksum: "00000000000000000000000000000000" })
        const rig = yield* working([parted, wrong], { knobs: { storedBytes } })
        yield* rig.start()
        yield* until(rig, () => requestsOf(rig, `${idOf(1)}/content`).length > 1 && "summary" in heldOf(rig, 0))
        assert.propertyVal(dataOf(heldOf(rig, 0)["object"]), "sizeBytes", body.length)
        assert.propertyVal(dataOf(heldOf(rig, 0)["summary"]), "text", "well")
        assert.isUndefined(heldOf(rig, 1)["summary"])
      }).pipe(Effect.scoped)
    )
  }
})

describe("records", () => {
  trap(
    "16: durations are milliseconds, seconds for transcripts, and what the settings say",
    Effect.gen(function* () {
      const tags = [{ key: "duration", value: "1271" }]
      const objects = [
        objectOf(0, { tags }),
        contentOf(1, "transcription", "[]", { tags }),
        objectOf(2, { type: "meeting", tags })
      ]
      const lengths = Effect.fnUntraced(function* (settings: Readonly<Record<string, unknown>>) {
        const rig = yield* working(objects, { settings })
        yield* rig.run()
        const kinds = ["recording", "transcript", "recording"]
        return kinds.map((kind, n) => dataOf(heldOf(rig, n)[kind])["durationMs"])
      })
      assert.deepStrictEqual(yield* lengths({}), [1271, 1_271_000, 1271])
      const durationUnits = { callcenterrecording: "s", transcription: "ms" }
      assert.deepStrictEqual(yield* lengths({ durationUnits }), [1_271_000, 1271, 1271])
    }).pipe(Effect.scoped)
  )

  trap(
    "17: what was made from a call joins it whether it comes before, after, or without it",
    Effect.gen(function* () {
      const tags = [
        { key: "callId", value: interaction },
        { key: "sourceId", value: idOf(1) }
      ]
      const rig = yield* working([contentOf(0, "transcription", "[]", { tags })])
      yield* rig.run()
      rig.clock.advance("1 minute")
      rig.sandbox.company.putObject(objectOf(1, { updatedAt: rig.clock.now() - 1000 }))
      yield* rig.run()
      rig.clock.advance("57 days")
      const voicemail = [
        { key: "callId", value: "int-1921de567b2-vvvvCRtowKo5rmiXNVI0G4PLO-vmail-03-acmecorp01" },
        { key: "originalCallId", value: interaction }
      ]
      rig.sandbox.company.putObject(
        objectOf(2, { type: "callcentervoicemail", tags: voicemail, updatedAt: rig.clock.now() - 1000 })
      )
      yield* rig.run()
      assert.strictEqual(heldOf(rig, 0)["transcript"]?.conversation, interaction)
      assert.strictEqual(dataOf(heldOf(rig, 0)["transcript"])["sourceObjectId"], idOf(1))
      assert.strictEqual(heldOf(rig, 1)["recording"]?.conversation, interaction)
      assert.strictEqual(dataOf(heldOf(rig, 2)["voicemail"])["originalCallId"], interaction)
    }).pipe(Effect.scoped)
  )

  trap(
    "18: an agent is the same with and without ag",
    Effect.gen(function* () {
      const agent = (value: string) => ({ tags: [{ key: "agentId", value }] })
      const rig = yield* working([
        objectOf(0, agent("agXYZ")),
        objectOf(1, agent("XYZ")),
        objectOf(2, { userId: "agXYZ" })
      ])
      yield* rig.run()
      assert.deepStrictEqual(dataOf(heldOf(rig, 0)["recording"])["agentIds"], ["XYZ"])
      assert.deepStrictEqual(dataOf(heldOf(rig, 1)["recording"])["agentIds"], ["XYZ"])
      assert.strictEqual(dataOf(heldOf(rig, 2)["recording"])["userId"], "XYZ")
    }).pipe(Effect.scoped)
  )
})
