/**
 * JSON values, and their canonical text: what two equal records have in common whatever order their keys came in.
 */

export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/**
 * The text of a JSON value with sorted keys and no blanks: equal values give equal texts. Keys whose value is
 * `undefined` are left out, as `JSON.stringify` does.
 */
export const canonical = (value: Json | undefined): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null"
  if (Array.isArray(value)) {
    let text = "["
    for (let i = 0; i < value.length; i++) text += (i === 0 ? "" : ",") + canonical(value[i] as Json)
    return text + "]"
  }
  const record = value as JsonObject
  let text = "{"
  for (const key of sortedKeys(record)) {
    const member = record[key]
    if (member !== undefined) text += (text.length === 1 ? "" : ",") + JSON.stringify(key) + ":" + canonical(member)
  }
  return text + "}"
}

const sortedKeys = (record: JsonObject): ReadonlyArray<string> => Object.keys(record).sort()
