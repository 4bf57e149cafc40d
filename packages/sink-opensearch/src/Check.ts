/** What `callstream check` shows: who answers, whether it is set up, and whether each type may be written. */
import { Effect } from "effect"
import type { Plugin, Source } from "@callstream/core"
import type { EventType } from "@callstream/model"
import { filterPath, judge, type Verdict } from "./bulk/Judgement.ts"
import { type Client, make } from "./Client.ts"
import { clusterOf } from "./Cluster.ts"
import type { OpenSearchConfig } from "./Config.ts"
import { writeAlias } from "./document/Names.ts"
import { installed } from "./setup/Installed.ts"

type Lines = ReadonlyArray<Source.CheckLine>

export const check = Effect.fn("SinkOpenSearch.check")(
  function* (config: OpenSearchConfig, place: Plugin.SinkPlace) {
    const client = yield* make(config, place.directory)
    const { name, version } = yield* clusterOf(client)
    const cluster = { subject: "cluster", ok: true, detail: `OpenSearch ${version}, cluster ${name}` }
    const setup = yield* installed(client, config, place.types).pipe(
      Effect.as({ subject: "setup", ok: true, detail: "templates, indices and aliases are there" }),
      Effect.catch(failed("setup"))
    )
    if (!setup.ok) return [cluster, setup]
    const rights = yield* mayWrite(client, config, place.types).pipe(
      Effect.catch((error) => Effect.map(failed("write")(error), (line) => [line]))
    )
    return [cluster, setup, ...rights] satisfies Lines
  },
  (effect) =>
    Effect.catch(effect, (error): Effect.Effect<Lines> => Effect.map(failed("cluster")(error), (line) => [line]))
)

const failed =
  (subject: string) =>
  (error: { readonly message: string }): Effect.Effect<Source.CheckLine> =>
    Effect.succeed({ subject, ok: false, detail: error.message })

/**
 * Tries a write that cannot succeed: of a document that is not there, under the condition that it is. A conflict is the
 * answer of an index that may be written to.
 */
const mayWrite = Effect.fnUntraced(function* (
  client: Client,
  { indexPrefix }: OpenSearchConfig,
  types: ReadonlyArray<EventType.EventType>
) {
  if (types.length === 0) return []
  const actions = types.map((type) => ({
    index: { _index: writeAlias(indexPrefix, type), _id: "callstream-check", if_seq_no: 0, if_primary_term: 1 }
  }))
  const answered = yield* client.request("POST", "/_bulk", {
    lines: actions.map((action) => `${JSON.stringify(action)}\n{}\n`).join(""),
    query: { filter_path: filterPath, require_alias: true, timeout: "5s" }
  })
  const versions = types.map(() => 0)
  const outcome = judge(answered, versions, 0)
  return types.map(({ short }, i): Source.CheckLine => {
    const [ok, detail] =
      "verdicts" in outcome
        ? wordsOf(outcome.verdicts[i])
        : "obstacle" in outcome
          ? wordsOf(outcome.obstacle)
          : [false, "strange" in outcome ? outcome.strange : outcome.split]
    return { subject: short, ok, detail }
  })
})

const wordsOf = (verdict: Verdict | undefined): readonly [ok: boolean, detail: string] => {
  if (verdict === undefined) return [false, "no answer"]
  if ("_tag" in verdict) return verdict._tag === "refused" ? [false, verdict.reason] : [true, "may be written to"]
  if (verdict.conflict === true) return [true, "may be written to"]
  const { reason, remedy } = verdict
  return [false, remedy === undefined ? reason : `${reason}: ${remedy}`]
}
