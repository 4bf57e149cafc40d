/**
 * Reads YAML into a located tree. Effect's own reader has no positions, so this is `yaml` 2, whose documents are
 * bounded here: size, depth, how much aliases may unfold. No tags, no duplicate keys, one document.
 */
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
  type YAMLMap
} from "yaml"
import { deepest, type Located, type LocatedMap, type Position, place } from "./Located.ts"
import type { Problems } from "./Problem.ts"

/** The largest file that is read, bytes. */
export const largestFile = 1024 * 1024

/** How many values a file may have after its aliases are unfolded. */
const mostValues = 100_000

/** The tree of a text; `undefined` when it is not YAML at all. Whatever is wrong is in `problems`. */
export const read = (text: string, problems: Problems): Located | undefined => {
  const lines = new LineCounter()
  const document = parse(text, lines)
  if (document === undefined) {
    problems.add(undefined, "", "is nested too deeply to be read.")
    return undefined
  }
  const positionOf = (offset: number): Position => {
    const { col, line } = lines.linePos(offset)
    return { line, column: col }
  }
  const tooDeep = document.errors.find(({ message }) => message.includes("call stack"))
  if (tooDeep !== undefined) {
    problems.add(undefined, "", "is nested too deeply to be read.")
    return undefined
  }
  for (const { code, message, pos } of causes(text, [...document.errors, ...document.warnings])) {
    problems.add(positionOf(pos[0]), "", isVariable(text, pos[0]) ? unquoted : explain(code, message))
  }
  if (document.errors.length > 0 || document.warnings.length > 0) return undefined
  if (document.contents === null) {
    problems.add({ line: 1, column: 1 }, "", "The file is empty: a pipeline has a name, sources and sinks.")
    return undefined
  }

  let values = 0
  let refused = false
  const refuse = (at: Position | undefined, message: string): Located => {
    if (!refused) problems.add(at, "", message)
    refused = true
    return { _tag: "scalar", value: null, ...place(at) }
  }
  const at = (node: Node): Position | undefined => (node.range ? positionOf(node.range[0]) : undefined)
  const resolve = (node: Node): Node | undefined => {
    let found: Node | undefined = node
    for (let hops = 0; found !== undefined && isAlias(found) && hops < deepest; hops++) {
      found = found.resolve(document)
    }
    return found
  }

  const walk = (node: Node | null, depth: number, fallback: Position | undefined): Located => {
    values += 1
    if (refused || node === null) return { _tag: "scalar", value: null, ...place(fallback) }
    if (values > mostValues) return refuse(at(node), `Aliases unfold to more than ${mostValues} values.`)
    if (depth > deepest) return refuse(at(node), `is nested more than ${deepest} levels deep.`)
    if (isAlias(node)) {
      const target = resolve(node)
      return target === undefined
        ? refuse(at(node), `The alias *${node.source} has no anchor before it.`)
        : walk(target, depth + 1, at(node))
    }
    if (isMap(node)) return walkMap(node, depth)
    if (isSeq(node)) {
      return {
        _tag: "list",
        items: node.items.map((item) => walk(isNode(item) ? item : null, depth + 1, at(node))),
        ...place(at(node))
      }
    }
    if (isScalar(node)) {
      const { value } = node
      if (value === null || typeof value === "string" || typeof value === "boolean")
        return { _tag: "scalar", value, ...place(at(node)) }
      if (typeof value === "number" && Number.isFinite(value)) return { _tag: "scalar", value, ...place(at(node)) }
    }
    return refuse(at(node), "Expected text, a number, true, false, a list or settings.")
  }

  const walkMap = (node: YAMLMap, depth: number): LocatedMap => {
    const entries = new Map<string, { readonly key?: Position; readonly value: Located }>()
    const merged = new Map<string, { readonly key?: Position; readonly value: Located }>()
    for (const pair of node.items) {
      const key = isNode(pair.key) ? pair.key : null
      const keyAt = key === null ? at(node) : at(key)
      const value = walk(isNode(pair.value) ? pair.value : null, depth + 1, keyAt)
      if (!isScalar(key) || (typeof key.value === "object" && key.value !== null)) {
        refuse(keyAt, "A setting's name is a text.")
      } else if (key.value === "<<" && key.type === "PLAIN") {
        const maps = value._tag === "list" ? value.items : [value]
        for (const map of maps) {
          if (map._tag !== "map") refuse(keyAt, "<< merges settings: expected an alias of a map, or a list of them.")
          else for (const [name, entry] of map.entries) if (!merged.has(name)) merged.set(name, entry)
        }
      } else if (entries.has(String(key.value))) {
        problems.add(keyAt, "", "This name stands here twice: names are unique within their section.")
      } else {
        entries.set(String(key.value), { ...(keyAt === undefined ? {} : { key: keyAt }), value })
      }
    }
    for (const [name, entry] of merged) if (!entries.has(name)) entries.set(name, entry)
    return { _tag: "map", entries, ...place(at(node)) }
  }

  const before = problems.count
  const tree = walk(document.contents, 0, undefined)
  return refused || problems.count > before ? undefined : tree
}

/**
 * The parser recurses: a file of a million brackets must not end us. Its own search for duplicate keys takes a minute for
 * a large file, so `walkMap` does that.
 */
const parse = (text: string, lines: LineCounter) => {
  try {
    return parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      version: "1.2",
      merge: false
    })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const unquoted = 'Within { } and [ ] a variable needs quotes, as in { token: "${TOKEN}" }.'

/** Whether the parser stumbled over the bracket of a variable. */
const isVariable = (text: string, offset: number): boolean => text.startsWith("${", offset - 1)

/** Once a token cannot be, all that follow cannot be either: the first one is told, and of a variable nothing else. */
const causes = (text: string, errors: ReadonlyArray<YAMLError>): ReadonlyArray<YAMLError> => {
  const variable = errors.find(({ pos }) => isVariable(text, pos[0]))
  if (variable !== undefined) return [variable]
  const first = errors.find(({ code }) => code === "UNEXPECTED_TOKEN")
  return errors.filter((error) => error === first || error.code !== "UNEXPECTED_TOKEN")
}

/** The parser's sentences that do not say what to do. None of those kept quotes a value. */
const explain = (code: string, message: string): string => {
  switch (code) {
    case "MULTIPLE_DOCS":
      return "A file has one pipeline: put the second one (after ---) into a file of its own."
    case "TAG_RESOLVE_FAILED":
      return "Tags (!name) are not read: write the value plainly."
    case "TAB_AS_INDENT":
      return "Indent with spaces, not with tabs."
    case "BAD_INDENT":
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return "The indentation does not fit the lines around it; or a bracket is open, or a text with a colon needs quotes."
    case "UNEXPECTED_TOKEN":
      return "This cannot stand here: a bracket is closed that is not open, or a text with brackets, a comma or a colon needs quotes."
    case "MISSING_CHAR":
      return `${message.replace(/\.?$/, ".")} Something is not closed, or a colon is missing after a name.`
    default:
      return `Not YAML: ${message.split("\n")[0]?.replace(/["'].*["']/, "…") ?? code}`
  }
}
