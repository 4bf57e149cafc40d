// What the sandbox answers, held against the vendor's OpenAPI files (fixtures/README.md). Where the file is wrong a list
// says so; an entry that never applies fails the test, so that the lists cannot rot.
import { assert, describe, it } from "@effect/vitest"
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { still, storage, storageLogin, wide, work, workLogin } from "./Client.ts"

/** A place where the OpenAPI file is wrong: the errors it makes, and how we know better. */
interface Mistake {
  readonly keyword: string
  readonly at: RegExp
  readonly because: string
}

const mistakes: ReadonlyArray<Mistake> = [
  { keyword: "type", at: /\/storedBytes$/, because: "every sample object has a number, the file says text" },
  { keyword: "enum", at: /\/type$/, because: "the file knows 3 types, the objects page shows 10 and users name more" },
  { keyword: "enum", at: /\/objectState$/, because: "ARCHIVED is newer than the file" },
  { keyword: "type", at: /\/callLegCount$/, because: "the guide has a text, the file a number" },
  { keyword: "type", at: /\/aaDestination$/, because: "null in the guide's sample" },
  { keyword: "type", at: /\/(departments|branches)$/, because: "null in users' data" },
  { keyword: "type", at: /\/calleeSvc(Name|Type)$/, because: "null, as the caller's are in the file's own example" }
]

/** Keys that the file does not have and every sample does. */
const missing = new Set(["shared"])

const fixture = (name: string) => JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8"))
const css = fixture("cloud_storage_service_public_api.json")
const wa = fixture("work_analytics_historical.json")

// Formats are left out: the file calls `updatedTime` an int64, beside an example that is a date.
const ajv = new Ajv({ strict: false, validateSchema: false, validateFormats: false, allErrors: true })
ajv.addSchema(css, "css")

const validator = (ref: string): ValidateFunction => ajv.compile({ $ref: `css#/components/schemas/${ref}` })

const used = new Set<Mistake>()

const excused = (error: ErrorObject): boolean => {
  const mistake = mistakes.find(({ at, keyword }) => keyword === error.keyword && at.test(error.instancePath))
  if (mistake !== undefined) used.add(mistake)
  return mistake !== undefined
}

const check = (validate: ValidateFunction, value: unknown) => {
  validate(value)
  const errors = (validate.errors ?? []).filter((error) => !excused(error))
  assert.deepStrictEqual(
    errors.map(({ instancePath, message }) => `${instancePath} ${message}`),
    []
  )
}

const workSchema = (path: string, status = "200") =>
  wa.paths[path].get.responses[status].content["application/json"].schema

describe("the vendor's OpenAPI files", () => {
  it.effect("describe what Cloud Storage answers", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 60 })
      const [archived] = sandbox.records("storage/objects")
      sandbox.company.setObjectState(archived?.partition ?? "", archived?.key ?? "", "ARCHIVED")
      const get = yield* storage(sandbox)
      // Mended: the file says that a list is an array of pages. It is one page.
      const { schema } = css.paths["/objects"].get.responses["200"].content["application/json"]
      assert.strictEqual(schema.type, "array")
      const page = validator("ResponsePage")
      const known = new Set([...Object.keys(css.components.schemas.ObjectResponse.properties), ...missing])
      for (const region of ["us-east", "uk"]) {
        for (const key of [0, 100, 200]) {
          const { body } = yield* get(`${region}/v3/objects?pageKey=${key}&filter=objectState!=DELETED`)
          check(page, body)
          for (const object of body.content) {
            assert.deepStrictEqual(
              Object.keys(object).filter((name) => !known.has(name)),
              []
            )
          }
        }
      }
      const { body } = yield* get("us-east/v3/objects")
      check(validator("ObjectResponse"), (yield* get(`us-east/v3/objects/${body.content[0].id}`)).body)
      check(validator("BucketResponse"), (yield* get(`us-east/v3/buckets/${body.content[0].bucketId}`)).body)
      check(validator("BucketResponse"), (yield* get("us-east/v3/buckets")).body)
    })
  )

  it.effect("describe how bulk downloads go", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 5 })
      const get = yield* storage(sandbox)
      const { body } = yield* get("us-east/v3/objects")
      const ids = JSON.stringify([body.content[0].id])
      const status = validator("downloadContentStatus")
      // Mended: the file says that all answers are lists. Most users see one object, hence the knob.
      const job = (yield* get("us-east/v3/bulk/download/start", { method: "POST", body: ids })).body
      check(status, job)
      check(status, (yield* get(`us-east/v3/bulk/download/status/${job.zipName}`)).body)
      check(status, (yield* get("us-east/v3/bulk/download/status")).body[0])
    })
  )

  it.effect("describe what Work Analytics answers", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 200 })
      const get = yield* work(sandbox)
      for (const path of ["/v2/call-records", "/v2/call-legs"]) {
        const schema = workSchema(path)
        const known = Object.keys(schema.properties.data.items.properties)
        const validate = ajv.compile(schema)
        const { body } = yield* get(path, { ...wide, pageSize: "7000" })
        assert.isAbove(body.data.length, 100)
        check(validate, body)
        for (const row of body.data) assert.deepStrictEqual(Object.keys(row).toSorted(), known.toSorted())
        check(validate, (yield* get(path, { ...wide, endTime: wide.startTime })).body)
      }
    })
  )

  it.effect("describe the refusals", () =>
    Effect.gen(function* () {
      const { sandbox } = yield* still({ calls: 0 })
      const get = yield* work(sandbox)
      const denied = yield* get("/v2/call-legs", { ...wide, pbxId: "nobody" })
      check(ajv.compile(workSchema("/v2/call-records", "403")), denied.body)
      const token = wa.paths["/v1/oauth/token"].post.responses["200"].content["application/json"].schema
      check(ajv.compile(token), (yield* workLogin(sandbox)).body)
      sandbox.faults.add({ kind: "expire-token" })
      const expired = yield* get("/v2/call-legs", wide)
      check(ajv.compile(workSchema("/v2/call-legs", "401")), expired.body)
      assert.strictEqual((yield* storageLogin(sandbox)).body.expires_in, "1799")
    })
  )

  it("are wrong only where the list says so", () => {
    assert.deepStrictEqual(
      mistakes.filter((mistake) => !used.has(mistake)),
      []
    )
  })
})
