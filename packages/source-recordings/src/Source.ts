/** The plugin. */
import { Clock, Effect } from "effect"
import { eventTypes } from "@callstream/model"
import { Plugin, type Source } from "@callstream/core"
import * as Api from "./Api.ts"
import { Config } from "./Config.ts"
import { fields } from "./FieldUse.ts"
import { filesStream } from "./Files.ts"
import type { Kind } from "./Rows.ts"
import { transcriptsStream } from "./Transcripts.ts"

const example = `recordings:
  type: recordings
  baseUrl: https://vcc-na4.8x8.com/api/recordings
  tenant: acmecorp01
  token: \${EIGHT_BY_EIGHT_DATA_TOKEN}
  since: 2026-01-01
`

/** How far back `check` looks. */
const day = 86_400_000

export const plugin = Plugin.source({
  name: "recordings",
  summary:
    "Call recordings with wrap-up codes, and chats with their messages, of an 8x8 contact centre (Recordings API).",
  Config,
  example,
  events: [eventTypes.recording, eventTypes.chat],
  fields,
  open: Effect.fnUntraced(function* (config, place) {
    const api = yield* Api.make(config, place.name)
    const now = yield* Clock.currentTimeMillis
    const streams = [filesStream(api, config, now), transcriptsStream(api, config, now)]
    // A list of what nobody takes is not asked for.
    return { streams: streams.filter(({ types }) => types.some(({ type }) => place.wanted.has(type))) }
  }),
  check: (config, place) =>
    Effect.gen(function* () {
      const api = yield* Api.make(config, place.name)
      return [yield* checkList(api, config, "file"), yield* checkList(api, config, "transcript")]
    }).pipe(
      Effect.catch(({ message }) =>
        Effect.succeed(["files", "transcripts"].map((subject) => ({ subject, ok: false, detail: message })))
      )
    )
})

const checkList = Effect.fnUntraced(function* (api: Api.Api, { tenant }: Config, kind: Kind) {
  const subject = `${kind}s`
  const to = yield* Clock.currentTimeMillis
  return yield* api.list(kind, { from: to - day, to }, 1).pipe(
    Effect.map(({ rows }): Source.CheckLine => {
      const count = rows.length >= Api.pageRows ? `${Api.pageRows} or more` : String(rows.length)
      return { subject, ok: true, detail: `tenant ${tenant} has ${count} ${subject} in the last 24 hours` }
    }),
    Effect.catch((failure) => Effect.succeed<Source.CheckLine>({ subject, ok: false, detail: failure.message }))
  )
})
