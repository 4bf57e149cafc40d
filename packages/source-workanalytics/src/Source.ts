/** The plugin. */
import { Clock, Effect } from "effect"
import { eventTypes } from "@callstream/model"
import { Plugin, type Source } from "@callstream/core"
import * as Api from "./Api.ts"
import { callLegs } from "./CallLegs.ts"
import { callRecords } from "./CallRecords.ts"
import { Config } from "./Config.ts"
import { type Kind, pbxesOf, rowsStream } from "./Rows.ts"

const example = `work:
  type: workanalytics
  apiKey: \${EIGHT_BY_EIGHT_API_KEY}
  username: analytics@acme.example
  password: \${EIGHT_BY_EIGHT_PASSWORD}
  pbxes: [acmecorp]
  since: 2026-01-01
`

/** How far back `check` looks. */
const day = 86_400_000

const kinds = [callRecords, callLegs]

/** Asks for one row of all PBXes. */
const checkKind = Effect.fnUntraced(function* (kind: Kind, api: Api.Api, config: Config) {
  const pbxes = yield* pbxesOf(api, config)
  const to = yield* Clock.currentTimeMillis
  const { total = 0 } = yield* api.rows({ path: kind.path, pbxes, window: { from: to - day, to }, pageSize: 1 })
  const where = pbxes.length === 1 ? `PBX ${pbxes[0]}` : `PBXes ${pbxes.join(", ")}`
  return `${total} in the last 24 hours on ${where}`
})

export const plugin = Plugin.source({
  name: "workanalytics",
  summary: "Calls of 8x8 Work and the legs they consist of (Work Analytics historical).",
  Config,
  example,
  events: [eventTypes.call, eventTypes.callLeg],
  open: Effect.fnUntraced(function* (config, place) {
    const api = yield* Api.make(config, place.name)
    const now = yield* Clock.currentTimeMillis
    return { streams: kinds.map((kind) => rowsStream(kind, api, config, now)) }
  }),
  check: (config, place) =>
    Effect.result(Api.make(config, place.name)).pipe(
      Effect.flatMap((made) =>
        Effect.forEach(kinds, (kind) =>
          Effect.match(
            Effect.flatMap(Effect.fromResult(made), (api) => checkKind(kind, api, config)),
            {
              onSuccess: (detail): Source.CheckLine => ({ subject: kind.name, ok: true, detail }),
              onFailure: ({ message }): Source.CheckLine => ({ subject: kind.name, ok: false, detail: message })
            }
          )
        )
      )
    )
})
