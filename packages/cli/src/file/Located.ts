/**
 * The values of a pipeline file with their places: what `Yaml.ts` reads from a text, what `fromValue` makes of an object
 * of a TypeScript file, and what everything after works on, so that each problem can say where it is.
 */
import type { Json } from "@callstream/model"

/** Line and column, from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

export type Scalar = string | number | boolean | null

export interface LocatedScalar {
  readonly _tag: "scalar"
  readonly value: Scalar
  /** The value as it would be filled in now, where a file has a part in it; throws when that cannot be read. */
  readonly again?: () => string
  /** The plugin that a TypeScript file gave as a `type`, in place of its name; the value is what it calls itself. */
  readonly plugin?: object
  readonly at?: Position
}

export interface LocatedList {
  readonly _tag: "list"
  readonly items: ReadonlyArray<Located>
  readonly at?: Position
}

export interface LocatedMap {
  readonly _tag: "map"
  /** In the order of the file. */
  readonly entries: ReadonlyMap<string, { readonly key?: Position; readonly value: Located }>
  readonly at?: Position
}

export type Located = LocatedScalar | LocatedList | LocatedMap

export type Path = ReadonlyArray<string | number>

/** An optional position, as `exactOptionalPropertyTypes` wants it. */
export const place = (at: Position | undefined): { readonly at?: Position } => (at === undefined ? {} : { at })

/** The plain value. */
export const toValue = (node: Located): Json => {
  switch (node._tag) {
    case "scalar":
      return node.value
    case "list":
      return node.items.map(toValue)
    case "map":
      return Object.fromEntries(Array.from(node.entries, ([key, { value }]) => [key, toValue(value)]))
  }
}

/** The entry of a map; `undefined` for one that is not there, or when this is no map. */
export const get = (node: Located | undefined, key: string): Located | undefined =>
  node?._tag === "map" ? node.entries.get(key)?.value : undefined

/** Where a path points to, as near as it exists: the key of the deepest part that does. */
export const positionOf = (root: Located, path: Path, prefer: "key" | "value" = "value"): Position | undefined => {
  let node: Located | undefined = root
  let at = root.at
  for (const [depth, part] of path.entries()) {
    if (node?._tag === "map") {
      const entry: { readonly key?: Position; readonly value: Located } | undefined = node.entries.get(String(part))
      if (entry === undefined) return at
      node = entry.value
      at = prefer === "key" && depth === path.length - 1 ? (entry.key ?? node.at ?? at) : (node.at ?? entry.key ?? at)
      if (node._tag !== "scalar" && entry.key !== undefined) at = entry.key
    } else if (node?._tag === "list") {
      node = node.items[Number(part)]
      if (node === undefined) return at
      at = node.at ?? at
    } else {
      return at
    }
  }
  return at
}

/** A map without some of its keys. */
export const without = (node: LocatedMap, keys: (key: string) => boolean): LocatedMap => ({
  ...node,
  entries: new Map(Array.from(node.entries).filter(([key]) => !keys(key)))
})

/** Whether somebody means a plugin: what is wrong with it is said later. */
const isPlugin = (value: unknown): value is { readonly name: string } =>
  typeof value === "object" &&
  value !== null &&
  "kind" in value &&
  "api" in value &&
  "name" in value &&
  typeof value.name === "string"

/**
 * Makes a tree of an object that a TypeScript file exports. Undefined members are absent; what is no JSON (a function,
 * a cycle) is named by its path in `refuse`.
 */
export const fromValue = (value: unknown, refuse: (path: Path, what: string) => void): Located => {
  const walk = (value: unknown, path: Path): Located => {
    if (path.length > deepest) {
      refuse(path, "is nested too deeply")
      return { _tag: "scalar", value: null }
    }
    if (path.at(-1) === "type" && isPlugin(value)) return { _tag: "scalar", value: value.name, plugin: value }
    if (value === null || typeof value === "string" || typeof value === "boolean") return { _tag: "scalar", value }
    if (typeof value === "number" && Number.isFinite(value)) return { _tag: "scalar", value }
    if (Array.isArray(value)) return { _tag: "list", items: value.map((item, index) => walk(item, [...path, index])) }
    if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
      const entries = Object.entries(value).filter(([, member]) => member !== undefined)
      return {
        _tag: "map",
        entries: new Map(entries.map(([key, member]) => [key, { value: walk(member, [...path, key]) }]))
      }
    }
    refuse(path, `is ${typeof value === "object" ? "an object of a class" : `a ${typeof value}`}, not a plain value`)
    return { _tag: "scalar", value: null }
  }
  return walk(value, [])
}

/** How deep a file may be nested. */
export const deepest = 50

/** A path as people write it: `sources.objects.types[0]`. */
export const showPath = (path: Path): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === "number"
        ? `${text}[${part}]`
        : text === ""
          ? part
          : `${text}.${/[.\s]/.test(part) ? JSON.stringify(part) : part}`,
    ""
  )
