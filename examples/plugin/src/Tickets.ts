/**
 * A source of a help desk. `GET /tickets?from&to&limit&after` gives `{ tickets, next }`: those that changed in
 * [from, to), epoch milliseconds, oldest change first. `next` is there when there are more; it is the next `after`.
 */
import { Clock, Duration, Effect, Redacted, Schema } from "effect"
import { Failure, Http, Plugin, RateBudget, Row, Settings, Source } from "@callstream/core"
import { EventType } from "@callstream/model"

/** What becomes of a ticket: topics, indices and search know it from here. */
export const ticketType = EventType.make(
  "acme.ticket.v1",
  Schema.Struct({
    title: Schema.String.annotate({ description: "What it is about, in a line." }),
    body: Schema.optionalKey(Schema.String.annotate({ description: "What the customer wrote." })),
    labels: Schema.optionalKey(
      Schema.Record(Schema.String, Schema.String).annotate({ description: "Whatever the team calls it." })
    ),
    raw: Schema.optionalKey(Schema.Json.annotate({ description: "The desk's own record." }))
  }),
  {
    text: ({ body, title }) => [{ text: title }, ...(body === undefined ? [] : [{ text: body, speaker: "customer" }])],
    flat: ["labels", "raw"]
  }
)

/** A ticket as the desk writes it. What we do not name is kept in `raw`. */
const Ticket = Schema.Struct({
  id: Schema.NonEmptyString,
  changed: Schema.Finite,
  title: Schema.String,
  body: Schema.optionalKey(Schema.String),
  labels: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  deleted: Schema.optionalKey(Schema.Boolean)
})

const checked = Row.checked(Ticket)

/** One row of a page. A row that cannot be read says why, without its values, and the page goes on. */
const recordOf = (row: unknown): Source.SourceRecord | Source.Unreadable => {
  const ticket = checked(row)
  if ("unreadable" in ticket) return ticket
  const { body, changed, deleted, id, labels, title } = ticket
  const raw = Row.fromParsed(row)
  return {
    type: ticketType,
    subject: id,
    op: deleted === true ? "delete" : "upsert",
    version: changed,
    content: raw,
    normalize: () => ({
      time: new Date(changed).toISOString(),
      data: { title, ...Row.present({ body, labels }), raw }
    })
  }
}

const Page = Schema.Struct({ tickets: Schema.Array(Schema.Json), next: Schema.optionalKey(Schema.String) })

export const Config = Schema.Struct({
  ...Settings.sourceSettings({
    baseUrl: "https://desk.acme.example",
    poll: "1 min",
    lag: "10 s",
    lookback: [{ span: "1 h", every: "10 min" }],
    perSecond: 2,
    concurrency: 1
  }),
  token: Settings.secret("Token of the help desk's API."),
  pageSize: Settings.withDefault(Schema.Int.annotate({ description: "Tickets a request." }), 100)
}).check(...Settings.together)

/** Asks for one page; the only place that knows a URL, and the only one that unwraps the token. */
const makeApi = Effect.fnUntraced(function* (config: typeof Config.Type, source: string) {
  const token = Redacted.value(config.token)
  const http = yield* Http.make({
    source,
    baseUrl: yield* Http.baseUrl(config.baseUrl, config.allowHttp),
    budget: yield* (yield* RateBudget.RateBudgets).of("acme/desk", token, config.rate),
    requests: ["GET /tickets"]
  })
  const endpoint = "GET /tickets"
  return Effect.fn("Desk.tickets")(function* ({ from, to }: Source.Window, after: string | undefined, limit: number) {
    const answer = yield* http.ask({
      path: "/tickets",
      endpoint,
      headers: { authorization: `Bearer ${token}` },
      query: [
        ["from", String(from)],
        ["to", String(to)],
        ["limit", String(limit)],
        ...(after === undefined ? [] : [["after", after] as const])
      ]
    })
    if (answer.status !== 200) {
      return yield* Http.unexpected(answer, endpoint, { remedy: "Make a new token under Desk > API", scope: "source" })
    }
    const page = yield* Http.json(answer, endpoint).pipe(
      Effect.flatMap(Schema.decodeUnknownEffect(Page)),
      Effect.catchTag("SchemaError", () => Effect.fail(new Failure.BadAnswer({ endpoint, reason: "gave no tickets" })))
    )
    return { ...page, bytes: answer.body.length, ...Row.present({ vendorNow: answer.vendorNow }) }
  })
})

type Ask = Effect.Success<ReturnType<typeof makeApi>>

/** The only stream: how tickets are walked. */
const ticketsStream = (ask: Ask, config: typeof Config.Type, now: number) =>
  Source.stream({
    name: "tickets",
    types: [ticketType],
    axis: "updated",
    walk: "keyset",
    revision: 1,
    timing: Settings.timing(config, now),
    window: { largest: Duration.days(30), smallest: Duration.seconds(1) },
    partitions: Effect.succeed([{ name: "desk", uri: "acme/desk" }]),
    Cursor: Schema.String,
    page: ({ cursor, window }) =>
      Effect.map(ask(window, cursor, config.pageSize), ({ tickets, ...page }) => ({
        rows: tickets.map(recordOf),
        ...page
      }))
  })

export const plugin = Plugin.source({
  name: "desk",
  summary: "Tickets of a help desk.",
  Config,
  example: 'desk: { type: "@acme/callstream-source-desk", token: "${DESK_TOKEN}" }\n',
  events: [ticketType],
  open: Effect.fnUntraced(function* (config, place) {
    const ask = yield* makeApi(config, place.name)
    return { streams: [ticketsStream(ask, config, yield* Clock.currentTimeMillis)] }
  }),
  check: (config, place) =>
    Effect.gen(function* () {
      const ask = yield* makeApi(config, place.name)
      const to = yield* Clock.currentTimeMillis
      const { tickets } = yield* ask({ from: to - 86_400_000, to }, undefined, 1)
      return { subject: "tickets", ok: true, detail: tickets.length > 0 ? "there are some of today" : "none of today" }
    }).pipe(
      Effect.catch(({ message }) => Effect.succeed({ subject: "tickets", ok: false, detail: message })),
      Effect.map((line) => [line])
    )
})
