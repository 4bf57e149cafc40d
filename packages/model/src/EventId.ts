/**
 * Deterministic identities. An event's id depends on what the vendor said, never on when or how often we read it.
 */
import { hash } from "node:crypto"
import { canonical, type Json } from "./Json.ts"
import { joined } from "./Text.ts"

/**
 * 144 bits of SHA-256 as 24 URL-safe characters: no two contents meet by accident. With `prefix`, which is no longer, it
 * stands in place of the first of them.
 */
const digest = (text: string, prefix = ""): string => {
  const all = hash("sha256", text, "base64url")
  return joined(prefix, all.slice(prefix.length, 12), all.slice(12, 24))
}

/**
 * The fingerprint of a version: stream, subject, op and content. It is the id of an entity's first version. `stream` names
 * the entity's type too: an object and its content may have one subject.
 */
export const fingerprint = (stream: string, subject: string, op: "upsert" | "delete", content: Json): string =>
  digest(canonical([stream, subject, op, content]))

/** The id of a version: its fingerprint, and the id of the version before it where that is known. */
export const eventId = (fingerprint: string, previous: string | undefined): string =>
  previous === undefined ? fingerprint : digest(`${fingerprint}\n${previous}`)

/** The characters of base64url in the order in which texts sort. */
const alphabet = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz".split("")

/** Numbers of 12 bits as two characters. */
const pairs = alphabet.flatMap((high) => alphabet.map((low) => high + low))

/** 36 bits of an instant, 32 ms apart, as 6 characters that sort as time does; `------` without one. */
const timePrefix = (born: number): string => {
  const steps = Math.min(Math.max(Math.floor(born / 32), 0), 2 ** 36 - 1)
  const low = steps % 2 ** 24
  return `${pairs[Math.floor(steps / 2 ** 24)]}${pairs[low >> 12]}${pairs[low & 4095]}`
}

/**
 * The key of an entity within a stream's partition: type and subject. With `born`, an instant of the entity that never
 * changes (epoch milliseconds), keys of the same time are neighbours: an index in their order reads and writes them
 * several times faster than in the order of a hash.
 */
export const entityKey = (type: string, subject: string, born?: number): string =>
  digest(`${type}\n${subject}`, timePrefix(born ?? 0))
