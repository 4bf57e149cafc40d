/** Both ways over the same page, in turns. */
import process from "node:process"
import type { DecodeJob, DecodeMeasured } from "../Job.ts"
import { median } from "../Median.ts"
import { byHand } from "./ByHand.ts"
import { ours } from "./Ours.ts"
import { pageText } from "./Pages.ts"

interface Turn {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** Of one row. */
const turn = (act: () => ReadonlyArray<object>, atLeastMs: number): Turn => {
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  let rows = 0
  do rows += act().length
  while (performance.now() - begun < atLeastMs)
  const { system, user } = process.cpuUsage(cpuBefore)
  return { seconds: (performance.now() - begun) / 1000 / rows, cpuSeconds: (user + system) / 1e6 / rows }
}

export const run = async ({ decode, turnMs, turns }: DecodeJob): Promise<DecodeMeasured> => {
  const text = await pageText(decode)
  // A page comes as bytes: both make a text of it.
  const bytes = Buffer.from(text)
  const ways = { ours: () => ours(decode, bytes.toString()), byHand: () => byHand[decode](bytes.toString()) }
  turn(ways.ours, turnMs)
  turn(ways.byHand, turnMs)
  const both = Array.from({ length: turns }, (_, i) => {
    if (i % 2 === 0) return { ours: turn(ways.ours, turnMs), byHand: turn(ways.byHand, turnMs) }
    const byHand = turn(ways.byHand, turnMs)
    return { ours: turn(ways.ours, turnMs), byHand }
  })
  const of = (way: "ours" | "byHand", what: keyof Turn) => median(both.map((one) => one[way][what]))
  return {
    rows: ways.ours().length,
    ours: { seconds: of("ours", "seconds"), cpuSeconds: of("ours", "cpuSeconds") },
    byHand: { seconds: of("byHand", "seconds"), cpuSeconds: of("byHand", "cpuSeconds") },
    ratio: median(both.map(({ byHand, ours }) => byHand.seconds / ours.seconds)),
    cpuRatio: median(both.map(({ byHand, ours }) => byHand.cpuSeconds / ours.cpuSeconds))
  }
}
