/** A source of a help desk: GET /tickets?from&to&cursor gives { tickets: [{ id, changed, title }], next }, oldest first. */
import { Clock, Duration, Effect, Redacted, Schema } from "effect"
import { Failure, Http, Plugin, RateBudget, Row, Settings, Source } from "@callstream/core"
import { EventType } from "@callstream/model"

const ticketType = EventType.make(
  "acme.ticket.v1",
  Schema.Struct({ title: Schema.String, raw: Schema.optionalKey(Schema.Json) }),
  { text: ({ title }) => [{ text: title }], flat: ["raw"] }
)

const checked = Row.checked(Schema.Struct({ id: Schema.NonEmptyString, changed: Schema.Finite, title: Schema.String }))
const Answer = Schema.Struct({ tickets: Schema.Array(Schema.Json), next: Schema.optionalKey(Schema.String) })

const recordOf = (row: unknown): Source.SourceRecord | Source.Unreadable => {
  const ticket = checked(row)
  if ("unreadable" in ticket) return ticket
  return {
    type: ticketType,
    subject: ticket.id,
    op: "upsert",
    version: ticket.changed,
    content: Row.fromParsed(row),
    normalize: () => ({
      time: new Date(ticket.changed).toISOString(),
      data: { title: ticket.title, raw: Row.fromParsed(row) }
    })
  }
}

export const plugin = Plugin.source({
  name: "tickets",
  summary: "Tickets of a help desk.",
  Config: Schema.Struct({
    ...Settings.sourceSettings({
      baseUrl: "https://desk.acme.example",
      poll: "1 min",
      lag: "10 s",
      lookback: [{ span: "1 h", every: "10 min" }],
      perSecond: 2,
      concurrency: 1
    }),
    token: Settings.secret("Token of the help desk's API.")
  }),
  example: "tickets: { type: ./tickets.ts, token: ${DESK_TOKEN} }\n",
  events: [ticketType],
  open: Effect.fnUntraced(function* (config, place) {
    const token = Redacted.value(config.token)
    const http = yield* Http.make({
      source: place.name,
      baseUrl: yield* Http.baseUrl(config.baseUrl, config.allowHttp),
      budget: yield* (yield* RateBudget.RateBudgets).of("acme/desk", token, config.rate)
    })
    const endpoint = "GET /tickets"
    const tickets = Source.stream({
      name: "tickets",
      types: [ticketType],
      axis: "updated",
      walk: "keyset",
      revision: 1,
      timing: Settings.timing(config, yield* Clock.currentTimeMillis),
      window: { largest: Duration.days(30), smallest: Duration.seconds(1) },
      partitions: Effect.succeed([{ name: "desk", uri: "acme/desk" }]),
      Cursor: Schema.String,
      page: Effect.fnUntraced(function* ({ cursor, window }) {
        const answer = yield* http.ask({
          path: "/tickets",
          endpoint,
          headers: { authorization: `Bearer ${token}` },
          query: [
            ["from", String(window.from)],
            ["to", String(window.to)],
            ["cursor", cursor ?? ""]
          ]
        })
        if (answer.status !== 200) {
          return yield* Http.unexpected(answer, endpoint, { remedy: "Check the token", scope: "source" })
        }
        const { tickets, ...rest } = yield* Http.json(answer, endpoint).pipe(
          Effect.flatMap(Schema.decodeUnknownEffect(Answer)),
          Effect.mapError((error) => new Failure.BadAnswer({ endpoint, reason: error.message }))
        )
        return { rows: tickets.map(recordOf), bytes: answer.body.length, ...rest }
      })
    })
    return { streams: [tickets] }
  })
})
