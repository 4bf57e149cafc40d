/**
 * Pieces of which plugins make their settings: secrets, durations, instants, defaults, and what every source has. A
 * setting's description is its documentation: the reference pages and the JSON Schema are written from it.
 */
import { Duration, Effect, Schema, SchemaGetter } from "effect"
import * as BaseUrl from "../net/BaseUrl.ts"
import type { LookbackSpan, Timing } from "./Source.ts"

/** A setting that may be left out; its default stands in the JSON Schema and the reference too. */
export const withDefault = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  Schema.optionalKey(Schema.toEncoded(schema).annotate({ default: value })).pipe(
    Schema.decodeTo(schema, {
      decode: SchemaGetter.withDefault(Effect.succeed(value)),
      encode: SchemaGetter.passthrough()
    })
  )

/** A secret: `Redacted` from here on. */
export const secret = (description: string) =>
  Schema.RedactedFromValue(
    Schema.NonEmptyString.annotate({
      description: `${description} A secret: best taken from the environment or a file.`
    })
  )

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000
}

const durationForm = /^(?:0|(\d+(?:\.\d+)?) ?(ms|s|min|h|d|w))$/

/** What a setting's reference says of it. */
export type Described = {
  readonly description: string
  readonly examples?: readonly [string, ...ReadonlyArray<string>]
}

/** A length of time: a number and a unit, `30 s`, `15 min`, `6 h`, `3 d`, or `0`; at most ten years. */
export const duration = (described: Described) =>
  Schema.String.annotate(described)
    .check(Schema.isPattern(durationForm, { expected: "a length of time such as 30 s, 15 min, 6 h or 3 d" }))
    .pipe(
      Schema.decodeTo(Schema.Duration, {
        decode: SchemaGetter.transform((text: string) => {
          const [, amount = "0", unit] = durationForm.exec(text) ?? []
          return Duration.millis(Math.min(Number(amount) * (units[unit ?? "ms"] ?? 1), 3650 * 86_400_000))
        }),
        encode: SchemaGetter.transform((length: Duration.Duration) => `${Duration.toMillis(length)} ms`)
      })
    )

/**
 * How long is waited for something: from 100 ms to a day. Node's timers take 24 days, and many that are set longer end at
 * once; nothing at all is no limit to some clients.
 */
export const timeout = (described: Described) =>
  duration(described).check(
    Schema.makeFilter((length) =>
      Duration.between(length, { minimum: Duration.millis(100), maximum: Duration.days(1) })
        ? undefined
        : "Expected a length of time from 100 ms to 1 d"
    )
  )

const instantForm = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/

/** Whether the day is in the calendar: `Date.parse` takes the 30th of February for the 2nd of March. */
const hasDay = (text: string): boolean => {
  const day = text.slice(0, 10)
  const at = Date.parse(day)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
}

/** An instant: a day (its midnight UTC) or a time with its zone. Decodes to epoch milliseconds. */
export const instant = (described: Described) =>
  Schema.String.annotate(described)
    .check(
      Schema.makeFilter((text: string) =>
        instantForm.test(text) && hasDay(text) && !Number.isNaN(Date.parse(text))
          ? undefined
          : "Expected a day such as 2026-01-01, or a time with its zone such as 2026-01-01T08:00:00Z"
      )
    )
    .pipe(
      Schema.decodeTo(Schema.Finite, {
        decode: SchemaGetter.transform((text: string) => Date.parse(text)),
        encode: SchemaGetter.transform((at: number) => new Date(at).toISOString())
      })
    )

const Lookback = Schema.Array(
  Schema.Struct({
    span: duration({ description: "How far back is read again.", examples: ["6 h"] }),
    every: duration({ description: "How often.", examples: ["1 h"] })
  })
)

/** How a source's own defaults differ. Durations as they are written in a file. */
export interface SettingsDefaults {
  readonly baseUrl?: string
  readonly poll: string
  readonly lag: string
  readonly lookback: ReadonlyArray<{ readonly span: string; readonly every: string }>
  readonly perSecond: number
  readonly concurrency: number
}

/** How far back a source reads when nothing is said. */
const defaultSince = "30 d"

const urlForm = /^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/

/** The settings every source has, to be spread into its `Schema.Struct`. */
export const sourceSettings = <const Defaults extends SettingsDefaults>(defaults: Defaults) => {
  const example = defaults.baseUrl ?? "https://vcc-na4.8x8.com/api/recordings"
  const url = Schema.String.annotate({
    description: "Where the API is, up to what the vendor's documents call the base; https, or on this machine.",
    examples: [example]
  }).check(Schema.isPattern(urlForm, { expected: `an address such as ${example}, without user and query` }))
  return {
    allowHttp: withDefault(
      Schema.Boolean.annotate({ description: "Allows a baseUrl without TLS on a network that is trusted." }),
      false
    ),
    since: Schema.optionalKey(
      instant({
        description: `Where reading begins. Left out: ${defaultSince} before the first start.`,
        examples: ["2026-01-01"]
      })
    ),
    until: Schema.optionalKey(
      instant({ description: "Where reading ends. Left out: it goes on.", examples: ["2026-02-01"] })
    ),
    poll: withDefault(duration({ description: "How often new records are asked for." }), defaults.poll),
    lag: withDefault(
      duration({ description: "How far behind now reading stays, for records that are not yet visible." }),
      defaults.lag
    ),
    lookback: withDefault(
      Lookback.annotate({ description: "How far back, and how often, is read again for what came late or changed." }),
      defaults.lookback
    ),
    rate: withDefault(
      Schema.Struct({
        perSecond: Schema.Finite.check(Schema.isGreaterThan(0)).annotate({ description: "Requests a second." }),
        concurrency: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 64 })).annotate({
          description: "Requests in flight at a time."
        })
      }).annotate({ description: "The most this credential is used; less when the vendor asks for it." }),
      { perSecond: defaults.perSecond, concurrency: defaults.concurrency }
    ),
    // Optional for the compiler too, where there is a default; it cannot follow that through the condition.
    baseUrl: (defaults.baseUrl === undefined ? url : withDefault(url, defaults.baseUrl)) as Defaults extends {
      readonly baseUrl: string
    }
      ? ReturnType<typeof withDefault<typeof url>>
      : typeof url
  }
}

/** What the settings of every source have to be together: for `check` of its `Schema.Struct`. */
export const together = [
  Schema.makeFilter(({ allowHttp, baseUrl }: { readonly allowHttp: boolean; readonly baseUrl: string }) => {
    const url = BaseUrl.parse(baseUrl)
    if (url === undefined) return { path: ["baseUrl"], issue: "Expected an address whose host and port can be" }
    if (!BaseUrl.isExposed(url, allowHttp)) return undefined
    return { path: ["baseUrl"], issue: `${BaseUrl.exposed.reason}. ${BaseUrl.exposed.remedy}` }
  }),
  Schema.makeFilter(({ since, until }: { readonly since?: number; readonly until?: number }) =>
    since === undefined || until === undefined || since < until
      ? undefined
      : { path: ["until"], issue: "Expected a time after since" }
  )
] as const

/** The timing of a stream, out of the decoded settings. `now` is the clock at the first start. */
export const timing = (
  settings: {
    readonly since?: number
    readonly until?: number
    readonly poll: Duration.Duration
    readonly lag: Duration.Duration
    readonly lookback: ReadonlyArray<LookbackSpan>
  },
  now: number
): Timing => ({
  since: settings.since ?? now - 30 * 86_400_000,
  ...(settings.until === undefined ? {} : { until: settings.until }),
  poll: settings.poll,
  lag: settings.lag,
  lookback: settings.lookback
})
