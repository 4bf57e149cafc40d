/**
 * The two encodings of an event, both CloudEvents 1.0: JSON structured form (one text, e.g. a line of a file), and
 * Kafka binary form (attributes in headers, data as the value).
 *
 * Writing trusts our own events and costs one `JSON.stringify`; reading trusts nobody.
 * Sources: CloudEvents 1.0.2, JSON event format, Kafka protocol binding (read 2026-11-21).
 */
import { Result, Schema } from "effect"
import { type Event, Op } from "./Event.ts"
import * as Instant from "./Instant.ts"
import type { Json } from "./Json.ts"

/** What was read is not a CloudEvent, or not one of ours. Fatal for this text or message. Carries none of its values. */
export class NotAnEvent extends Schema.TaggedError<NotAnEvent>()("NotAnEvent", {
  /** What is wrong, and where. */
  reason: Schema.String
}) {
  override get message(): string {
    return `This is not an event: ${this.reason}`
  }
}

const matching = (pattern: RegExp, expected: string) => Schema.String.check(Schema.isPattern(pattern, { expected }))

/** A CloudEvents string: not empty, no control characters, no half of a surrogate pair. */
const Attribute = matching(/^[^\p{Cc}\p{Cs}]+$/u, "a text that is not empty and has no control characters")

/** RFC 3986, to the degree that matters: allowed characters only, and no colon in the first segment without a scheme. */
const characters = "(?:[A-Za-z0-9\\-._~:/?#\\[\\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})"
const Uri = matching(new RegExp(`^[A-Za-z][A-Za-z0-9+.\\-]*:${characters}+$`, "u"), "a URI")
const UriReference = matching(
  new RegExp(`^(?:[A-Za-z][A-Za-z0-9+.\\-]*:|(?![^/?#]*:))${characters}+$`, "u"),
  "a URI-reference such as 8x8/storage/us-east"
)

/** RFC 3339, of any offset and precision; we write UTC with milliseconds. */
const Timestamp = Schema.String.check(
  Schema.makeFilter(
    (text: string) =>
      (/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/u.test(text) &&
        Instant.isMillis(Instant.toMillis(text.toUpperCase()))) ||
      "Expected a time such as 2022-11-01T21:22:22.543Z (RFC 3339)"
  )
)

/** The attributes and the data, as they stand in JSON structured form. */
const Structured = Schema.Struct({
  specversion: Schema.Literal("1.0"),
  id: Attribute,
  type: Attribute,
  source: UriReference,
  subject: Attribute,
  time: Schema.optionalKey(Timestamp),
  datacontenttype: Schema.optionalKey(matching(/^application\/(?:[^;]+\+)?json\s*(?:;|$)/iu, "a JSON media type")),
  dataschema: Uri,
  op: Op,
  conversation: Schema.optionalKey(Attribute),
  asof: matching(/^(?:0|[1-9]\d{0,15})$/u, "epoch milliseconds as a decimal text"),
  data: Schema.optionalKey(Schema.Json),
  data_base64: Schema.optionalKey(Schema.Never.annotate({ message: "Expected data that is JSON, not base64" }))
})

const decode = Schema.decodeUnknownResult(Structured, { errors: "all" })

/** JSON structured form. Absent attributes are left out, and the data's media type with the data. */
export const toJson = (event: Event): string =>
  JSON.stringify({
    specversion: "1.0",
    id: event.id,
    type: event.type,
    source: event.source,
    subject: event.subject,
    time: event.time,
    datacontenttype: event.data === undefined ? undefined : "application/json",
    dataschema: event.dataschema,
    op: event.op,
    conversation: event.conversation,
    asof: event.asof,
    data: event.data
  })

/** Reads JSON structured form. Attributes we do not know are dropped; one that is `null` is absent, as the format says. */
export const fromJson = (text: string): Result.Result<Event<Json>, NotAnEvent> =>
  Result.flatMap(parse(text), (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? fromAttributes(
          Object.fromEntries(Object.entries(value).filter(([key, part]) => part !== null || key === "data"))
        )
      : Result.fail(new NotAnEvent({ reason: "Expected an object" }))
  )

/** A Kafka message in binary form. Header values are UTF-8; a `null` value is data that is absent, or a tombstone. */
export interface KafkaForm {
  readonly headers: Readonly<Record<string, string>>
  readonly value: string | null
}

/** Kafka binary form. */
export const toKafka = (event: Event): KafkaForm => {
  const headers: Record<string, string> = {
    ce_specversion: "1.0",
    ce_id: event.id,
    ce_type: event.type,
    ce_source: event.source,
    ce_subject: event.subject,
    ce_dataschema: event.dataschema,
    ce_op: event.op,
    ce_asof: event.asof
  }
  if (event.time !== undefined) headers["ce_time"] = event.time
  if (event.conversation !== undefined) headers["ce_conversation"] = event.conversation
  if (event.data === undefined) return { headers, value: null }
  headers["content-type"] = "application/json"
  return { headers, value: JSON.stringify(event.data) }
}

/** Reads a Kafka message: binary form, or structured form where its `content-type` says so. */
export const fromKafka = ({ headers, value }: KafkaForm): Result.Result<Event<Json>, NotAnEvent> => {
  const contentType = headers["content-type"]
  if (contentType?.toLowerCase().startsWith("application/cloudevents")) return fromJson(value ?? "")
  const attributes: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(headers)) {
    if (name.startsWith("ce_") && name !== "ce_data") attributes[name.slice(3)] = text
  }
  if (contentType !== undefined) attributes["datacontenttype"] = contentType
  if (value === null) return fromAttributes(attributes)
  return Result.flatMap(parse(value), (data) => fromAttributes({ ...attributes, data }))
}

/** The parser's own message quotes the text, which may be somebody's words or number: it is left out. */
const parse = (text: string): Result.Result<unknown, NotAnEvent> =>
  Result.try({ try: (): unknown => JSON.parse(text), catch: () => new NotAnEvent({ reason: "Expected JSON" }) })

const fromAttributes = (attributes: Readonly<Record<string, unknown>>): Result.Result<Event<Json>, NotAnEvent> =>
  Result.mapBoth(decode(attributes), {
    onFailure: (error) => new NotAnEvent({ reason: error.message }),
    onSuccess: ({ asof, conversation, data, dataschema, id, op, source, subject, time, type }) => ({
      id,
      type,
      source,
      subject,
      ...(time === undefined ? {} : { time: Instant.fromMillis(Instant.toMillis(time.toUpperCase())) }),
      op,
      ...(conversation === undefined ? {} : { conversation }),
      asof,
      dataschema,
      ...(data === undefined ? {} : { data })
    })
  })
