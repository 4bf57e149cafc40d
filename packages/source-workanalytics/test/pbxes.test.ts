import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Sandbox } from "@callstream/sandbox"
import { run } from "@callstream/testkit"
import { open, sandbox, settingsFor } from "./Harness.ts"

const answerAt = (vendor: Sandbox, path: string, status: number, body: unknown, times = Infinity) =>
  vendor.faults.add({ kind: "status", status, body: JSON.stringify(body), times, match: { pathIncludes: path } })

const hal = (names: ReadonlyArray<unknown>, next?: string) => ({
  _embedded: { pbxList: names },
  ...(next === undefined ? {} : { _links: { next: { href: next } } })
})

const partitionsOf = Effect.fnUntraced(function* (vendor: Sandbox) {
  const [records] = yield* open(settingsFor(vendor))
  return (yield* records.partitions).map(({ name }) => name)
})

const askedOf = (vendor: Sandbox) => vendor.requests().flatMap(({ method, path }) => (method === "GET" ? [path] : []))

describe("the PBXes there are", () => {
  it.live("are found page by page, at our own address whatever the link says; deleted ones are left out", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 1 })
      const elsewhere = "http://elsewhere.example/v2/pbxes/?page=1&size=1"
      answerAt(vendor, "/v2/pbxes/", 200, hal([{ id: "1", name: "zeta", deleted: false }], elsewhere), 1)
      answerAt(vendor, "/v2/pbxes/?page=1", 200, hal([{ name: "alpha" }, { name: "old", deleted: true }, { name: "" }]))
      assert.deepStrictEqual(yield* partitionsOf(vendor), ["alpha", "zeta"])
      assert.deepStrictEqual(askedOf(vendor), ["/analytics/work/v2/pbxes/", "/analytics/work/v2/pbxes/?page=1&size=1"])
    }).pipe(run)
  )

  it.live("are found at the other address where the documented one is not there", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 1 })
      answerAt(vendor, "/v2/pbxes/", 404, {})
      assert.deepStrictEqual(yield* partitionsOf(vendor), ["acme_corp_uk", "acmecorp"])
      assert.strictEqual(askedOf(vendor).at(-1), "/analytics/work/v2/customer-data/pbxes")
    }).pipe(run)
  )

  it.live.each([
    { what: "not allowed", path: "/v2/pbxes", status: 403, body: {} },
    { what: "nowhere", path: "pbxes", status: 404, body: {} },
    { what: "none", path: "/v2/pbxes", status: 200, body: hal([]) }
  ])("are to be listed by hand where finding them is: $what", ({ body, path, status }) =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 1 })
      answerAt(vendor, path, status, body)
      const failure = yield* Effect.flip(partitionsOf(vendor))
      assert.include(failure, { _tag: "Denied", scope: "source" })
      assert.include(failure.message, "List the names of the PBXes under `pbxes`")
    }).pipe(run)
  )

  it.live("are not looked for in circles", () =>
    Effect.gen(function* () {
      const vendor = yield* sandbox({ calls: 1 })
      answerAt(vendor, "/v2/pbxes/", 200, hal([{ name: "alpha" }], "/v2/pbxes/?page=1"))
      assert.deepStrictEqual(yield* partitionsOf(vendor), ["alpha"])
      assert.lengthOf(askedOf(vendor), 2)
    }).pipe(run)
  )
})
