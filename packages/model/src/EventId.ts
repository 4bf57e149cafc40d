/**
 * Deterministic identities. An event's id depends on what the vendor said, never on when or how often we read it.
 */
import { hash } from "node:crypto"
import { canonical, type Json } from "./Json.ts"

/** 144 bits of SHA-256 as 24 URL-safe characters: no two contents meet by accident. */
const digest = (text: string): string => hash("sha256", text, "base64url").slice(0, 24)

/**
 * The fingerprint of a version: stream, subject, op and content, parted by a character that no name contains. It is the
 * id of an entity's first version. `stream` names the entity's type too: an object and its content may have one subject.
 */
export const fingerprint = (stream: string, subject: string, op: "upsert" | "delete", content: Json): string =>
  digest(`${stream}\n${subject}\n${op}\n${canonical(content)}`)

/** The id of a version: its fingerprint, and the id of the version before it where that is known. */
export const eventId = (fingerprint: string, previous: string | undefined): string =>
  previous === undefined ? fingerprint : digest(`${fingerprint}\n${previous}`)

/** The characters of base64url in the order in which texts sort. */
const alphabet = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

/** 36 bits of an instant, 32 ms apart, as 6 characters that sort as time does; `------` without one. */
const timePrefix = (born: number): string => {
  let rest = Math.min(Math.max(Math.floor(born / 32), 0), 2 ** 36 - 1)
  let text = ""
  for (let i = 0; i < 6; i++) {
    text = alphabet.charAt(rest % 64) + text
    rest = Math.floor(rest / 64)
  }
  return text
}

/**
 * The key of an entity within a stream's partition: type and subject. With `born`, an instant of the entity that never
 * changes (epoch milliseconds), keys of the same time are neighbours: an index in their order reads and writes them
 * several times faster than in the order of a hash.
 */
export const entityKey = (type: string, subject: string, born?: number): string =>
  timePrefix(born ?? 0) + digest(`${type}\n${subject}`).slice(6)
