/** Help, written from the table of commands. */
import { commands, type CommandName, type CommandSpec, type FlagSpec, globalFlags } from "./CommandTable.ts"

const columns = 100

/** Puts text into lines, those after the first indented. */
const wrap = (text: string, indent: number, from = indent): string => {
  let line = ""
  let width = from
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    if (line !== "" && width + word.length + 1 > columns) {
      lines.push(line)
      line = ""
      width = indent
    }
    line += (line === "" ? "" : " ") + word
    width += word.length + 1
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`)
}

const table = (rows: ReadonlyArray<readonly [left: string, right: string]>): string => {
  const width = Math.max(...rows.map(([left]) => left.length)) + 4
  return rows.map(([left, right]) => `  ${left.padEnd(width - 2)}${wrap(right, width)}`).join("\n")
}

/** What `callstream --help` prints. */
export const general = (version: string): string => `Callstream ${version}: streams call data out of 8x8, continuously.

Usage: callstream COMMAND [ARGUMENTS] [OPTIONS]

${table(Object.entries(commands).map(([name, { summary }]) => [name, summary] as const))}

callstream COMMAND --help says more. FILE is ./callstream.yaml unless named.
Exit codes: 0 done, 1 the file is wrong, 2 the command line is wrong, 3 refused or parked,
4 stopped unfinished, 5 dead letters (with --fail-on-dead), 70 a defect of callstream.

No account? callstream demo shows it at work on made-up calls.
`

const flagRow = (name: string, flag: FlagSpec): readonly [string, string] => {
  const value = flag.value === undefined ? "" : ` ${flag.value}`
  const choices = flag.choices === undefined ? "" : ` One of ${flag.choices.join(", ")}.`
  const usual = flag.default === undefined || flag.default === 0 ? "" : ` Default: ${flag.default}.`
  return [`${flag.short === undefined ? "" : `-${flag.short}, `}--${name}${value}`, flag.description + choices + usual]
}

/** What `callstream COMMAND --help` prints. */
export const ofCommand = (name: CommandName): string => {
  const spec: CommandSpec = commands[name]
  const { argument } = spec
  const shown = argument === undefined ? "" : `${argument.name}${argument.many ? "…" : ""}`
  const usage = shown === "" ? "" : argument?.required === true ? ` ${shown}` : ` [${shown}]`
  const parts = [
    wrap(spec.summary + (spec.details === undefined ? "" : ` ${spec.details}`), 0),
    `Usage: callstream ${name}${usage}${Object.keys(spec.flags).length > 0 ? " [OPTIONS]" : ""}`,
    table([
      ...(argument === undefined ? [] : [[shown, argument.description] as const]),
      ...Object.entries({ ...spec.flags, ...globalFlags }).map(([flag, definition]) => flagRow(flag, definition))
    ]),
    `Examples:\n${spec.examples.map((example) => `  ${example}`).join("\n")}`
  ]
  return `${parts.join("\n\n")}\n`
}
