/** What is wanted, compared with what stands in the cluster, which may have more: a newer release's, or a person's. */
import { isKeys, type Keys } from "./JsonSchema.ts"

/** Whether all that is wanted is there. Numbers and flags of settings come back as texts. */
export const contains = (there: unknown, wanted: unknown): boolean => {
  if (isKeys(wanted)) {
    return isKeys(there) && Object.entries(wanted).every(([key, value]) => contains(there[key], value))
  }
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(there) &&
      there.length === wanted.length &&
      wanted.every((value, place) => contains(there[place], value))
    )
  }
  return String(there) === String(wanted)
}

/** Paths of fields. */
export interface Difference {
  /** Not there: can be added to an index that has documents. */
  readonly added: ReadonlyArray<string>
  /** There, as something else: an index is not changed in place. */
  readonly changed: ReadonlyArray<string>
}

/** How the fields of a mapping differ from those that are wanted. */
export const differenceOf = (there: Keys, wanted: Keys, path = ""): Difference => {
  const added: Array<string> = []
  const changed: Array<string> = []
  for (const below of ["properties", "fields"]) {
    const fields = wanted[below]
    const own = there[below]
    for (const [name, field] of Object.entries(isKeys(fields) ? fields : {})) {
      const at = path === "" ? name : `${path}.${name}`
      const present = isKeys(own) ? own[name] : undefined
      if (!isKeys(field)) continue
      if (!isKeys(present)) {
        added.push(at)
        continue
      }
      const { fields: _fields, properties: _properties, ...settings } = field
      if (!contains(present, settings) || isKeys(present["properties"]) !== isKeys(field["properties"]))
        changed.push(at)
      else {
        const inside = differenceOf(present, field, at)
        added.push(...inside.added)
        changed.push(...inside.changed)
      }
    }
  }
  return { added, changed }
}
