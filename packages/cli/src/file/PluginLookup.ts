/**
 * Finds the plugin that a `type:` names: one that comes with the command, loaded when it is first asked for, or a package
 * resolved from the folder of the pipeline file. Resolving is Node's own, with the file's folder as the parent.
 */
import { realpathSync } from "node:fs"
import { findPackageJSON, registerHooks } from "node:module"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { Schema } from "effect"
import { Plugin } from "@callstream/core"
import { member } from "../Member.ts"
import { nearest } from "./Suggest.ts"

type Kind = Plugin.Plugin["kind"]

interface BuiltIn {
  readonly kind: Kind
  /** A module whose export `plugin` it is. */
  readonly load: () => Promise<unknown>
}

/** What comes with the command. */
export const builtIns: Readonly<Record<string, BuiltIn>> = {
  storage: { kind: "source", load: () => import("@callstream/source-storage") },
  recordings: { kind: "source", load: () => import("@callstream/source-recordings") },
  recentcalls: { kind: "source", load: () => import("@callstream/source-recentcalls") },
  workanalytics: { kind: "source", load: () => import("@callstream/source-workanalytics") },
  local: { kind: "sink", load: () => import("@callstream/sink-local") },
  kafka: { kind: "sink", load: () => import("@callstream/sink-kafka") },
  opensearch: { kind: "sink", load: () => import("@callstream/sink-opensearch") },
  filter: { kind: "step", load: () => import("@callstream/core").then(({ Filter }) => Filter) },
  fields: { kind: "step", load: () => import("@callstream/core").then(({ Fields }) => Fields) }
}

/** The names of the built-in plugins of a kind. */
export const builtInNames = (kind: Kind): ReadonlyArray<string> =>
  Object.keys(builtIns).filter((name) => builtIns[name]?.kind === kind)

/** The plugin, or a sentence that says why there is none. */
export type Found<P> = { readonly plugin: P } | { readonly refused: string }

type PluginOf<K extends Kind> = Extract<Plugin.Plugin, { readonly kind: K }>

/** Finds the plugin of a kind that `type` names in a file of that folder; a TypeScript file may hold the plugin itself. */
export const find = async <K extends Kind>(
  kind: K,
  type: string,
  directory: string,
  held?: object
): Promise<Found<PluginOf<K>>> => {
  const builtIn = Object.hasOwn(builtIns, type) ? builtIns[type] : undefined
  const found: Found<Plugin.Plugin> =
    held !== undefined
      ? judgeHeld(held, type, directory)
      : builtIn === undefined
        ? await findPackage(kind, type, directory)
        : builtIn.kind === kind
          ? judge(await builtIn.load(), type)
          : { refused: misplaced(type, builtIn.kind) }
  if ("refused" in found) return found
  const { plugin } = found
  return isKind(plugin, kind) ? { plugin } : { refused: misplaced(type, plugin.kind) }
}

const isKind = <K extends Kind>(plugin: Plugin.Plugin, kind: K): plugin is PluginOf<K> => plugin.kind === kind

const misplaced = (type: string, kind: Kind) => `${type} is a ${kind}: it belongs under ${kind}s.`

/** A package has a scope, or says whose it is; anything else is a misspelt built-in, never somebody's package. */
export const packageForm = /^(?:@[a-z0-9~][\w.~-]*\/[\w.~-]+|callstream-[\w.~-]+|\.{1,2}\/.+)$/

const findPackage = async (kind: Kind, type: string, directory: string): Promise<Found<Plugin.Plugin>> => {
  if (!packageForm.test(type)) {
    const names = builtInNames(kind)
    const meant = nearest(type, names)
    return {
      refused:
        `There is no such ${kind}.${meant === undefined ? "" : ` Did you mean ${meant}?`} ` +
        `There ${names.length === 1 ? "is" : "are"} ${names.join(", ")}; ` +
        `or name an installed package, such as "@acme/callstream-${kind}-x".`
    }
  }
  const parent = parentIn(directory)
  try {
    const foreign = secondCopy(type, parent)
    if (foreign !== undefined) return { refused: foreign }
    return judge(await importFrom(type, parent), type)
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)
    return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND"
      ? { refused: missing(type, directory, reason) }
      : { refused: `It cannot be loaded: ${reason}.` }
  }
}

/** A file of that folder, for Node to resolve from. */
const parentIn = (directory: string): string => pathToFileURL(join(directory, "pipeline.yaml")).href

/** A plugin that a file of that folder made or imported. */
const judgeHeld = (plugin: object, name: string, directory: string): Found<Plugin.Plugin> => {
  const foreign = secondCopy(".", parentIn(directory))
  return foreign === undefined ? judge({ plugin }, name) : { refused: foreign }
}

/** The package itself is not there, or something it imports. */
const missing = (type: string, directory: string, reason: string): string =>
  ![type, resolve(directory, type)].some((name) => reason.includes(`'${name}'`))
    ? `It cannot be loaded: ${reason}.`
    : type.startsWith(".")
      ? `There is no such file in ${directory}.`
      : `It is not installed where ${directory} would find it: run npm install ${type} there.`

const scheme = "callstream-plugin:"

/** `import(specifier)`, as if it stood in a file of `parent`'s folder. */
const importFrom = async (specifier: string, parent: string): Promise<unknown> => {
  const hooks = registerHooks({
    resolve: (asked, context, next) =>
      asked.startsWith(scheme)
        ? next(asked.slice(scheme.length), { ...context, parentURL: parent })
        : next(asked, context)
  })
  try {
    return await import(scheme + specifier)
  } finally {
    hooks.deregister()
  }
}

/** Two copies of these do not understand each other's values. */
const shared = ["effect", "@callstream/core"]

/** Says that a package brings its own copy of what it has to share with us. */
const secondCopy = (type: string, parent: string): string | undefined => {
  // A folder without a package of its own finds what its files find.
  const own = findPackageJSON(type, parent) ?? fileURLToPath(parent)
  for (const name of shared) {
    const theirs = folderOf(name, pathToFileURL(realOf(own)).href)
    const ours = folderOf(name, import.meta.url)
    if (theirs !== undefined && ours !== undefined && theirs !== ours) {
      return (
        `It brings its own copy of ${name} (${theirs}); it has to share ours (${ours}). ` +
        `Make ${name} a peer dependency of it, of the same version, and install again.`
      )
    }
  }
  return undefined
}

/** Where a path leads to; itself where there is nothing. */
const realOf = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

const folderOf = (name: string, parent: string): string | undefined => {
  try {
    const found = findPackageJSON(name, parent)
    return found === undefined ? undefined : dirname(realpathSync(found))
  } catch {
    return undefined
  }
}

/** Whether a module's `plugin` is one of ours. */
const judge = (module: unknown, type: string): Found<Plugin.Plugin> => {
  const plugin = member(module, "plugin")
  if (typeof plugin !== "object" || plugin === null) {
    return { refused: `${type} has no export called plugin.` }
  }
  const api = member(plugin, "api")
  if (api !== Plugin.api) {
    return { refused: `It is made for version ${String(api)} of the plugin contract, this is version ${Plugin.api}.` }
  }
  return isPlugin(plugin) ? { plugin } : { refused: `The export plugin of ${type} is no source, sink or step.` }
}

const isPlugin = (value: unknown): value is Plugin.Plugin =>
  ["source", "sink", "step"].includes(String(member(value, "kind"))) &&
  typeof member(value, "name") === "string" &&
  typeof member(value, "open") === "function" &&
  Schema.isSchema(member(value, "Config")) &&
  (member(value, "kind") !== "source" || Array.isArray(member(value, "events")))
