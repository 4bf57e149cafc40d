/** Parses the command line against the table of commands. Whatever is wrong is one sentence that says what to type. */
import { parseArgs } from "node:util"
import { commands, type CommandName, type CommandSpec, type FlagSpec, globalFlags } from "./CommandTable.ts"
import { didYouMean } from "./file/Suggest.ts"

export type Parsed =
  | { readonly _tag: "help"; readonly command?: CommandName }
  | { readonly _tag: "version" }
  | {
      readonly _tag: "command"
      readonly command: CommandName
      readonly positional: ReadonlyArray<string>
      readonly flags: Readonly<Record<string, string | number | boolean | undefined>>
    }
  | { readonly _tag: "wrong"; readonly message: string }

const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name)

/** Parses what stands after `callstream`. */
export const parse = (argv: ReadonlyArray<string>): Parsed => {
  const [first, second] = argv
  if (first === undefined || first === "--help" || first === "-h") return { _tag: "help" }
  if (["--version", "-v", "version"].includes(first)) return { _tag: "version" }
  if (first === "help") return second === undefined ? { _tag: "help" } : parse([...argv.slice(1), "--help"])
  if (first.startsWith("-")) {
    return wrong(`The command comes first, then its options: callstream run ${first}.`)
  }
  const joined = `${first} ${second ?? ""}`
  if (isCommand(joined)) return parseCommand(joined, argv.slice(2))
  if (isCommand(first)) return parseCommand(first, argv.slice(1))
  const subcommands = Object.keys(commands).filter((name) => name.startsWith(`${first} `))
  if (subcommands.length > 0) {
    return second === "--help" || second === "-h"
      ? { _tag: "help" }
      : wrong(`After ${first} comes one of: ${subcommands.map((name) => name.split(" ")[1]).join(", ")}.`)
  }
  return wrong(`There is no command ${first}.${didYouMean(first, Object.keys(commands))}`, undefined)
}

const wrong = (message: string, command?: CommandName): Parsed => ({
  _tag: "wrong",
  message: `${message} See callstream ${command === undefined ? "" : `${command} `}--help.`
})

const parseCommand = (command: CommandName, argv: ReadonlyArray<string>): Parsed => {
  const spec: CommandSpec = commands[command]
  const flags: Readonly<Record<string, FlagSpec>> = { ...spec.flags, ...globalFlags }
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { kind, short }]) => [
        name,
        {
          type: kind === "boolean" ? ("boolean" as const) : ("string" as const),
          ...(short === undefined ? {} : { short })
        }
      ])
    ),
    strict: false,
    allowPositionals: true,
    tokens: true
  })
  const values: Record<string, string | number | boolean | undefined> = {}
  for (const [name, { default: usual, kind }] of Object.entries(flags)) {
    values[name] =
      kind === "boolean" ? false : kind === "duration" && usual !== undefined ? duration(String(usual)) : usual
  }
  const positional: Array<string> = []
  for (const token of tokens) {
    if (token.kind === "positional") positional.push(token.value)
    if (token.kind !== "option") continue
    if (token.name === "help") return { _tag: "help", command }
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined
    if (flag === undefined) {
      return wrong(
        `${command} has no option ${token.rawName}.${didYouMean(
          token.rawName,
          Object.keys(flags).map((name) => `--${name}`)
        )}`,
        command
      )
    }
    if (flag.kind === "boolean" && token.value !== undefined) return wrong(`--${token.name} takes no value.`, command)
    const value = flag.kind === "boolean" ? true : read(flag, token.value)
    if (value === undefined) return wrong(`--${token.name} wants ${expected(flag)}.`, command)
    values[token.name] = value
  }
  const { argument } = spec
  if (argument === undefined && positional.length > 0) {
    return wrong(`${command} takes no arguments, only options.`, command)
  }
  if (argument?.required === true && positional.length === 0)
    return wrong(`${command} wants a ${argument.name}.`, command)
  if (argument?.many === false && positional.length > 1) {
    return wrong(`${command} takes one ${argument.name}, not ${positional.length}.`, command)
  }
  return { _tag: "command", command, positional, flags: values }
}

const read = (flag: FlagSpec, text: string | undefined): string | number | undefined => {
  if (text === undefined || text === "") return undefined
  switch (flag.kind) {
    case "integer":
      return /^\d{1,9}$/.test(text) ? Number(text) : undefined
    case "duration":
      return duration(text)
    default:
      return flag.choices === undefined || flag.choices.includes(text) ? text : undefined
  }
}

const expected = ({ choices, kind }: FlagSpec): string => {
  if (choices !== undefined) return `one of ${choices.join(", ")}`
  if (kind === "integer") return "a whole number"
  return kind === "duration" ? "a length of time such as 30s, 10min or 1h" : "a value"
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `30 s`, `10min`, `1h`. */
const duration = (text: string): number | undefined => {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d+)?) ?(ms|s|min|h|d)$/.exec(text) ?? []
  return amount === undefined ? undefined : Number(amount) * (units[unit ?? "ms"] ?? 1)
}
