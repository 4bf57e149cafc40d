/**
 * Installs what the sink needs in the cluster, or says what it would: component template, index templates, indices with
 * their aliases. What is there is left alone; a second time there is nothing to do.
 */
import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import { Failure } from "@callstream/core"
import type { EventType } from "@callstream/model"
import type { Answered, Client } from "../Client.ts"
import type { OpenSearchConfig } from "../Config.ts"
import { commonTemplate, indexTemplate, readAlias } from "../document/Names.ts"
import { field, unexpected, wordsOfAnswer } from "../Trouble.ts"
import { contains } from "./Difference.ts"
import { conflict, foreign, refuse } from "./Installed.ts"
import { isKeys, type Keys } from "./JsonSchema.ts"
import { aboutOf, existing, type Found, survey } from "./Survey.ts"
import { aliasesOf, commonTemplateBody, indexBody, indexTemplateBody, layout, mappingOf } from "./Templates.ts"

/** Something to do. */
interface Step {
  /** `make`, `update`, and what it is about. */
  readonly verb: "make" | "update"
  readonly what: string
  readonly run: Effect.Effect<void, Failure.SinkFailure>
}

/** Rounds of looking and doing; two that set up one cluster at the same time agree in the second. */
const rounds = 3

/** Installs, or with `dryRun` only says what it would do: a sentence each, none where all is there. */
export const install = Effect.fn("SinkOpenSearch.install")(function* (
  client: Client,
  config: OpenSearchConfig,
  types: ReadonlyArray<EventType.EventType>,
  { dryRun }: { readonly dryRun: boolean }
) {
  const said: Array<string> = []
  for (let round = 0; round < rounds; round++) {
    const steps = yield* planned(client, config, types)
    if (dryRun) return steps.map(({ verb, what }) => `Would ${verb} ${what}.`)
    if (steps.length === 0) return said
    for (const { run, verb, what } of steps) {
      yield* run
      const sentence = `${verb === "make" ? "Made" : "Updated"} ${what}.`
      if (!said.includes(sentence)) said.push(sentence)
    }
  }
  return said
})

const planned = Effect.fnUntraced(function* (
  client: Client,
  config: OpenSearchConfig,
  types: ReadonlyArray<EventType.EventType>
) {
  const { indexPrefix } = config
  const { found, id = randomUUID() } = yield* survey(client, config, types)
  yield* refuse(found)
  const steps: Array<Step> = []
  const template = (kind: "_component_template" | "_index_template", name: string, there: Keys, wanted: Keys) =>
    Effect.gen(function* () {
      const absent = Object.keys(there).length === 0
      const version = aboutOf({ _meta: there["_meta"] })?.["version"]
      if (!absent && version === undefined) return yield* foreign(`a template ${name}`)
      if (typeof version === "number" && version > layout) {
        return yield* new Failure.Fatal({
          reason: `a newer release has set up the template ${name} (layout ${version})`,
          remedy: "Run that release, or choose another indexPrefix"
        })
      }
      if (contains(there, wanted)) return
      const what = `${kind === "_index_template" ? "index template" : "component template"} ${name}`
      const run = put(client, `/${kind}/${name}`, wanted)
      steps.push({ verb: absent ? "make" : "update", what, run })
    })
  const common = commonTemplate(indexPrefix)
  const components = yield* existing(client, `/_component_template/${common}`)
  yield* template(
    "_component_template",
    common,
    named(components["component_templates"], common, "component_template"),
    commonTemplateBody(config)
  )
  const templates = (yield* existing(client, `/_index_template/${indexPrefix}*`))["index_templates"]
  for (const type of types) {
    const name = indexTemplate(indexPrefix, type)
    yield* template("_index_template", name, named(templates, name, "index_template"), indexTemplateBody(config, type))
  }
  return [...steps, ...found.flatMap((one) => stepOf(client, config, one, id))]
})

/** What is to be done about an index. */
const stepOf = (client: Client, config: OpenSearchConfig, { index, type, verdict }: Found, id: string): Array<Step> => {
  const alias = readAlias(config.indexPrefix, type)
  if (verdict.kind === "missing") {
    const run = client.request("PUT", `/${index}`, { json: indexBody(config, type, id) }).pipe(
      // Somebody else made it meanwhile: the next round looks at what he made.
      Effect.flatMap((answer) =>
        field(field(answer.body, "error"), "type") === "resource_already_exists_exception"
          ? Effect.void
          : done("PUT", `/${index}`, answer)
      )
    )
    return [{ verb: "make", what: `index ${index}, read by ${alias}`, run }]
  }
  if (verdict.kind !== "outdated") return []
  const mapping = client
    .request("PUT", `/${index}/_mapping`, { json: mappingOf(config, type, id) })
    .pipe(
      Effect.flatMap((answer) =>
        answer.status === 400
          ? Effect.fail(conflict(index, [wordsOfAnswer(answer)]))
          : done("PUT", `/${index}/_mapping`, answer)
      )
    )
  const actions = Object.entries(aliasesOf(config.indexPrefix, type)).map(([name, body]) => ({
    add: { index, alias: name, ...Object(body) }
  }))
  const aliases = client
    .request("POST", "/_aliases", { json: { actions } })
    .pipe(Effect.flatMap((answer) => done("POST", "/_aliases", answer)))
  const { length } = verdict.fields
  const what = [
    ...(length === 0 ? [] : [`${length} field${length === 1 ? "" : "s"}`]),
    ...(verdict.aliases ? [`the alias ${alias}`] : []),
    ...(verdict.id ? ["the id of the indices"] : [])
  ]
  const added = what.length === 0 ? "" : ` by ${what.join(", ")}`
  const run = verdict.aliases ? Effect.andThen(mapping, aliases) : mapping
  return [{ verb: "update", what: `index ${index}${added}`, run }]
}

const put = (client: Client, path: string, json: Keys) =>
  client.request("PUT", path, { json }).pipe(Effect.flatMap((answer) => done("PUT", path, answer)))

/** A cluster that refuses what we want to install says why in its own words. */
const done = (method: string, path: string, answer: Answered): Effect.Effect<void, Failure.SinkFailure> => {
  if (answer.status === 200) return Effect.void
  if (answer.status === 400) {
    return Effect.fail(
      new Failure.Fatal({
        reason: `${method} ${path} was refused: ${wordsOfAnswer(answer)}`,
        remedy: "Mend what it names, or choose another indexPrefix"
      })
    )
  }
  return Effect.fail(unexpected(`${method} ${path}`, answer))
}

/** `[{ name, [kind]: body }]`: the body of that name, or nothing. */
const named = (list: unknown, name: string, kind: string): Keys => {
  const found: unknown = Array.isArray(list) ? list.find((one) => field(one, "name") === name) : undefined
  const body = field(found, kind)
  return isKeys(body) ? body : {}
}
