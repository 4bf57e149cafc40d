/** Dotted paths into an event's data, `agent.name`: a list on the way stands for each of its items. */
import { Schema } from "effect"

/** A path as it stands in the settings of a step. */
export const FieldPath = Schema.String.check(
  Schema.isPattern(/^[^.\s]+(?:\.[^.\s]+)*$/u, { expected: "a field such as raw or agent.name" })
)

/** The parts of a path. */
export const parts = (path: string): ReadonlyArray<string> => path.split(".")

/** Everything that stands at a path: nothing, one value, or one for each item of the lists on the way. */
export const valuesAt = (value: unknown, path: ReadonlyArray<string>, from = 0): ReadonlyArray<unknown> => {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => valuesAt(item, path, from))
  const part = path[from]
  if (part === undefined) return value === undefined ? [] : [value]
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return []
  return valuesAt(Reflect.get(value, part), path, from + 1)
}

/** Paths as a tree: `true` is the end of one. A path below another is covered by it. */
export type PathTree = ReadonlyMap<string, PathTree | true>

export const tree = (paths: ReadonlyArray<string>): PathTree => {
  type Mutable = Map<string, Mutable | true>
  const root: Mutable = new Map()
  for (const path of paths) {
    const names = parts(path)
    let node = root
    for (const [index, name] of names.entries()) {
      const known = node.get(name)
      if (known === true) break
      if (index === names.length - 1) {
        node.set(name, true)
      } else {
        const next: Mutable = known ?? new Map()
        node.set(name, next)
        node = next
      }
    }
  }
  return root
}
