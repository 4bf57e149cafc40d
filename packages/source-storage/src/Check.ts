/** What `callstream check` proves, per region: that the list may be read, and that contents may be downloaded. */
import { Clock, Effect, Stream } from "effect"
import { Row, type Source } from "@callstream/core"
import { rights } from "./AccessToken.ts"
import type { Api } from "./Api.ts"
import type { Config } from "./Config.ts"
import { downloaded } from "./Media.ts"
import { contentTypes } from "./ObjectTypes.ts"
import { StorageObject } from "./Wire.ts"

/** How far back it looks for changes. */
const day = 86_400_000

const rowOf = Row.checked(StorageObject)

/** One object of the last day proves login, region and right; the newest content proves that it may be downloaded. */
export const checkRegion = Effect.fnUntraced(function* (
  api: Api,
  config: Config,
  region: string
): Effect.fn.Return<ReadonlyArray<Source.CheckLine>> {
  const { content, media, types } = config
  const list = yield* checkList(api, types, region)
  if (!list.ok) return [list]
  const wanted = content === false ? [] : content === true ? contentTypes : content
  const named = wanted.filter((type) => types?.includes(type) ?? true)
  const contents = named.length === 0 ? [] : [yield* checkDownload(api, region, "contents", named)]
  const files = media === undefined ? [] : [yield* checkDownload(api, region, "media", downloaded(config, media))]
  return [list, ...contents, ...files]
})

const checkList = Effect.fnUntraced(function* (api: Api, types: Config["types"], region: string) {
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

/** The first bytes of the newest object of these types. */
const checkDownload = Effect.fnUntraced(function* (
  api: Api,
  region: string,
  what: string,
  types: ReadonlyArray<string>
) {
  const subject = `${what} in ${region}`
  const line = (ok: boolean, detail: string): Source.CheckLine => ({ subject, ok, detail })
  return yield* Effect.gen(function* () {
    const { rows } = yield* api.objects(region, { pageKey: 0, limit: 1, part: { types, available: true } })
    const row = rowOf(rows[0])
    if ("unreadable" in row) return line(true, `${region} has none yet: whether they may be downloaded is not known`)
    const status = yield* api.download(region, row.id, 0, (head, body) =>
      Effect.as(Stream.runDrain(Stream.take(body, 1)), head.status)
    )
    if (status < 300) return line(true, "they may be downloaded")
    if (status === 404 || status === 410) return line(true, `the newest is not there any more (${status})`)
    return line(
      false,
      `the newest may not be downloaded (${status}). Check that ${rights}, and is not for metadata only`
    )
  }).pipe(Effect.catch((failure) => Effect.succeed(line(false, failure.message))))
})
