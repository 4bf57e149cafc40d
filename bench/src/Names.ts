/** What is called what where runs write to. */
import { type EventType, eventTypes } from "@callstream/model"

const byName = new Map<string, EventType.EventType>(Object.values(eventTypes).map((type) => [type.type, type]))

/** A type of event by its name. */
export const typeOf = (name: string): EventType.EventType => {
  const type = byName.get(name)
  if (type === undefined) throw new Error(`${name} is no type of event`)
  return type
}

/** The topic or index of the vendor's rows as they came. */
export const rowsOf = (prefix: string): string => `${prefix}rows`

/** Of each topic: one for each of our producers. */
export const partitions = 4
