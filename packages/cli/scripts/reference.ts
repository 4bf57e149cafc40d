/**
 * The reference pages under `docs/reference/`, made from what the code says of itself: the plugins' settings, the event
 * types, the table of commands. What `write-reference.ts` writes and a test compares.
 */
import { Schema } from "effect"
import type { Plugin } from "@callstream/core"
import { EventType, eventTypes } from "@callstream/model"
import { type CommandName, commands } from "../src/CommandTable.ts"
import * as Help from "../src/Help.ts"
import * as PipelineSchema from "../src/file/JsonSchema.ts"
import { builtInNames, find } from "../src/file/PluginLookup.ts"
import { inYaml, type Node, type Row, rowsOf, table } from "./SettingsTable.ts"

export const folder = new URL("../../../docs/reference/", import.meta.url)

/** What rewrites the pages. */
export const command = "./run docs"

const kinds = ["source", "sink", "step"] as const

const note = `<!-- Written by ${command}. Change what it is made from, not this file. -->\n`

const page = (title: string, ...parts: ReadonlyArray<string>): string =>
  `${note}\n# ${title}\n\n${parts.filter((part) => part !== "").join("\n\n")}\n`

const sentence = ({ description, example, required }: Row): string =>
  [description, example === undefined || required === undefined ? "" : `Example: \`${inYaml(example)}\`.`]
    .filter((part) => part !== "")
    .join(" ")

const settings = (rows: ReadonlyArray<Row>): string =>
  table(
    ["setting", "type", "default", "meaning"],
    rows.map((row) => [
      `\`${row.name}\``,
      row.type,
      row.default !== undefined ? `\`${inYaml(row.default)}\`` : row.required ? "**needed**" : "",
      sentence(row)
    ])
  )

/** The sections of a page, told by what stands before the setting's first dot. */
const pluginPage = (plugin: Plugin.Plugin): string => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(plugin.Config, { onExcessProperty: "error" })
  const rows = rowsOf(schema, definitions)
  const needed = new Set(rows.filter(({ name, required }) => required && !/[.[]/.test(name)).map(({ name }) => name))
  const top = (row: Row) => row.name.split(/[.[]/)[0] ?? ""
  const ordered = [...rows.filter((row) => needed.has(top(row))), ...rows.filter((row) => !needed.has(top(row)))]
  const events =
    plugin.kind === "source"
      ? `## Events\n\n${plugin.events.map(({ short, type }) => `- [\`${type}\`](events.md#${anchor(short)})`).join("\n")}`
      : ""
  return page(
    `${plugin.kind === "source" ? "Source" : plugin.kind === "sink" ? "Sink" : "Step"}: ${plugin.name}`,
    plugin.summary,
    `\`\`\`yaml\n${plugin.example.trimEnd()}\n\`\`\``,
    `## Settings\n\n${settings(ordered)}`,
    plugin.kind === "sink"
      ? "Beside these every sink has `from`, `types`, `steps` and `buffer`: see [pipeline files](pipeline-file.md)."
      : "",
    events
  )
}

/** GitHub's anchor of a heading that is one word of ours. */
const anchor = (short: string): string => short

const eventsPage = (plugins: ReadonlyArray<Plugin.Plugin>): string => {
  const sourcesOf = (type: string) =>
    plugins.flatMap((plugin) =>
      plugin.kind === "source" && plugin.events.some((event) => event.type === type)
        ? [`[${plugin.name}](source-${plugin.name}.md)`]
        : []
    )
  const sections = Object.values(eventTypes).map((type) => {
    const { $defs, ...schema } = EventType.jsonSchema(type)
    const rows = rowsOf(schema, ($defs ?? {}) as Node)
    return [
      `## ${type.short}`,
      `\`${type.type}\`. ${String(schema["description"] ?? "")} From ${sourcesOf(type.type).join(", ") || "no source yet"}.`,
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

const commandsPage = (): string =>
  page(
    "Commands",
    "What `callstream COMMAND --help` prints. Exit codes are explained in [running](../running.md#exit-codes).",
    // The table of commands knows its own names; `Object.keys` does not.
    ...(Object.keys(commands) as ReadonlyArray<CommandName>).map(
      (name) => `## ${name}\n\n\`\`\`text\n${Help.ofCommand(name).trimEnd()}\n\`\`\``
    )
  )

const pipelinePage = async (plugins: ReadonlyArray<Plugin.Plugin>): Promise<string> => {
  const schema = await PipelineSchema.write()
  const properties = schema["properties"] as Readonly<Record<string, Node>>
  const { buffer } = schema["definitions"] as Readonly<Record<string, Node>>
  const links = (kind: Plugin.Plugin["kind"]) =>
    plugins
      .filter((plugin) => plugin.kind === kind)
      .map(({ name }) => `[${name}](${kind}-${name}.md)`)
      .join(", ")
  const stateRows = rowsOf(properties["state"] ?? {}, {}, "state.")
  const bufferRows = rowsOf(buffer ?? {}, {}, "buffer.")
  return page(
    "Pipeline files",
    "YAML, or a TypeScript file that exports `pipeline({ … })` by default. An unknown key is an error, and all errors of a " +
      "file are reported at once, with line and column: `callstream validate`. `callstream schema` prints the JSON Schema of " +
      "it all, for completion in editors.",
    table(
      ["key", "meaning"],
      [
        [
          "`name`",
          `${String(properties["name"]?.["description"])} Needed; do not change it later, or reading begins anew.`
        ],
        ...stateRows.map((row) => [`\`${row.name}\``, row.description || "Only `sqlite` at present."]),
        ["`sources`", `${String(properties["sources"]?.["description"])} Types: ${links("source")}.`],
        ["`steps`", `What happens to records on their way, in order, before any sink. Types: ${links("step")}.`],
        ["`sinks`", `${String(properties["sinks"]?.["description"])} Types: ${links("sink")}.`],
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
  const plugins: Array<Plugin.Plugin> = []
  for (const kind of kinds) {
    for (const name of builtInNames(kind)) {
      const found = await find(kind, name, ".")
      if ("refused" in found) throw new Error(found.refused)
      plugins.push(found.plugin)
    }
  }
  return new Map([
    ["README.md", indexPage(plugins)],
    ["pipeline-file.md", await pipelinePage(plugins)],
    ["commands.md", commandsPage()],
    ["events.md", eventsPage(plugins)],
    ...plugins.map((plugin) => [`${plugin.kind}-${plugin.name}.md`, pluginPage(plugin)] as const)
  ])
}
