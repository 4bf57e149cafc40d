/** Pages from their text to records, beside `JSON.parse` and a mapping by hand. */
import type { DecodeJob, DecodeMeasured } from "./Job.ts"
import { measureDecode } from "./Processes.ts"
import { rounded } from "./Rounded.ts"

const sources = ["recentcalls", "workanalytics", "recordings", "storage"] as const

export const decodeCases = sources.map((source) => `decode-${source}` as const)
export type DecodeCase = (typeof decodeCases)[number]

/** Turns of 0.3 s, three times as many as rounds. */
export const decodeOf = (name: DecodeCase, rounds: number): Promise<DecodeMeasured> => {
  const decode = sources.find((source) => name === `decode-${source}`)
  if (decode === undefined) throw new Error(`There is no source for ${name}`)
  return measureDecode({ decode, turns: 3 * rounds, turnMs: 300 } satisfies DecodeJob)
}

/** What a case prints. `cpuSeconds` is that of a million records. */
export const decodeResult = (name: DecodeCase, { byHand, cpuRatio, ours, ratio, rows }: DecodeMeasured) => {
  const way = ({ cpuSeconds, seconds }: DecodeMeasured["ours"]) => ({
    recordsPerSecond: Math.round(1 / seconds),
    cpuSeconds: rounded(cpuSeconds * 1e6, 2)
  })
  return {
    name,
    records: rows,
    ...way(ours),
    ratio: rounded(ratio, 2),
    cpuRatio: rounded(cpuRatio, 2),
    byHand: way(byHand)
  }
}
