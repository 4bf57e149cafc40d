/**
 * Runs one command: gives it its shell and its logger, listens for signals, and says how it ended. No trace is shown for
 * anything a user can cause.
 */
import process from "node:process"
import { Cause, Deferred, Effect, Exit, Option } from "effect"
import type { CommandFailure } from "./Command.ts"
import type { CommandName } from "./CommandTable.ts"
import { ExitCode } from "./ExitCode.ts"
import * as Log from "./log/Log.ts"
import * as Redaction from "./log/Redaction.ts"
import type { Output, Shell } from "./Shell.ts"
import * as Screen from "./terminal/Screen.ts"

/** What each failure means to whoever started us; see `ExitCode.ts`. */
const codeOf: Readonly<Record<string, ExitCode>> = {
  FilesRefused: ExitCode.badFile,
  Fatal: ExitCode.badFile,
  StateRefused: ExitCode.badFile,
  StateFailed: ExitCode.badFile,
  BadUsage: ExitCode.badUsage,
  Denied: ExitCode.refused,
  Unavailable: ExitCode.refused,
  BadAnswer: ExitCode.refused
}

/** Commands that end in their own way when they are told to. */
const stopsItself = new Set<CommandName>(["run", "preview", "sandbox", "demo"])

/** How long after the first signal the process ends whatever hangs, unless the command says otherwise. */
const usualDeadlineMs = 10_000

/** The longest time that Node's timers can wait, 24 days: a longer one would be over at once. */
const longestTimerMs = 2 ** 31 - 1

/** What the command line asks for. */
export interface ParsedCommand {
  readonly command: CommandName
  readonly positional: ReadonlyArray<string>
  readonly flags: Readonly<Record<string, string | number | boolean | undefined>>
}

/** The folder that paths are meant against: `./run` goes to the root of the repository, and names its caller's. */
export const callerFolder = (): string => process.env["CALLSTREAM_DIRECTORY"] ?? process.cwd()

/** Loads and runs the parsed command, and ends the process. */
export const execute = async (
  parsed: ParsedCommand,
  version: string,
  load: () => Promise<{ readonly command: unknown }>
): Promise<void> => {
  const redactor = Redaction.make()
  const stderr = Screen.make(output(process.stderr))
  const asked = parsed.flags["log-format"]
  const logFormat = asked === "json" || (asked === undefined && !process.stderr.isTTY) ? "json" : "human"
  const level = String(parsed.flags["log-level"])
  const stopped = Deferred.makeUnsafe<void>()
  let deadlineMs = usualDeadlineMs
  const shell: Shell = {
    cwd: callerFolder(),
    variables: process.env,
    stdout: Screen.make(output(process.stdout)),
    stderr,
    stdin: process.stdin,
    version,
    logFormat,
    debug: level === "debug",
    stopped: Deferred.await(stopped),
    deadline: (afterMs) => {
      deadlineMs = afterMs
    },
    conceal: redactor.conceal
  }

  let signals = 0
  const onSignal = () => {
    signals += 1
    if (signals > 1) process.exit(ExitCode.unfinished)
    // The process ends even if something hangs.
    setTimeout(() => process.exit(ExitCode.unfinished), Math.min(deadlineMs, longestTimerMs))
    Effect.runSync(Deferred.succeed(stopped, undefined))
  }
  process.on("SIGTERM", onSignal)
  process.on("SIGINT", onSignal)

  const { command } = await load()
  const { colors } = stderr
  // The table gives each command the flags of its own entry; the compiler cannot follow it through the index.
  const run = command as (given: unknown, shell: Shell) => Effect.Effect<ExitCode, CommandFailure>
  const running = run({ positional: parsed.positional, flags: parsed.flags }, shell)
  const exit = await Effect.runPromiseExit(
    (stopsItself.has(parsed.command)
      ? running
      : Effect.raceFirst(running, Effect.as(shell.stopped, ExitCode.unfinished))
    ).pipe(Effect.provide(Log.layer({ format: logFormat, level, colors, write: stderr.write, redactor })))
  )
  const say = (text: string, named = true): void => {
    const masked = redactor.mask(text)
    stderr.write(
      parsed.command === "run" && logFormat === "json"
        ? Log.line(
            { at: new Date(), level: "ERROR", message: masked, fields: {} },
            { colors, format: "json", redactor }
          )
        : `${named ? "callstream: " : ""}${masked}\n`
    )
  }
  const code = Exit.isSuccess(exit) ? exit.value : explain(exit.cause, parsed.command, version, shell.debug, say)
  await flush(process.stdout)
  await flush(process.stderr)
  process.exit(code)
}

const explain = (
  cause: Cause.Cause<CommandFailure>,
  command: string,
  version: string,
  debug: boolean,
  say: (text: string, named?: boolean) => void
): ExitCode => {
  const failure = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (failure !== undefined) {
    say(failure.message, failure._tag !== "FilesRefused")
    return codeOf[failure._tag] ?? ExitCode.refused
  }
  if (Cause.hasInterruptsOnly(cause)) return ExitCode.unfinished
  const defect = Cause.squash(cause)
  const message = defect instanceof Error ? defect.message : String(defect)
  say(
    `This is a mistake of callstream's own, in ${command} of version ${version}: ${message.split("\n")[0]}. ` +
      (debug ? "Please report it with the trace below." : "Please report it, with what --log-level debug shows.")
  )
  if (debug) say(Cause.pretty(cause), false)
  return ExitCode.defect
}

const output = (stream: NodeJS.WriteStream): Output => {
  const isTerminal = stream.isTTY && process.env["TERM"] !== "dumb"
  return {
    write: (text) => void stream.write(text),
    isTerminal,
    colors: isTerminal && (process.env["NO_COLOR"] ?? "") === "",
    // A terminal that was never told its size says 0.
    columns: () => (stream.isTTY && stream.columns > 0 ? stream.columns : 80),
    rows: () => (stream.isTTY && stream.rows > 0 ? stream.rows : 24)
  }
}

const flush = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => void stream.write("", () => resolve()))
