/** The plugin. */
import { Clock, Effect } from "effect"
import { Plugin } from "@callstream/core"
import * as Api from "./Api.ts"
import { Config } from "./Config.ts"
import { fields } from "./FieldUse.ts"
import { checkRegion } from "./Check.ts"
import { checkFolder, mediaStream } from "./Media.ts"
import { objectsStream } from "./Objects.ts"
import { emitted } from "./ObjectTypes.ts"

const example = `objects:
  type: storage
  clientId: \${EIGHT_BY_EIGHT_API_KEY}
  clientSecret: \${EIGHT_BY_EIGHT_SECRET}
  types: [callcenterrecording, transcription, summary]
  since: 2026-01-01
`

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
    const now = yield* Clock.currentTimeMillis
    const { media } = config
    const objects = objectsStream(api, config, place.wanted, now)
    return {
      streams: media === undefined ? [objects] : [objects, mediaStream(api, config, media, place.directory, now)]
    }
  }),
  check: (config, place) =>
    Effect.gen(function* () {
      const api = yield* Api.make(config, place.name)
      const regions = config.regions ?? (yield* api.regions)
      const folder = config.media === undefined ? [] : [yield* checkFolder(config.media, place.directory)]
      return [...folder, ...(yield* Effect.forEach(regions, (region) => checkRegion(api, config, region))).flat()]
    }).pipe(Effect.catch((failure) => Effect.succeed([{ subject: "objects", ok: false, detail: failure.message }])))
})
