/**
 * Deterministic identities. An event's id depends on what the vendor said, never on when or how often we read it.
 */
import { hash } from "node:crypto"
import { canonical, type Json } from "./Json.ts"

/** 144 bits of SHA-256 as 24 URL-safe characters: no two contents meet by accident. */
const digest = (text: string): string => hash("sha256", text, "base64url").slice(0, 24)

/**
 * The fingerprint of a version: stream, subject, op and content, parted by a character that no name contains. It is the
 * id of an entity's first version.
 */
export const fingerprint = (stream: string, subject: string, op: "upsert" | "delete", content: Json): string =>
  digest(`${stream}\n${subject}\n${op}\n${canonical(content)}`)

/** The id of a version: its fingerprint, and the id of the version before it where that is known. */
export const eventId = (fingerprint: string, previous: string | undefined): string =>
  previous === undefined ? fingerprint : digest(`${fingerprint}\n${previous}`)

/** The key of an entity within a stream's partition: type and subject. */
export const entityKey = (type: string, subject: string): string => digest(`${type}\n${subject}`)
