/** Makes a pipeline of the tree of a file: checks how its parts hang together. */
import { resolve } from "node:path"
import { PipelineSpec, type Plugin } from "@callstream/core"
import { eventTypes } from "@callstream/model"
import { parse as parseBytes } from "./Bytes.ts"
import { get, type LocatedMap, type Path, type Position, positionOf, showPath, toValue } from "./Located.ts"
import { checkTypes, collectSecrets, keepOrigins, openPlugin, openSteps } from "./Opening.ts"
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
