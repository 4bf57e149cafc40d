/**
 * `callstream demo`: the sandbox, all four sources and the local sink at work in this process. Ends when all has arrived,
 * compares with what the sandbox says exists, and shows how to search. It runs a pipeline file like everybody's, which
 * stays in its folder, so that the other commands can be tried on it.
 */
import { existsSync, writeFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { Clock, Effect } from "effect"
import { type Sink, Sqlite, State } from "@callstream/core"
import { start } from "@callstream/sandbox"
import { BadUsage } from "../BadUsage.ts"
import * as Demo from "../Demo.ts"
import type { CommandRun } from "../Command.ts"
import { ExitCode } from "../ExitCode.ts"
import { type LoadedPipeline, loadOne } from "../file/PipelineFile.ts"
import * as Running from "../Running.ts"
import * as SandboxPipeline from "../SandboxPipeline.ts"
import { withPlugins } from "../Services.ts"
import type { Shell } from "../Shell.ts"
import * as Hits from "../terminal/Hits.ts"
import { count } from "../terminal/StatusLines.ts"
import { liveCalls } from "./sandbox.ts"

/** Folder of the local sink, beside the pipeline file. */
const data = "data"

/** Length of the history, days. */
const days = 30

export const command: CommandRun<"demo"> = Effect.fn("demo")(function* ({ flags }, shell) {
  const folder = resolve(shell.cwd, flags.path)
  const now = yield* Clock.currentTimeMillis
  const company = yield* Effect.try({
    try: () => Demo.company(folder, { seed: flags.seed, calls: flags.calls, now }),
    catch: () =>
      new BadUsage({ reason: `${flags.path} cannot be used for the demo. Choose another folder with --path.` })
  })
  if (company.seed !== flags.seed || company.calls !== flags.calls) {
    return yield* new BadUsage({
      reason:
        `The demo in ${flags.path} is of another company (--seed ${company.seed} --calls ${company.calls}). ` +
        "Choose another folder with --path, or delete that one."
    })
  }
  const sandbox = yield* start({ ...company, days, live: flags.live ? liveCalls : 0 }).pipe(
    Effect.mapError((failure) => new BadUsage({ reason: failure.message }))
  )
  const path = join(folder, "callstream.yaml")
  yield* Effect.sync(() =>
    writeFileSync(
      path,
      "# Written by callstream demo, and written anew each time it runs.\n" +
        SandboxPipeline.write(sandbox, {
          name: "demo",
          since: company.now - (days + 1) * 86_400_000,
          path: data,
          state: "state.db"
        })
    )
  )
  const pipeline = yield* loadOne(path, { cwd: shell.cwd, variables: shell.variables })
  shell.conceal(pipeline.secrets)
  const before = yield* emittedBefore(pipeline)
  shell.stdout.write(
    before === 0
      ? `A made-up company with ${count(company.calls)} contact-centre calls, on four APIs at ${sandbox.url}.\n`
      : `The made-up company of the last demo again, on four APIs at ${sandbox.url}.\n`
  )

  const ended = yield* Running.run(
    [pipeline],
    { once: !flags.live, patienceMs: 60_000, drainMs: 25_000, failOnDead: false },
    shell
  )
  const [outcome] = ended.outcomes
  const took = ((yield* Clock.currentTimeMillis) - now) / 1000
  const after = outcome?.status.partitions.reduce((sum, { books }) => sum + books.emitted, 0) ?? 0
  const arrived = Demo.arrived(join(folder, data))
  shell.stdout.write(tell(arrived, after - before, took))
  const missing = compare(arrived, Demo.existing(sandbox.records(undefined, { rows: true })))
  // While new calls come in, what exists and what has arrived are never read at one instant.
  if (!flags.live) for (const sentence of missing.told) shell.stdout.write(`${sentence}\n`)
  yield* showFound(pipeline, Demo.wordsToFind(arrived), relative(shell.cwd, path), shell)
  if (outcome !== undefined && ended.code !== ExitCode.done) {
    shell.stderr.write(`${Running.summary(outcome, relative(shell.cwd, path))}\n`)
  }
  return ended.code === ExitCode.done && !missing.complete && !flags.live ? ExitCode.unfinished : ended.code
}, Effect.scoped)

/** How many events the demos before this one have delivered. */
const emittedBefore = ({ statePath }: LoadedPipeline) =>
  existsSync(statePath)
    ? Effect.gen(function* () {
        const overview = yield* (yield* State).overview
        return overview.reduce((sum, { books }) => sum + books.emitted, 0)
      }).pipe(Effect.provide(Sqlite.layerReadOnly({ path: statePath })))
    : Effect.succeed(0)

const tell = ({ types }: Demo.Arrived, fresh: number, seconds: number): string => {
  const rows = [...types].toSorted(([, a], [, b]) => b - a)
  const width = Math.max(0, ...rows.map(([type]) => type.length))
  const table = rows.map(([type, number]) => `  ${type.padEnd(width)}  ${count(number).padStart(7)}`).join("\n")
  const heading =
    fresh === 0
      ? `Nothing new: all of it had arrived before (looked in ${seconds.toFixed(1)} s).`
      : `${count(fresh)} new or changed records arrived in ${seconds.toFixed(1)} s.`
  return `\n${heading}\n\n${table}\n\n`
}

const compare = (arrived: Demo.Arrived, existing: ReadonlyMap<string, number>) => {
  const told = [...existing].map(([api, exists]) => {
    const here = arrived.sources.get(api) ?? 0
    return here === exists
      ? `${api}: all ${count(exists)} records that exist have arrived.`
      : `${api}: ${count(here)} records have arrived, ${count(exists)} exist.`
  })
  return { told, complete: [...existing].every(([api, exists]) => arrived.sources.get(api) === exists) }
}

/** Shows one conversation by something that was said in it, and what to try next. */
const showFound = Effect.fnUntraced(function* (pipeline: LoadedPipeline, words: Words, file: string, shell: Shell) {
  const found = yield* findSpoken(pipeline, words)
  const quoted = (word: string, by: string) => (word.includes(" ") ? `${by}"${word}"${by}` : word)
  if (found.hits.length > 0) {
    const lines = Hits.lines(found, shell.stdout.colors).slice(0, 8)
    shell.stdout.write(`\n${quoted(found.word, "")} was said in ${count(found.total)} conversations. One of them:\n\n`)
    shell.stdout.write(`${lines.map((line) => `  ${line}`).join("\n")}\n`)
  }
  const self = shell.variables["CALLSTREAM_COMMAND"] ?? "callstream"
  shell.stdout.write(
    `\nTry next:\n` +
      `  ${self} search ${quoted(found.word, "'")} --file ${file}\n` +
      `  ${self} status ${file}\n` +
      `  ${self} demo --live\n` +
      `  ${self} new\n` +
      `What arrived is in ${relative(shell.cwd, join(pipeline.spec.directory, data))}: ` +
      "JSON lines a day, and the search index.\n"
  )
})

type Words = ReturnType<typeof Demo.wordsToFind>

/** The first word that is found in a transcript, with one conversation it was said in. */
const findSpoken = Effect.fnUntraced(function* ({ spec }: LoadedPipeline, words: Words) {
  const [sink] = spec.sinks
  for (const word of sink?.plugin.search === undefined ? [] : words) {
    const place = { pipeline: spec.name, name: sink?.name ?? "", directory: spec.directory }
    const request = { query: word.includes(" ") ? `"${word}"` : word, limit: 20 }
    const { hits, total } = yield* withPlugins(sink?.plugin.search?.(sink.config, place, request) ?? nothing)
    const spoken = hits.find(({ type }) => type === "callstream.transcript.v1")
    if (spoken !== undefined) {
      return { word, total, hits: hits.filter(({ conversation }) => conversation === spoken.conversation) }
    }
  }
  return { word: words[0], total: 0, hits: [] }
})

const nothing = Effect.succeed<Sink.SearchResult>({ total: 0, hits: [] })
