/** What the demo keeps and counts: the company it was made with, and what has arrived in the event log. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Result, Schema } from "effect"
import { CloudEvent } from "@callstream/model"
import type { Truth } from "@callstream/sandbox"

/** The company of a demo: with the same numbers the sandbox makes the same one again. */
export const Company = Schema.fromJsonString(Schema.Struct({ seed: Schema.Int, calls: Schema.Int, now: Schema.Finite }))
export type Company = typeof Company.Type

const companyFile = "company.json"

/** The company of the demo in this folder: the one it began with, or a new one. */
export const company = (folder: string, wanted: Company): Company => {
  const path = join(folder, companyFile)
  if (existsSync(path)) return Schema.decodeUnknownSync(Company)(readFileSync(path, "utf8"))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(path, Schema.encodeSync(Company)(wanted))
  return wanted
}

/** What the event log of a local sink holds: the last version of each entity that was not deleted. */
export interface Arrived {
  /** Entities per event type. */
  readonly types: ReadonlyMap<string, number>
  /** Entities per API. */
  readonly sources: ReadonlyMap<string, number>
  /** Some words that were said, to search for. */
  readonly said: ReadonlyArray<string>
}

/** Reads the event log. A demo is small: all of it is held. */
export const arrived = (folder: string): Arrived => {
  const log = join(folder, "events")
  const entities = new Map<
    string,
    { readonly type: string; readonly api: string; readonly asof: number; readonly there: boolean }
  >()
  const said: Array<string> = []
  for (const file of existsSync(log) ? readdirSync(log).toSorted() : []) {
    for (const line of readFileSync(join(log, file), "utf8").split("\n")) {
      const event = line === "" ? undefined : Result.getOrUndefined(CloudEvent.fromJson(line))
      if (event === undefined) continue
      const key = `${event.source}\n${event.type}\n${event.subject}`
      const asof = Number(event.asof)
      if ((entities.get(key)?.asof ?? 0) > asof) continue
      entities.set(key, { type: event.type, api: event.source.split("/")[1] ?? "", asof, there: event.op === "upsert" })
      if (event.type === "callstream.transcript.v1") said.push(line)
    }
  }
  const count = (of: "type" | "api") => {
    const counts = new Map<string, number>()
    for (const entity of entities.values()) {
      if (entity.there) counts.set(entity[of], (counts.get(entity[of]) ?? 0) + 1)
    }
    return counts
  }
  return { types: count("type"), sources: count("api"), said }
}

/** Types of storage object whose content is a record of its own; content of any other type is not read. */
const withContent = new Set([
  "transcription",
  "chattranscription",
  "summary",
  "sentimentScore",
  "postcallsurvey",
  "agentnotes"
])

/** What exists, per API, of records listed with their rows: objects that were deleted do not. */
export const existing = (truths: ReadonlyArray<Truth>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  const readable = new Set(
    truths.flatMap(({ key, row, stream }) =>
      stream === "storage/objects" && withContent.has(String(typeOf(row))) ? [key] : []
    )
  )
  for (const { key, state, stream } of truths) {
    if (state === "DELETED" || state === "REVOKED") continue
    if (stream === "storage/content" && !readable.has(key)) continue
    const api = stream.split("/")[0] ?? ""
    counts.set(api, (counts.get(api) ?? 0) + 1)
  }
  return counts
}

const typeOf = (row: unknown): unknown =>
  typeof row === "object" && row !== null && "type" in row ? row.type : undefined

/** What people search for. */
const favourites = ["refund", "appointment", "credit card", "delivery", "balance", "reservation", "headache", "invoice"]

/** Words that somebody said, at least one. */
export const wordsToFind = ({ said }: Arrived): readonly [string, ...ReadonlyArray<string>] => {
  const all = said.join("\n").toLowerCase()
  const [first, ...others] = favourites.filter((word) => all.includes(word))
  return first === undefined ? [/[a-z]{7,}/.exec(all)?.[0] ?? "call"] : [first, ...others]
}
