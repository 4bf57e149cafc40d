import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { still, storage } from "./Client.ts"
import { object } from "./Objects.ts"

const tags = (values: Record<string, string>) => Object.entries(values).map(([key, value]) => ({ key, value }))

/** Objects 1 to 3, and a way to ask which of them a filter means. */
const three = Effect.gen(function* () {
  const { sandbox } = yield* still({ calls: 0 })
  const { company } = sandbox
  company.putObject(object(1, { type: "a", userId: "x", tags: tags({ duration: "9" }) }))
  company.putObject(object(2, { type: "b", userId: "x", objectName: "ipbx:acme:1-+1669 5_E.mp3", tags: undefined }))
  company.putObject(
    object(3, {
      type: "b",
      userId: "y",
      tags: [
        { key: "duration", value: "100" },
        { key: "label", value: "one" },
        { key: "label", value: "two" }
      ]
    })
  )
  const get = yield* storage(sandbox)
  const ask = (filter: string) =>
    get(`us-east/v3/objects?sortField=id&sortDirection=ASC&filter=${encodeURIComponent(filter)}`)
  const numbers = (filter: string) =>
    Effect.map(ask(filter), ({ body }) => body.content.map(({ storedBytes }: { storedBytes: number }) => storedBytes))
  return { sandbox, ask, numbers }
})

describe("the filter language", () => {
  it.effect("binds AND tighter than OR", () =>
    Effect.gen(function* () {
      const { numbers } = yield* three
      assert.deepStrictEqual(yield* numbers("type==a,userId==y;type==b"), [1, 3])
      assert.deepStrictEqual(yield* numbers("(type==a,userId==y);type==b"), [3])
    })
  )

  it.effect("knows lists, nesting and negation", () =>
    Effect.gen(function* () {
      const { numbers } = yield* three
      assert.deepStrictEqual(yield* numbers("type=in=(a,c);(userId!=y;(id!=1,type==a))"), [1])
      assert.deepStrictEqual(yield* numbers("type=out=(a,c)"), [2, 3])
      assert.deepStrictEqual(yield* numbers("duration!=9"), [2, 3])
    })
  )

  it.effect("takes a name that every object has for that of a tag", () =>
    Effect.gen(function* () {
      const { numbers } = yield* three
      assert.deepStrictEqual(yield* numbers("__proto__==1"), [])
      assert.deepStrictEqual(yield* numbers("constructor!=1"), [1, 2, 3])
    })
  )

  it.effect("compares fields and tags", () =>
    Effect.gen(function* () {
      const { numbers, sandbox } = yield* three
      assert.deepStrictEqual(yield* numbers("size=gt=1;storedBytes=le=3"), [2, 3])
      assert.deepStrictEqual(yield* numbers("duration=ge=10"), [3])
      assert.deepStrictEqual(yield* numbers("label==two"), [3])
      sandbox.setKnobs({ tagComparison: "text" })
      assert.deepStrictEqual(yield* numbers("duration=ge=10"), [1, 3])
    })
  )

  it.effect("reads values with colons, plus signs and blanks, once they are encoded", () =>
    Effect.gen(function* () {
      const { numbers, sandbox } = yield* three
      assert.deepStrictEqual(yield* numbers("objectName==ipbx:acme:1-+1669 5_E.mp3"), [2])
      const get = yield* storage(sandbox)
      const raw = yield* get("us-east/v3/objects?filter=objectName==ipbx:acme:1-+1669%205_E.mp3")
      assert.deepStrictEqual(raw.body.content, [])
    })
  )

  it.effect("says where a filter ends to be one", () =>
    Effect.gen(function* () {
      const { ask } = yield* three
      for (const filter of ["a", "a=b", "a==", "(a==b", "a==b)", "a==b;", "a=in=b", "a=in=(b", "a=xx=b"]) {
        assert.strictEqual((yield* ask(filter)).status, 400, filter)
      }
      for (const time of ["2024-09-01", "2024-09-01T00:00:00Z", "1.5"]) {
        assert.strictEqual((yield* ask(`updatedTime=ge=${time}`)).status, 400, time)
      }
    })
  )
})
