import { CloudEvent, type Event, eventTypes, Instant, type Json, Op } from "@callstream/model"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Result, Schema } from "effect"

/** Any event we may make: attributes without control characters, an instant of four-digit years, any JSON as data. */
const Attribute = Schema.String.check(
  Schema.isPattern(/^[ -~\u{a1}-\u{17f}\u{4e00}-\u{9fff}\u{1f600}-\u{1f64f}]{1,20}$/u)
)
const events: Arbitrary.Arbitrary<Event<Json>> = Arbitrary.map(
  Arbitrary.schema(
    Schema.Struct({
      id: Attribute,
      type: Schema.Literals(Object.values(eventTypes).map(({ type }) => type)),
      source: Schema.String.check(Schema.isPattern(/^8x8\/(storage|recentcalls)\/[a-z0-9%20-]{1,10}$/u)),
      subject: Attribute,
      time: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 253_402_300_799_999 }))),
      op: Op,
      conversation: Schema.optionalKey(Attribute),
      asof: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9_999_999_999_999 })),
      data: Schema.optionalKey(Schema.Json)
    })
  ),
  ({ asof, source, time, ...event }) => ({
    ...event,
    ...(time === undefined ? {} : { time: Instant.fromMillis(time) }),
    source: source.replaceAll("%", "%25"),
    asof: String(asof),
    dataschema: "urn:callstream:schema:call.v1"
  })
)

/** What JSON can say of a value: `-0` is written as `0`. */
const written = (event: Event<Json>): unknown => JSON.parse(JSON.stringify(event))

const call: Event = {
  id: "q3JH0Zk1vB2sN9xYtR7uWc5e",
  type: "callstream.call.v1",
  source: "8x8/workanalytics/acmecorppbx",
  subject: "acmecorppbx/1635571048351",
  time: "2022-02-03T14:27:27.493Z",
  op: "upsert",
  conversation: "acmecorppbx/1635571048351",
  asof: "1643898500000",
  dataschema: "urn:callstream:schema:call.v1",
  data: { callId: "1635571048351", callerName: "Zoë" }
}

const reasonOf = (result: Result.Result<unknown, CloudEvent.NotAnEvent>): string =>
  Result.match(result, { onFailure: ({ message }) => message, onSuccess: () => "no failure" })

describe("JSON structured form", () => {
  it("is one object with the attributes beside the data", () => {
    assert.strictEqual(
      CloudEvent.toJson(call),
      `{"specversion":"1.0","id":"q3JH0Zk1vB2sN9xYtR7uWc5e","type":"callstream.call.v1",` +
        `"source":"8x8/workanalytics/acmecorppbx","subject":"acmecorppbx/1635571048351",` +
        `"time":"2022-02-03T14:27:27.493Z","datacontenttype":"application/json",` +
        `"dataschema":"urn:callstream:schema:call.v1","op":"upsert","conversation":"acmecorppbx/1635571048351",` +
        `"asof":"1643898500000","data":{"callId":"1635571048351","callerName":"Zoë"}}`
    )
  })

  it.effect.prop("comes back as it went", [events], ([event]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Effect.fromResult(CloudEvent.fromJson(CloudEvent.toJson(event))), written(event))
    })
  )

  it.effect("keeps a null that is the data, and takes a null attribute for an absent one", () =>
    Effect.gen(function* () {
      const { time: _, ...undated } = call
      const text = JSON.stringify({
        ...JSON.parse(CloudEvent.toJson(call)),
        time: null,
        data: null,
        traceparent: "00-1"
      })
      assert.deepStrictEqual(yield* Effect.fromResult(CloudEvent.fromJson(text)), { ...undated, data: null })
    })
  )

  it.effect("reads a time of any offset and precision into UTC", () =>
    Effect.gen(function* () {
      const text = CloudEvent.toJson({ ...call, time: "2022-02-03t09:27:27.4935-05:00" })
      const event = yield* Effect.fromResult(CloudEvent.fromJson(text))
      assert.strictEqual(event.time, "2022-02-03T14:27:27.493Z")
    })
  )

  it("says everything that is wrong, and nothing of what was written", () => {
    const text = JSON.stringify({
      ...JSON.parse(CloudEvent.toJson(call)),
      specversion: "0.3",
      source: "not a uri",
      subject: "",
      time: "yesterday",
      op: "patch",
      data_base64: "c2VjcmV0"
    })
    assert.strictEqual(
      reasonOf(CloudEvent.fromJson(text)),
      `This is not an event: Expected "1.0"
  at ["specversion"]
Expected a URI-reference such as 8x8/storage/us-east
  at ["source"]
Expected a text that is not empty and has no control characters
  at ["subject"]
Expected a time such as 2022-11-01T21:22:22.543Z (RFC 3339)
  at ["time"]
Expected "upsert" | "delete"
  at ["op"]
Expected data that is JSON, not base64
  at ["data_base64"]`
    )
    assert.strictEqual(reasonOf(CloudEvent.fromJson(`+1555 is secret`)), "This is not an event: Expected JSON")
    assert.strictEqual(reasonOf(CloudEvent.fromJson(`[]`)), "This is not an event: Expected an object")
  })
})

describe("Kafka binary form", () => {
  it("has the attributes as headers and the data as the value", () => {
    assert.deepStrictEqual(CloudEvent.toKafka(call), {
      headers: {
        ce_specversion: "1.0",
        ce_id: "q3JH0Zk1vB2sN9xYtR7uWc5e",
        ce_type: "callstream.call.v1",
        ce_source: "8x8/workanalytics/acmecorppbx",
        ce_subject: "acmecorppbx/1635571048351",
        ce_dataschema: "urn:callstream:schema:call.v1",
        ce_op: "upsert",
        ce_asof: "1643898500000",
        ce_time: "2022-02-03T14:27:27.493Z",
        ce_conversation: "acmecorppbx/1635571048351",
        "content-type": "application/json"
      },
      value: `{"callId":"1635571048351","callerName":"Zoë"}`
    })
  })

  it("has no value and no content type where there is no data", () => {
    const { data: _, ...ended } = call
    const { headers, value } = CloudEvent.toKafka({ ...ended, op: "delete" })
    assert.isNull(value)
    assert.notProperty(headers, "content-type")
  })

  it.effect.prop("comes back as it went", [events], ([event]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* Effect.fromResult(CloudEvent.fromKafka(CloudEvent.toKafka(event))), written(event))
    })
  )

  it.effect("reads a message in structured form too", () =>
    Effect.gen(function* () {
      const headers = { "content-type": "application/cloudevents+json; charset=utf-8" }
      const event = yield* Effect.fromResult(CloudEvent.fromKafka({ headers, value: CloudEvent.toJson(call) }))
      assert.deepStrictEqual(event, call)
    })
  )

  it("refuses data that is not JSON", () => {
    const { headers } = CloudEvent.toKafka(call)
    assert.include(reasonOf(CloudEvent.fromKafka({ headers, value: "<call/>" })), "Expected JSON")
    assert.include(
      reasonOf(CloudEvent.fromKafka({ headers: { ...headers, "content-type": "text/xml" }, value: "1" })),
      "Expected a JSON media type"
    )
  })
})
