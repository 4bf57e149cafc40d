/**
 * Reads the bodies of contents. The vendor documents none of them: JSON is taken from wherever it is (a list, an object
 * around one), what is no JSON stays a text, and nothing here fails.
 *
 * Shapes come from the same vendor's neighbours: the Quality Management API (transcripts), Customer 360 (summaries) and
 * the withdrawn survey API (all read 2026-11-20).
 */
import type { Json, JsonObject } from "@callstream/model"
import { Row } from "@callstream/core"
import type { ContentKind } from "./ObjectTypes.ts"

/** A body as far as it could be read. */
export interface Body {
  readonly text: string
  /** Absent when it is no JSON, or was not meant to be. */
  readonly json?: Json
  /** What is wrong with it: these follow `the content`. */
  readonly warnings: ReadonlyArray<string>
}

/** Reads the bytes of a content; a note is a text, the others are JSON. */
export const readBody = (bytes: Uint8Array, kind: ContentKind, mimeType: string | undefined): Body => {
  const { text, warnings } = decode(bytes, mimeType)
  if (kind === "note") return { text, warnings }
  if (text.trim() === "") return { text, warnings: [...warnings, "is empty"] }
  try {
    const json = Row.fromParsed(JSON.parse(text))
    return Row.isDeep(json) ? { text, warnings: [...warnings, "is nested too deep"] } : { text, json, warnings }
  } catch {
    return { text, warnings: [...warnings, "is not JSON"] }
  }
}

const strict = new TextDecoder("utf-8", { fatal: true })

/** UTF-8 as a rule; UTF-16 with a byte order mark; what is neither is taken for Windows-1252, with a warning. */
const decode = (bytes: Uint8Array, mimeType: string | undefined): Pick<Body, "text" | "warnings"> => {
  const mark = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0)
  if (mark === 0xfffe) return { text: new TextDecoder("utf-16le").decode(bytes), warnings: [] }
  if (mark === 0xfeff) return { text: new TextDecoder("utf-16be").decode(bytes), warnings: [] }
  const charset = /charset="?([\w-]+)/i.exec(mimeType ?? "")?.[1]?.toLowerCase()
  if (charset === "iso-8859-1" || charset === "windows-1252") {
    return { text: new TextDecoder("windows-1252").decode(bytes), warnings: [] }
  }
  try {
    return { text: strict.decode(bytes), warnings: [] }
  } catch {
    return {
      text: new TextDecoder("windows-1252").decode(bytes),
      warnings: ["is not UTF-8 and was read as Windows-1252"]
    }
  }
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isList = (value: Json | undefined): value is ReadonlyArray<Json> => Array.isArray(value)

/** A member of an object, none for what has none. */
export const member = (value: Json | undefined, ...names: ReadonlyArray<string>): Json | undefined => {
  if (!isObject(value)) return undefined
  for (const name of names) {
    const found = Object.hasOwn(value, name) ? value[name] : undefined
    if (found !== undefined && found !== null) return found
  }
  return undefined
}

/** A text, or a number as one; none for blank. */
export const textIn = (value: Json | undefined): string | undefined => {
  if (typeof value === "number") return String(value)
  return typeof value === "string" && value.trim() !== "" ? value : undefined
}

/** A number, or a text that is one. */
export const numberIn = (value: Json | undefined): number | undefined => {
  if (typeof value === "number") return value
  return typeof value === "string" && /^[+-]?\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : undefined
}

/** Seconds with a fraction as whole milliseconds. */
export const secondsIn = (value: Json | undefined): number | undefined => {
  const seconds = numberIn(value)
  const millis = seconds === undefined ? Number.NaN : Math.round(seconds * 1000)
  return Number.isSafeInteger(millis) && millis >= 0 ? millis : undefined
}

/** Texts: a list, or one with commas. */
export const textsIn = (value: Json | undefined): ReadonlyArray<string> | undefined => {
  const parts = isList(value)
    ? value
    : typeof value === "string"
      ? value.split(",")
      : value === undefined
        ? []
        : [value]
  const texts = parts.map((part) => textIn(part)?.trim()).filter((text) => text !== undefined && text !== "")
  return texts.length === 0 ? undefined : texts.filter((text) => text !== undefined)
}

/** The list that a body is, or has under one of these names; objects around it are looked into, two deep. */
export const listIn = (
  value: Json | undefined,
  names: ReadonlyArray<string>,
  depth = 2
): ReadonlyArray<JsonObject> | undefined => {
  if (isList(value)) {
    const objects = value.filter(isObject)
    return objects.length === 0 && value.length > 0 ? undefined : objects
  }
  if (!isObject(value)) return undefined
  for (const name of names) {
    const inner = member(value, name)
    if (inner === undefined) continue
    const found = isList(inner) ? listIn(inner, names) : depth > 0 ? listIn(inner, names, depth - 1) : undefined
    if (found !== undefined) return found
  }
  return undefined
}
