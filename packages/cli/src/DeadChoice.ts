/** Which dead letters a command line means, for `dead replay` and `dead drop`. */
import { Effect } from "effect"
import { type Request, State } from "@callstream/core"
import { BadUsage } from "./BadUsage.ts"
import { type LoadedPipeline, loadOne } from "./file/PipelineFile.ts"
import { didYouMean } from "./file/Suggest.ts"
import type { Shell } from "./Shell.ts"
import { read } from "./StateStatus.ts"

export interface Choice {
  readonly pipeline: LoadedPipeline
  readonly letters: Request.Letters
  /** How many there are. */
  readonly count: number
  /** Sinks alone have to do with them. */
  readonly onlySinks: boolean
}

interface Given {
  readonly positional: ReadonlyArray<string>
  readonly flags: {
    readonly all: boolean
    readonly sink: string | undefined
    readonly stage: string | undefined
    readonly file: string | undefined
  }
}

/** Reads the command line, and looks the letters up. */
export const choose = Effect.fn("DeadChoice.choose")(function* (
  command: "dead replay" | "dead drop",
  { flags, positional }: Given,
  shell: Shell
) {
  const { all, sink } = flags
  // A number that is given twice is one letter.
  const numbers = [...new Set(positional.filter((text) => /^\d{1,15}$/.test(text)).map(Number))]
  const files = [
    ...positional.filter((text) => !/^\d{1,15}$/.test(text)),
    ...(flags.file === undefined ? [] : [flags.file])
  ]
  const wrong = (reason: string) => new BadUsage({ reason: `${reason} See callstream ${command} --help.` })
  if (files.length > 1) {
    return yield* wrong(
      `${command} wants numbers of dead letters and at most one pipeline file, not ${files.join(", ")}.`
    )
  }
  if (all && numbers.length > 0) return yield* wrong(`${command} wants numbers or --all, not both.`)
  if (!all && numbers.length === 0) {
    return yield* wrong(`${command} wants numbers of dead letters, as dead list prints them, or --all.`)
  }
  if (!all && (sink !== undefined || flags.stage !== undefined)) {
    return yield* wrong("--sink and --stage go with --all.")
  }
  if (sink !== undefined && flags.stage !== undefined)
    return yield* wrong("--sink NAME is --stage sink:NAME: give one.")
  if (flags.stage !== undefined && !/^(?:read|step|content|sink:.+)$/.test(flags.stage)) {
    return yield* wrong(`--stage wants read, step, content or sink:NAME, not ${flags.stage}.`)
  }
  const stage = sink === undefined ? flags.stage : `sink:${sink}`
  const pipeline = yield* loadOne(files[0], { cwd: shell.cwd, variables: shell.variables })
  shell.conceal(pipeline.secrets)
  const found = yield* read(
    pipeline.statePath,
    Effect.gen(function* () {
      const { deadLetters } = yield* State
      const [newest] = yield* deadLetters.list({ limit: 1 })
      const named = (yield* Effect.forEach(numbers, (number) => deadLetters.show(number))).filter(
        (letter) => letter !== undefined
      )
      const ofStage = (stage: string) => deadLetters.list({ limit: 1, stage })
      const others = all ? (yield* Effect.forEach(["read", "step", "content"], ofStage)).flat() : named
      return {
        through: newest?.number ?? 0,
        named: named.map(({ number }) => number),
        some: stage === undefined ? newest !== undefined : (yield* ofStage(stage)).length > 0,
        onlySinks: stage?.startsWith("sink:") ?? others.every((letter) => letter.stage.startsWith("sink:"))
      }
    })
  )
  const asked = stage?.startsWith("sink:") === true ? stage.slice("sink:".length) : undefined
  const sinks = pipeline.spec.sinks.map(({ name }) => name)
  // Letters of a sink that was taken out of the file are still there to be dropped.
  if (asked !== undefined && !found.some && !sinks.includes(asked)) {
    return yield* new BadUsage({
      reason: `There is no sink ${asked}.${didYouMean(asked, sinks)} There are ${sinks.join(", ")}.`
    })
  }
  const missing = numbers.filter((number) => !found.named.includes(number))
  if (missing.length > 0) {
    return yield* new BadUsage({
      reason: `There is no dead letter ${missing.join(", ")}: it may have been closed. See callstream dead list.`
    })
  }
  return {
    pipeline,
    letters: {
      through: found.through,
      ...(all ? {} : { numbers }),
      ...(stage === undefined ? {} : { stage })
    },
    count: all ? Number(found.some) : numbers.length,
    onlySinks: found.onlySinks
  } satisfies Choice
})
