/** What something costs this process. */
import process from "node:process"
import type { Measured } from "./Job.ts"

/** Time, and of all threads, user and system; of memory the peak since the process began. */
export const costOf = async (act: () => Promise<unknown>): Promise<Measured> => {
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  await act()
  const seconds = (performance.now() - begun) / 1000
  const { system, user } = process.cpuUsage(cpuBefore)
  return { seconds, cpuSeconds: (user + system) / 1e6, peakMemoryMiB: process.resourceUsage().maxRSS / 1024 }
}
