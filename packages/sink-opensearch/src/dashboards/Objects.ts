/**
 * Saved objects for OpenSearch Dashboards: an index pattern and a search per type, and the same over all types. Their shape
 * is that of 2.x and 3.x alike (read in its source at 3.6.0, November 2026); the newest migrations are named, so that none
 * is run on them.
 */
import { EventType } from "@callstream/model"
import { everyAlias, readAlias } from "../document/Names.ts"
import { columnsOf, plainFields } from "./Columns.ts"

interface Reference {
  readonly name: string
  readonly type: "index-pattern"
  readonly id: string
}

/** A line of the file. */
export interface SavedObject {
  readonly id: string
  readonly type: "index-pattern" | "search"
  readonly attributes: Readonly<Record<string, unknown>>
  readonly references: ReadonlyArray<Reference>
  readonly migrationVersion: Readonly<Record<string, string>>
}

/** The objects for these types under a prefix; same arguments, same objects. */
export const objectsOf = (prefix: string, types: ReadonlyArray<EventType.EventType>): ReadonlyArray<SavedObject> => {
  const aliases = new Map<string, ReadonlyArray<EventType.EventType>>()
  for (const type of types) {
    const alias = readAlias(prefix, type)
    aliases.set(alias, [...(aliases.get(alias) ?? []), type])
  }
  return [
    ...[...aliases].flatMap(([alias, versions]) => [patternOf(alias, versions), searchOf(alias, versions)]),
    patternOf(everyAlias(prefix), types),
    everySearch(everyAlias(prefix))
  ]
}

/** The lines of a file to import. */
export const linesOf = (objects: ReadonlyArray<SavedObject>): string =>
  objects.map((object) => `${JSON.stringify(object)}\n`).join("")

/** Fields that are there for the search, or for a program. */
const hidden = ["group", "names", "numbers", "dataschema", "data.raw", "unindexed"]

const patternOf = (alias: string, types: ReadonlyArray<EventType.EventType>): SavedObject => ({
  id: alias,
  type: "index-pattern",
  attributes: {
    title: alias,
    timeFieldName: "time",
    sourceFilters: JSON.stringify(hidden.map((value) => ({ value }))),
    fieldFormatMap: JSON.stringify(formatsOf(types))
  },
  references: [],
  migrationVersion: { "index-pattern": "7.6.0" }
})

/** Lengths of time read as such; their fields' names end in `Ms`. */
const formatsOf = (types: ReadonlyArray<EventType.EventType>) => {
  const duration = {
    id: "duration",
    params: { inputFormat: "milliseconds", outputFormat: "humanizePrecise", outputPrecision: 1 }
  }
  return Object.fromEntries(
    types.flatMap((type) =>
      [...plainFields(type)]
        .filter(([name, kind]) => kind === "long" && name.endsWith("Ms"))
        .map(([name]) => [`data.${name}`, duration])
    )
  )
}

const searchOf = (alias: string, versions: ReadonlyArray<EventType.EventType>): SavedObject => {
  const columns = [...new Set(versions.flatMap(columnsOf))]
  const { description, title } = wordsOf(versions[0])
  return search(alias, `${title} (${alias})`, description, columns)
}

const everySearch = (alias: string): SavedObject =>
  search(alias, `All records (${alias})`, "Everything about a conversation: filter by conversation.", [
    "conversation",
    "type",
    "source",
    "subject",
    "text"
  ])

const search = (alias: string, title: string, description: string, columns: ReadonlyArray<string>): SavedObject => ({
  id: alias,
  type: "search",
  attributes: {
    title,
    description,
    hits: 0,
    columns,
    sort: [["time", "desc"]],
    version: 1,
    kibanaSavedObjectMeta: {
      searchSourceJSON: JSON.stringify({
        query: { query: "", language: "kuery" },
        filter: [],
        highlightAll: true,
        version: true,
        indexRefName: indexReference
      })
    }
  },
  references: [{ name: indexReference, type: "index-pattern", id: alias }],
  migrationVersion: { search: "7.9.3" }
})

const indexReference = "kibanaSavedObjectMeta.searchSourceJSON.index"

/** A schema's own title and description. */
const wordsOf = (type: EventType.EventType | undefined) => {
  const { description, title } = type === undefined ? {} : EventType.jsonSchema(type)
  return {
    title: typeof title === "string" ? title : (type?.short ?? ""),
    description: typeof description === "string" ? description : ""
  }
}
