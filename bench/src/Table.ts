/** Results as lines for a person. */
import type { decodeResult } from "./DecodeCases.ts"
import type { pipelineResult } from "./PipelineCases.ts"
import type { sinkResult } from "./SinkCases.ts"

const perSecond = (records: number): string => `${Math.round(records / 1000)} k/s`

const line = (name: string, parts: ReadonlyArray<string>): string => `${name.padEnd(30)}${parts.join("  ")}`

export const pipelineLine = (result: ReturnType<typeof pipelineResult>): string => {
  const { bareCpuRatio, bareRatio, cpuRatio, cpuSeconds, loops, name, peakMemoryMiB, ratio, recordsPerSecond } = result
  const { bare, sameWork } = loops
  return line(name, [
    `${perSecond(recordsPerSecond)}, ${cpuSeconds} s CPU, ${peakMemoryMiB} MiB;`,
    `same work ${perSecond(sameWork.recordsPerSecond)}, ${sameWork.cpuSeconds} s CPU: ratio ${ratio} (CPU ${cpuRatio});`,
    `bare ${perSecond(bare.recordsPerSecond)}, ${bare.cpuSeconds} s CPU: ratio ${bareRatio} (CPU ${bareCpuRatio})`
  ])
}

export const sinkLine = (result: ReturnType<typeof sinkResult>): string => {
  const { alone, cpuRatio, cpuSeconds, megabytesPerSecond, name, ratio, recordsPerSecond } = result
  return line(name, [
    `${perSecond(recordsPerSecond)}, ${megabytesPerSecond} MB/s, ${cpuSeconds} s CPU;`,
    `alone ${perSecond(alone.recordsPerSecond)}, ${alone.megabytesPerSecond} MB/s, ${alone.cpuSeconds} s CPU:`,
    `ratio ${ratio} (CPU ${cpuRatio})`
  ])
}

export const decodeLine = (result: ReturnType<typeof decodeResult>): string => {
  const { byHand, cpuRatio, name, ratio, records, recordsPerSecond } = result
  return line(name, [
    `${perSecond(recordsPerSecond)}, pages of ${records};`,
    `by hand ${perSecond(byHand.recordsPerSecond)}: ratio ${ratio} (CPU ${cpuRatio})`
  ])
}
