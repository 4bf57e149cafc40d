/** The plugin. */
import { Clock, Effect, Result } from "effect"
import { eventTypes } from "@callstream/model"
import { Plugin, type Source } from "@callstream/core"
import * as Api from "./Api.ts"
import { callLegs } from "./CallLegs.ts"
import { callRecords } from "./CallRecords.ts"
import { Config } from "./Config.ts"
import { fields } from "./FieldUse.ts"
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

const named = (pbxes: ReadonlyArray<string>): string =>
  pbxes.length === 1 ? `PBX ${pbxes[0]}` : `PBXes ${pbxes.join(", ")}`

/** Asks for one row of all PBXes; where that is refused because of one, of each. */
const checkKind = Effect.fnUntraced(function* (kind: Kind, api: Api.Api, config: Config) {
  const all = yield* pbxesOf(api, config)
  const to = yield* Clock.currentTimeMillis
  const count = (pbxes: ReadonlyArray<string>) =>
    Effect.map(api.rows({ path: kind.path, pbxes, window: { from: to - day, to }, pageSize: 1 }), ({ total = 0 }) => ({
      pbxes,
      total
    }))
  const line = (ok: boolean, detail: string): Source.CheckLine => ({ subject: kind.name, ok, detail })
  const found = (pbxes: ReadonlyArray<string>, total: number) => `${total} in the last 24 hours on ${named(pbxes)}`
  const whole = yield* Effect.result(count(all))
  if (Result.isSuccess(whole)) return line(true, found(all, whole.success.total))
  const { failure } = whole
  if (failure._tag !== "Denied" || failure.scope !== "partition" || all.length === 1) return yield* failure
  const [readable, refused] = yield* Effect.partition(all, (pbx) => count([pbx]))
  const total = readable.reduce((sum, one) => sum + one.total, 0)
  const good =
    readable.length === 0
      ? []
      : [
          found(
            readable.flatMap(({ pbxes }) => pbxes),
            total
          )
        ]
  return line(refused.length === 0, [...good, ...refused.map(({ message }) => message)].join(". "))
})

export const plugin = Plugin.source({
  name: "workanalytics",
  summary: "Calls of 8x8 Work and the legs they consist of (Work Analytics historical).",
  Config,
  example,
  events: [eventTypes.call, eventTypes.callLeg],
  fields,
  open: Effect.fnUntraced(function* (config, place) {
    const api = yield* Api.make(config, place.name)
    const now = yield* Clock.currentTimeMillis
    return { streams: kinds.map((kind) => rowsStream(kind, api, config, now)) }
  }),
  check: (config, place) =>
    Effect.result(Api.make(config, place.name)).pipe(
      Effect.flatMap((made) =>
        Effect.forEach(kinds, (kind) =>
          Effect.catch(
            Effect.flatMap(Effect.fromResult(made), (api) => checkKind(kind, api, config)),
            ({ message }) => Effect.succeed<Source.CheckLine>({ subject: kind.name, ok: false, detail: message })
          )
        )
      )
    )
})
