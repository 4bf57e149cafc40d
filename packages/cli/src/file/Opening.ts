/** From the parts of a file that name plugins to the plugins, with the settings that they have decoded. */
import { hash } from "node:crypto"
import { Redacted } from "effect"
import { Credentials, type PipelineSpec, type Plugin } from "@callstream/core"
import { canonical } from "@callstream/model"
import { get, type Located, type LocatedMap, type Path, positionOf, showPath, without } from "./Located.ts"
import * as PluginLookup from "./PluginLookup.ts"
import type { Problems } from "./Problem.ts"
import * as Settings from "./Settings.ts"
import { didYouMean } from "./Suggest.ts"

interface Opened<P> {
  readonly plugin: P
  readonly config: unknown
  readonly encoded: Settings.Settings["encoded"]
  readonly fingerprint: string
}

/** The plugin of a part, whose settings are those that are not its `own`; `undefined` when something is wrong. */
export const openPlugin = async <K extends Plugin.Plugin["kind"]>(
  kind: K,
  node: Located,
  path: Path,
  own: ReadonlyArray<string>,
  directory: string,
  problems: Problems
): Promise<Opened<Extract<Plugin.Plugin, { readonly kind: K }>> | undefined> => {
  if (node._tag !== "map") {
    problems.add(node.at, showPath(path), "Expected settings (name: value), with a type among them.")
    return undefined
  }
  const type = Settings.text(node, "type", path, problems)
  if (type === undefined) {
    if (!node.entries.has("type")) {
      const names = PluginLookup.builtInNames(kind).join(", ")
      problems.add(node.at, showPath([...path, "type"]), `is missing: which ${kind} this is, such as ${names}.`)
    }
    return undefined
  }
  const named = get(node, "type")
  const held = named?._tag === "scalar" ? named.plugin : undefined
  const found = await PluginLookup.find(kind, type, directory, held)
  if ("refused" in found) {
    problems.add(positionOf(node, ["type"]), showPath([...path, "type"]), found.refused)
    return undefined
  }
  const settings = Settings.decode(
    found.plugin.Config,
    without(node, (key) => own.includes(key)),
    path,
    problems,
    own
  )
  if (settings === undefined) return undefined
  const { config, encoded } = settings
  return { plugin: found.plugin, config, encoded, fingerprint: hash("sha256", canonical([type, encoded])) }
}

/** Opens the steps of a pipeline or a sink; `types` are those they may name. */
export const openSteps = async (
  node: LocatedMap,
  path: Path,
  types: ReadonlySet<string> | undefined,
  directory: string,
  problems: Problems
): Promise<ReadonlyArray<PipelineSpec.StepSpec>> => {
  const list = get(node, "steps")
  if (list === undefined) return []
  const at: Path = [...path, "steps"]
  if (list._tag !== "list") {
    problems.add(list.at, showPath(at), "Expected a list of steps, such as - { type: fields, drop: [raw] }.")
    return []
  }
  const steps: Array<PipelineSpec.StepSpec> = []
  for (const [index, item] of list.items.entries()) {
    const opened = await openPlugin("step", item, [...at, index], ["type"], directory, problems)
    if (opened === undefined) continue
    const { config, plugin } = opened
    const named = (plugin.types?.(config) ?? []).filter(({ type }) => !isBeginning(type, types))
    checkTypes(item, [...at, index], named, types, "There is no such type", problems)
    steps.push({ plugin, config })
  }
  return steps
}

/** `callstream.call*`, where some type begins so. */
const isBeginning = (type: string, types: ReadonlySet<string> | undefined): boolean =>
  type.endsWith("*") && [...(types ?? [])].some((known) => known.startsWith(type.slice(0, -1)))

/** A type that is not known is a misspelt one. */
export const checkTypes = (
  node: Located,
  path: Path,
  named: ReadonlyArray<Plugin.NamedType>,
  types: ReadonlySet<string> | undefined,
  what: string,
  problems: Problems
): void => {
  if (types === undefined) return
  for (const { path: at, type } of named) {
    if (types.has(type)) continue
    const hint = didYouMean(type, types) || ` There are ${[...types].join(", ") || "none"}.`
    problems.add(positionOf(node, at), showPath([...path, ...at]), `${what}.${hint}`)
  }
}

/** Settings that were filled in from a file can be read again from there. */
export const keepOrigins = (node: Located, config: unknown): void => {
  if (node._tag !== "map" || typeof config !== "object" || config === null) return
  for (const [name, { value }] of node.entries) {
    if (value._tag === "scalar" && value.again !== undefined) Credentials.from(config, name, value.again)
  }
}

/** The secrets in decoded settings, for the logger to mask. */
export const collectSecrets = (value: unknown, into: Set<string>): void => {
  if (Redacted.isRedacted(value)) into.add(String(Redacted.value(value)))
  else if (Array.isArray(value)) for (const item of value) collectSecrets(item, into)
  else if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    for (const member of Object.values(value)) collectSecrets(member, into)
  }
}
