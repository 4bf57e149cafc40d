/** Starts the benchmark's processes: a sandbox that stays, and one process for each measured run. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import type { DecodeJob, DecodeMeasured, Job, Measured, SinkJob, SinkMeasured, SourceName, Vendor } from "./Job.ts"

const sources = ["--conditions=@repo/source"]

/**
 * With no `conditions` our packages are those that were built, as a user has them. With the compile cache, which the command
 * has too, Node reads TypeScript as if it were JavaScript: what turns it into that takes 20 MiB.
 */
const start = (file: string, args: ReadonlyArray<string>, conditions = sources): ChildProcess =>
  fork(new URL(file, import.meta.url), args, {
    execArgv: conditions,
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") }
  })

/** The next message of a process; fails if it ends before. */
const message = async (child: ChildProcess): Promise<unknown> => {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`A process of the benchmark ended (${String(code)})`)
  })
  const [received] = await Promise.race([once(child, "message"), ended])
  return received
}

/** Runs something beside a sandbox with so many records, in a folder of its own; both are gone afterwards. */
export const withVendor = async <A>(
  source: SourceName,
  records: number,
  use: (vendor: Vendor, folder: string) => Promise<A>
): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "callstream-bench-"))
  const child = start("./vendorProcess.ts", [source, String(records)])
  try {
    return await use((await message(child)) as Vendor, folder)
  } finally {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Has a process of its own do one job. */
const answerOf = async <Answer>(file: string, job: object, conditions = sources): Promise<Answer> => {
  const child = start(file, [], conditions)
  try {
    child.send(job)
    return (await message(child)) as Answer
  } finally {
    child.kill()
  }
}

/** One run, in a process and a folder of its own. */
export const measure = async (job: Job): Promise<Measured> => {
  const folder = mkdtempSync(join(job.folder, `${job.loop}-`))
  try {
    const conditions = job.loop === "ours" ? [] : sources
    return await answerOf<Measured>("./loopProcess.ts", { ...job, folder } satisfies Job, conditions)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One form of a sink alone, in a process of its own. */
export const measureSink = (job: SinkJob): Promise<SinkMeasured> => answerOf("./sinkProcess.ts", job)

/** Both ways of decoding, in a process of their own. */
export const measureDecode = (job: DecodeJob): Promise<DecodeMeasured> => answerOf("./decodeProcess.ts", job)
