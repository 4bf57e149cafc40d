import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { everything, run, walkOnly } from "@callstream/testkit"
import { check, open, sandbox, settingsFor } from "./Harness.ts"

const status = (code: number, body: string) => ({ kind: "status", status: code, body }) as const

describe("a refusal", () => {
  it.live.each([401, 403] as const)("of our credentials (%s) parks the source and says what to check", (recentLogin) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ knobs: { recentLogin } })
      const failure = yield* Effect.flip(
        walkOnly(yield* open({ ...settingsFor(vendor), token: "of-yesterday" }), everything)
      )
      assert.include(failure, { _tag: "Denied", scope: "source" })
      assert.include(failure.message, `refused our credentials (${recentLogin})`)
      assert.include(failure.message, "Check region, apiKey (8x8 Admin Console > API Keys) and token")
      assert.notInclude(JSON.stringify(failure), "of-yesterday")
    }).pipe(run)
  )

  it.live.each([404, 410, 403] as const)(
    "by an API that is retired (%s) parks the source and says so",
    (recentRetired) =>
      Effect.gen(function* () {
        const vendor = yield* sandbox({ knobs: { recentRetired } })
        const failure = yield* Effect.flip(walkOnly(yield* open(settingsFor(vendor)), everything))
        assert.include(failure, { _tag: "Denied", scope: "source" })
        assert.include(failure.message, "took this API off its pages on 2025-11-03")
      }).pipe(run)
  )

  it.live("of a request is a range that cannot be read, and is tried once with neutral filters", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      vendor.faults.add(status(400, `{"message":"no"}`))
      const failure = yield* Effect.flip(walkOnly(yield* open(settingsFor(vendor)), everything))
      assert.include(failure, { _tag: "BadAnswer", raw: `{"message":"no"}` })
      assert.lengthOf(vendor.requests(), 2)
    }).pipe(run)
  )
})

describe("an answer", () => {
  it.live.each(["429", "503", "500", "reset"] as const)("of %s is to be waited for", (kind) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      vendor.faults.add({ kind })
      const failure = yield* Effect.flip(walkOnly(yield* open(settingsFor(vendor)), everything))
      assert.include(failure, { _tag: "Unavailable" })
    }).pipe(run)
  )

  it.live("of 429 says how long to wait", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      vendor.faults.add({ kind: "429", retryAfter: 7 })
      const failure = yield* Effect.flip(walkOnly(yield* open(settingsFor(vendor)), everything))
      assert.include(failure, { _tag: "Unavailable", status: 429, retryAfterMs: 7000 })
    }).pipe(run)
  )

  it.live.each([
    { what: "a login page", fault: { kind: "html" } as const },
    { what: "half a page", fault: { kind: "truncate" } as const },
    { what: "without rows", fault: status(200, `{"hits":3}`) },
    { what: "without a number of calls", fault: status(200, `{"data":[]}`) },
    { what: "of fewer calls than none", fault: status(200, `{"hits":-5,"data":[]}`) },
    { what: "of more calls than can be counted", fault: status(200, `{"hits":"${"9".repeat(26)}","data":[]}`) },
    { what: "null", fault: status(200, "null") }
  ])("that is $what cannot be read", ({ fault }) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      vendor.faults.add(fault)
      const failure = yield* Effect.flip(walkOnly(yield* open(settingsFor(vendor)), everything))
      assert.include(failure, { _tag: "BadAnswer" })
    }).pipe(run)
  )

  it.live("may have its numbers as texts", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      vendor.faults.add(status(200, `{"hits":"0","data":[],"page":"1","rows":"5000"}`))
      const {
        pages: [page]
      } = yield* walkOnly(yield* open(settingsFor(vendor)), everything)
      assert.include(page, { total: 0 })
    }).pipe(run)
  )
})

describe("check", () => {
  it.live("proves the credentials in one call", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const [line, ...others] = yield* check(settingsFor(vendor))
      assert.isEmpty(others)
      assert.include(line, { subject: "calls", ok: true })
      assert.match(line?.detail ?? "", /^tenant acmecorp01 has \d+ calls in the last 24 hours$/)
      assert.lengthOf(vendor.requests(), 1)
    }).pipe(run)
  )

  it.live("says what is wrong, and what to do", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox()
      const [line] = yield* check({ ...settingsFor(vendor), apiKey: "wrong" })
      assert.isFalse(line?.ok)
      assert.include(line?.detail, "Check region, apiKey (8x8 Admin Console > API Keys) and token")
    }).pipe(run)
  )
})
