/** Which fields a person wants to see first of a type, found in its mapping: ours have known names, a third party's any. */
import type { EventType } from "@callstream/model"
import { isKeys } from "../setup/JsonSchema.ts"
import { dataMapping } from "../setup/Mapping.ts"
import { passageFields } from "../setup/Passages.ts"

/** In the order in which they are read. */
const telling = [
  "direction",
  "kind",
  "callerNumber",
  "callerName",
  "calleeNumber",
  "calleeName",
  "contactName",
  "agentName",
  "agentIds",
  "queueName",
  "objectType",
  "state",
  "overall",
  "score",
  "disposition",
  "durationMs",
  "language"
]

const mostColumns = 8

/** Fields that are told last, for every record has them or few people know them. */
const dull = /^(?:raw|warnings|checksum.*|.*Id)$/u

/** The fields of a type's data that stand for one value: their names, and what they are mapped as. */
export const plainFields = (type: EventType.EventType): ReadonlyMap<string, string> => {
  const { properties } = dataMapping(type)
  const plain = new Map<string, string>()
  for (const [name, field] of Object.entries(isKeys(properties) ? properties : {})) {
    const kind = isKeys(field) ? field["type"] : undefined
    if (typeof kind === "string" && ["keyword", "date", "long", "double", "boolean"].includes(kind))
      plain.set(name, kind)
  }
  return plain
}

/** Columns of a type's search. */
export const columnsOf = (type: EventType.EventType): ReadonlyArray<string> => {
  const plain = plainFields(type)
  const known = telling.filter((name) => plain.has(name))
  const others = [...plain.keys()].filter((name) => !dull.test(name) && !telling.includes(name))
  const words = passageFields(type).size > 0 ? ["text"] : []
  const room = mostColumns - words.length - 1
  const chosen = (known.length >= 3 ? known : [...known, ...others]).slice(0, room)
  return ["conversation", ...chosen.map((name) => `data.${name}`), ...words]
}
