/** The plugin. */
import { Clock, Effect } from "effect"
import { Plugin, type Source } from "@callstream/core"
import * as Api from "./Api.ts"
import { Config } from "./Config.ts"
import { fields } from "./Fields.ts"
import { objectsStream } from "./Objects.ts"
import { emitted } from "./ObjectTypes.ts"

const example = `objects:
  type: storage
  clientId: \${EIGHT_BY_EIGHT_API_KEY}
  clientSecret: \${EIGHT_BY_EIGHT_SECRET}
  types: [callcenterrecording, transcription, summary]
  since: 2026-01-01
`

/** How far back `check` looks. */
const day = 86_400_000

export const plugin = Plugin.source({
  name: "storage",
  summary:
    "Recordings, transcripts, summaries, sentiment, surveys, notes and voicemails that 8x8 stores (Cloud Storage Service).",
  Config,
  example,
  events: emitted,
  fields,
  open: Effect.fnUntraced(function* (config, place) {
    const api = yield* Api.make(config, place.name)
    return { streams: [objectsStream(api, config, place.wanted, yield* Clock.currentTimeMillis)] }
  }),
  check: (config, place) =>
    Effect.gen(function* () {
      const api = yield* Api.make(config, place.name)
      const regions = config.regions ?? (yield* api.regions)
      return yield* Effect.forEach(regions, (region) => checkRegion(api, config, region))
    }).pipe(Effect.catch((failure) => Effect.succeed([{ subject: "objects", ok: false, detail: failure.message }])))
})

/** One object of the last day proves login, region and right. */
const checkRegion = Effect.fnUntraced(function* (api: Api.Api, { types }: Config, region: string) {
  const subject = `objects in ${region}`
  const to = yield* Clock.currentTimeMillis
  const which = types === undefined ? "objects" : `objects of type ${types.join(", ")}`
  const part = types === undefined ? {} : { types }
  return yield* api.objects(region, { from: to - day, to, pageKey: 0, limit: 1, part }).pipe(
    Effect.map(({ rows }): Source.CheckLine => {
      const found = rows.length === 0 ? `no ${which} changed` : `${which} changed`
      return { subject, ok: true, detail: `the key may read ${region}; ${found} in the last 24 hours` }
    }),
    Effect.catch((failure) => Effect.succeed<Source.CheckLine>({ subject, ok: false, detail: failure.message }))
  )
})
