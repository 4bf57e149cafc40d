/** A first pipeline file: the examples of the chosen plugins, with comments, in one file that validates. */
import type { Plugin } from "@callstream/core"
import { find } from "./file/PluginLookup.ts"

export interface NewFile {
  readonly name: string
  readonly sources: ReadonlyArray<string>
  readonly sinks: ReadonlyArray<string>
}

const indent = (text: string, by: number): string => text.trimEnd().replace(/^(?=.)/gm, " ".repeat(by))

/** An example may stand under the section it belongs to. */
const bare = (example: string): string =>
  /^(?:sources|sinks|steps):\n/.test(example) ? example.replace(/^.*\n/, "").replace(/^ {2}/gm, "") : example

/** The part of a plugin: what it is, and its example. */
const part = (plugin: Plugin.Plugin): string => indent(`# ${plugin.summary}\n${bare(plugin.example)}`, 2)

/** The text of the file, or a sentence that says which plugin there is not. */
export const write = async ({
  name,
  sinks,
  sources
}: NewFile): Promise<{ readonly text: string } | { readonly wrong: string }> => {
  const parts: Record<"source" | "sink", Array<string>> = { source: [], sink: [] }
  for (const [kind, types] of [
    ["source", sources],
    ["sink", sinks]
  ] as const) {
    if (types.length === 0) return { wrong: `new wants at least one ${kind}.` }
    for (const [index, type] of types.entries()) {
      if (types.indexOf(type) < index) return { wrong: `new wants each ${kind} once: ${type} is named twice.` }
      const found = await find(kind, type, ".")
      if ("refused" in found) return { wrong: `${type}: ${found.refused}` }
      parts[kind].push(part(found.plugin))
    }
  }
  return {
    text: `# A Callstream pipeline. callstream validate checks it, callstream check proves its credentials, and
# callstream run runs it. For completion in your editor: callstream schema > callstream.schema.json
# yaml-language-server: $schema=./callstream.schema.json

# Part of the state, of metrics and of messages. Do not change it later: reading would begin anew.
name: ${name}

# Where progress is kept: a file, relative to this one.
state: { type: sqlite, path: .callstream/${name}.db }

# Where records come from. \${NAME} is taken from the environment, \${file:/run/secrets/x} from a file.
sources:
${parts.source.join("\n\n")}

# What happens to records on their way; take the # away to use one.
# steps:
#   - { type: filter, drop: { type: callstream.screen-recording.v1 } }
#   - { type: fields, drop: [raw] }

# Where records go. A sink may take only some sources (from: [name]) or types (types: [callstream.call.v1]).
sinks:
${parts.sink.join("\n\n")}
`
  }
}
