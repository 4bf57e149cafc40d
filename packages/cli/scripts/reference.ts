/**
 * The reference pages under `docs/reference/`, made from what the code says of itself: the plugins' settings, the event
 * types, the table of commands. What `write-reference.ts` writes and a test compares.
 */
import { Schema } from "effect"
import { FieldTable, type Plugin } from "@callstream/core"
import { EventType, eventTypes } from "@callstream/model"
import { type CommandName, commands } from "../src/CommandTable.ts"
import * as Help from "../src/Help.ts"
import * as PipelineSchema from "../src/file/JsonSchema.ts"
import { builtInNames, find } from "../src/file/PluginLookup.ts"
import { describedBy, inYaml, type Row, rowsOf, table, under } from "./SettingsTable.ts"

export const folder = new URL("../../../docs/reference/", import.meta.url)

/** What rewrites the pages. */
export const command = "./run reference"

const kinds = ["source", "sink", "step"] as const

const note = `<!-- Written by ${command}. Change what it is made from, not this file. -->\n`

const page = (title: string, ...parts: ReadonlyArray<string>): string =>
  `${note}\n# ${title}\n\n${parts.filter((part) => part !== "").join("\n\n")}\n`

const sentence = ({ default: usual, description, example }: Row): string => {
  const shown = example === undefined || example === usual ? [] : [`Example: \`${inYaml(example)}\`.`]
  return [...(description === "" ? [] : [description]), ...shown].join(" ")
}

const isNested = (name: string): boolean => /[.[]/.test(name)

/** The setting of the plugin that a row belongs to. */
const topOf = ({ name }: Row): string => name.split(/[.[]/)[0] ?? ""

/** A setting of a group is needed where the group is given. */
const usually = ({ default: usual, name, required }: Row): string => {
  if (usual !== undefined) return `\`${inYaml(usual)}\``
  return required ? (isNested(name) ? "needed" : "**needed**") : ""
}

const settings = (rows: ReadonlyArray<Row>): string =>
  table(
    ["setting", "type", "default", "meaning"],
    rows.map((row) => [`\`${row.name}\``, row.type, usually(row), sentence(row)])
  )

/** Where each of the vendor's fields goes to. */
const fieldsSection = (tables: ReadonlyArray<FieldTable.FieldTable>): string => {
  const sections = tables.map(({ fields, record, types }) => {
    const rows = Object.entries(fields).map(([name, use]) => {
      const names = FieldTable.goesTo(use).map((one) => `\`${one}\``)
      return [`\`${name}\``, FieldTable.noteOf(use), names.length === 0 ? "stays in `raw`" : names.join(", ")]
    })
    const becomes = types.map(({ short }) => `[${short}](events.md#${short})`).join(", ")
    return `### ${record}\n\nBecomes ${becomes}.\n\n${table(["vendor's field", "to know", "in the event"], rows)}`
  })
  return [
    "## Fields",
    "What becomes of each field of the vendor's records. `raw` has all of them as they came, unless the pipeline drops it. " +
      "A field the vendor adds tomorrow stays in `raw` until it is in this table.",
    ...sections
  ].join("\n\n")
}

/** What is needed comes first, a group's settings stay with it. */
const pluginPage = (plugin: Plugin.Plugin): string => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(plugin.Config, { onExcessProperty: "error" })
  const rows = rowsOf(schema, definitions)
  const needed = new Set(rows.filter(({ name, required }) => required && !isNested(name)).map(({ name }) => name))
  const ordered = [...rows.filter((row) => needed.has(topOf(row))), ...rows.filter((row) => !needed.has(topOf(row)))]
  const events =
    plugin.kind === "source"
      ? `## Events\n\n${plugin.events.map(({ short, type }) => `- [\`${type}\`](events.md#${short})`).join("\n")}`
      : ""
  return page(
    `${plugin.kind === "source" ? "Source" : plugin.kind === "sink" ? "Sink" : "Step"}: ${plugin.name}`,
    plugin.summary,
    `\`\`\`yaml\n${plugin.example.trimEnd()}\n\`\`\``,
    `## Settings\n\n${settings(ordered)}`,
    plugin.kind === "sink"
      ? "Beside these every sink has `from`, `types`, `steps` and `buffer`: see [pipeline files](pipeline-file.md)."
      : "",
    events,
    plugin.kind === "source" && plugin.fields !== undefined ? fieldsSection(plugin.fields) : ""
  )
}

const eventsPage = (plugins: ReadonlyArray<Plugin.Plugin>): string => {
  const sourcesOf = (type: string) =>
    plugins.flatMap((plugin) =>
      plugin.kind === "source" && plugin.events.some((event) => event.type === type)
        ? [`[${plugin.name}](source-${plugin.name}.md)`]
        : []
    )
  const sections = Object.values(eventTypes).map((type) => {
    const schema = EventType.jsonSchema(type)
    const rows = rowsOf(schema, under(schema, "$defs"))
    return [
      `## ${type.short}`,
      `\`${type.type}\`. ${describedBy(schema)} From ${sourcesOf(type.type).join(", ") || "no source yet"}.`,
      table(
        ["field", "type", "meaning"],
        rows.map((row) => [`\`${row.name}\`${row.required ? " (always)" : ""}`, row.type, row.description])
      )
    ].join("\n\n")
  })
  return page(
    "Events",
    "What leaves a source is a [CloudEvent](https://cloudevents.io) 1.0. An entity is (`source`, `type`, `subject`); an " +
      "event is one version of it, and an upsert replaces the whole entity.",
    table(["attribute", "meaning"], envelope),
    "Its `data` is the normalized record: one name, one type, one unit per fact, whichever API it came from. Instants are " +
      "UTC, lengths of time are milliseconds, ids and phone numbers are texts. A field the vendor did not fill is absent. " +
      "What could not be read is absent too, and `warnings` names it. `raw` is the vendor's record as it came.",
    "The JSON Schema of each is in [`packages/model/schemas`](../../packages/model/schemas). A new optional field may come " +
      "with any release; any other change makes a new version of the type.",
    ...sections
  )
}

const envelope: ReadonlyArray<ReadonlyArray<string>> = [
  [
    "`id`",
    "Made from what the vendor said, so the same version has the same id however often it is sent: drop repeats by it."
  ],
  ["`type`", "`callstream.<record>.v<version>`, one of those below."],
  ["`source`", "Where it was read, such as `8x8/storage/us-east`."],
  ["`subject`", "What identifies the record for ever within its stream."],
  ["`time`", "When the thing happened, UTC; absent when the vendor does not say."],
  ["`op`", "`upsert` or `delete`. A delete has no data."],
  [
    "`conversation`",
    "What joins everything about one call or chat: the interaction GUID of the contact centre, or `<PBX name>/<call id>` " +
      "of Work. Absent when unknown."
  ],
  ["`asof`", "The version of the entity, epoch milliseconds as a text. A later one wins."],
  ["`dataschema`", "The `$id` of the JSON Schema of `data`, such as `urn:callstream:schema:call.v1`."]
]

const commandNames = Object.keys(commands) as ReadonlyArray<CommandName>

const commandsPage = (): string =>
  page(
    "Commands",
    "What `callstream COMMAND --help` prints. Exit codes are explained in [running](../running.md#exit-codes).",
    ...commandNames.map((name) => `## ${name}\n\n\`\`\`text\n${Help.ofCommand(name).trimEnd()}\n\`\`\``)
  )

const pipelinePage = async (plugins: ReadonlyArray<Plugin.Plugin>): Promise<string> => {
  const schema = await PipelineSchema.write()
  const properties = under(schema, "properties")
  const meaning = (key: string) => describedBy(under(properties, key))
  const links = (kind: Plugin.Plugin["kind"]) =>
    plugins
      .filter((plugin) => plugin.kind === kind)
      .map(({ name }) => `[${name}](${kind}-${name}.md)`)
      .join(", ")
  const stateRows = rowsOf(under(properties, "state"), {}, "state.")
  const bufferRows = rowsOf(under(under(schema, "definitions"), "buffer"), {}, "buffer.")
  return page(
    "Pipeline files",
    "YAML, or a TypeScript file that exports `pipeline({ … })` by default. An unknown key is an error, and all errors of a " +
      "file are reported at once, with line and column: `callstream validate`. `callstream schema` prints the JSON Schema of " +
      "it all, for completion in editors.",
    table(
      ["key", "meaning"],
      [
        ["`name`", `${meaning("name")} Needed; do not change it later, or reading begins anew.`],
        ...stateRows.map((row) => [`\`${row.name}\``, row.description || "Only `sqlite` at present."]),
        ["`sources`", `${meaning("sources")} Types: ${links("source")}.`],
        ["`steps`", `What happens to records on their way, in order, before any sink. Types: ${links("step")}.`],
        ["`sinks`", `${meaning("sinks")} Types: ${links("sink")}.`],
        ["`x-…`", "Ignored: a place for YAML anchors."]
      ]
    ),
    "`type` may also name an installed package (`@acme/callstream-source-x`, `callstream-…`) or a file (`./mine.ts`) with an " +
      "export `plugin`, resolved from the folder of the pipeline file.",
    "## What any sink may say\n\n" +
      table(
        ["setting", "default", "meaning"],
        [
          ["`from`", "all", "Sources it takes from."],
          ["`types`", "all", "Event types it takes, such as `callstream.call.v1`."],
          ["`steps`", "", "Steps for this sink alone, after those of the pipeline."],
          ...bufferRows.map((row) => [
            `\`${row.name}\``,
            `\`${inYaml(row.default)}\``,
            row.description || "What may wait for this sink before its sources stop."
          ])
        ]
      ),
    "## What is filled in\n\n" +
      table(
        ["written", "becomes"],
        [
          ["`${NAME}`", "The environment variable; an error when it is not set."],
          ["`${NAME:-text}`", "The same, or the text when it is not set or empty."],
          ["`${file:/run/secrets/x}`", "The text of a file, less one final newline; relative to the pipeline file."],
          ["`$${`", "A literal `${`."]
        ]
      ),
    "Only text values are filled in, never names, and what is filled in is never parsed again. A number, `true` or `false` " +
      "may be filled in as a text that reads exactly as one.",
    "Lengths of time are a number and a unit: `30 s`, `15 min`, `6 h`, `3 d`, `2 w`. Instants are a day (`2026-01-01`: its " +
      "midnight in UTC) or a time with its zone (`2026-01-01T08:00:00Z`)."
  )
}

const indexPage = (plugins: ReadonlyArray<Plugin.Plugin>): string =>
  page(
    "Reference",
    "Written from the code, so it is what this version does.",
    [
      "- [Pipeline files](pipeline-file.md)",
      "- [Commands](commands.md)",
      "- [Events](events.md)",
      ...plugins.map(({ kind, name, summary }) => `- [${kind} ${name}](${kind}-${name}.md): ${summary}`)
    ].join("\n")
  )

/** Every page by its file name. */
export const pages = async (): Promise<ReadonlyMap<string, string>> => {
  const found = await Promise.all(kinds.flatMap((kind) => builtInNames(kind).map((name) => find(kind, name, "."))))
  const plugins = found.map((one): Plugin.Plugin => {
    if ("refused" in one) throw new Error(one.refused)
    return one.plugin
  })
  return new Map([
    ["README.md", indexPage(plugins)],
    ["pipeline-file.md", await pipelinePage(plugins)],
    ["commands.md", commandsPage()],
    ["events.md", eventsPage(plugins)],
    ...plugins.map((plugin) => [`${plugin.kind}-${plugin.name}.md`, pluginPage(plugin)] as const)
  ])
}
