/** `callstream search`: asks every sink that can search, or one. */
import { Effect } from "effect"
import { Failure } from "@callstream/core"
import { BadUsage } from "../BadUsage.ts"
import type { CommandRun } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { loadOne } from "../file/PipelineFile.ts"
import { didYouMean } from "../file/Suggest.ts"
import { withPlugins } from "../Services.ts"
import * as Hits from "../terminal/Hits.ts"
import { count } from "../terminal/StatusLines.ts"

export const command: CommandRun<"search"> = Effect.fn("search")(function* ({ flags, positional }, shell) {
  const { secrets, spec } = yield* loadOne(flags.file, { cwd: shell.cwd, variables: shell.variables })
  shell.conceal(secrets)
  const names = spec.sinks.map(({ name }) => name)
  if (flags.sink !== undefined && !names.includes(flags.sink)) {
    const hint = didYouMean(flags.sink, names)
    return yield* new BadUsage({ reason: `There is no sink ${flags.sink}.${hint} There are ${names.join(", ")}.` })
  }
  const asked = spec.sinks.flatMap(({ config, name, plugin }) =>
    plugin.search !== undefined && (flags.sink ?? name) === name ? [{ name, config, search: plugin.search }] : []
  )
  if (asked.length === 0) {
    return yield* new BadUsage({
      reason: `${flags.sink ?? "None of the sinks"} can be searched. A local or an opensearch sink can.`
    })
  }
  const request = { query: positional.join(" "), limit: flags.limit }
  const results = yield* withPlugins(
    Effect.forEach(asked, ({ config, name, search }) =>
      search(config, { pipeline: spec.name, name, directory: spec.directory }, request).pipe(
        Effect.mapBoth({
          onSuccess: (result) => ({ sink: name, ...result }),
          onFailure: (failure) => Failure.ofSink(name, failure)
        })
      )
    )
  )
  if (flags.json) {
    shell.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
    return ExitCode.done
  }
  for (const result of results) {
    if (results.length > 1) shell.stdout.write(`${result.sink}:\n`)
    for (const line of Hits.lines(result, shell.stdout.colors)) shell.stdout.write(`${line}\n`)
    const shown = new Set(result.hits.map(({ conversation }) => conversation)).size
    const more = shown < result.total ? `, ${count(shown)} shown (--limit shows more)` : ""
    shell.stdout.write(
      result.total === 0
        ? "Nothing found.\n"
        : `${count(result.total)} conversation${result.total === 1 ? "" : "s"}${more}.\n`
    )
  }
  return ExitCode.done
})
