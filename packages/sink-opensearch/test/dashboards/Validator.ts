/**
 * What OpenSearch Dashboards wants of saved objects, as its source has it (read at 3.6.0, November 2026): the rules of its
 * import, references both ways, and that the fields that are named exist.
 */
import { isKeys } from "../../src/setup/JsonSchema.ts"

/** Attributes that all of 2.19 and 3.x map; others are refused, but in an index pattern. */
const attributes: Readonly<Record<string, ReadonlyArray<string> | undefined>> = {
  "index-pattern": undefined,
  search: ["title", "description", "hits", "columns", "sort", "version", "kibanaSavedObjectMeta"]
}

/** The newest migration each type has; a newer one fails the whole import. */
const newest: Readonly<Record<string, string>> = { "index-pattern": "7.6.0", search: "7.9.3" }

const searchSource = "kibanaSavedObjectMeta.searchSourceJSON.index"

/** Complaints about a file, none if it can be imported. `stored` are ids that are there already. */
export const complaintsAbout = (file: string): ReadonlyArray<string> => {
  const said: Array<string> = []
  const lines = file.split("\n").filter((line) => line.trim() !== "")
  const objects = lines.map((line): unknown => JSON.parse(line)).filter(isKeys)
  const keys = objects.map(({ id, type }) => `${String(type)}:${String(id)}`)
  if (Buffer.byteLength(file) > 26_214_400 || objects.length > 10_000) said.push("too large")
  if (!file.endsWith("\n")) said.push("the last line has no end")
  for (const [place, object] of objects.entries()) {
    const key = keys[place] ?? ""
    const complain = (about: string) => said.push(`${key}: ${about}`)
    if (keys.indexOf(key) !== place) complain("twice")
    for (const name of Object.keys(object)) {
      if (!["id", "type", "attributes", "references", "migrationVersion"].includes(name))
        complain(`${name} is not stored`)
    }
    const type = String(object["type"])
    const own = isKeys(object["attributes"]) ? object["attributes"] : {}
    if (!(type in attributes)) complain("unsupported type")
    const admitted = attributes[type]
    for (const name of Object.keys(own)) if (admitted?.includes(name) === false) complain(`unknown attribute ${name}`)
    if (typeof own["title"] !== "string" || own["title"] === "") complain("no title")
    const migration = isKeys(object["migrationVersion"]) ? object["migrationVersion"][type] : undefined
    if (migration !== newest[type]) complain(`migrationVersion ${String(migration)}`)
    const references = Array.isArray(object["references"]) ? object["references"].filter(isKeys) : []
    const named: Array<string> = []
    for (const reference of references) {
      if (Object.keys(reference).toSorted().join() !== "id,name,type") complain("a reference with other keys")
      if (!keys.includes(`${String(reference["type"])}:${String(reference["id"])}`)) complain("a missing reference")
    }
    if (type === "search") {
      const meta = own["kibanaSavedObjectMeta"]
      const source = embedded(isKeys(meta) ? meta["searchSourceJSON"] : undefined)
      if (source === undefined) complain("searchSourceJSON is no JSON text")
      else named.push(String(source["indexRefName"]))
      if (named[0] !== searchSource) complain("indexRefName is not the usual")
      const query = source?.["query"]
      if (!isKeys(query) || query["language"] !== "kuery") complain("a query from before 7")
    }
    if (type === "index-pattern") {
      for (const name of ["fieldFormatMap", "sourceFilters"])
        if (embedded(own[name]) === undefined) complain(`${name} is no JSON text`)
    }
    const names = references.map(({ name }) => String(name))
    for (const name of named) if (!names.includes(name)) complain(`${name} is not among the references`)
    for (const name of names) if (!named.includes(name)) complain(`nothing names the reference ${name}`)
  }
  return said
}

/** JSON inside of a text. */
const embedded = (text: unknown): Readonly<Record<string, unknown>> | undefined => {
  if (typeof text !== "string") return undefined
  const value: unknown = JSON.parse(text)
  return typeof value === "object" && value !== null ? { ...value } : undefined
}

/** The mapping of Dashboards' own index, of the types we use: what an object must fit to be stored. */
export const dashboardsMapping = {
  dynamic: "strict",
  properties: {
    type: { type: "keyword" },
    namespace: { type: "keyword" },
    namespaces: { type: "keyword" },
    originId: { type: "keyword" },
    updated_at: { type: "date" },
    references: {
      type: "nested",
      properties: { name: { type: "keyword" }, type: { type: "keyword" }, id: { type: "keyword" } }
    },
    migrationVersion: { dynamic: "true", type: "object" },
    "index-pattern": { dynamic: "false", properties: { title: { type: "text" }, type: { type: "keyword" } } },
    search: {
      properties: {
        title: { type: "text" },
        description: { type: "text" },
        hits: { type: "integer", index: false, doc_values: false },
        columns: { type: "keyword", index: false, doc_values: false },
        sort: { type: "keyword", index: false, doc_values: false },
        version: { type: "integer" },
        kibanaSavedObjectMeta: { properties: { searchSourceJSON: { type: "text", index: false } } }
      }
    }
  }
}
