/** The plugin. */
import { Clock, Effect } from "effect"
import { eventTypes } from "@callstream/model"
import { Plugin } from "@callstream/core"
import * as Api from "./Api.ts"
import { callsStream } from "./Calls.ts"
import { Config } from "./Config.ts"
import { fields } from "./FieldUse.ts"

const example = `calls:
  type: recentcalls
  region: us
  tenantId: acmecorp01
  apiKey: \${EIGHT_BY_EIGHT_API_KEY}
  token: \${EIGHT_BY_EIGHT_RECENT_CALLS_TOKEN}
  since: 2026-01-01
  filters:
    callDuration: sec:60,-1
`

/** How far back `check` looks. */
const day = 86_400_000

export const plugin = Plugin.source({
  name: "recentcalls",
  summary:
    "Calls of an 8x8 contact centre with their times in menus, queues and on hold (Customer Experience Recent Calls).",
  Config,
  example,
  events: [eventTypes.call],
  fields,
  open: Effect.fnUntraced(function* (config, place) {
    const api = yield* Api.make(config, place.name)
    return { streams: [callsStream(api, config, yield* Clock.currentTimeMillis)] }
  }),
  check: (config, place) =>
    Effect.gen(function* () {
      const api = yield* Api.make(config, place.name)
      const to = yield* Clock.currentTimeMillis
      const { hits } = yield* api.calls({ from: to - day, to }, 1, 1)
      const which = config.filters === undefined ? "calls" : "calls that pass the filters"
      return {
        subject: "calls",
        ok: true,
        detail: `tenant ${config.tenantId} has ${hits} ${which} in the last 24 hours`
      }
    }).pipe(
      Effect.catch((failure) => Effect.succeed({ subject: "calls", ok: false, detail: failure.message })),
      Effect.map((line) => [line])
    )
})
