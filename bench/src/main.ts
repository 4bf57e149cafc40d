/**
 * `./run bench [NAME] [--json] [--long] [--rounds N]`: measures the cases whose name begins with NAME. Runs of ours and of
 * the two loops alternate; ratios are medians over the rounds. With --json one object a line, else a table. The cases
 * `start-help` and `start-validate` time the start of the built command.
 */
import process from "node:process"
import { parseArgs } from "node:util"
import type { Job, LoopName, Measured, SinkName, SourceName } from "./Job.ts"
import { median } from "./Median.ts"
import { measure, withVendor } from "./Processes.ts"
import { startUp, startUps } from "./StartUp.ts"

interface Case {
  readonly name: string
  readonly source: SourceName
  readonly sink: SinkName
  readonly records: number
}

const sizes = { "100k": 100_000, "1m": 1_000_000 } as const
const sources: ReadonlyArray<SourceName> = ["recentcalls", "storage"]
const sinks: ReadonlyArray<SinkName> = ["count", "log"]

const cases: ReadonlyArray<Case> = sources.flatMap((source) =>
  sinks.flatMap((sink) =>
    Object.entries(sizes).map(([size, records]) => ({ name: `${source}-${sink}-${size}`, source, sink, records }))
  )
)

const loops: ReadonlyArray<LoopName> = ["ours", "same-work", "bare"]

type Round = Readonly<Record<LoopName, Measured>>

const roundsOf = ({ records, sink, source }: Case, count: number): Promise<ReadonlyArray<Round>> =>
  withVendor(source, records, async (vendor, folder) => {
    const job = (loop: LoopName): Job => ({ loop, source, sink, records, vendor, folder })
    // The first answers of the sandbox are slower than all that follow.
    await measure(job("bare"))
    const rounds: Array<Round> = []
    for (let i = 0; i < count; i++) {
      const measured = new Map<LoopName, Measured>()
      for (const loop of i % 2 === 0 ? loops : loops.toReversed()) measured.set(loop, await measure(job(loop)))
      rounds.push(Object.fromEntries(measured) as Round)
    }
    return rounds
  })

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

const resultOf = ({ name, records }: Case, rounds: ReadonlyArray<Round>) => {
  const of = (loop: LoopName, what: keyof Measured) => median(rounds.map((round) => round[loop][what]))
  return {
    name,
    records,
    recordsPerSecond: Math.round(records / of("ours", "seconds")),
    cpuSeconds: rounded(of("ours", "cpuSeconds"), 2),
    peakMemoryMiB: Math.round(of("ours", "peakMemoryMiB")),
    ratio: rounded(median(rounds.map((round) => round["same-work"].seconds / round.ours.seconds)), 2),
    bareRatio: rounded(median(rounds.map((round) => round.bare.seconds / round.ours.seconds)), 2),
    loops: {
      sameWork: {
        recordsPerSecond: Math.round(records / of("same-work", "seconds")),
        cpuSeconds: rounded(of("same-work", "cpuSeconds"), 2)
      },
      bare: {
        recordsPerSecond: Math.round(records / of("bare", "seconds")),
        cpuSeconds: rounded(of("bare", "cpuSeconds"), 2)
      }
    }
  }
}

const headings = [
  "name",
  "records/s",
  "same work",
  "bare",
  "ratio",
  "bareRatio",
  "CPU s",
  "(same)",
  "(bare)",
  "peak MiB"
]
const line = (cells: ReadonlyArray<string | number>) =>
  `${cells.map((cell, i) => (i === 0 ? String(cell).padEnd(24) : String(cell).padStart(10))).join("")}\n`

const options = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, long: { type: "boolean" }, rounds: { type: "string", default: "3" } }
})
const { json = false, long = false, rounds } = options.values
const names = options.positionals
const chosen = cases.filter(
  ({ name, records }) =>
    names.includes(name) ||
    ((long || records === sizes["100k"]) && (names.length === 0 || names.some((part) => name.startsWith(part))))
)
const starting = startUps.filter((name) => names.length === 0 || names.some((part) => name.startsWith(part)))
if (chosen.length + starting.length === 0) {
  const known = [...cases.map(({ name }) => name), ...startUps].map((name) => `  ${name}\n`).join("")
  process.stderr.write(`There is no case ${names.join(" ")}. There are:\n${known}`)
  process.exit(2)
}
if (!json && chosen.length > 0) process.stdout.write(line(headings))
for (const one of chosen) {
  const result = resultOf(one, await roundsOf(one, Number(rounds)))
  const { bareRatio, cpuSeconds, name, peakMemoryMiB, ratio, recordsPerSecond } = result
  const { bare, sameWork } = result.loops
  process.stdout.write(
    json
      ? `${JSON.stringify(result)}\n`
      : line([
          name,
          recordsPerSecond,
          sameWork.recordsPerSecond,
          bare.recordsPerSecond,
          ratio,
          bareRatio,
          cpuSeconds,
          sameWork.cpuSeconds,
          bare.cpuSeconds,
          peakMemoryMiB
        ])
  )
}
for (const name of starting) {
  const result = startUp(name, 5 * Number(rounds))
  const { milliseconds, ratio } = result
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${name}: ${milliseconds} ms, ${ratio} times node -e 0\n`)
}
