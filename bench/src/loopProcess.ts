/** The process of one run of a pipeline or a loop. What is imported is not measured. */
import process from "node:process"
import { keepSmall } from "../../packages/cli/src/Memory.ts"
import { answering } from "./Child.ts"
import type { Job, Measured } from "./Job.ts"

const measure = async (job: Job): Promise<Measured> => {
  // As the command does, before it loads what it runs.
  if (job.loop === "ours") keepSmall()
  const ours = job.loop === "ours" ? await import("./Ours.ts") : undefined
  const loops = ours === undefined ? await import("./Loops.ts") : undefined
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  let ended = begun
  let cpu = cpuBefore
  const finish = () => {
    ended = performance.now()
    cpu = process.cpuUsage(cpuBefore)
  }
  const records = (await ours?.run(job, finish)) ?? (await loops?.run(job)) ?? 0
  if (ours === undefined) finish()
  if (records !== job.records) throw new Error(`${job.loop} passed ${records} records on, not ${job.records}`)
  return {
    seconds: (ended - begun) / 1000,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    peakMemoryMiB: process.resourceUsage().maxRSS / 1024
  }
}

answering(measure)
