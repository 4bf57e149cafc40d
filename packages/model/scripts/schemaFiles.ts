/** The JSON Schema files that belong in `schemas/`, made from the event types: what one writes and the other checks. */
import { EventType, eventTypes } from "@callstream/model"

export const folder = new URL("../schemas/", import.meta.url)

/** Says which command writes them. */
export const command = "./run --filter @callstream/model schemas"

/** The files' contents by their names, e.g. `call.v1.schema.json`. */
export const schemaFiles: ReadonlyMap<string, Readonly<Record<string, unknown>>> = new Map(
  Object.values(eventTypes).map((type) => [`${type.short}.v${type.version}.schema.json`, EventType.jsonSchema(type)])
)
