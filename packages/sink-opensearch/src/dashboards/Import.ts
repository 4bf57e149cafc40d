/**
 * Brings the saved objects to OpenSearch Dashboards: by its import API where its address is known, else as a file for a
 * person to import. The API answers 200 also when it has written nothing; `success` says it (read in its source at 3.6.0,
 * November 2026).
 */
import { randomUUID } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { Effect } from "effect"
import { Failure, type Plugin } from "@callstream/core"
import * as Client from "../Client.ts"
import type { OpenSearchConfig } from "../Config.ts"
import { field } from "../Trouble.ts"
import { linesOf, objectsOf, type SavedObject } from "./Objects.ts"

const path = "/api/saved_objects/_import"
const endpoint = `POST ${path}`

/** Where the file goes when nothing is said. */
const usualFile = "callstream-dashboards.ndjson"

/** Imports or writes the objects of these types; says what was, or would be, done. */
export const bringObjects = Effect.fn("SinkOpenSearch.dashboards")(function* (
  config: OpenSearchConfig,
  { directory, types }: Pick<Plugin.SinkPlace, "directory" | "types">,
  { dryRun }: { readonly dryRun: boolean }
) {
  const objects = objectsOf(config.indexPrefix, types)
  const { file = usualFile, url } = config.dashboards ?? {}
  if (url === undefined) return yield* written(resolve(directory, file), linesOf(objects), dryRun)
  const what = `${objects.length} saved objects into OpenSearch Dashboards`
  if (dryRun) return [`Would import ${what}, over those of the same ids.`]
  const { node: _, nodes: __, ...others } = config
  const client = yield* Client.make({ ...others, node: url }, directory)
  yield* imported(client, objects)
  return [`Imported ${what}.`]
})

const written = (file: string, lines: string, dryRun: boolean) =>
  Effect.try({
    try: (): ReadonlyArray<string> => {
      if (contentOf(file) === lines) return []
      if (dryRun) return [`Would write ${file}, to be imported into OpenSearch Dashboards.`]
      writeFileSync(file, lines)
      return [
        `Wrote ${file}: in OpenSearch Dashboards choose Management, Dashboards Management, Saved objects, Import, and pick it.`
      ]
    },
    catch: () =>
      new Failure.Fatal({
        reason: `${file} cannot be written`,
        remedy: "Name another file in dashboards.file, or the address of OpenSearch Dashboards in dashboards.url"
      })
  })

const contentOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}

/** Asks Dashboards to import, and judges the answer. */
const imported = Effect.fnUntraced(function* (
  client: Client.Client,
  objects: ReadonlyArray<SavedObject>
): Effect.fn.Return<void, Failure.SinkFailure> {
  const boundary = `callstream-${randomUUID()}`
  const answer = yield* client.request("POST", path, {
    query: { overwrite: true },
    headers: { "osd-xsrf": "true", "content-type": `multipart/form-data; boundary=${boundary}` },
    lines: [
      `--${boundary}`,
      'Content-Disposition: form-data; name="file"; filename="callstream.ndjson"',
      "Content-Type: application/x-ndjson",
      "",
      linesOf(objects),
      `--${boundary}--`,
      ""
    ].join("\r\n")
  })
  const { body, status } = answer
  if (status === 200 && field(body, "success") === true) return
  if (status === 401 || status === 403) {
    return yield* new Failure.Denied({
      endpoint,
      reason: `OpenSearch Dashboards does not let us in (${status})`,
      remedy: "Check auth in the settings of this sink, or leave dashboards.url out and import the file",
      scope: "source"
    })
  }
  if (status >= 500 || status === 429) {
    return yield* new Failure.Unavailable({ endpoint, reason: `answered ${status}: ${messageOf(body)}`, status })
  }
  const errors = field(body, "errors")
  const reasons = Array.isArray(errors) ? errors.map(reasonOf) : []
  return yield* new Failure.Fatal({
    reason:
      typeof field(body, "success") !== "boolean" && status < 400
        ? "what answers at dashboards.url is not OpenSearch Dashboards"
        : `OpenSearch Dashboards refused the saved objects: ${[...new Set(reasons)].join("; ") || messageOf(body)}`,
    remedy: "Check dashboards.url and its version, or leave it out and import the file"
  })
})

/** `{ id, type, error: { type, … } }` */
const reasonOf = (error: unknown): string => {
  const kind = field(field(error, "error"), "type")
  return `${String(field(error, "type"))} ${String(field(error, "id"))}: ${typeof kind === "string" ? kind : "unknown"}`
}

const messageOf = (body: unknown): string => {
  const message = field(body, "message")
  return typeof message === "string" ? message.slice(0, 300) : "no reason given"
}
