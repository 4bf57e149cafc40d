/**
 * What each answer to a bulk request means; one pure table. An item that failed inside a 200 is never taken as stored, and
 * an answer of another shape than documented proves nothing. Each row was measured on 2.19.6 and 3.8.0.
 */
import { Sink } from "@callstream/core"
import type { Answered } from "../Client.ts"
import { field } from "../Trouble.ts"
import { withoutData, wordsOf } from "./Words.ts"

/** Not taken now: what has to change before it can be. */
export interface Obstacle {
  /** `setup`, `rights`: nothing but a person helps. `blocked`: a person, or room on the disk. `busy`: time. */
  readonly kind: "busy" | "blocked" | "setup" | "rights"
  readonly reason: string
  /** What a person can do about it. */
  readonly remedy?: string
  /** A conflict of versions that is not with a newer one; only a condition on `_seq_no` gives it. */
  readonly conflict?: true
}

/** What became of one item. */
export type Verdict = Sink.Answer | Obstacle

/** What became of a whole request. */
export type Outcome =
  /** A verdict per item, in the order of the request. */
  | { readonly verdicts: ReadonlyArray<Verdict> }
  /** Nothing was written, because of its size or of one line in it: smaller requests find out. */
  | { readonly split: string }
  /** Nothing was written. */
  | { readonly obstacle: Obstacle }
  /** No answer of OpenSearch: what was written is unknown. */
  | { readonly strange: string }

export const filterPath =
  "errors,error,status,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.type"

/** Judges the answer to a request of that size, of documents with these versions. */
export const judge = (answered: Answered, versions: ReadonlyArray<number>, bytes: number): Outcome => {
  const { body, status } = answered
  if (status !== 200) return judgeWhole(answered, bytes)
  const items = field(body, "items")
  if (!Array.isArray(items)) return { strange: "answered 200 without items" }
  if (items.length !== versions.length) {
    return { strange: `answered with ${items.length} items for ${versions.length} documents` }
  }
  const verdicts = items.map((item, i) => judgeItem(field(item, "index"), versions[i] ?? 0))
  return { verdicts }
}

/** One item: `{ "status": 201 }`, or with an `error`. */
const judgeItem = (item: unknown, version: number): Verdict => {
  const status = field(item, "status")
  const error = field(item, "error")
  const type = field(error, "type")
  if (error === undefined && (status === 200 || status === 201)) return Sink.stored
  if (status === 409 && type === "version_conflict_engine_exception") return conflict(field(error, "reason"), version)
  if (type === "cluster_block_exception") return blocked(error)
  if (type === "index_closed_exception") {
    return { kind: "blocked", reason: "an index is closed", remedy: "open it: POST /<index>/_open" }
  }
  if (type === "index_not_found_exception" || isWithoutWriteIndex(error)) {
    return { kind: "setup", reason: "an index or its write alias is missing", remedy: "Run callstream setup" }
  }
  if (type === "security_exception" || status === 401 || status === 403) {
    return { kind: "rights", reason: `not allowed: ${wordsOf(error)}`, remedy: remedyForRights }
  }
  if ((status === 400 || status === 413) && error !== undefined) return Sink.refused(wordsOf(error))
  // 429 (a full queue), 503 (a shard without its primary), and whatever else is said: sent again until it is plain.
  return {
    kind: "busy",
    reason: error === undefined ? "an item without a result" : `${String(status)}: ${wordsOf(error)}`
  }
}

/** `…: version conflict, current version [5] is higher than the one provided [4]`. */
const conflict = (reason: unknown, version: number): Verdict => {
  const held = typeof reason === "string" ? /current version \[(\d+)\]/.exec(reason)?.[1] : undefined
  return held !== undefined && Number(held) > version
    ? { _tag: "superseded", asof: held }
    : { kind: "busy", reason: "a conflict with no newer version", conflict: true }
}

const remedyForRights = "Give the user of this sink the right to write to its indices"

const isWithoutWriteIndex = (error: unknown): boolean => {
  const reason = field(error, "reason")
  return typeof reason === "string" && reason.startsWith("no write index is defined for alias")
}

/** The ids of blocks are OpenSearch's own, the texts beside them say the same; 12 and 13 come of a full disk. */
const blocked = (error: unknown): Obstacle => {
  const reason = field(error, "reason")
  const words = typeof reason === "string" ? reason : ""
  return /\/1[23]\//.test(words)
    ? {
        kind: "blocked",
        reason: "the cluster lacks disk space and takes nothing (flood stage)",
        remedy: "free or add space; OpenSearch lifts the block by itself"
      }
    : {
        kind: "blocked",
        reason: `writing is blocked (${withoutData(words).slice(0, 200)})`,
        remedy: "lift the block in the settings of the index or the cluster"
      }
}

/** An answer that concerns the request as a whole: nothing of it was written. */
const judgeWhole = (answered: Answered, bytes: number): Outcome => {
  const { body, status } = answered
  const error = field(body, "error")
  const type = field(error, "type")
  // 413 has no body: larger than `http.max_content_length`.
  if (status === 413) return { split: "larger than the node takes (413)" }
  if (type === "cluster_block_exception") return { obstacle: blocked(error) }
  if (status === 429) {
    return isTooLarge(error, bytes)
      ? { split: "larger than the node has memory for (429)" }
      : { obstacle: { kind: "busy", reason: `the cluster is overloaded (429): ${words(error)}` } }
  }
  // One line that is wrong refuses them all.
  if (status === 400 && typeof type === "string") return { split: `refused (400): ${wordsOf(error)}` }
  if (status === 401) {
    const reason = "the credentials were refused (401)"
    return { obstacle: { kind: "rights", reason, remedy: "Check auth in the settings of this sink" } }
  }
  if (status === 403) {
    return { obstacle: { kind: "rights", reason: `not allowed (403): ${words(error)}`, remedy: remedyForRights } }
  }
  if (status >= 500) return { obstacle: { kind: "busy", reason: `answered ${status}: ${words(error)}` } }
  return { strange: `answered with what is no answer of OpenSearch (status ${status})` }
}

const words = (error: unknown): string => (field(error, "type") === undefined ? "no words" : wordsOf(error))

/** Whether a request of that size would be refused on an idle node too: it alone is above the limit. */
const isTooLarge = (error: unknown, bytes: number): boolean => {
  const reason = String(field(error, "reason"))
  const pressure = /_operation_bytes=(\d+), max_coordinating_and_primary_bytes=(\d+)/.exec(reason)
  if (pressure !== null) return Number(pressure[1]) > Number(pressure[2])
  const limit = field(error, "bytes_limit")
  // The breaker of requests under way counts a body twice.
  return typeof limit === "number" && bytes * (reason.startsWith("[in_flight_requests]") ? 2 : 1) > limit
}
