/**
 * Fills `${NAME}`, `${NAME:-default}` and `${file:/path}` into the text values of a tree: never into names, and what is
 * filled in is never parsed again. `$${` is a literal `${`.
 */
import type { Located, Path } from "./Located.ts"
import { showPath } from "./Located.ts"
import type { Problems } from "./Problem.ts"

/** Where values come from. */
export interface Surroundings {
  /** An environment variable. */
  readonly variable: (name: string) => string | undefined
  /** The text of a file, path as written; throws a sentence of what is wrong. */
  readonly file: (path: string) => string
}

/** The tree with its references filled in; what cannot be is a problem, and the text stays as it was. */
export const interpolate = (root: Located, surroundings: Surroundings, problems: Problems): Located => {
  const walk = (node: Located, path: Path): Located => {
    switch (node._tag) {
      case "list":
        return { ...node, items: node.items.map((item, index) => walk(item, [...path, index])) }
      case "map":
        return {
          ...node,
          entries: new Map(
            Array.from(node.entries, ([key, entry]) => [key, { ...entry, value: walk(entry.value, [...path, key]) }])
          )
        }
      case "scalar": {
        if (typeof node.value !== "string" || !node.value.includes("${")) return node
        const { value } = node
        const filled = fill(value, surroundings)
        for (const message of filled.wrong) problems.add(node.at, showPath(path), message)
        if (filled.wrong.length > 0) return node
        const again = () => refill(value, surroundings)
        return { ...node, value: filled.text, ...(value.includes("${file:") ? { again } : {}) }
      }
    }
  }
  return walk(root, [])
}

/** Fills a text that could be filled before. */
const refill = (value: string, surroundings: Surroundings): string => {
  const { text, wrong } = fill(value, surroundings)
  if (wrong.length > 0) throw new Error(wrong.join(" "))
  return text
}

const variableForm = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s

/** Fills one text. */
export const fill = (
  text: string,
  surroundings: Surroundings
): { readonly text: string; readonly wrong: Array<string> } => {
  const wrong: Array<string> = []
  let out = ""
  let from = 0
  while (true) {
    const start = text.indexOf("${", from)
    if (start === -1) return { text: out + text.slice(from), wrong }
    if (text[start - 1] === "$" && start > from) {
      out += `${text.slice(from, start - 1)}\${`
      from = start + 2
      continue
    }
    const end = text.indexOf("}", start)
    if (end === -1) {
      wrong.push("A ${ is not closed by }. For a literal ${ write $${.")
      return { text, wrong }
    }
    out += text.slice(from, start)
    from = end + 1
    const inside = text.slice(start + 2, end)
    if (inside.startsWith("file:")) {
      try {
        out += surroundings.file(inside.slice(5)).replace(/\r?\n$/, "")
      } catch (error) {
        wrong.push(error instanceof Error ? error.message : String(error))
      }
      continue
    }
    const [, name, fallback] = variableForm.exec(inside) ?? []
    if (name === undefined) {
      wrong.push("Between ${ and } stands a variable's name, NAME:-default or file:/path. For a literal ${ write $${.")
      continue
    }
    const value = surroundings.variable(name)
    if (fallback !== undefined) out += value === undefined || value === "" ? fallback : value
    else if (value === undefined) {
      wrong.push(`The environment variable ${name} is not set. Set it, or give a default: \${${name}:-…}.`)
    } else out += value
  }
}
