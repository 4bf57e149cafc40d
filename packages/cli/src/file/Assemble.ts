/** Makes a pipeline of the tree of a file: checks how its parts hang together, and has plugins decode their settings. */
import { hash } from "node:crypto"
import { resolve } from "node:path"
import { Redacted } from "effect"
import { Credentials, PipelineSpec, type Plugin } from "@callstream/core"
import { canonical, eventTypes } from "@callstream/model"
import { member } from "../Member.ts"
import { parse as parseBytes } from "./Bytes.ts"
import {
  get,
  type Located,
  type LocatedMap,
  type Path,
  type Position,
  positionOf,
  showPath,
  toValue,
  without
} from "./Located.ts"
import * as PluginLookup from "./PluginLookup.ts"
import type { Problems } from "./Problem.ts"
import * as Settings from "./Settings.ts"
import { didYouMean } from "./Suggest.ts"

export interface Assembled {
  readonly pipeline: {
    readonly spec: PipelineSpec.PipelineSpec
    readonly statePath: string
    readonly secrets: ReadonlyArray<string>
  }
  /** What no other pipeline of the process may have too. */
  readonly unique: ReadonlyArray<{
    readonly kind: string
    readonly value: string
    readonly path: string
    readonly at: Position | undefined
  }>
}

const topLevel = ["name", "state", "sources", "steps", "sinks"]

/** The settings of a sink that are the pipeline's, not the plugin's. */
const sinkKeys = ["type", "from", "types", "steps", "buffer"]

/** Names of pipelines, sources and sinks: part of addresses in the state, of metrics and of messages. */
export const nameForm = /^[a-z0-9][a-z0-9_-]*$/

/** The pipeline; `undefined` when something is wrong, which is in `problems` then. */
export const assemble = async (
  root: LocatedMap,
  directory: string,
  problems: Problems
): Promise<Assembled | undefined> => {
  const before = problems.count
  unknownKeys(root, [], topLevel, problems)

  const name = Settings.text(root, "name", [], problems)
  if (!root.entries.has("name")) problems.add(root.at, "name", "is missing: a pipeline needs a name.")
  else if (name !== undefined) checkName(name, root.entries.get("name")?.value.at, "name", problems)

  const secrets = new Set<string>()
  const sources: Array<PipelineSpec.SourceSpec> = []
  const sourceSection = section(root, "sources", "Where records come from", problems)
  for (const [sourceName, { key, value }] of sourceSection?.entries ?? []) {
    const path = ["sources", sourceName]
    checkName(sourceName, key, showPath(path), problems)
    const opened = await openPlugin("source", value, path, ["type"], directory, problems)
    if (opened === undefined) continue
    collectSecrets(opened.config, secrets)
    keepOrigins(value, opened.config)
    checkRange(value, opened.config, path, problems)
    sources.push({ name: sourceName, ...opened })
  }

  const sourceNames = [...(sourceSection?.entries.keys() ?? [])]
  /** The types of some sources, or of all; absent where one of the file's is not known. */
  const typesOf = (from?: ReadonlyArray<string>): ReadonlySet<string> | undefined =>
    sources.length === 0 || sources.length < sourceNames.length
      ? undefined
      : new Set(
          sources.flatMap(({ name, plugin }) =>
            from?.includes(name) === false ? [] : plugin.events.map(({ type }) => type)
          )
        )
  /** What steps may name: also what the sources of the file do not have, which is no fault. */
  const all = typesOf()
  const known = all && new Set([...all, ...Object.values(eventTypes).map(({ type }) => type)])
  const steps = await openSteps(root, [], known, directory, problems)

  const sinks: Array<PipelineSpec.SinkSpec> = []
  const unique: Array<Assembled["unique"][number]> = []
  const sinkSection = section(root, "sinks", "Where records go", problems)
  let every = false
  const taken = new Set<string>()
  for (const [sinkName, { key, value }] of sinkSection?.entries ?? []) {
    const path = ["sinks", sinkName]
    checkName(sinkName, key, showPath(path), problems)
    if (value._tag !== "map") {
      problems.add(value.at ?? key, showPath(path), "Expected settings (name: value), with a type among them.")
      every = true
      continue
    }
    const from = names(value, "from", path, problems)
    if (from === undefined) every = true
    for (const [index, source] of (from ?? []).entries()) {
      taken.add(source)
      if (sourceNames.includes(source)) continue
      const at = positionOf(value, ["from", index])
      const known = didYouMean(source, sourceNames) || ` There are ${sourceNames.join(", ") || "none"}.`
      problems.add(at, showPath([...path, "from", index]), `There is no source of this name.${known}`)
    }
    const types = names(value, "types", path, problems)
    const wanted = (types ?? []).map((type, index): Plugin.NamedType => ({ type, path: ["types", index] }))
    checkTypes(value, path, wanted, typesOf(from), "The sources of this sink have no such type", problems)
    const ownSteps = await openSteps(value, path, known, directory, problems)
    const buffer = readBuffer(value, path, problems)
    const opened = await openPlugin("sink", value, path, sinkKeys, directory, problems)
    if (opened === undefined) continue
    collectSecrets(opened.config, secrets)
    const file =
      typeof opened.encoded === "object" && opened.encoded !== null && "path" in opened.encoded
        ? opened.encoded.path
        : undefined
    if (typeof file === "string") {
      const at = positionOf(value, ["path"]) ?? key
      unique.push({ kind: "This path", value: resolve(directory, file), path: showPath([...path, "path"]), at })
    }
    sinks.push({
      name: sinkName,
      plugin: opened.plugin,
      config: opened.config,
      fingerprint: opened.fingerprint,
      ...(from === undefined ? {} : { from }),
      ...(types === undefined ? {} : { types }),
      steps: ownSteps,
      buffer
    })
  }
  for (const [source, { key }] of every ? [] : (sourceSection?.entries ?? [])) {
    if (sinkSection === undefined || taken.has(source)) continue
    problems.add(key, showPath(["sources", source]), "No sink takes this source: name it in the from of a sink.")
  }

  const statePath = readState(root, name, directory, problems)
  const distinct = [
    ...(name === undefined
      ? []
      : [{ kind: "This pipeline name", value: name, path: "name", at: get(root, "name")?.at }]),
    { kind: "This state file", value: statePath, path: "state.path", at: positionOf(root, ["state", "path"]) },
    ...unique
  ]
  if (name === undefined || problems.count > before) return { pipeline: nothing(directory), unique: distinct }
  return {
    pipeline: {
      spec: { name, directory, sources: sources.map(plain), steps, sinks },
      statePath,
      secrets: [...secrets]
    },
    unique: distinct
  }
}

/** What stands for a pipeline with problems: it is never run. */
const nothing = (directory: string): Assembled["pipeline"] => ({
  spec: { name: "", directory, sources: [], steps: [], sinks: [] },
  statePath: "",
  secrets: []
})

const plain = ({ config, fingerprint, name, plugin }: PipelineSpec.SourceSpec): PipelineSpec.SourceSpec => ({
  name,
  plugin,
  config,
  fingerprint
})

const checkName = (name: string, at: Position | undefined, path: string, problems: Problems): void => {
  if (!nameForm.test(name)) {
    problems.add(at, path, "A name is made of a–z, 0–9, - and _, and begins with a letter or a digit.")
  }
}

const unknownKeys = (node: LocatedMap, path: Path, known: ReadonlyArray<string>, problems: Problems): void => {
  for (const [name, { key }] of node.entries) {
    if (known.includes(name)) continue
    const hint = didYouMean(name, known) || ` There are ${known.join(", ")}.`
    problems.add(key, showPath([...path, name]), `There is no such setting.${hint}`)
  }
}

/** `sources` or `sinks`: a map with at least one entry. */
const section = (root: LocatedMap, name: string, what: string, problems: Problems): LocatedMap | undefined => {
  const node = get(root, name)
  if (node?._tag === "map" && node.entries.size > 0) return node
  const at = positionOf(root, [name], "key")
  const missing = node === undefined || (node._tag === "scalar" && node.value === null) || node._tag === "map"
  problems.add(
    at,
    name,
    missing ? `${what}: at least one is needed.` : `${what}: expected names, each with its settings.`
  )
  return undefined
}

interface Opened<P> {
  readonly plugin: P
  readonly config: unknown
  readonly encoded: Settings.Settings["encoded"]
  readonly fingerprint: string
}

/** A range that ends before it begins would be read to its end at once, and nothing be found. */
const checkRange = (node: Located, config: unknown, path: Path, problems: Problems): void => {
  const [since, until] = [member(config, "since"), member(config, "until")]
  if (node._tag !== "map" || typeof since !== "number" || typeof until !== "number" || since < until) return
  problems.add(positionOf(node, ["until"]), showPath([...path, "until"]), "Expected a time after since.")
}

const openPlugin = async <K extends Plugin.Plugin["kind"]>(
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
const openSteps = async (
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

/** A list of names; a single one may stand without brackets. */
const names = (node: LocatedMap, key: string, path: Path, problems: Problems): ReadonlyArray<string> | undefined => {
  const value = get(node, key)
  if (value === undefined) return undefined
  const items = value._tag === "list" ? value.items : [value]
  const texts = items.flatMap((item) => (item._tag === "scalar" && typeof item.value === "string" ? [item.value] : []))
  if (texts.length === items.length && texts.length > 0) return texts
  problems.add(value.at, showPath([...path, key]), "Expected a list of names, such as [one, two].")
  return texts
}

/** `callstream.call*`, where some type begins so. */
const isBeginning = (type: string, types: ReadonlySet<string> | undefined): boolean =>
  type.endsWith("*") && [...(types ?? [])].some((known) => known.startsWith(type.slice(0, -1)))

/** A type that is not known is a misspelt one. */
const checkTypes = (
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

const readBuffer = (node: LocatedMap, path: Path, problems: Problems): PipelineSpec.SinkSpec["buffer"] => {
  const buffer = get(node, "buffer")
  if (buffer === undefined) return PipelineSpec.defaultBuffer
  const at: Path = [...path, "buffer"]
  if (buffer._tag !== "map") {
    problems.add(buffer.at, showPath(at), "Expected settings, such as { records: 10000, bytes: 64MiB }.")
    return PipelineSpec.defaultBuffer
  }
  unknownKeys(buffer, at, ["records", "bytes"], problems)
  const setting = (key: keyof PipelineSpec.SinkSpec["buffer"]) => {
    const value = get(buffer, key)
    return value === undefined ? PipelineSpec.defaultBuffer[key] : toValue(value)
  }
  const asked = setting("records")
  const records = typeof asked === "string" && /^\d+$/.test(asked) ? Number(asked) : asked
  const countable = typeof records === "number" && Number.isSafeInteger(records) && records >= 1
  if (!countable) {
    problems.add(positionOf(buffer, ["records"]), showPath([...at, "records"]), "Expected a whole number, 1 or more.")
  }
  const bytes = parseBytes(setting("bytes"))
  if (bytes === undefined) {
    problems.add(
      positionOf(buffer, ["bytes"]),
      showPath([...at, "bytes"]),
      "Expected a size such as 64MiB, 500 kB or 1000000."
    )
  }
  const usual = PipelineSpec.defaultBuffer
  return { records: countable ? records : usual.records, bytes: bytes ?? usual.bytes }
}

const readState = (root: LocatedMap, name: string | undefined, directory: string, problems: Problems): string => {
  const usual = resolve(directory, `.callstream/${name ?? "pipeline"}.db`)
  const state = get(root, "state")
  if (state === undefined) return usual
  if (state._tag !== "map") {
    problems.add(state.at, "state", "Expected settings, such as { type: sqlite, path: .callstream/acme.db }.")
    return usual
  }
  unknownKeys(state, ["state"], ["type", "path"], problems)
  const type = Settings.text(state, "type", ["state"], problems)
  if (type !== undefined && type !== "sqlite") {
    problems.add(positionOf(state, ["type"]), "state.type", "There is no such state. There is sqlite.")
  }
  const path = Settings.text(state, "path", ["state"], problems)
  return path === undefined ? usual : resolve(directory, path)
}

/** Settings that were filled in from a file can be read again from there. */
const keepOrigins = (node: Located, config: unknown): void => {
  if (node._tag !== "map" || typeof config !== "object" || config === null) return
  for (const [name, { value }] of node.entries) {
    if (value._tag === "scalar" && value.again !== undefined) Credentials.from(config, name, value.again)
  }
}

/** The secrets in decoded settings, for the logger to mask. */
const collectSecrets = (value: unknown, into: Set<string>): void => {
  if (Redacted.isRedacted(value)) into.add(String(Redacted.value(value)))
  else if (Array.isArray(value)) for (const item of value) collectSecrets(item, into)
  else if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    for (const member of Object.values(value)) collectSecrets(member, into)
  }
}
