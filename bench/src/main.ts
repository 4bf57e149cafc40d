/**
 * `./run bench [NAME…] [--json] [--long] [--rounds N]`: measures the cases whose name begins with NAME, all of them where
 * there is none; those of a million records only when named in full, or with --long. What is compared takes turns; numbers
 * are medians over the rounds. With --json one object a line.
 */
import process from "node:process"
import { parseArgs } from "node:util"
import { Effect } from "effect"
import { decodeCases, decodeOf, decodeResult } from "./DecodeCases.ts"
import { pipelineCases, pipelineResult, roundsOf } from "./PipelineCases.ts"
import { type Servers, servers } from "./Servers.ts"
import { sinkCases, sinkResult, sinkRoundsOf } from "./SinkCases.ts"
import { startUp, startUps } from "./StartUp.ts"
import { decodeLine, pipelineLine, sinkLine } from "./Table.ts"

/** Of the sinks alone: of so many all but the first 9,000 are measured. */
const sinkRecords = 60_000

const options = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, long: { type: "boolean" }, rounds: { type: "string", default: "3" } }
})
const { json = false, long = false } = options.values
const rounds = Number(options.values.rounds)
const names = options.positionals

const isMeant = (name: string): boolean => names.length === 0 || names.some((part) => name.startsWith(part))
const chosen = {
  pipelines: pipelineCases.filter(
    ({ long: isLong, name }) => names.includes(name) || ((long || !isLong) && isMeant(name))
  ),
  sinks: sinkCases.filter(isMeant),
  decode: decodeCases.filter(isMeant),
  startUps: startUps.filter(isMeant)
}

const print = <Result extends object>(result: Result, line: (result: Result) => string): void => {
  process.stdout.write(`${json ? JSON.stringify(result) : line(result)}\n`)
}

const runAll = async (servers: Servers): Promise<void> => {
  for (const one of chosen.pipelines) print(pipelineResult(one, await roundsOf(one, rounds, servers)), pipelineLine)
  for (const name of chosen.sinks) {
    print(sinkResult(name, await sinkRoundsOf(name, sinkRecords, rounds, servers)), sinkLine)
  }
  for (const name of chosen.decode) print(decodeResult(name, await decodeOf(name, rounds)), decodeLine)
  for (const name of chosen.startUps) {
    print(
      startUp(name, 5 * rounds),
      ({ milliseconds, ratio }) => `${name}: ${milliseconds} ms, ${ratio} times node -e 0`
    )
  }
}

if (Object.values(chosen).every(({ length }) => length === 0)) {
  const known = [...pipelineCases.map(({ name }) => name), ...sinkCases, ...decodeCases, ...startUps]
  process.stderr.write(
    `There is no case ${names.join(" ")}. There are:\n${known.map((name) => `  ${name}\n`).join("")}`
  )
  process.exit(2)
}
await Effect.flatMap(servers, (servers) => Effect.promise(() => runAll(servers))).pipe(Effect.scoped, Effect.runPromise)
